// A Gaussian blur on the GPU.
#pragma once

#include <array>
#include <cstddef>

#include "render/gl/resources.h"

namespace backdrop::gl {

// A standard deviation in pixels, divided into what shrinking by a power of two is good for, and a
// standard deviation in small pixels: 3 to 6, or less where the whole one is less than 6.
struct ShrunkSigma {
  int factor;
  double sigma;
};
ShrunkSigma shrink(double sigma);

// What fetches of one pixel, and of two neighbours on both sides each, weigh.
struct GaussianKernel {
  static constexpr std::size_t kMaxFetches = 10;

  int count = 1;
  std::array<float, kMaxFetches> offsets{};  // pixels
  std::array<float, kMaxFetches> weights{};  // of either side; 1 in all
};

// Cut off at three standard deviations, of which there are at most 6 pixels each.
GaussianKernel make_gaussian_kernel(double sigma);

class Gaussian {
 public:
  static Result<Gaussian> create(const Functions& gl);

  // Blurs a picture in place, along the rows first, by way of `between`, which is like it. Edges
  // repeat.
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
