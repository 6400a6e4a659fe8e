// The person's own colours along the edge, where the frame's are mixed with the room's.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

#include "base/buffer.h"
#include "base/executor.h"
#include "image/frame.h"
#include "render/cpu/box_blur.h"
#include "render/cpu/matte.h"

namespace backdrop {

// How much a pixel's own colour is the person's, 0 to 255: nothing up to an alpha of three
// quarters, linear from there on.
inline int person_confidence(int alpha) { return std::max(4 * alpha - 3 * 255, 0); }

// Estimates the person's colour at each pixel: the mean of the frame's colours around it, weighted
// by their confidence and a Gaussian (normalized convolution, as in BackgroundBlur). The frame is
// shrunk to cells first. Where no confident pixel is near, the estimate is black.
class PersonColors {
 public:
  // Prepares for RGBA or BGRA frames of one size. False without memory.
  [[nodiscard]] bool prepare(int width, int height, const Executor& executor);

  // Allocates nothing.
  void run(const ConstFrame& frame, const Matte& matte, Executor& executor);

  // A pixel's estimate, in the frame's order of channels, 0 to 255.
  std::array<float, 3> at(int x, int y) const;

 private:
  // Two neighbouring cells along an axis, and the second's weight.
  struct Between {
    std::size_t first, second;
    float weight;
  };
  Between between(int position, int cells) const;
  void sum_cells(const ConstFrame& frame, const AlphaPlane& alpha, int row);

  int cell_ = 1;  // pixels of the frame along a cell's side
  BoxBlur blur_;
  FloatImage cells_;  // sums of three colours times confidence, and of confidence
  Buffer<float> memory_;
  float least_weight_ = 0;  // below, the estimate darkens
};

}  // namespace backdrop
