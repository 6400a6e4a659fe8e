// A Gaussian blur on the GPU.
#pragma once

#include <array>
#include <cstddef>

#include "render/gl/resources.h"

namespace backdrop::gl {

// A standard deviation, split into a power of two to shrink by and a standard deviation of 3 to 6
// small pixels; less if the whole one is below 6.
struct ShrunkSigma {
  int factor;
  double sigma;
};
ShrunkSigma shrink(double sigma);

// Weights of one fetch of a single pixel and of fetches of two neighbours on either side.
struct GaussianKernel {
  static constexpr std::size_t kMaxFetches = 10;

  int count = 1;
  std::array<float, kMaxFetches> offsets{};  // pixels
  std::array<float, kMaxFetches> weights{};  // of one side; the sum over both is 1
};

// Truncated at three standard deviations. `sigma` is at most 6 pixels.
GaussianKernel make_gaussian_kernel(double sigma);

class Gaussian {
 public:
  static Result<Gaussian> create(const Functions& gl);

  // Blurs a picture in place, first along the rows. `between` is scratch memory of the same kind.
  // Edges repeat.
  void run(const GaussianKernel& kernel, const Target& picture, const Target& between) const;

 private:
  const Functions* gl_ = nullptr;
  Program program_;
  GLint spacing_ = -1;
  GLint count_ = -1;
  GLint offsets_ = -1;
  GLint weights_ = -1;
};

}  // namespace backdrop::gl
