// Conversion between RGB and YCbCr: ITU-R BT.601, limited range (Y 16 to 235, Cb and Cr 16 to 240).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "image/frame.h"

namespace backdrop {

// Red, green, blue, 0 to 255, to Y, U, V, rounded.
std::array<std::uint8_t, 3> rgb_to_yuv(float red, float green, float blue);

// Four rows of n pixels of Y, U and V, 0 to 255, the rows' samples interleaved, to interleaved RGB,
// clamped to 0 ... 255, times scale, plus offset. Reads and writes up to kRgbPadding pixels more.
inline constexpr std::size_t kRgbPadding = 16;
struct YuvRows {
  const float* y;
  const float* u;
  const float* v;
};
void yuv_to_rgb(const YuvRows& rows, std::size_t n, float scale, float offset,
                const std::array<float*, 4>& rgb);

// Fills an I420 picture from an RGBA one of the same size; chroma is the mean of 2x2 pixels.
void rgba_to_i420(const ConstFrame& rgba, const Frame& i420);

}  // namespace backdrop
