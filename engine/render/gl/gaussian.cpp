#include "render/gl/gaussian.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "render/gl/shaders.h"

namespace backdrop::gl {
namespace {

constexpr double kMinSigma = 3;  // in small pixels

// The variance that shrinking by boxes (1/12) and linear enlarging (1/6 on average) add, in small
// pixels.
constexpr double kResizingVariance = 0.25;

}  // namespace

ShrunkSigma shrink(double sigma) {
  int factor = 2;
  while (sigma / (2 * factor) >= kMinSigma) factor *= 2;
  const double small = sigma / factor;
  return {factor, std::sqrt(std::max(small * small - kResizingVariance, 0.0))};
}

GaussianKernel make_gaussian_kernel(double sigma) {
  // In floats: a module then needs no table for the exponentials of doubles.
  const auto height = [sigma](int x) {
    return std::exp(static_cast<float>(-x * x / (2 * sigma * sigma)));
  };
  const int reach = static_cast<int>(std::lround(3 * sigma));
  const int pairs = std::min((reach + 1) / 2, static_cast<int>(GaussianKernel::kMaxFetches) - 1);

  GaussianKernel kernel;
  kernel.count = 1 + pairs;
  kernel.weights[0] = 1;
  double sum = 1;
  for (int pair = 1; pair <= pairs; ++pair) {
    const double nearer = height(2 * pair - 1);
    const double farther = height(2 * pair);
    const auto i = static_cast<std::size_t>(pair);
    kernel.offsets[i] = static_cast<float>(2 * pair - 1 + farther / (nearer + farther));
    kernel.weights[i] = static_cast<float>(nearer + farther);
    sum += 2 * (nearer + farther);
  }
  for (float& weight : kernel.weights) weight /= static_cast<float>(sum);
  return kernel;
}

Result<Gaussian> Gaussian::create(const Functions& gl) {
  const std::string most = join({"#define MAX_FETCHES ", GaussianKernel::kMaxFetches, "\n"});
  Gaussian gaussian;
  gaussian.gl_ = &gl;
  gaussian.program_ = BACKDROP_TRY(Program::create(gl, most, shaders::kGaussian));
  gaussian.spacing_ = gaussian.program_.location("spacing");
  gaussian.count_ = gaussian.program_.location("count");
  gaussian.offsets_ = gaussian.program_.location("offsets");
  gaussian.weights_ = gaussian.program_.location("weights");
  return gaussian;
}

void Gaussian::run(const GaussianKernel& kernel, const Target& picture,
                   const Target& between) const {
  program_.use();
  gl_->Uniform1i(count_, kernel.count);
  gl_->Uniform1fv(offsets_, kernel.count, kernel.offsets.data());
  gl_->Uniform1fv(weights_, kernel.count, kernel.weights.data());
  const TextureView whole = picture.view();
  const TextureView blurred = between.view();
  gl_->Uniform2f(spacing_, 1.0f / static_cast<float>(whole.width), 0);
  program_.draw({&whole, 1}, surface_of(between));
  gl_->Uniform2f(spacing_, 0, 1.0f / static_cast<float>(whole.height));
  program_.draw({&blurred, 1}, surface_of(picture));
}

}  // namespace backdrop::gl
