#include "metrics/edge_metrics.h"

#include <cmath>
#include <limits>

namespace backdrop::quality {
namespace {

double mean(double sum, std::size_t count) {
  return count == 0 ? std::numeric_limits<double>::quiet_NaN() : sum / static_cast<double>(count);
}

}  // namespace

PixelSet edge_band(const Image& truth) { return grown(soft_edge(truth), kEdgeReach); }

PixelSet halo_band(const Image& truth) {
  PixelSet band = grown(soft_edge(truth), kHaloReach);
  for (std::size_t i = 0; i < band.bits.size(); ++i) {
    if (truth.values[i] > 0) band.bits[i] = 0;
  }
  return band;
}

double edge_error(const Image& alpha, const Image& truth, const PixelSet& band) {
  double sum = 0;
  for (std::size_t i = 0; i < alpha.values.size(); ++i) {
    if (band.has(i)) sum += std::abs(alpha.values[i] - truth.values[i]);
  }
  return 255 * mean(sum, band.count());
}

double color_error(const cli::Picture& colors, const Image& truth, const PixelSet& band) {
  double sum = 0;
  for (std::size_t i = 0; i < band.bits.size(); ++i) {
    for (std::size_t c = 0; band.has(i) && c < 3; ++c) {
      sum += std::abs(static_cast<float>(colors.rgba[4 * i + c]) - truth.values[3 * i + c]);
    }
  }
  return mean(sum, 3 * band.count());
}

}  // namespace backdrop::quality
