// Composites frames in memory, on the CPU.
#pragma once

#include <cstdint>
#include <optional>

#include "base/error.h"
#include "base/executor.h"
#include "image/frame.h"
#include "image/mask.h"
#include "image/pixel_buffer.h"
#include "render/cpu/background_blur.h"
#include "render/cpu/compositor.h"
#include "render/cpu/half_picture.h"
#include "render/cpu/learned_room.h"
#include "render/cpu/matte.h"
#include "render/cpu/person_colors.h"
#include "render/render_settings.h"
#include "render/renderer.h"

namespace backdrop {

class CpuRenderer final : public Renderer<ConstFrame, Frame> {
 public:
  explicit CpuRenderer(Executor& executor) : executor_(executor) {}

  // `out` has the frame's kind and may be the same picture.
  Result<RenderTimes> render(const ConstFrame& frame, const Mask& mask,
                             const RenderSettings& settings, const Frame& out) override;

  // The next frame has nothing to do with those before.
  void forget() { room_of_.reset(); }

  // The alpha of the frame drawn last, as that frame is stored.
  AlphaPlane matte() const { return matte_.plane(0); }
  // The same of chroma at half the size. That frame was I420 or NV12.
  AlphaPlane chroma_matte() const { return matte_.plane(1); }

 private:
  // What the matte's memory is made for.
  struct MatteLayout {
    FrameKind frame;
    int mask_width = 0;
    int mask_height = 0;
    bool refined = false;

    bool operator==(const MatteLayout&) const = default;
  };

  // What the alpha in the matte was computed from.
  struct MatteSource {
    std::uint64_t generation = 0;
    Coverage coverage;

    bool operator==(const MatteSource&) const = default;
  };

  struct PreparedBackground {
    FrameKind frame;
    BackgroundChoice choice;
  };

  Result<void> prepare_matte(const MatteLayout& layout);
  Result<void> prepare_half(const FrameKind& kind);
  Result<void> prepare_room(const FrameKind& kind, bool learns);
  Result<void> prepare_background(const FrameKind& kind, const BackgroundChoice& choice);
  bool update_matte(const ConstFrame& frame, const Mask& mask, const RenderSettings& settings);

  // One of each for each background.
  Result<void> prepare(const FrameKind& kind, const NoBackground& none);
  Result<void> prepare(const FrameKind& kind, const BlurBackground& blur);
  Result<void> prepare(const FrameKind& kind, const ColorBackground& color);
  Result<void> prepare(const FrameKind& kind, const ImageBackground& image);
  Result<void> prepare(const FrameKind& kind, const TransparentBackground& transparent);
  void compose(const ConstFrame& frame, const NoBackground& none, const Frame& out);
  void compose(const ConstFrame& frame, const BlurBackground& blur, const Frame& out);
  void compose(const ConstFrame& frame, const ColorBackground& color, const Frame& out);
  void compose(const ConstFrame& frame, const ImageBackground& image, const Frame& out);
  void compose(const ConstFrame& frame, const TransparentBackground& transparent, const Frame& out);

  // What is known of the room in the frame that is drawn.
  KnownRoom known_room() const { return room_of_ ? room_.known() : KnownRoom{}; }

  Result<void> store_background(const FrameKind& kind, const ConstFrame& rgba);

  Executor& executor_;
  Matte matte_;
  std::optional<MatteLayout> matte_layout_;
  std::optional<MatteSource> matte_source_;
  std::optional<PreparedBackground> background_;
  std::optional<FrameKind> half_of_;  // the frames that are halved
  HalfPicture half_;                  // of the frame that is drawn, for the room and the blur
  std::optional<FrameKind> room_of_;  // the frames that the room is learned from
  LearnedRoom room_;
  PixelBuffer stored_background_;  // in the frame's format: the image, or one row of the colour
  BackgroundBlur blur_;
  PersonColors person_colors_;
};

}  // namespace backdrop
