// Rate control: how often the network runs, so that frames stay within a time budget.
#pragma once

#include <optional>

#include "base/recent_median.h"

namespace backdrop {

// Chooses the interval: the network runs on every frame, every second or every third. The interval
// grows as soon as the expected mean time of a frame exceeds the budget; it shrinks by one once
// frames would have stayed well within the budget for a while. The first frames are slow, so a few
// are needed before anything changes. Has no clock: the caller measures.
class RateController {
 public:
  static constexpr int kLongest = 3;
  // The interval shrinks only if frames would then take at most this share of the budget,
  static constexpr double kEase = 0.9;
  // for this many frames in a row.
  static constexpr int kPatience = 30;

  // Milliseconds a frame; 0: no limit.
  void set_budget(double milliseconds);

  int interval() const { return interval_; }

  // Whether the network runs on the next frame.
  bool is_due() const { return waited_ + 1 >= interval_; }

  // Adds a frame's times in milliseconds. `network`: what a new mask took; absent if the mask was
  // reused for the budget. `rest`: what every frame takes.
  void add(std::optional<double> network, double rest);

  // Forgets the times, which are of another source or network, but not the budget.
  void reset();

 private:
  double expected(int interval) const { return rest_.value() + network_.value() / interval; }

  double budget_ = 0;
  RecentMedian network_, rest_;
  int interval_ = 1;
  int waited_ = 0;  // frames since the network ran
  int calm_ = 0;    // frames in a row that a shorter interval would have suited
};

}  // namespace backdrop
