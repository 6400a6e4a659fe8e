#include "scaler.h"

extern "C" {
#include <libavutil/imgutils.h>
}

#include <algorithm>
#include <cstddef>

#include "failure.h"

namespace backdrop::cli {
namespace {

constexpr int kExactFlags =
    SWS_BICUBIC | SWS_ACCURATE_RND | SWS_FULL_CHR_H_INT | SWS_FULL_CHR_H_INP | SWS_BITEXACT;
constexpr int kFastFlags = SWS_BICUBIC;

const int* coefficients(const VideoColors& colors) {
  return sws_getCoefficients(colors.is_bt709 ? SWS_CS_ITU709 : SWS_CS_ITU601);
}

int is_full(AVPixelFormat format, const VideoColors& colors) {
  return is_rgb(format) || colors.is_full_range ? 1 : 0;
}

}  // namespace

void Scaler::prepare(const AVFrame& from, const VideoColors& from_colors, AVPixelFormat format,
                     int width, int height, const VideoColors& to_colors) {
  const AVPixelFormat from_format = without_range(static_cast<AVPixelFormat>(from.format));
  context_ = sws_getCachedContext(context_, from.width, from.height, from_format, width, height,
                                  format, quality_ == Quality::kFast ? kFastFlags : kExactFlags,
                                  nullptr, nullptr, nullptr);
  if (!context_) {
    throw Failure("pixels of the format " + name_of(from_format) + " can't be converted to " +
                  name_of(format));
  }
  constexpr int kOne = 1 << 16;
  sws_setColorspaceDetails(context_, coefficients(from_colors), is_full(from_format, from_colors),
                           coefficients(to_colors), is_full(format, to_colors), 0, kOne, kOne);
}

void Scaler::convert(const AVFrame& from, const VideoColors& from_colors, AVFrame& to,
                     const VideoColors& to_colors) {
  prepare(from, from_colors, static_cast<AVPixelFormat>(to.format), to.width, to.height, to_colors);
  check_av(sws_scale(context_, from.data, from.linesize, 0, from.height, to.data, to.linesize));
}

void Scaler::fit(const AVFrame& from, const VideoColors& from_colors, AVFrame& to,
                 const VideoColors& to_colors) {
  const auto format = static_cast<AVPixelFormat>(to.format);
  const double scale =
      std::min(double{1} * to.width / from.width, double{1} * to.height / from.height);
  // Even, so that chroma begins with a whole sample.
  const auto side = [&](int size, int most) {
    return std::clamp(static_cast<int>(size * scale / 2 + 0.5) * 2, std::min(2, most), most);
  };
  const int width = side(from.width, to.width);
  const int height = side(from.height, to.height);
  const int left = (to.width - width) / 4 * 2;
  const int top = (to.height - height) / 4 * 2;

  std::array<std::ptrdiff_t, 4> strides{};
  std::copy_n(to.linesize, strides.size(), strides.begin());
  check_av(av_image_fill_black(to.data, strides.data(), format,
                               to_colors.is_full_range ? AVCOL_RANGE_JPEG : AVCOL_RANGE_MPEG,
                               to.width, to.height));
  const AVPixFmtDescriptor& pixels = *av_pix_fmt_desc_get(format);
  std::array<std::uint8_t*, 4> planes{};
  for (int c = 0; c < pixels.nb_components; ++c) {
    const auto& component = pixels.comp[c];
    const bool is_chroma = c == 1 || c == 2;
    const int x = left >> (is_chroma ? pixels.log2_chroma_w : 0);
    const int y = top >> (is_chroma ? pixels.log2_chroma_h : 0);
    const auto plane = static_cast<std::size_t>(component.plane);
    planes[plane] = to.data[plane] + std::ptrdiff_t{y} * to.linesize[plane] + x * component.step;
  }
  prepare(from, from_colors, format, width, height, to_colors);
  check_av(
      sws_scale(context_, from.data, from.linesize, 0, from.height, planes.data(), to.linesize));
}

}  // namespace backdrop::cli
