// Kernels of the blurs of the background and of the person's colours, row by row.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

#include "render/cpu/matte.h"

namespace backdrop {

inline constexpr std::size_t kRowPadding = 64;

// Rows of pixels of 1, 2 or 4 samples and the alpha of those pixels.
struct AlphaRows {
  std::size_t channels;
  const std::uint8_t* samples;
  std::ptrdiff_t stride;
  const std::uint8_t* alpha;
  std::ptrdiff_t alpha_stride;
  int count;  // 1 to kMaxRows
};
inline constexpr int kMaxRows = 8;  // sums of so many products fit 16 bits
inline constexpr int kProductShift = 4;

// Sums rows along y: samples times their pixel's weight, in 1/16, and the weights unless `weights`
// is null. A background pixel weighs 256. From an alpha of one half on, a pixel weighs 1: the
// mask's edge is softer than the person's. No weight is 0, so that the blur of a frame that is all
// person is a plain blur. With four channels the fourth sum is the sum of the weights; returns
// whether the pixels' own alpha, their fourth samples, is 255.
bool weight_rows_by_background(const AlphaRows& rows, std::size_t pixels, std::uint16_t* sums,
                               std::uint16_t* weights);

// The same for pixels of four samples that weigh person_weight(). Returns false if one that weighs
// anything is not opaque.
bool weight_rows_by_person(const AlphaRows& rows, std::size_t pixels, std::uint16_t* sums);

// How much a pixel's own colour is the person's, in 1/256: nothing up to an alpha of three
// quarters, linear from there on.
inline constexpr int kMostUnsureAlpha = 191;
inline int person_weight(int alpha) { return std::max(4 * (alpha - kMostUnsureAlpha), 0); }

// Deinterleaves n pairs.
void split_pairs(const std::uint16_t* pairs, std::size_t n, std::uint16_t* first,
                 std::uint16_t* second);

// The functions below process whole vectors: up to kRowPadding samples beyond n.

// out[i] += the sum of the `group` samples from i * group on, for n values. `group` is a power of
// two. `work` has room for half of the samples and for n.
void add_groups(const std::uint16_t* samples, std::size_t group, std::size_t n, float* work,
                float* out);

// The same for n pixels of 4 samples, and any `group`.
void add_pixel_groups(const std::uint16_t* samples, std::size_t group, std::size_t n, float* out);

// Interleaves sums to pixels: three colours and the weight of luma. Chroma is scaled to the weight
// of luma: it is summed over fewer samples and, at an odd edge, out of proportion.
struct YuvSums {
  const float* y;
  const float* u;
  const float* v;
  const float* y_weight;
  const float* uv_weight;
};
void interleave(const YuvSums& sums, std::size_t n, float* pixels);

// Samples below are in 1/128 plus kRounding, so that a shift rounds them.
using ColourRows = std::array<std::int16_t*, 3>;
inline constexpr std::int16_t kRounding = 64;

// Divides the colours of n pixels by their weight.
void normalize(const float* pixels, std::size_t n, const ColourRows& out);

// n values between two rows: 3/4 of the nearer row, 1/4 of the other.
void double_rows(const std::int16_t* nearer, const std::int16_t* other, std::size_t n,
                 std::int16_t* out);

// Doubles a row: 2n samples of n, each 3/4 of the nearer and 1/4 of the other. Writes in[-1] and
// in[n].
void double_row(std::int16_t* in, std::size_t n, std::int16_t* out);

// Interleaves n pairs.
void interleave_pairs(const std::int16_t* first, const std::int16_t* second, std::size_t n,
                      std::int16_t* out);

// Interleaves n opaque RGBA pixels.
void interleave_rgba(const std::int16_t* red, const std::int16_t* green, const std::int16_t* blue,
                     std::size_t n, std::int16_t* out);

}  // namespace backdrop
