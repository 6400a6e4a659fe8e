#include "render/gl/composite_pass.h"

#include <array>
#include <string>
#include <variant>

#include "render/gl/shaders.h"

namespace backdrop::gl {
namespace {

const char* name_of(const BackgroundChoice& background) {
  if (std::holds_alternative<BlurredBackground>(background)) return "BLUR";
  if (std::holds_alternative<PlainBackground>(background)) return "PLAIN";
  if (std::holds_alternative<PicturedBackground>(background)) return "PICTURE";
  if (std::holds_alternative<TransparentBackground>(background)) return "TRANSPARENT";
  return "FRAME";
}

std::string definitions_for(const Look& look) {
  std::string lines = std::string("#define ") + name_of(look.background) + "\n";
  if (!is_lit(look)) return lines;
  const bool screen = look.light_wrapping.mode == BlendMode::kScreen;
  lines += screen ? "#define SCREEN\n" : "#define LINEAR_DODGE\n";
  return lines;
}

}  // namespace

bool is_lit(const Look& look) {
  return look.light_wrapping.strength > 0 &&
         (std::holds_alternative<PlainBackground>(look.background) ||
          std::holds_alternative<PicturedBackground>(look.background));
}

Compositor::Variant Compositor::variant_of(const Look& look) {
  const bool lit = is_lit(look);
  return {look.background.index(), lit, lit ? look.light_wrapping.mode : BlendMode::kScreen};
}

bool Compositor::draws(const Look& look) const { return variant_ == variant_of(look); }

Result<Compositor> Compositor::create(const Functions& gl, const Look& look) {
  Compositor compositor;
  compositor.gl_ = &gl;
  compositor.variant_ = variant_of(look);
  compositor.program_ =
      BACKDROP_TRY(Program::create(gl, definitions_for(look), shaders::kComposite));
  const Program& program = compositor.program_;
  compositor.at_ = {.coverage = program.location("coverage"),
                    .rows = program.location("rows"),
                    .plain = program.location("plain"),
                    .sums_place = program.location("sums_place"),
                    .light_strength = program.location("light_strength"),
                    .light_slope = program.location("light_slope")};
  program.use();
  GLint unit = 0;
  for (const char* sampler : {"frame", "mask", "background", "light"}) {
    gl.Uniform1i(program.location(sampler), unit++);
  }
  return compositor;
}

void Compositor::run(const Look& look, const Layers& layers, const Surface& surface,
                     Rows rows) const {
  program_.use();
  const auto [low, high] = look.coverage;
  gl_->Uniform2f(at_.coverage, low, high);
  if (rows == Rows::kFirstFirst) {
    gl_->Uniform2f(at_.rows, 0, 1);
  } else {
    gl_->Uniform2f(at_.rows, 1, 0);
  }
  if (const auto* plain = std::get_if<PlainBackground>(&look.background)) {
    const auto part = [plain](int shift) {
      return static_cast<float>(plain->rgb >> shift & 255) / 255;
    };
    gl_->Uniform3f(at_.plain, part(16), part(8), part(0));
  }
  if (std::holds_alternative<BlurredBackground>(look.background)) {
    const BackgroundBlur::Place& place = layers.place;
    gl_->Uniform4f(at_.sums_place, place.x, place.y, place.width, place.height);
  }
  if (variant_.is_lit) {
    gl_->Uniform1f(at_.light_strength, look.light_wrapping.strength);
    gl_->Uniform1f(at_.light_slope, high < 1 ? 1 / (1 - high) : 0);
  }
  program_.draw(std::array{layers.frame, layers.mask, layers.background, layers.light}, surface);
}

}  // namespace backdrop::gl
