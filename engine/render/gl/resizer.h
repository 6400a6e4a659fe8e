// Resizes pictures on the GPU.
#pragma once

#include "image/placement.h"
#include "render/gl/resources.h"

namespace backdrop::gl {

class Resizer {
 public:
  static Result<Resizer> create(const Functions& gl);

  // A rectangle in pixels of a picture; edges need not be at integers.
  struct SourceRect {
    double x, y;
    double width, height;
  };

  // Resizes a part of the picture to `out`: area average when shrinking, bilinear when enlarging,
  // as make_resize_taps. Linear filtering fetches several pixels at once.
  void run(const TextureView& picture, const SourceRect& part, const Surface& out) const;

  // The whole picture, ignoring the aspect ratio.
  void run(const TextureView& picture, const Surface& out) const;

  // Draws the picture where `placement` says.
  void run_placed(const TextureView& picture, const Placement& placement, const Surface& out) const;

 private:
  const Functions* gl_ = nullptr;
  // Pixels of the picture from one pixel of `out` to the next; negative for a mirrored picture.
  struct Spacing {
    double x, y;
  };
  void draw(const TextureView& picture, double begin_x, double begin_y, Spacing spacing,
            std::uint32_t rgb, const Surface& out) const;

  Program program_;
  GLint begin_ = -1;
  GLint spacing_ = -1;
  GLint beside_ = -1;
};

}  // namespace backdrop::gl
