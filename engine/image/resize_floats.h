// Resizing pictures of floats, such as masks.
#pragma once

#include <cstddef>
#include <span>

#include "image/resize.h"

namespace backdrop {

// Writes rows.count rows of columns.count values, `stride` floats apart. `in` has rows of `width`
// values without gaps; `scratch` has `width` floats. Allocates nothing.
void resize_floats(const float* in, int width, const ResizeTaps& columns, const ResizeTaps& rows,
                   std::span<float> scratch, float* out, std::size_t stride);

// Sets what is below `least` to 0.
void clear_below(float least, std::span<float> values);

}  // namespace backdrop
