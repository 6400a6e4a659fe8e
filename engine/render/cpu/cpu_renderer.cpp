#include "render/cpu/cpu_renderer.h"

#include <algorithm>
#include <array>
#include <utility>

#include "image/color.h"
#include "platform/clock.h"

namespace backdrop {

Result<void> CpuRenderer::set_picture(const ConstFrame& rgba) {
  Picture copy;
  if (!copy.create(PixelFormat::kRgba, rgba.width, rgba.height)) return no_memory_for_picture();
  copy_pixels(rgba, copy.frame());
  image_ = std::move(copy);
  change_background();
  return {};
}

Result<void> CpuRenderer::run(const ConstFrame& input, const Mask& mask, bool mask_is_new,
                              const Look& look, const Frame& output, Statistics& statistics) {
  if (std::holds_alternative<TransparentBackground>(look.background) && is_yuv(input.format)) {
    return fail(ErrorCode::kArgument, "a transparent background needs RGBA or BGRA frames");
  }
  if (std::holds_alternative<PicturedBackground>(look.background) && image_.empty()) {
    return fail(ErrorCode::kState, "there is no background picture");
  }
  BACKDROP_TRY(prepare(kind_of(input), mask, look.background));
  const double start = now_ms();
  const bool follows_frame = look.refinement.kind != RefinementKind::kNone;
  if (mask_is_new || !has_matte_ || follows_frame) {
    if (follows_frame) {
      matte_.render_guided(mask.values, input, look.refinement, look.coverage, executor_);
    } else {
      matte_.render(mask.values, look.coverage, executor_);
    }
    has_matte_ = true;
    statistics.matte = now_ms() - start;
  }
  compose(input, look.background, output);
  statistics.composite = now_ms() - start - statistics.matte;
  return {};
}

Result<void> CpuRenderer::prepare(const FrameKind& kind, const Mask& mask,
                                  const BackgroundChoice& background) {
  if (matte_prepared_ != kind || mask.width != mask_width_ || mask.height != mask_height_) {
    matte_prepared_.reset();
    has_matte_ = false;
    if (!matte_.prepare(mask.width, mask.height, kind.format, kind.width, kind.height, executor_)) {
      return no_memory_for_picture();
    }
    mask_width_ = mask.width;
    mask_height_ = mask.height;
    matte_prepared_ = kind;
  }
  if (background_prepared_ != kind) {
    background_prepared_.reset();
    if (!prepare_background(kind, background)) return no_memory_for_picture();
    background_prepared_ = kind;
  }
  return {};
}

bool CpuRenderer::prepare_background(const FrameKind& kind, const BackgroundChoice& background) {
  if (const auto* blurred = std::get_if<BlurredBackground>(&background)) {
    const double sigma =
        0.01 * static_cast<double>(blurred->strength) * std::min(kind.width, kind.height);
    return blur_.prepare(kind.format, kind.width, kind.height, sigma, executor_);
  }
  if (const auto* plain = std::get_if<PlainBackground>(&background)) {
    return prepare_color(kind, plain->rgb);
  }
  return !std::holds_alternative<PicturedBackground>(background) || prepare_image(kind);
}

// The image is fitted to the frame as the viewer sees it, then turned to lie as the frame is
// stored.
bool CpuRenderer::prepare_image(const FrameKind& kind) {
  const Orientation& orientation = kind.orientation;
  const bool swap = orientation.swaps_sides();
  const int width = swap ? kind.height : kind.width;
  const int height = swap ? kind.width : kind.height;
  Picture seen, stored;
  if (!seen.create(PixelFormat::kRgba, width, height) ||
      !fit_to_cover(image_.view(), seen.frame(), executor_)) {
    return false;
  }
  if (orientation == Orientation{}) return prepare_picture(kind, seen.view());
  if (!stored.create(PixelFormat::kRgba, kind.width, kind.height)) return false;
  turn<4>(seen.view().row(0, 0), width, height, orientation.inverse(), stored.frame().row(0, 0));
  return prepare_picture(kind, stored.view());
}

bool CpuRenderer::prepare_color(const FrameKind& kind, std::uint32_t rgb) {
  Picture row;
  if (!row.create(PixelFormat::kRgba, kind.width, 1)) return false;
  const auto part = [rgb](int shift) { return static_cast<std::uint8_t>(rgb >> shift); };
  const std::array rgba{part(16), part(8), part(0), std::uint8_t{255}};
  for (int x = 0; x < kind.width; ++x) std::ranges::copy(rgba, row.frame().row(0, 0) + 4 * x);
  return prepare_picture(kind, row.view());
}

// Makes the picture that stands behind the person, as large as `rgba`, in the frame's format.
bool CpuRenderer::prepare_picture(const FrameKind& kind, const ConstFrame& rgba) {
  if (!background_picture_.create(kind.format, rgba.width, rgba.height)) return false;
  Frame out = background_picture_.frame();
  out.color_space = kind.color_space;
  convert_rgba(rgba, out);
  return true;
}

void CpuRenderer::compose(const ConstFrame& input, const BackgroundChoice& choice,
                          const Frame& output) {
  if (std::holds_alternative<TransparentBackground>(choice)) {
    cut_out(input, matte_, output, executor_);
  } else if (std::holds_alternative<BlurredBackground>(choice)) {
    blur_.run(input, matte_, executor_);
    composite(input, matte_, blur_, output, executor_);
  } else {
    ConstFrame picture = background_picture_.view();
    if (std::holds_alternative<PlainBackground>(choice)) picture.strides = {0, 0, 0};
    PictureBackground background(picture);
    composite(input, matte_, background, output, executor_);
  }
}

}  // namespace backdrop
