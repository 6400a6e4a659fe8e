// Resizing pictures of floats, such as masks.
#pragma once

#include <cstddef>
#include <span>

#include "image/resize.h"

namespace backdrop {

// So many of the first columns and rows change from the values before to the new ones.
struct Seam {
  int columns = 0, rows = 0;
};

// Writes rows.count rows of columns.count values, `stride` floats apart. `in` has rows of `width`
// values without gaps; `scratch` has `width` floats. Allocates nothing.
void resize_floats(const float* in, int width, const ResizeTaps& columns, const ResizeTaps& rows,
                   std::span<float> scratch, float* out, std::size_t stride, const Seam& seam = {});

// Sets what is below `least` to 0.
void clear_below(float least, std::span<float> values);

}  // namespace backdrop
