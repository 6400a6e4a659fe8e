#include "metrics/temporal_metrics.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "metrics/sum.h"

namespace backdrop::quality {
namespace {

double squared_difference(const Image& a, const Image& b) {
  return sum_of(a.values.size(), [&](std::size_t i) {
    const float difference = a.values[i] - b.values[i];
    return difference * difference;
  });
}

}  // namespace

double dtssd(const AlphaPair& before, const AlphaPair& now) {
  const double sum = sum_of(now.alpha.values.size(), [&](std::size_t i) {
    const float change = now.alpha.values[i] - before.alpha.values[i];
    const float true_change = now.truth.values[i] - before.truth.values[i];
    return (change - true_change) * (change - true_change);
  });
  return 100 * std::sqrt(sum / static_cast<double>(now.alpha.pixels()));
}

double flicker(const AlphaPair& before, const AlphaPair& now, const PixelSet& band) {
  constexpr std::size_t kFewest = 500;
  double sum = 0;
  std::size_t count = 0;
  for (std::size_t i = 0; i < band.bits.size(); ++i) {
    const float true_change = now.truth.values[i] - before.truth.values[i];
    if (!band.has(i) || std::abs(true_change) >= 1.0F / 255) continue;
    sum += std::abs(now.alpha.values[i] - before.alpha.values[i]);
    ++count;
  }
  if (count < kFewest) return std::numeric_limits<double>::quiet_NaN();
  return 255 * sum / static_cast<double>(count);
}

void Lag::add(const AlphaPair& frame) {
  truths_.push_front(frame.truth);
  if (truths_.size() <= kMost) return;  // all shifts are compared on the same frames
  for (std::size_t shift = 0; shift <= kMost; ++shift) {
    errors_[shift] += squared_difference(frame.alpha, truths_[shift]);
  }
  truths_.pop_back();
}

int Lag::frames() const {
  return static_cast<int>(std::ranges::min_element(errors_) - errors_.begin());
}

}  // namespace backdrop::quality
