#include "encoding.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <string_view>
#include <thread>

#include "colors.h"
#include "failure.h"
#include "output_name.h"

namespace backdrop::cli {
namespace {

struct KnownContainer {
  const char* ending;
  Container container;
  const char* codec;
  const char* transparent_codec;  // null: none
};

constexpr std::array kContainers = {
    KnownContainer{".mp4", {.muxer = "mp4", .keeps_orientation = true}, "h264", nullptr},
    KnownContainer{".m4v", {.muxer = "mp4", .keeps_orientation = true}, "h264", nullptr},
    KnownContainer{".mov", {.muxer = "mov", .keeps_orientation = true}, "h264", "prores"},
    KnownContainer{".mkv", {.muxer = "matroska"}, "h264", "vp9"},
    KnownContainer{".webm", {.muxer = "webm"}, "vp9", "vp9"},
};
constexpr KnownContainer kPictures{".png", {.muxer = "image2", .is_pictures = true}, "png", "png"};
constexpr KnownContainer kRaw{"", {.muxer = "rawvideo", .is_raw = true}, "rawvideo", nullptr};
constexpr KnownContainer kY4m{
    "", {.muxer = "yuv4mpegpipe", .is_raw = true}, "wrapped_avframe", nullptr};

struct KnownCodec {
  const char* name;
  const char* encoder;
  const char* title;
  const char* quality_option;
  const char* quality;  // by default
};

constexpr std::array kCodecs = {
    KnownCodec{"h264", "libx264", "H.264", "crf", "20"},
    KnownCodec{"hevc", "libx265", "HEVC", "crf", "22"},
    KnownCodec{"vp9", "libvpx-vp9", "VP9", "crf", "28"},
    KnownCodec{"prores", "prores_ks", "ProRes", nullptr, nullptr},
    KnownCodec{"ffv1", "ffv1", "FFV1", nullptr, nullptr},
};

const KnownContainer* find_by_ending(const std::string& path) {
  if (is_picture_pattern(path)) return &kPictures;
  const auto* found = std::ranges::find(kContainers, ending_of(path), &KnownContainer::ending);
  return found == kContainers.end() ? nullptr : found;
}

const KnownContainer& find_by_name(const std::string& name) {
  if (name == "yuv420p") return kRaw;
  if (name == "yuv4mpegpipe") return kY4m;
  const auto* found = std::ranges::find_if(
      kContainers, [&](const KnownContainer& known) { return known.container.muxer == name; });
  if (found != kContainers.end()) return *found;
  throw WrongCall("--output-format: '" + name +
                  "' is none of matroska, webm, mp4, mov, yuv4mpegpipe and yuv420p");
}

const KnownContainer& find(const OutputChoice& output) {
  if (output.format) return find_by_name(*output.format);
  if (output.path == "-") return find_by_name("matroska");
  if (const KnownContainer* known = find_by_ending(output.path)) return *known;
  throw WrongCall(
      shown(output.path) +
      ": a video's name must end in .mp4, .mov, .mkv or .webm, or be like out-%05d.png");
}

int depth_of(AVPixelFormat format) { return av_pix_fmt_desc_get(format)->comp[0].depth; }

std::string default_codec(const OutputChoice& output, const KnownContainer& container,
                          AVPixelFormat source) {
  if (output.is_transparent) {
    if (container.transparent_codec) return container.transparent_codec;
    throw WrongCall(output.path + ": " + container.container.muxer +
                    " has no transparency; write .mov, .webm or out-%05d.png");
  }
  const std::string codec = container.codec;
  // More than 8 bits is what HEVC's players can play, and H.264's can't.
  return codec == "h264" && !output.is_grey && !is_rgb(source) && !has_alpha(source) &&
                 depth_of(source) > 8
             ? "hevc"
             : codec;
}

const AVCodec& find_encoder(const std::string& name) {
  const auto* known = std::ranges::find(kCodecs, std::string_view(name), &KnownCodec::name);
  const AVCodec* found =
      avcodec_find_encoder_by_name(known == kCodecs.end() ? name.c_str() : known->encoder);
  if (!found || found->type != AVMEDIA_TYPE_VIDEO) {
    throw WrongCall("--codec: this FFmpeg has no encoder '" + name +
                    "'; known are h264, hevc, vp9, prores, ffv1 and FFmpeg's own names");
  }
  return *found;
}

std::string title_of(const AVCodec& codec) {
  const auto* known =
      std::ranges::find(kCodecs, std::string_view(codec.name), &KnownCodec::encoder);
  return known == kCodecs.end() ? codec.name : known->title;
}

// Some encoders of the others take alpha and drop it.
bool keeps_alpha(const AVCodec& codec) {
  return codec.id != AV_CODEC_ID_H264 && codec.id != AV_CODEC_ID_HEVC &&
         codec.id != AV_CODEC_ID_AV1;
}

// Of those that the encoder takes, the one that loses the least of `source`.
AVPixelFormat nearest(const AVCodec& codec, AVPixelFormat source, bool needs_alpha, bool of_rgb) {
  if (!codec.pix_fmts) return source;
  AVPixelFormat best = AV_PIX_FMT_NONE;
  for (const AVPixelFormat* format = codec.pix_fmts; *format != AV_PIX_FMT_NONE; ++format) {
    const AVPixFmtDescriptor& pixels = *av_pix_fmt_desc_get(*format);
    const bool is_usable = without_range(*format) == *format && is_rgb(*format) == of_rgb &&
                           (pixels.flags & AV_PIX_FMT_FLAG_HWACCEL) == 0 &&
                           has_alpha(*format) == needs_alpha;
    if (!is_usable) continue;
    best = best == AV_PIX_FMT_NONE
               ? *format
               : av_find_best_pix_fmt_of_2(best, *format, source, needs_alpha ? 1 : 0, nullptr);
  }
  return best;
}

// What the output's pixels are like, before the encoder is asked.
AVPixelFormat wish(const OutputChoice& output, AVPixelFormat source, const Orientation& turning) {
  const AVPixFmtDescriptor& pixels = *av_pix_fmt_desc_get(source);
  const bool is_plain = is_rgb(source) || has_alpha(source) || pixels.nb_components <= 2;
  if (output.is_grey || is_plain) {
    return output.is_transparent ? AV_PIX_FMT_YUVA420P : AV_PIX_FMT_YUV420P;
  }
  // Turned by a quarter, 4:2:2 would become a format that few encoders take.
  if (turning.swaps_sides() && pixels.log2_chroma_w != pixels.log2_chroma_h) {
    return depth_of(source) > 8 ? AV_PIX_FMT_YUV444P10 : AV_PIX_FMT_YUV444P;
  }
  return without_range(source);
}

AVPixelFormat format_for_pictures(const OutputChoice& output) {
  if (output.is_grey) return AV_PIX_FMT_GRAY8;
  return output.is_transparent ? AV_PIX_FMT_RGBA : AV_PIX_FMT_RGB24;
}

}  // namespace

Container container_of(const OutputChoice& output) { return find(output).container; }

Encoding choose_encoding(const OutputChoice& output, const Container& container,
                         AVPixelFormat source, const Orientation& turning) {
  const std::string name = output.codec.value_or(default_codec(output, find(output), source));
  const AVCodec& codec = find_encoder(name);
  const AVOutputFormat* muxer = av_guess_format(container.muxer, nullptr, nullptr);
  if (!muxer) throw Failure(std::string("this FFmpeg can't write ") + container.muxer);
  if (!container.is_pictures && !container.is_raw &&
      avformat_query_codec(muxer, codec.id, FF_COMPLIANCE_NORMAL) == 0) {
    throw WrongCall(output.path + ": " + title_of(codec) + " can't be in " + container.muxer);
  }
  if (container.is_pictures) return {.codec = &codec, .format = format_for_pictures(output)};
  if (container.is_raw) return {.codec = &codec, .format = AV_PIX_FMT_YUV420P};
  const AVPixelFormat wished = wish(output, source, turning);
  AVPixelFormat format = nearest(codec, wished, output.is_transparent, false);
  if (format == AV_PIX_FMT_NONE) format = nearest(codec, wished, output.is_transparent, true);
  if (output.is_transparent && (format == AV_PIX_FMT_NONE || !keeps_alpha(codec))) {
    throw WrongCall("--codec: " + title_of(codec) +
                    " has no transparency; ProRes, VP9, FFV1 and PNG have");
  }
  if (format == AV_PIX_FMT_NONE) {
    throw WrongCall("--codec: " + title_of(codec) + " takes no pixels that can be given to it");
  }
  return {.codec = &codec, .format = format};
}

void set_up(AVCodecContext& codec, Dictionary& options, const OutputChoice& output) {
  const std::string_view encoder = codec.codec->name;
  const auto* known = std::ranges::find(kCodecs, encoder, &KnownCodec::encoder);
  if (known != kCodecs.end() && known->quality_option) {
    options.set(known->quality_option,
                output.quality ? std::to_string(*output.quality) : known->quality);
  } else if (output.quality) {
    codec.flags |= AV_CODEC_FLAG_QSCALE;
    codec.global_quality = FF_QP2LAMBDA * *output.quality;
  }
  codec.thread_count = 0;  // as many as there are cores
  if (encoder == "libx265") options.set("x265-params", "log-level=none");
  if (encoder == "libvpx-vp9") {
    codec.bit_rate = 0;
    codec.thread_count = static_cast<int>(std::clamp(std::thread::hardware_concurrency(), 1U, 16U));
    options.set("row-mt", "1");
    options.set("cpu-used", "4");
    if (output.is_transparent) options.set("auto-alt-ref", "0");  // it can't be with alpha
  }
  if (encoder == "prores_ks" && output.is_transparent) {
    options.set("profile", "4444");
    options.set("vendor", "apl0");  // QuickTime takes it for its own
  }
}

}  // namespace backdrop::cli
