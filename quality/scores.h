// The metrics as a table, and their means.
#pragma once

#include <array>
#include <cstddef>
#include <limits>
#include <span>
#include <string_view>

namespace backdrop::quality {

enum class Metric {
  kIou,
  kIouWorstTenth,  // of photos
  kBoundaryF,
  kEdge,
  kFlicker,
  kComposite,
  kHalo,
  kLag,
  kMad,
  kMse,
  kSad,
  kGrad,
  kConn,
  kDtssd
};
inline constexpr std::size_t kMetricCount = 14;

struct MetricName {
  std::string_view key;    // in JSON
  std::string_view title;  // of a column
  int decimals;
};

// In the order of Metric.
std::span<const MetricName, kMetricCount> metric_names();

// A value for each metric; NaN where there is none.
class Scores {
 public:
  Scores() { values_.fill(std::numeric_limits<double>::quiet_NaN()); }
  double& operator[](Metric metric) { return values_[static_cast<std::size_t>(metric)]; }
  double operator[](Metric metric) const { return values_[static_cast<std::size_t>(metric)]; }
  std::span<const double, kMetricCount> values() const { return values_; }

 private:
  std::array<double, kMetricCount> values_;
};

// The mean of each metric over the scores that have it.
class MeanScores {
 public:
  void add(const Scores& scores);
  Scores mean() const;

 private:
  std::array<double, kMetricCount> sums_{};
  std::array<std::size_t, kMetricCount> counts_{};
};

}  // namespace backdrop::quality
