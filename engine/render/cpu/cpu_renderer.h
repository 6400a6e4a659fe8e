// Puts the person of a frame before a background, on the CPU.
#pragma once

#include <cstdint>
#include <optional>

#include "base/error.h"
#include "render/cpu/background_blur.h"
#include "render/cpu/compositor.h"
#include "render/render_settings.h"
#include "image/frame.h"
#include "image/picture.h"
#include "segment/mask.h"
#include "render/cpu/matte.h"
#include "pipeline/statistics.h"
#include "base/executor.h"

namespace backdrop {

class CpuRenderer {
 public:
  explicit CpuRenderer(Executor& executor) : executor_(executor) {}

  // What stands behind the person where the look says so: RGBA; copied.
  Result<void> set_picture(const ConstFrame& rgba);
  const Picture& picture() const { return image_; }

  // The background has to be made anew.
  void change_background() { background_prepared_.reset(); }
  // The matte of the frame before is of no more use.
  void change_matte() { has_matte_ = false; }

  // Draws `input` to `output`, which is of its kind and may be the same picture. Where the mask is
  // not new, the matte before serves again if it can. On failure nothing is written. kState without
  // a picture that is needed, kArgument without memory.
  Result<void> run(const ConstFrame& input, const Mask& mask, bool mask_is_new, const Look& look,
                   const Frame& output, Statistics& statistics);

  // Alpha of the frame that was drawn last, as it is stored.
  AlphaPlane matte() const { return matte_.plane(0); }

 private:
  Result<void> prepare(const FrameKind& kind, const Mask& mask, const BackgroundChoice& background);
  bool prepare_background(const FrameKind& kind, const BackgroundChoice& background);
  bool prepare_image(const FrameKind& kind);
  bool prepare_color(const FrameKind& kind, std::uint32_t rgb);
  bool prepare_picture(const FrameKind& kind, const ConstFrame& rgba);
  void compose(const ConstFrame& input, const BackgroundChoice& background, const Frame& output);

  Executor& executor_;
  Picture image_;               // as it was set
  Picture background_picture_;  // as the frame needs it: the image, or a row of a colour
  BackgroundBlur blur_;
  Matte matte_;
  bool has_matte_ = false;
  int mask_width_ = 0, mask_height_ = 0;
  std::optional<FrameKind> matte_prepared_;
  std::optional<FrameKind> background_prepared_;
};

}  // namespace backdrop
