#include "render/gl/resizer.h"

#include <algorithm>

#include "render/gl/shaders.h"

namespace backdrop::gl {

Result<Resizer> Resizer::create(const Functions& gl) {
  Resizer resizer;
  resizer.gl_ = &gl;
  resizer.program_ = BACKDROP_TRY(Program::create(gl, "", shaders::kResize));
  resizer.begin_ = resizer.program_.location("begin");
  resizer.spacing_ = resizer.program_.location("spacing");
  return resizer;
}

void Resizer::run(const TextureView& picture, const SourceRect& part, const Surface& out) const {
  program_.use();
  gl_->Uniform2f(begin_, static_cast<float>(part.x), static_cast<float>(part.y));
  gl_->Uniform2f(spacing_, static_cast<float>(part.width / out.width),
                 static_cast<float>(part.height / out.height));
  program_.draw({&picture, 1}, out);
}

void Resizer::run(const TextureView& picture, const Surface& out) const {
  run(picture, {0, 0, static_cast<double>(picture.width), static_cast<double>(picture.height)},
      out);
}

void Resizer::run_to_cover(const TextureView& picture, const Surface& out) const {
  const double scale = std::max(static_cast<double>(out.width) / picture.width,
                                static_cast<double>(out.height) / picture.height);
  const double width = out.width / scale;
  const double height = out.height / scale;
  run(picture, {(picture.width - width) / 2, (picture.height - height) / 2, width, height}, out);
}

}  // namespace backdrop::gl
