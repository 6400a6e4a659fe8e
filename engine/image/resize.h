// Separable resizing of 8-bit pictures: the area average when shrinking, bilinear when enlarging.
// Rows are summed first, with 8-bit weights, then columns, with float weights.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace backdrop {

// Some neighbouring outputs of an axis: the first input of each, and its weights.
struct ResizePart {
  std::span<const int> first;
  const float* weights = nullptr;
  int taps = 0;
};

// Weights for resizing one axis: each of `count` outputs is a weighted sum of `taps` neighbouring
// inputs.
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

  // The outputs [begin, end).
  ResizePart part(int begin, int end) const {
    return {std::span(first).subspan(static_cast<std::size_t>(begin),
                                     static_cast<std::size_t>(end - begin)),
            weights.data() + static_cast<std::ptrdiff_t>(begin) * taps, taps};
  }
  ResizePart whole() const { return part(0, count); }
};

// The part [begin, begin + extent) of an axis of `size` inputs, resized to `count` outputs.
ResizeTaps make_resize_taps(int size, double begin, double extent, int count);

// The same in memory that is there: allocates nothing within what was reserved.
void set_resize_taps(ResizeTaps& taps, int size, double begin, double extent, int count);

// Reserves memory for any part of an axis of `size` inputs, resized to at most `count` outputs.
void reserve_resize_taps(ResizeTaps& taps, int size, int count);

// The whole axis.
ResizeTaps make_resize_taps(int size, int count);

// sums[i] = sum over r of rows[r * stride + i] * weights[r], with weights in 1/256; weights.size()
// rows of n samples, `stride` bytes apart.
void sum_weighted_rows(const std::uint8_t* rows, std::ptrdiff_t stride,
                       std::span<const std::uint16_t> weights, std::size_t n, std::uint16_t* sums);

// Resizes one row of pixels along x: out = sum * scale + offset. Input pixels have 4 samples and
// are `step` samples apart; output pixels have `channels` (3 or 4) floats. Writes `channels` values
// for each output and one more, which is undefined.
void sum_columns(const std::uint16_t* row, std::ptrdiff_t step, const ResizePart& columns,
                 int channels, float scale, float offset, float* out);

// Interleaves 4 rows of single samples to pixels of 4 samples, so that the rows are resized
// together.
void interleave_rows(const std::array<const std::uint16_t*, 4>& rows, std::size_t n,
                     std::uint16_t* out);

}  // namespace backdrop
