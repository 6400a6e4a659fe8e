#include "scores.h"

#include <cmath>

namespace backdrop::quality {
namespace {

constexpr std::array<MetricName, kMetricCount> kNames{{
    {"iou", "IoU", 3},
    {"iou_worst_tenth", "IoU, worst tenth", 3},
    {"boundary_f", "boundary F, %", 1},
    {"edge", "alpha error at the edge, levels", 1},
    {"flicker", "flicker, levels", 1},
    {"composite", "composite error at the edge, levels", 1},
    {"halo", "halo, levels", 1},
    {"lag", "lag, frames", 1},
    {"mad", "MAD, 10⁻³", 2},
    {"mse", "MSE, 10⁻³", 2},
    {"sad", "SAD, 10³", 2},
    {"grad", "Grad, 10³", 2},
    {"conn", "Conn, 10³", 2},
    {"dtssd", "dtSSD, 10⁻²", 2},
}};

}  // namespace

std::span<const MetricName, kMetricCount> metric_names() { return kNames; }

void MeanScores::add(const Scores& scores) {
  for (std::size_t i = 0; i < kMetricCount; ++i) {
    if (std::isnan(scores.values()[i])) continue;
    sums_[i] += scores.values()[i];
    ++counts_[i];
  }
}

Scores MeanScores::mean() const {
  Scores mean;
  for (std::size_t i = 0; i < kMetricCount; ++i) {
    if (counts_[i] > 0) mean[static_cast<Metric>(i)] = sums_[i] / static_cast<double>(counts_[i]);
  }
  return mean;
}

}  // namespace backdrop::quality
