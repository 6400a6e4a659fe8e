// The frame's background blurred on the GPU without the person in it, or the person without the
// background.
#pragma once

#include "render/gl/gaussian.h"
#include "render/gl/resources.h"
#include "render/render_settings.h"

namespace backdrop::gl {

// The normalized convolution of backdrop::BackgroundBlur, or of PersonColors. The frame is shrunk
// by a power of two to sums of colours times weights and of weights; the sums are blurred; the
// composite pass divides them.
//
// The sums are half floats, or bytes if OpenGL can't draw to half floats (WebGL 2 without
// EXT_color_buffer_float). The rounding of bytes shows where weights are low, behind the person: on
// photos it changes levels by 0.1 on average and by up to 30 at single pixels of the person's edge.
class BlurPass {
 public:
  enum class Subject { kBackground, kPerson };
  static Result<BlurPass> create(const Functions& gl, Subject subject);

  // Prepares for frames of one size and a standard deviation of `sigma` pixels; does nothing if
  // both are as before. kUnsupported: OpenGL refuses a texture.
  Result<void> prepare(int width, int height, double sigma);

  // Blurs the subject in a frame. The red channel of `mask` is the probability of a person.
  // Returns the sums: red, green, blue, weight. Allocates nothing.
  TextureView run(const Gaussian& gaussian, const TextureView& frame, const TextureView& mask,
                  const Coverage& coverage) const;

  // The part of the sums that the frame covers, in texture coordinates.
  struct Place {
    float x = 0, y = 0;
    float width = 1, height = 1;
  };
  Place place() const { return place_; }

 private:
  const Functions* gl_ = nullptr;
  Program weighting_;
  GLint coverage_ = -1;
  GLint factor_location_ = -1;

  int width_ = 0;
  int height_ = 0;
  double sigma_ = 0;
  int factor_ = 1;
  GaussianKernel kernel_;
  Place place_;
  Target sums_, between_;  // with a ring of pixels around the picture
};

}  // namespace backdrop::gl
