#include "image/color.h"

#include <algorithm>
#include <cmath>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "image/color.cpp"
#include "hwy/foreach_target.h"
#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace backdrop {
namespace HWY_NAMESPACE {
namespace {
namespace hn = hwy::HWY_NAMESPACE;

void yuv_to_rgb(const YuvRows& rows, std::size_t n, float scale, float offset,
                const std::array<float*, 4>& rgb) {
  const hn::CappedTag<float, kRgbPadding> d;
  using V = hn::Vec<decltype(d)>;
  const auto scaled = [&](V value) {
    const V clamped = hn::Clamp(value, hn::Zero(d), hn::Set(d, 255.0f));
    return hn::MulAdd(clamped, hn::Set(d, scale), hn::Set(d, offset));
  };
  const auto convert = [&](V y, V u, V v, float* out) {
    const V luma = hn::Mul(hn::Sub(y, hn::Set(d, 16.0f)), hn::Set(d, 255.0f / 219.0f));
    const V cb = hn::Sub(u, hn::Set(d, 128.0f));
    const V cr = hn::Sub(v, hn::Set(d, 128.0f));
    const V red = hn::MulAdd(cr, hn::Set(d, 1.596027f), luma);
    const V green =
        hn::MulAdd(cb, hn::Set(d, -0.391762f), hn::MulAdd(cr, hn::Set(d, -0.812968f), luma));
    const V blue = hn::MulAdd(cb, hn::Set(d, 2.017232f), luma);
    hn::StoreInterleaved3(scaled(red), scaled(green), scaled(blue), d, out);
  };
  for (std::size_t x = 0; x < n; x += hn::Lanes(d)) {
    V y0, y1, y2, y3, u0, u1, u2, u3, v0, v1, v2, v3;
    hn::LoadInterleaved4(d, rows.y + 4 * x, y0, y1, y2, y3);
    hn::LoadInterleaved4(d, rows.u + 4 * x, u0, u1, u2, u3);
    hn::LoadInterleaved4(d, rows.v + 4 * x, v0, v1, v2, v3);
    convert(y0, u0, v0, rgb[0] + 3 * x);
    convert(y1, u1, v1, rgb[1] + 3 * x);
    convert(y2, u2, v2, rgb[2] + 3 * x);
    convert(y3, u3, v3, rgb[3] + 3 * x);
  }
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace backdrop
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace backdrop {

HWY_EXPORT(yuv_to_rgb);

void yuv_to_rgb(const YuvRows& rows, std::size_t n, float scale, float offset,
                const std::array<float*, 4>& rgb) {
  HWY_DYNAMIC_DISPATCH(yuv_to_rgb)(rows, n, scale, offset, rgb);
}

std::array<std::uint8_t, 3> rgb_to_yuv(float red, float green, float blue) {
  const auto rounded = [](float value) {
    return static_cast<std::uint8_t>(std::lround(std::clamp(value, 0.0f, 255.0f)));
  };
  return {rounded(16 + (65.481f * red + 128.553f * green + 24.966f * blue) / 255),
          rounded(128 + (-37.797f * red - 74.203f * green + 112.0f * blue) / 255),
          rounded(128 + (112.0f * red - 93.786f * green - 18.214f * blue) / 255)};
}

void rgba_to_i420(const ConstFrame& rgba, const Frame& i420) {
  for (int y = 0; y < rgba.height; ++y) {
    const std::uint8_t* in = rgba.row(0, y);
    std::uint8_t* out = i420.row(0, y);
    for (int x = 0; x < rgba.width; ++x, in += 4) out[x] = rgb_to_yuv(in[0], in[1], in[2])[0];
  }
  for (int y = 0; y < (rgba.height + 1) / 2; ++y) {
    const std::array rows{rgba.row(0, 2 * y), rgba.row(0, std::min(2 * y + 1, rgba.height - 1))};
    for (int x = 0; x < (rgba.width + 1) / 2; ++x) {
      const std::array columns{2 * x, std::min(2 * x + 1, rgba.width - 1)};
      std::array<float, 3> mean{};
      for (const std::uint8_t* row : rows) {
        for (const int column : columns) {
          for (std::size_t c = 0; c < 3; ++c) {
            mean[c] += row[4 * column + static_cast<int>(c)] / 4.0f;
          }
        }
      }
      const auto yuv = rgb_to_yuv(mean[0], mean[1], mean[2]);
      i420.row(1, y)[x] = yuv[1];
      i420.row(2, y)[x] = yuv[2];
    }
  }
}

}  // namespace backdrop
#endif  // HWY_ONCE
