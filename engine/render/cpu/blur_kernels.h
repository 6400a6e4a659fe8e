// Kernels of the blurs of the background and of the person's colours, row by row.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

namespace backdrop {

inline constexpr std::size_t kRowPadding = 64;

inline constexpr int kMaxRows = 4;  // sums of so many products fit 16 bits
inline constexpr int kProductShift = 2;

// Rows of a picture of three planes, which have one stride, and the alpha of its pixels.
struct PlanarRows {
  std::array<const std::uint8_t*, 3> samples;
  std::ptrdiff_t stride;
  const std::uint8_t* alpha;
  std::ptrdiff_t alpha_stride;
  int count;  // 1 to kMaxRows
};

// Sums rows of n pixels along y: each plane's samples times their pixel's weight, in 1/4, and last
// the weights. A background pixel weighs 256. From an alpha of one quarter on, a pixel weighs 1: of
// the four pixels of the frame that a half-size one stands for, one is the person's. No weight is
// 0, so that the blur of a frame that is all person is a plain blur. Processes whole blocks of 16
// pixels.
void sum_background(const PlanarRows& rows, std::size_t n,
                    const std::array<std::uint16_t*, 4>& sums);

// Rows of pixels of four samples and the alpha of the matte.
struct AlphaRows {
  const std::uint8_t* samples;
  std::ptrdiff_t stride;
  const std::uint8_t* alpha;
  std::ptrdiff_t alpha_stride;
  int count;  // 1 to kMaxRows
};

// Sums rows along y: samples times person_weight(), in 1/4, and in place of the fourth samples the
// weights. Returns whether the fourth samples, the pixels' own alpha, are 255 where there is a
// weight.
bool sum_person(const AlphaRows& rows, std::size_t pixels, std::uint16_t* sums);

// How much a pixel's own colour is the person's, in 1/256: nothing up to an alpha of three
// quarters, linear from there on.
inline constexpr int kMostUnsureAlpha = 191;
inline int person_weight(int alpha) { return std::max(4 * (alpha - kMostUnsureAlpha), 0); }

// The functions below process whole vectors: up to kRowPadding samples beyond n.

// out[i] += the sum of the `group` samples from i * group on, for n values. `group` is a power of
// two. `work` has room for half of the samples and for n.
void add_groups(const std::uint16_t* samples, std::size_t group, std::size_t n, float* work,
                float* out);

// The same for n pixels of 4 samples, and any `group`.
void add_pixel_groups(const std::uint16_t* samples, std::size_t group, std::size_t n, float* out);

// Interleaves four rows of sums.
void interleave(const std::array<const float*, 4>& sums, std::size_t n, float* pixels);

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
