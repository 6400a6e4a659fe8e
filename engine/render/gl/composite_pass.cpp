#include "render/gl/composite_pass.h"

#include <array>
#include <string>
#include <variant>

#include "base/match.h"
#include "render/gl/shaders.h"

namespace backdrop::gl {
namespace {

// What the shader has to know of a background: one row for each.
struct BackgroundTraits {
  const char* definition;
  bool casts_light;  // on the person
};

BackgroundTraits traits_of(const BackgroundChoice& choice) {
  return match(
      choice,
      Overloaded{
          [](const NoBackground&) -> BackgroundTraits { return {"FRAME", false}; },
          [](const BlurBackground&) -> BackgroundTraits { return {"BLUR", false}; },
          [](const ColorBackground&) -> BackgroundTraits { return {"COLOR", true}; },
          [](const ImageBackground&) -> BackgroundTraits { return {"IMAGE", true}; },
          [](const TransparentBackground&) -> BackgroundTraits { return {"TRANSPARENT", false}; },
      });
}

const char* definition_of(BlendMode mode) {
  switch (mode) {
    case BlendMode::kScreen:
      return "#define SCREEN\n";
    case BlendMode::kLinearDodge:
      break;
  }
  return "#define LINEAR_DODGE\n";
}

std::string definitions_for(const RenderSettings& settings) {
  return join({"#define ", traits_of(settings.background).definition, "\n",
               is_lit(settings) ? definition_of(settings.light_wrapping.mode) : ""});
}

}  // namespace

bool is_lit(const RenderSettings& settings) {
  return settings.light_wrapping.strength > 0 && traits_of(settings.background).casts_light;
}

CompositePass::Variant CompositePass::variant_of(const RenderSettings& settings) {
  const bool lit = is_lit(settings);
  return {settings.background.index(), lit,
          lit ? settings.light_wrapping.mode : BlendMode::kScreen};
}

bool CompositePass::draws(const RenderSettings& settings) const {
  return variant_ == variant_of(settings);
}

Result<CompositePass> CompositePass::create(const Functions& gl, const RenderSettings& settings) {
  CompositePass pass;
  pass.gl_ = &gl;
  pass.variant_ = variant_of(settings);
  pass.program_ = BACKDROP_TRY(Program::create(gl, definitions_for(settings), shaders::kComposite));
  const Program& program = pass.program_;
  pass.at_ = {.coverage = program.location("coverage"),
              .rows = program.location("rows"),
              .color = program.location("behind_color"),
              .sums_place = program.location("sums_place"),
              .light_strength = program.location("light_strength"),
              .light_slope = program.location("light_slope")};
  program.use();
  GLint unit = 0;
  for (const char* sampler : {"frame", "mask", "background", "light"}) {
    gl.Uniform1i(program.location(sampler), unit++);
  }
  return pass;
}

void CompositePass::run(const RenderSettings& settings, const Layers& layers,
                        const Surface& surface, Rows rows) const {
  program_.use();
  const auto [low, high] = settings.coverage;
  gl_->Uniform2f(at_.coverage, low, high);
  if (rows == Rows::kFirstFirst) {
    gl_->Uniform2f(at_.rows, 0, 1);
  } else {
    gl_->Uniform2f(at_.rows, 1, 0);
  }
  const BlurPass::Place& place = layers.place;
  gl_->Uniform4f(at_.sums_place, place.x, place.y, place.width, place.height);
  match(settings.background, Overloaded{
                                 [](const NoBackground&) {},
                                 [](const BlurBackground&) {},
                                 [&](const ColorBackground& color) {
                                   const auto channel = [&](int shift) {
                                     return static_cast<float>(color.rgb >> shift & 255) / 255;
                                   };
                                   gl_->Uniform3f(at_.color, channel(16), channel(8), channel(0));
                                 },
                                 [](const ImageBackground&) {},
                                 [](const TransparentBackground&) {},
                             });
  if (variant_.is_lit) {
    gl_->Uniform1f(at_.light_strength, settings.light_wrapping.strength);
    gl_->Uniform1f(at_.light_slope, high < 1 ? 1 / (1 - high) : 0);
  }
  program_.draw(std::array{layers.frame, layers.mask, layers.background, layers.light}, surface);
}

}  // namespace backdrop::gl
