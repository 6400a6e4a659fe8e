// Separable resizing of 8-bit pictures: the area average when shrinking, bilinear when enlarging.
// Rows are summed first, with 8-bit weights, then columns, with float weights.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace backdrop {

// How each of `count` outputs along an axis is made of `taps` neighbouring inputs.
struct ResizeTaps {
  int count = 0;
  int taps = 0;
  std::vector<int> first;               // each output's first input
  std::vector<float> weights;           // count x taps; each output's sum is 1
  std::vector<std::uint16_t> parts256;  // the same in 1/256; each output's sum is 256

  int first_of(int output) const { return first[static_cast<std::size_t>(output)]; }
  std::span<const std::uint16_t> parts256_of(int output) const {
    const auto length = static_cast<std::size_t>(taps);
    return std::span(parts256).subspan(static_cast<std::size_t>(output) * length, length);
  }
};

// The part [begin, begin + extent) of an axis of `size` inputs, resized to `count` outputs.
ResizeTaps make_resize_taps(int size, double begin, double extent, int count);

// The whole axis.
ResizeTaps make_resize_taps(int size, int count);

// The sum of weights.size() rows of n samples, `stride` bytes apart, with weights in 1/256.
void sum_weighted_rows(const std::uint8_t* rows, std::ptrdiff_t stride,
                       std::span<const std::uint16_t> weights, std::size_t n, std::uint16_t* sums);

// Resizes a row of pixels, of which each has 4 samples and `step` lie from one to the next, into
// pixels of `channels` (3 or 4) floats: sum * scale + offset. Writes taps.count * channels + 1
// values, of which the last means nothing.
void sum_columns(const std::uint16_t* row, std::ptrdiff_t step, const ResizeTaps& taps,
                 int channels, float scale, float offset, float* out);

// Makes pixels of 4 samples of 4 rows of single samples, so that the rows are resized together.
void interleave_rows(const std::array<const std::uint16_t*, 4>& rows, std::size_t n,
                     std::uint16_t* out);

}  // namespace backdrop
