// A picture behind the person, and the light that it casts, on the GPU.
#pragma once

#include "render/gl/gaussian.h"
#include "render/gl/resizer.h"
#include "render/gl/resources.h"
#include "image/frame.h"

namespace backdrop::gl {

class PicturePass {
 public:
  explicit PicturePass(const Functions& gl) : gl_(gl) {}

  // Copies an RGBA picture. kArgument without memory; kUnsupported where it is larger than OpenGL's
  // textures may be.
  Result<void> set(const ConstFrame& rgba);

  // Takes a texture of the caller's, or the same with other pixels.
  void set(const TextureView& picture);

  // Draws the picture as frames of a size need it, and its light if that is `lit`, unless they are
  // there already. kState without a picture, kUnsupported where textures are refused.
  Result<void> prepare(const Resizer& resizer, const Gaussian& gaussian, int width, int height,
                       bool lit);

  // Scaled to cover the frame, centred. Resized once, so that it does not have to be for each
  // frame.
  TextureView fitted() const { return fitted_.view(); }

  // The same, small, under a Gaussian with a standard deviation of 5 percent of the shorter side:
  // light has no edges.
  TextureView light() const { return light_.view(); }

 private:
  Result<void> draw_light(const Resizer& resizer, const Gaussian& gaussian);

  const Functions& gl_;
  Target copy_;
  TextureView picture_;
  Target fitted_;
  bool is_fitted_ = false;  // the picture is in fitted_
  Target light_, between_;
  bool is_lit_ = false;  // fitted_ is in light_
};

}  // namespace backdrop::gl
