// Resizes pictures on the GPU.
#pragma once

#include "render/gl/resources.h"

namespace backdrop::gl {

class Resizer {
 public:
  static Result<Resizer> create(const Functions& gl);

  // A part of a picture, in its pixels; it may begin and end between two.
  struct SourceRect {
    double x, y;
    double width, height;
  };

  // Fills `out` with a part of the picture: area average when shrinking, bilinear when enlarging,
  // as make_resize_taps has it. Several pixels are fetched at once, by linear filtering.
  void run(const TextureView& picture, const SourceRect& part, const Surface& out) const;

  // With the whole picture, stretched.
  void run(const TextureView& picture, const Surface& out) const;

  // With the centred part of the picture that has the aspect ratio of `out`.
  void run_to_cover(const TextureView& picture, const Surface& out) const;

 private:
  const Functions* gl_ = nullptr;
  Program program_;
  GLint begin_ = -1;
  GLint spacing_ = -1;
};

}  // namespace backdrop::gl
