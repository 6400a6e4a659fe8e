#include "image/color.h"

#include <algorithm>
#include <cmath>

#include "base/assert.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "image/color.cpp"
#include "hwy/foreach_target.h"
#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace backdrop {
namespace HWY_NAMESPACE {
namespace {
namespace hn = hwy::HWY_NAMESPACE;

void yuv_to_rgb(const YuvRows& rows, const YuvToRgb& matrix, std::size_t n, float scale,
                float offset, const std::array<float*, 4>& rgb) {
  const hn::CappedTag<float, kRgbPadding> d;
  using V = hn::Vec<decltype(d)>;
  const V black = hn::Set(d, matrix.black), gain = hn::Set(d, matrix.gain);
  const V red_v = hn::Set(d, matrix.red_v), blue_u = hn::Set(d, matrix.blue_u);
  const V green_u = hn::Set(d, matrix.green_u), green_v = hn::Set(d, matrix.green_v);
  const auto scaled = [&](V value) {
    const V clamped = hn::Clamp(value, hn::Zero(d), hn::Set(d, 255.0f));
    return hn::MulAdd(clamped, hn::Set(d, scale), hn::Set(d, offset));
  };
  const auto convert = [&](V y, V u, V v, float* out) {
    const V luma = hn::Mul(hn::Sub(y, black), gain);
    const V cb = hn::Sub(u, hn::Set(d, 128.0f));
    const V cr = hn::Sub(v, hn::Set(d, 128.0f));
    const V red = hn::MulAdd(cr, red_v, luma);
    const V green = hn::MulAdd(cb, green_u, hn::MulAdd(cr, green_v, luma));
    const V blue = hn::MulAdd(cb, blue_u, luma);
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

namespace {

HWY_EXPORT(yuv_to_rgb);

// The definition of a colour space: the shares of red and blue in luma, the Y of black, the ranges
// of Y and of U and V.
struct Definition {
  double red, blue;
  double black, luma_range, chroma_range;

  double green() const { return 1 - red - blue; }
};

Definition definition_of(ColorSpace space) {
  const bool bt709 = space == ColorSpace::kBt709Limited || space == ColorSpace::kBt709Full;
  const bool full = space == ColorSpace::kBt601Full || space == ColorSpace::kBt709Full;
  return {bt709 ? 0.2126 : 0.299, bt709 ? 0.0722 : 0.114, full ? 0.0 : 16.0, full ? 255.0 : 219.0,
          full ? 255.0 : 224.0};
}

// `out` is RGBA, BGRA, or such without alpha.
void reorder_rgba(const ConstFrame& rgba, const Frame& out) {
  const int red = traits_of(out.format).blue_first ? 2 : 0;
  for (int y = 0; y < rgba.height; ++y) {
    const std::uint8_t* from = rgba.row(0, y);
    std::uint8_t* to = out.row(0, y);
    for (int x = 0; x < rgba.width; ++x, from += 4, to += 4) {
      to[red] = from[0];
      to[1] = from[1];
      to[2 - red] = from[2];
      to[3] = from[3];
    }
  }
}

// The mean of size x size pixels from (x, y) on. Beyond an edge the last pixel repeats.
std::array<float, 3> mean_of_block(const ConstFrame& rgba, int x, int y, int size) {
  std::array<float, 3> mean{};
  for (int row = y; row < y + size; ++row) {
    for (int column = x; column < x + size; ++column) {
      const std::uint8_t* pixel = rgba.row(0, std::min(row, rgba.height - 1)) +
                                  std::ptrdiff_t{4} * std::min(column, rgba.width - 1);
      for (std::size_t c = 0; c < 3; ++c) mean[c] += pixel[c] / static_cast<float>(size * size);
    }
  }
  return mean;
}

void rgba_to_yuv(const ConstFrame& rgba, const Frame& out) {
  const RgbToYuv to_yuv(out.color_space);
  for (int y = 0; y < rgba.height; ++y) {
    const std::uint8_t* in = rgba.row(0, y);
    std::uint8_t* luma = out.row(0, y);
    for (int x = 0; x < rgba.width; ++x, in += 4) {
      luma[x] = to_yuv(in[0], in[1], in[2])[0];
    }
  }
  const int step = plane_traits(out.format, 1).channels;
  const int block = 1 << plane_traits(out.format, 1).subsampling;
  for (int y = 0; y < out.plane_height(1); ++y) {
    std::uint8_t* u = out.row(1, y);
    std::uint8_t* v = step == 2 ? u + 1 : out.row(2, y);
    for (int x = 0; x < out.plane_width(1); ++x) {
      const auto [red, green, blue] = mean_of_block(rgba, block * x, block * y, block);
      const auto yuv = to_yuv(red, green, blue);
      u[step * x] = yuv[1];
      v[step * x] = yuv[2];
    }
  }
}

}  // namespace

YuvToRgb make_yuv_to_rgb(ColorSpace space) {
  const Definition d = definition_of(space);
  const double red_v = 2 * (1 - d.red) * 255 / d.chroma_range;
  const double blue_u = 2 * (1 - d.blue) * 255 / d.chroma_range;
  return {static_cast<float>(d.black),
          static_cast<float>(255 / d.luma_range),
          static_cast<float>(red_v),
          static_cast<float>(-blue_u * d.blue / d.green()),
          static_cast<float>(-red_v * d.red / d.green()),
          static_cast<float>(blue_u)};
}

void yuv_to_rgb(const YuvRows& rows, const YuvToRgb& matrix, std::size_t n, float scale,
                float offset, const std::array<float*, 4>& rgb) {
  HWY_DYNAMIC_DISPATCH(yuv_to_rgb)(rows, matrix, n, scale, offset, rgb);
}

RgbToYuv::RgbToYuv(ColorSpace space) {
  const Definition d = definition_of(space);
  const std::array shares{d.red, d.green(), d.blue};
  const double u_scale = d.chroma_range / (2 * (1 - d.blue));
  const double v_scale = d.chroma_range / (2 * (1 - d.red));
  for (std::size_t c = 0; c < 3; ++c) {
    const double blue = c == 2 ? 1 : 0;
    const double red = c == 0 ? 1 : 0;
    rows_[0][c] = static_cast<float>(d.luma_range * shares[c] / 255);
    rows_[1][c] = static_cast<float>(u_scale * (blue - shares[c]) / 255);
    rows_[2][c] = static_cast<float>(v_scale * (red - shares[c]) / 255);
  }
  offsets_ = {static_cast<float>(d.black), 128, 128};
}

std::array<std::uint8_t, 3> RgbToYuv::operator()(float red, float green, float blue) const {
  std::array<std::uint8_t, 3> yuv;
  for (std::size_t i = 0; i < 3; ++i) {
    const float value = offsets_[i] + rows_[i][0] * red + rows_[i][1] * green + rows_[i][2] * blue;
    yuv[i] = static_cast<std::uint8_t>(std::lround(std::clamp(value, 0.0f, 255.0f)));
  }
  return yuv;
}

void convert_rgba(const ConstFrame& rgba, const Frame& out) {
  BACKDROP_ASSERT(rgba.format == PixelFormat::kRgba && rgba.width == out.width &&
                  rgba.height == out.height);
  is_yuv(out.format) ? rgba_to_yuv(rgba, out) : reorder_rgba(rgba, out);
}

}  // namespace backdrop
#endif  // HWY_ONCE
