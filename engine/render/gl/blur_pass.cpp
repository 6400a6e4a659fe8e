#include "render/gl/blur_pass.h"

#include <array>
#include <utility>

#include "render/gl/shaders.h"

namespace backdrop::gl {
namespace {

Result<Target> create_sums(const Functions& gl, int width, int height) {
  auto floats = Target::create(gl, GL_RGBA16F, width, height);
  return floats ? std::move(floats) : Target::create(gl, GL_RGBA8, width, height);
}

}  // namespace

Result<BlurPass> BlurPass::create(const Functions& gl, Subject subject) {
  const char* define = subject == Subject::kPerson ? "#define PERSON\n" : "#define BACKGROUND\n";
  BlurPass blur;
  blur.gl_ = &gl;
  blur.weighting_ = BACKDROP_TRY(Program::create(gl, define, shaders::kWeightFrame));
  blur.coverage_ = blur.weighting_.location("coverage");
  blur.factor_location_ = blur.weighting_.location("factor");
  blur.weighting_.use();
  gl.Uniform1i(blur.weighting_.location("frame"), 0);
  gl.Uniform1i(blur.weighting_.location("mask"), 1);
  return blur;
}

Result<void> BlurPass::prepare(int width, int height, double sigma) {
  if (sums_ && width == width_ && height == height_ && sigma == sigma_) return {};
  const ShrunkSigma small = shrink(sigma);
  const int small_width = (width + small.factor - 1) / small.factor + 2;
  const int small_height = (height + small.factor - 1) / small.factor + 2;
  sums_ = {};
  between_ = BACKDROP_TRY(create_sums(*gl_, small_width, small_height));
  sums_ = BACKDROP_TRY(create_sums(*gl_, small_width, small_height));
  width_ = width;
  height_ = height;
  sigma_ = sigma;
  factor_ = small.factor;
  kernel_ = make_gaussian_kernel(small.sigma);
  const auto across = static_cast<float>(small_width);
  const auto down = static_cast<float>(small_height);
  const auto factor = static_cast<float>(factor_);
  place_ = {1 / across, 1 / down, static_cast<float>(width) / factor / across,
            static_cast<float>(height) / factor / down};
  return {};
}

TextureView BlurPass::run(const Gaussian& gaussian, const TextureView& frame,
                          const TextureView& mask, const Coverage& coverage) const {
  weighting_.use();
  gl_->Uniform2f(coverage_, coverage.low, coverage.high);
  gl_->Uniform1i(factor_location_, factor_);
  weighting_.draw(std::array{frame, mask}, surface_of(sums_));
  // Edges repeat: because of the ring of zeros they have no weight.
  gaussian.run(kernel_, sums_, between_);
  return sums_.view();
}

}  // namespace backdrop::gl
