#include "render/cpu/cpu_renderer.h"

#include <algorithm>
#include <array>
#include <utility>
#include <variant>

#include "base/match.h"
#include "image/color.h"
#include "platform/clock.h"

namespace backdrop {

Result<RenderTimes> CpuRenderer::render(const ConstFrame& frame, const Mask& mask,
                                        const RenderSettings& settings, const Frame& out) {
  if (shows_room(settings)) {
    forget();
    compose(frame, NoBackground{}, out);
    return RenderTimes{};
  }
  const FrameKind kind = kind_of(frame);
  BACKDROP_TRY(prepare_background(kind, settings.background));
  BACKDROP_TRY(prepare_matte({kind, mask.width, mask.height, refines(settings)}));
  const bool halves =
      settings.learns_room || std::holds_alternative<BlurBackground>(settings.background);
  if (halves) BACKDROP_TRY(prepare_half(kind));
  BACKDROP_TRY(prepare_room(kind, settings.learns_room));
  const double start = now_ms();
  if (halves) half_.shrink(frame, executor_);
  const bool updated = update_matte(frame, mask, settings);
  const double composed = updated ? now_ms() : start;
  match(settings.background, [&](const auto& background) { compose(frame, background, out); });
  return RenderTimes{composed - start, now_ms() - composed};
}

// Whether the matte had to be computed.
bool CpuRenderer::update_matte(const ConstFrame& frame, const Mask& mask,
                               const RenderSettings& settings) {
  const MatteSource source{mask.generation, settings.coverage};
  const bool follows = follows_frame(settings);
  const bool is_whole = matte_source_ == source && !matte_.is_limited();
  if (!follows && mask.generation != 0 && is_whole) return false;
  // Where the room is known, it tells the edge better than the frame's own edges do.
  if (refines(settings) && !(settings.learns_room && room_.is_trusted())) {
    matte_.render_guided(mask.values, frame, settings.refinement, settings.coverage, executor_);
  } else {
    matte_.render(mask.values, settings.coverage, executor_);
  }
  if (settings.learns_room) room_.run(frame, half_, mask.seen, mask.dropped, matte_, executor_);
  matte_source_ = follows ? std::nullopt : std::optional(source);
  return true;
}

Result<void> CpuRenderer::prepare_matte(const MatteLayout& layout) {
  if (matte_layout_ == layout) return {};
  matte_layout_.reset();
  matte_source_.reset();
  const auto& [kind, mask_width, mask_height, refined] = layout;
  if (!matte_.prepare(mask_width, mask_height, kind.format, kind.width, kind.height, refined,
                      executor_)) {
    return no_memory_for_picture();
  }
  matte_layout_ = layout;
  return {};
}

Result<void> CpuRenderer::prepare_half(const FrameKind& kind) {
  if (half_of_ == kind) return {};
  half_of_.reset();
  if (!half_.prepare(kind.width, kind.height, executor_)) return no_memory_for_picture();
  half_of_ = kind;
  return {};
}

Result<void> CpuRenderer::prepare_room(const FrameKind& kind, bool learns) {
  if (!learns) {
    room_of_.reset();
    return {};
  }
  if (room_of_ == kind) return {};
  room_of_.reset();
  if (!room_.prepare(kind.width, kind.height, executor_)) return no_memory_for_picture();
  room_of_ = kind;
  return {};
}

Result<void> CpuRenderer::prepare_background(const FrameKind& kind,
                                             const BackgroundChoice& choice) {
  if (background_ && background_->frame == kind && are_equal(background_->choice, choice)) {
    return {};
  }
  background_.reset();
  BACKDROP_TRY(match(choice, [&](const auto& background) { return prepare(kind, background); }));
  background_ = {kind, choice};
  return {};
}

Result<void> CpuRenderer::prepare(const FrameKind&, const NoBackground&) { return {}; }

void CpuRenderer::compose(const ConstFrame& frame, const NoBackground&, const Frame& out) {
  copy_pixels(frame, out);
}

Result<void> CpuRenderer::prepare(const FrameKind& kind, const BlurBackground& blur) {
  const double sigma =
      0.01 * static_cast<double>(blur.strength) * std::min(kind.width, kind.height);
  if (blur_.prepare(kind.format, kind.width, kind.height, sigma, executor_)) return {};
  return no_memory_for_picture();
}

void CpuRenderer::compose(const ConstFrame& frame, const BlurBackground&, const Frame& out) {
  if (!half_.is_opaque()) matte_.limit(frame, executor_);  // what is clear is background
  blur_.run(half_, matte_, known_room(), executor_);
  composite(frame, matte_, known_room(), blur_, out, executor_);
}

Result<void> CpuRenderer::prepare(const FrameKind& kind, const ColorBackground& color) {
  PixelBuffer row;
  if (!row.create(PixelFormat::kRgba, kind.width, 1)) return no_memory_for_picture();
  const auto [red, green, blue] = bytes_of(color.rgb);
  const std::array rgba{red, green, blue, std::uint8_t{255}};
  for (int x = 0; x < kind.width; ++x) std::ranges::copy(rgba, row.frame().row(0, 0) + 4 * x);
  return store_background(kind, row.view());
}

void CpuRenderer::compose(const ConstFrame& frame, const ColorBackground&, const Frame& out) {
  ConstFrame row = stored_background_.view();
  row.strides = {0, 0, 0};
  StoredBackground background(row);
  composite(frame, matte_, known_room(), background, out, executor_);
}

// The image is placed in the frame as the viewer sees it, and turned to lie as the frame is stored.
Result<void> CpuRenderer::prepare(const FrameKind& kind, const ImageBackground& image) {
  if (image.generation == 0 || image.image.width == 0) return no_background_image();
  Orientation orientation = kind.orientation;
  if (image.placement.mirrored) orientation.flip = !orientation.flip;
  const bool swap = orientation.swaps_sides();
  const int width = swap ? kind.height : kind.width;
  const int height = swap ? kind.width : kind.height;
  PixelBuffer seen, stored;
  if (!seen.create(PixelFormat::kRgba, width, height) ||
      !draw_placed(image.image, image.placement, seen.frame(), executor_)) {
    return no_memory_for_picture();
  }
  if (orientation == Orientation{}) return store_background(kind, seen.view());
  if (!stored.create(PixelFormat::kRgba, kind.width, kind.height)) return no_memory_for_picture();
  rotate<4>(seen.view().row(0, 0), width, height, orientation.inverse(), stored.frame().row(0, 0));
  return store_background(kind, stored.view());
}

void CpuRenderer::compose(const ConstFrame& frame, const ImageBackground&, const Frame& out) {
  StoredBackground background(stored_background_.view());
  composite(frame, matte_, known_room(), background, out, executor_);
}

Result<void> CpuRenderer::prepare(const FrameKind& kind, const TransparentBackground&) {
  if (!traits_of(kind.format).has_alpha) {
    return fail(ErrorCode::kArgument, "a transparent background needs RGBA or BGRA frames");
  }
  if (person_colors_.prepare(kind.width, kind.height, executor_)) return {};
  return no_memory_for_picture();
}

void CpuRenderer::compose(const ConstFrame& frame, const TransparentBackground&, const Frame& out) {
  person_colors_.run(frame, matte_, executor_);
  cut_out(frame, matte_, person_colors_, out, executor_);
}

// Converts `rgba` to the frame's format and colour space.
Result<void> CpuRenderer::store_background(const FrameKind& kind, const ConstFrame& rgba) {
  if (!stored_background_.create(kind.format, rgba.width, rgba.height)) {
    return no_memory_for_picture();
  }
  Frame out = stored_background_.frame();
  out.color_space = kind.color_space;
  convert_rgba(rgba, out);
  return {};
}

}  // namespace backdrop
