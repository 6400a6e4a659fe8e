// How often the network runs, so that frames stay within a budget of time.
#pragma once

#include <array>
#include <cstddef>
#include <optional>

namespace backdrop {

// The median of the latest values, so that a single slow frame does not count.
class RecentMedian {
 public:
  void add(double value);
  bool full() const { return count_ >= kWindow; }
  double value() const;

 private:
  static constexpr std::size_t kWindow = 5;
  std::array<double, kWindow> values_{};
  std::size_t count_ = 0;
};

// Chooses an interval: the network runs on every frame, every second or every third. It goes up as
// soon as frames are expected to take more than the budget on average, and down by one when they
// would have been well within it for a while. A few frames have to be seen first: the first ones
// are slow. It knows no clock: times are given.
class RateController {
 public:
  static constexpr int kLongest = 3;
  // Down only if frames would then take at most this share of the budget,
  static constexpr double kEase = 0.9;
  // for so many frames in a row.
  static constexpr int kPatience = 30;

  // Milliseconds a frame; 0 is no limit.
  void set_budget(double milliseconds);

  int interval() const { return interval_; }

  // Whether the next frame is one for the network.
  bool is_due() const { return waited_ + 1 >= interval_; }

  // A frame was processed. `network` is what was done for a new matte, in milliseconds, and absent
  // on a frame between; `rest` is what is done on every frame.
  void add(std::optional<double> network, double rest);

  // The times of another source or network have nothing to do with those until now.
  void reset();

 private:
  double expected(int interval) const { return rest_.value() + network_.value() / interval; }

  double budget_ = 0;
  RecentMedian network_, rest_;
  int interval_ = 1;
  int waited_ = 0;  // frames since the latest one for the network
  int calm_ = 0;    // frames in a row that would have allowed a shorter interval
};

}  // namespace backdrop
