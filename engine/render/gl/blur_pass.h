// The frame's own background, blurred, without the person in it, on the GPU.
#pragma once

#include "render/gl/gaussian.h"
#include "render/gl/resources.h"
#include "render/render_settings.h"

namespace backdrop::gl {

// The normalized convolution of backdrop::BackgroundBlur: the frame is shrunk by a power of two,
// each of its pixels with its weight as background, and blurred as sums of colours times weights
// and of weights. Whoever draws them divides.
//
// The sums are half floats. Where OpenGL can't draw to these (WebGL 2 without
// EXT_color_buffer_float), they are bytes, whose rounding shows where weights are low, behind the
// person: on photos it changes levels by 0.1 on average, and by up to 30 at single pixels of the
// person's edge.
class BlurPass {
 public:
  static Result<BlurPass> create(const Functions& gl);

  // Prepares for frames of a size, blurred with a standard deviation of `sigma` pixels; costs
  // nothing when these are as before. kUnsupported where textures are refused.
  Result<void> prepare(int width, int height, double sigma);

  // Blurs the background of a frame, whose mask has the probability of a person in its red channel.
  // Answers the sums: red, green, blue, weight. Allocates nothing.
  TextureView run(const Gaussian& gaussian, const TextureView& frame, const TextureView& mask,
                  const Coverage& coverage) const;

  // Where the frame lies in the sums, in texture coordinates.
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
