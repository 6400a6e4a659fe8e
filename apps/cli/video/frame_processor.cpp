#include "frame_processor.h"

#include <algorithm>
#include <cstddef>
#include <utility>

#include "failure.h"

namespace backdrop::cli {
namespace {

const AVPixFmtDescriptor& described(AVPixelFormat format) { return *av_pix_fmt_desc_get(format); }

AVPixelFormat format_of(const AVFrame& frame) {
  return without_range(static_cast<AVPixelFormat>(frame.format));
}

bool is_readable_in_place(const AVFrame& frame) {
  const AVPixelFormat format = format_of(frame);
  return (format == AV_PIX_FMT_YUV420P || format == AV_PIX_FMT_NV12) && frame.linesize[0] > 0 &&
         frame.linesize[1] > 0;
}

// One plane's values of `original` where the person is: `out` gets what `seen`, which it was made
// of, lacks of them.
template <typename Value>
struct PlaneRestorer {
  const AVFrame& original;
  const AVFrame& seen;
  AVFrame& out;
  int plane;
  int most;  // the largest value

  const Value* row(const AVFrame& frame, int y) const {
    return reinterpret_cast<const Value*>(frame.data[plane] +
                                          std::ptrdiff_t{y} * frame.linesize[plane]);
  }

  // `alpha_of` gives alpha of column x.
  template <typename AlphaOf>
  void restore_row(int y, int width, const AlphaOf& alpha_of) const {
    auto* to = const_cast<Value*>(row(out, y));
    const Value* from = row(original, y);
    const Value* known = row(seen, y);
    for (int x = 0; x < width; ++x) {
      const int missing = (int{from[x]} - int{known[x]}) * alpha_of(x);
      const int rounded = (missing + (missing < 0 ? -127 : 127)) / 255;
      to[x] = static_cast<Value>(std::clamp(int{to[x]} + rounded, 0, most));
    }
  }
};

}  // namespace

backdrop_image view(const AVFrame& frame, const VideoColors& colors,
                    const Orientation& orientation) {
  backdrop_image image{};
  switch (format_of(frame)) {
    case AV_PIX_FMT_RGBA:
      image.format = BACKDROP_RGBA;
      break;
    case AV_PIX_FMT_NV12:
      image.format = BACKDROP_NV12;
      break;
    default:
      image.format = BACKDROP_I420;
  }
  image.width = frame.width;
  image.height = frame.height;
  for (std::size_t plane = 0; plane < 3; ++plane) {
    image.planes[plane] = frame.data[plane];
    image.strides[plane] = frame.linesize[plane];
  }
  image.color_space = colors.color_space();
  image.rotation = orientation.rotation;
  image.flip = orientation.is_mirrored ? 1 : 0;
  return image;
}

void FramePlan::tag(AVFrame& frame) const {
  if (colors.is_full_range) frame.color_range = AVCOL_RANGE_JPEG;
  if (is_rgb(source) && !is_rgb(output)) cli::tag(frame, colors);
}

bool FramePlan::works_in_rgba() const {
  if (is_matte) return is_rgb(source) || has_alpha(source);
  return is_transparent || is_on_gpu || is_rgb(source) || has_alpha(source);
}

bool FramePlan::restores_precision() const {
  if (is_matte || is_on_gpu || is_rgb(source) || has_alpha(source) || is_rgb(output)) return false;
  const auto is_finer = [](AVPixelFormat format) {
    const AVPixFmtDescriptor& pixels = described(format);
    return pixels.comp[0].depth > 8 || pixels.log2_chroma_w == 0 || pixels.log2_chroma_h == 0;
  };
  return described(source).nb_components >= 3 && is_finer(source) && is_finer(output) &&
         (described(output).flags & AV_PIX_FMT_FLAG_PLANAR) != 0;
}

FramePtr FrameProcessor::process(const AVFrame& frame) {
  const FramePtr original = fitted(frame);
  const FramePtr seen = working(original);
  const FramePtr done = plan_.is_on_gpu ? processed_on_gpu(*seen) : processed(*seen);
  add_parts();
  FramePtr out;
  if (plan_.is_matte) {
    out = matte_frame();
  } else {
    out = format_of(*done) == plan_.output ? share(*done) : converted(of_working_, *done);
    if (plan_.restores_precision()) restore_precision(*original, *seen, *out);
  }
  copy_properties(frame, *out);
  plan_.tag(*out);
  return out;
}

FramePtr FrameProcessor::fitted(const AVFrame& frame) {
  // An odd edge is cut off.
  const bool has_size = std::abs(frame.width - plan_.width) <= 1 &&
                        std::abs(frame.height - plan_.height) <= 1 && frame.width >= plan_.width &&
                        frame.height >= plan_.height;
  const VideoColors colors = colors_of(frame);
  if (has_size && (colors == plan_.colors || is_rgb(format_of(frame)))) {
    FramePtr same = share(frame);
    same->width = plan_.width;
    same->height = plan_.height;
    return same;
  }
  FramePtr fitted = make_frame(plan_.source, plan_.width, plan_.height);
  fit_.fit(frame, colors, *fitted, plan_.colors);
  return fitted;
}

FramePtr FrameProcessor::working(const FramePtr& frame) {
  if (!plan_.works_in_rgba() && is_readable_in_place(*frame)) return share(*frame);
  FramePtr seen = make_frame(plan_.works_in_rgba() ? AV_PIX_FMT_RGBA : AV_PIX_FMT_YUV420P,
                             plan_.width, plan_.height);
  to_working_.convert(*frame, plan_.colors, *seen, plan_.colors);
  return seen;
}

FramePtr FrameProcessor::processed(AVFrame& frame) {
  FramePtr out = make_frame(format_of(frame), frame.width, frame.height);
  const backdrop_image from = view(frame, plan_.colors, plan_.orientation);
  const backdrop_image to = view(*out, plan_.colors, plan_.orientation);
  const Stopwatch watch(engine_milliseconds_);
  engine_.process(from, to);
  return out;
}

// The GPU takes upright pictures.
FramePtr FrameProcessor::processed_on_gpu(AVFrame& frame) {
  const FramePtr upright = turned(frame, plan_.orientation);
  Picture picture;
  picture.resize(static_cast<std::uint64_t>(upright->width),
                 static_cast<std::uint64_t>(upright->height));
  copy_rows(*upright, picture.rgba);
  {
    const Stopwatch watch(engine_milliseconds_);
    engine_.process(picture);
  }
  copy_rows(picture.rgba, *upright);
  Orientation back = plan_.orientation;
  if (!back.is_mirrored) back.rotation = (360 - back.rotation) % 360;
  return turned(*upright, back);
}

void FrameProcessor::add_parts() {
  const backdrop_statistics latest = engine_.statistics();
  engine_parts_.sample += latest.sample;
  engine_parts_.infer += latest.infer;
  engine_parts_.matte += latest.matte;
  engine_parts_.composite += latest.composite;
}

FramePtr FrameProcessor::matte_frame() {
  FramePtr grey = make_frame(AV_PIX_FMT_GRAY8, plan_.width, plan_.height);
  engine_.matte(plan_.width, plan_.height, grey->data[0], grey->linesize[0]);
  if (plan_.output == AV_PIX_FMT_GRAY8) return grey;
  FramePtr out = make_frame(plan_.output, plan_.width, plan_.height);
  VideoColors full = plan_.colors;
  full.is_full_range = true;
  of_working_.convert(*grey, full, *out, plan_.colors);
  return out;
}

FramePtr FrameProcessor::converted(Scaler& scaler, const AVFrame& frame) const {
  FramePtr out = make_frame(plan_.output, frame.width, frame.height);
  scaler.convert(frame, plan_.colors, *out, plan_.colors);
  return out;
}

// The engine works with 8 bits, and with chroma of half the size or in RGB. What that lost of the
// person's pixels is added again.
void FrameProcessor::restore_precision(const AVFrame& original, const AVFrame& seen, AVFrame& out) {
  matte_.resize(static_cast<std::size_t>(plan_.width) * static_cast<std::size_t>(plan_.height));
  engine_.matte(plan_.width, plan_.height, matte_.data(), plan_.width);
  const FramePtr fine = converted(of_original_, original);
  const FramePtr coarse = converted(of_working_, seen);
  const AVPixFmtDescriptor& pixels = described(plan_.output);
  const auto restore_plane = [&]<typename Value>(int plane) {
    const int shift_x = plane == 0 ? 0 : pixels.log2_chroma_w;
    const int shift_y = plane == 0 ? 0 : pixels.log2_chroma_h;
    const int width = -(-plan_.width >> shift_x);
    const int height = -(-plan_.height >> shift_y);
    const PlaneRestorer<Value> restorer{*fine, *coarse, out, plane,
                                        (1 << pixels.comp[plane].depth) - 1};
    for (int y = 0; y < height; ++y) {
      const std::uint8_t* alpha =
          matte_.data() + std::size_t{1} * static_cast<std::size_t>((y << shift_y) * plan_.width);
      restorer.restore_row(y, width, [&](int x) { return int{alpha[x << shift_x]}; });
    }
  };
  for (int plane = 0; plane < 3; ++plane) {
    if (pixels.comp[0].depth > 8) {
      restore_plane.operator()<std::uint16_t>(plane);
    } else {
      restore_plane.operator()<std::uint8_t>(plane);
    }
  }
}

}  // namespace backdrop::cli
