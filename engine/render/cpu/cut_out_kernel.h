// The pixels along the edge of a cut-out.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace backdrop {

// The two cells along an axis that a pixel's centre is between, and the second's weight.
struct CellPlace {
  std::size_t first, second;
  float weight;
};
inline CellPlace cell_place(int pixel, float cells_per_pixel, int cells) {
  const float at = (static_cast<float>(pixel) + 0.5f) * cells_per_pixel - 0.5f;
  const int first = static_cast<int>(at + 1) - 1;  // rounded down: `at` is above -1
  return {static_cast<std::size_t>(std::max(first, 0)),
          static_cast<std::size_t>(std::min(first + 1, cells - 1)), at - static_cast<float>(first)};
}

// The two rows of cells that a row of pixels is between. A cell is four sums: of three colours, in
// 1/4, and of weights.
struct CellRows {
  const float* above;
  const float* below;
  float weight;  // of the row below
  int cells;     // of a row
  float cells_per_pixel;
  float least_weight;
};

// Writes the pixels [begin, end) of a row: the lesser of `alpha`, the matte's, and their own alpha,
// and the quotient of the sums around them, mixed with their own colour by the matte's
// person_weight(). Where the alpha written is 0 the colour is 0. The pointers are to the row's
// first pixels, and `out` may be `in`. Returns whether no pixel's own alpha is less than the
// matte's.
bool cut_out_pixels(const CellRows& rows, const std::uint8_t* in, const std::uint8_t* alpha,
                    int begin, int end, std::uint8_t* out);

}  // namespace backdrop
