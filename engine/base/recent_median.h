// The median of what was measured last.
#pragma once

#include <array>
#include <cstddef>

namespace backdrop {

// The median of the latest values, which a single slow frame does not change.
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

}  // namespace backdrop
