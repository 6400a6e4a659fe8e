// Conversion between RGB and YCbCr, in the colour spaces of frames (image/frame.h).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "image/frame.h"

namespace backdrop {

// Red, green, blue, 0 to 255, to Y, U, V, rounded.
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

// Four rows of n pixels of Y, U and V, 0 to 255, the rows' samples interleaved, to interleaved RGB,
// clamped to 0 ... 255, times scale, plus offset. Reads and writes up to kRgbPadding pixels more.
inline constexpr std::size_t kRgbPadding = 16;
struct YuvRows {
  const float* y;
  const float* u;
  const float* v;
};
void yuv_to_rgb(const YuvRows& rows, const YuvToRgb& matrix, std::size_t n, float scale,
                float offset, const std::array<float*, 4>& rgb);

// Fills a picture of any format and colour space from an RGBA one of the same size; chroma is the
// mean of 2x2 pixels.
void convert_rgba(const ConstFrame& rgba, const Frame& out);

}  // namespace backdrop
