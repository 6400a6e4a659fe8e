// The arithmetic of the background blur, row by row.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "render/cpu/matte.h"

namespace backdrop {

inline constexpr std::size_t kRowPadding = 64;

// Rows of pixels of 1, 2 or 4 samples, and their rows of alpha.
struct AlphaRows {
  std::size_t channels;
  const std::uint8_t* samples;
  std::ptrdiff_t stride;
  const std::uint8_t* alpha;
  std::ptrdiff_t alpha_stride;
  int count;  // 1 to kMaxRows
};
inline constexpr int kMaxRows = 8;  // whose products fit 16 bits
inline constexpr int kProductShift = 4;

// Sums down columns: of samples times their pixels' weights, in 1/16, and, where `weights` is not
// null, of the weights. A weight is 256 for background, and 1 from an alpha of one half on, as the
// mask's edge is softer than the person's. It is never 0: where all is person, the blur becomes a
// plain one. The last of four sums is the weights'.
void weight_rows_by_background(const AlphaRows& rows, std::size_t pixels, std::uint16_t* sums,
                               std::uint16_t* weights);

// Separates n pairs.
void split_pairs(const std::uint16_t* pairs, std::size_t n, std::uint16_t* first,
                 std::uint16_t* second);

// The functions below work on whole vectors, up to kRowPadding samples beyond n.

// Adds to each of n floats the sum of its `group` neighbouring samples, a power of two. `work` has
// room for half of the samples, and for n.
void add_groups(const std::uint16_t* samples, std::size_t group, std::size_t n, float* work,
                float* out);

// The same for n pixels of 4 samples.
void add_pixel_groups(const std::uint16_t* samples, std::size_t group, std::size_t n, float* out);

// Makes pixels of three colours and luma's weight. Chroma is summed over fewer samples than luma
// and, at an odd edge, not in proportion: it is scaled to luma's weight.
struct YuvSums {
  const float* y;
  const float* u;
  const float* v;
  const float* y_weight;
  const float* uv_weight;
};
void interleave(const YuvSums& sums, std::size_t n, float* pixels);

// What follows is in 1/128, plus kRounding, so that whole samples are rounded by a shift.
using ColourRows = std::array<std::int16_t*, 3>;
inline constexpr std::int16_t kRounding = 64;

// The colours of n such pixels divided by the weight.
void normalize(const float* pixels, std::size_t n, const ColourRows& out);

// n values between two rows: 3/4 of the nearer one and 1/4 of the other.
void double_rows(const std::int16_t* nearer, const std::int16_t* other, std::size_t n,
                 std::int16_t* out);

// The same along a row: makes 2n samples of n. Writes in[-1] and in[n].
void double_row(std::int16_t* in, std::size_t n, std::int16_t* out);

// n pixels of two samples.
void interleave_pairs(const std::int16_t* first, const std::int16_t* second, std::size_t n,
                      std::int16_t* out);

// n opaque RGBA pixels.
void interleave_rgba(const std::int16_t* red, const std::int16_t* green, const std::int16_t* blue,
                     std::size_t n, std::int16_t* out);

}  // namespace backdrop
