#include "colors.h"

#include <string>

#include "failure.h"

namespace backdrop::cli {
namespace {

// From this height on untagged video is taken for BT.709, as players do.
constexpr int kHeightOfBt709 = 720;

std::string name(const char* known) { return known ? known : "unknown"; }

bool is_grey(AVPixelFormat format) { return av_pix_fmt_desc_get(format)->nb_components <= 2; }

[[noreturn]] void refuse(const AVFrame& frame) {
  throw Failure("is HDR or of wide gamut (" + name(av_color_space_name(frame.colorspace)) + ", " +
                name(av_color_transfer_name(frame.color_trc)) +
                "), which can't be processed; convert it to BT.709 first");
}

}  // namespace

backdrop_color_space VideoColors::color_space() const {
  if (is_bt709) return is_full_range ? BACKDROP_BT709_FULL : BACKDROP_BT709_LIMITED;
  return is_full_range ? BACKDROP_BT601_FULL : BACKDROP_BT601_LIMITED;
}

bool is_rgb(AVPixelFormat format) {
  const AVPixFmtDescriptor& pixels = *av_pix_fmt_desc_get(format);
  return (pixels.flags & (AV_PIX_FMT_FLAG_RGB | AV_PIX_FMT_FLAG_PAL)) != 0;
}

bool has_alpha(AVPixelFormat format) {
  const AVPixFmtDescriptor& pixels = *av_pix_fmt_desc_get(format);
  return (pixels.flags & (AV_PIX_FMT_FLAG_ALPHA | AV_PIX_FMT_FLAG_PAL)) != 0;
}

VideoColors colors_of(const AVFrame& frame) {
  const auto format = static_cast<AVPixelFormat>(frame.format);
  const bool is_hdr =
      frame.color_trc == AVCOL_TRC_SMPTE2084 || frame.color_trc == AVCOL_TRC_ARIB_STD_B67;
  const bool is_tall = frame.height >= kHeightOfBt709;
  if (is_hdr || frame.color_primaries == AVCOL_PRI_BT2020) refuse(frame);
  if (is_rgb(format)) return {.is_bt709 = is_tall};
  const bool is_full = frame.color_range == AVCOL_RANGE_JPEG || without_range(format) != format ||
                       (is_grey(format) && frame.color_range == AVCOL_RANGE_UNSPECIFIED);
  switch (frame.colorspace) {
    case AVCOL_SPC_BT709:
      return {.is_bt709 = true, .is_full_range = is_full};
    case AVCOL_SPC_FCC:
    case AVCOL_SPC_BT470BG:
    case AVCOL_SPC_SMPTE170M:
      return {.is_bt709 = false, .is_full_range = is_full};
    case AVCOL_SPC_UNSPECIFIED:
    case AVCOL_SPC_RESERVED:
      return {.is_bt709 = is_tall, .is_full_range = is_full};
    case AVCOL_SPC_BT2020_NCL:
    case AVCOL_SPC_BT2020_CL:
    case AVCOL_SPC_ICTCP:
      refuse(frame);
    default:
      throw Failure("has a colour matrix that can't be processed: " +
                    name(av_color_space_name(frame.colorspace)));
  }
}

AVPixelFormat without_range(AVPixelFormat format) {
  switch (format) {
    case AV_PIX_FMT_YUVJ420P:
      return AV_PIX_FMT_YUV420P;
    case AV_PIX_FMT_YUVJ422P:
      return AV_PIX_FMT_YUV422P;
    case AV_PIX_FMT_YUVJ444P:
      return AV_PIX_FMT_YUV444P;
    case AV_PIX_FMT_YUVJ440P:
      return AV_PIX_FMT_YUV440P;
    case AV_PIX_FMT_YUVJ411P:
      return AV_PIX_FMT_YUV411P;
    default:
      return format;
  }
}

void tag(AVFrame& frame, const VideoColors& colors) {
  frame.colorspace = colors.is_bt709 ? AVCOL_SPC_BT709 : AVCOL_SPC_SMPTE170M;
  frame.color_range = colors.is_full_range ? AVCOL_RANGE_JPEG : AVCOL_RANGE_MPEG;
}

}  // namespace backdrop::cli
