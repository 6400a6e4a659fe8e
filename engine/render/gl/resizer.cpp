#include "render/gl/resizer.h"

#include "render/gl/shaders.h"

namespace backdrop::gl {

Result<Resizer> Resizer::create(const Functions& gl) {
  Resizer resizer;
  resizer.gl_ = &gl;
  resizer.program_ = BACKDROP_TRY(Program::create(gl, "", shaders::kResize));
  resizer.begin_ = resizer.program_.location("begin");
  resizer.spacing_ = resizer.program_.location("spacing");
  resizer.beside_ = resizer.program_.location("beside");
  return resizer;
}

void Resizer::run(const TextureView& picture, const SourceRect& part, const Surface& out) const {
  draw(picture, part.x, part.y, {part.width / out.width, part.height / out.height}, 0, out);
}

void Resizer::run(const TextureView& picture, const Surface& out) const {
  run(picture, {0, 0, static_cast<double>(picture.width), static_cast<double>(picture.height)},
      out);
}

void Resizer::run_placed(const TextureView& picture, const Placement& placement,
                         const Surface& out) const {
  const auto [columns, rows] =
      place(picture.width, picture.height, out.width, out.height, placement);
  Spacing spacing{columns.extent / columns.count, rows.extent / rows.count};
  double x = columns.from - columns.begin * spacing.x;
  const double y = rows.from - rows.begin * spacing.y;
  if (placement.mirrored) {
    x += out.width * spacing.x;
    spacing.x = -spacing.x;
  }
  draw(picture, x, y, spacing, placement.rgb, out);
}

void Resizer::draw(const TextureView& picture, double begin_x, double begin_y, Spacing spacing,
                   std::uint32_t rgb, const Surface& out) const {
  program_.use();
  gl_->Uniform2f(begin_, static_cast<float>(begin_x), static_cast<float>(begin_y));
  gl_->Uniform2f(spacing_, static_cast<float>(spacing.x), static_cast<float>(spacing.y));
  const auto [red, green, blue] = bytes_of(rgb);
  gl_->Uniform3f(beside_, red / 255.0f, green / 255.0f, blue / 255.0f);
  program_.draw({&picture, 1}, out);
}

}  // namespace backdrop::gl
