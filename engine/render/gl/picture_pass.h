// The image behind the person and the light that it casts.
#pragma once

#include "render/gl/gaussian.h"
#include "render/gl/resizer.h"
#include "render/gl/resources.h"
#include "image/frame.h"
#include "image/placement.h"

namespace backdrop::gl {

class PicturePass {
 public:
  explicit PicturePass(const Functions& gl) : gl_(gl) {}

  // Uploads an RGBA picture. kMemory; kUnsupported: larger than OpenGL's textures can be.
  Result<void> set(const ConstFrame& rgba, const Placement& placement);

  // Uses a texture of the caller's. Call it again when its pixels have changed.
  void set(const TextureView& picture, const Placement& placement);

  // Resizes the picture for frames of this size, and draws its light if `lit`; does nothing if both
  // are up to date. kState without a picture; kUnsupported: OpenGL refuses a texture.
  Result<void> prepare(const Resizer& resizer, const Gaussian& gaussian, int width, int height,
                       bool lit);

  // The next frame resizes the picture again.
  void forget() { is_fitted_ = false; }

  // Placed in the frame. Kept, so that it is not resized on every frame.
  TextureView fitted() const { return fitted_.view(); }

  // The same, shrunk and blurred with a standard deviation of 5 percent of the shorter side: light
  // has no edges.
  TextureView light() const { return light_.view(); }

 private:
  Result<void> draw_light(const Resizer& resizer, const Gaussian& gaussian);

  const Functions& gl_;
  Target copy_;
  TextureView picture_;
  Placement placement_;
  Target fitted_;
  bool is_fitted_ = false;  // fitted_ is up to date
  Target light_, between_;
  bool is_lit_ = false;  // light_ is up to date
};

}  // namespace backdrop::gl
