// Conversion between RGB and YCbCr, in the colour spaces of frames (image/frame.h).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "image/frame.h"

namespace backdrop {

// Converts R, G and B, 0 to 255, to Y, U and V, rounded.
class RgbToYuv {
 public:
  explicit RgbToYuv(ColorSpace space);
  std::array<std::uint8_t, 3> operator()(float red, float green, float blue) const;

 private:
  std::array<std::array<float, 3>, 3> rows_;
  std::array<float, 3> offsets_;
};

// R = luma + red_v * v, G = luma + green_u * u + green_v * v, B = luma + blue_u * u, where
// luma = (Y - black) * gain, u = U - 128 and v = V - 128.
struct YuvToRgb {
  float black, gain;
  float red_v, green_u, green_v, blue_u;
};
YuvToRgb make_yuv_to_rgb(ColorSpace space);

// Converts four rows of n pixels of Y, U and V (0 to 255, the samples of the four rows interleaved)
// to four rows of interleaved RGB: clamp(value, 0, 255) * scale + offset. Reads and writes up to
// kRgbPadding pixels beyond n.
inline constexpr std::size_t kRgbPadding = 16;
struct YuvRows {
  const float* y;
  const float* u;
  const float* v;
};
void yuv_to_rgb(const YuvRows& rows, const YuvToRgb& matrix, std::size_t n, float scale,
                float offset, const std::array<float*, 4>& rgb);

// Converts an RGBA picture to any format and colour space. Both have one size. A chroma sample is
// the mean of the pixels it stands for.
void convert_rgba(const ConstFrame& rgba, const Frame& out);

}  // namespace backdrop
