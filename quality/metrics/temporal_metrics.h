// Errors from frame to frame. Alphas have one channel, 0 to 1, and the same size.
#pragma once

#include <array>
#include <cstddef>
#include <deque>

#include "image.h"
#include "metrics/edge.h"

namespace backdrop::quality {

// A frame's alpha and the true one.
struct AlphaPair {
  Image alpha;
  Image truth;
};

// dtSSD (Erofeev et al., "Perceptually motivated benchmark for video matting", 2015): the root of
// the mean squared difference of the changes since the frame before, in hundredths: 0 to 200, 0 is
// perfect. All pixels count.
double dtssd(const AlphaPair& before, const AlphaPair& now);

// The mean change of alpha, in levels of 255, on the pixels of `band` where the true alpha changes
// by less than a level; NaN if there are fewer than 500 of them. 0 is perfectly steady.
double flicker(const AlphaPair& before, const AlphaPair& now, const PixelSet& band);

// Finds the lag: by how many frames the true alphas have to be delayed to fit best, by the sum of
// squared differences.
class Lag {
 public:
  static constexpr std::size_t kMost = 8;  // frames

  void add(const AlphaPair& frame);

  // Frames, 0 to kMost; 0 where nothing moves.
  int frames() const;

 private:
  std::deque<Image> truths_;  // the latest first
  std::array<double, kMost + 1> errors_{};
};

}  // namespace backdrop::quality
