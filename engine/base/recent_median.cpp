#include "base/recent_median.h"

#include <algorithm>

namespace backdrop {

void RecentMedian::add(double value) { values_[count_++ % kWindow] = value; }

double RecentMedian::value() const {
  std::array<double, kWindow> sorted = values_;
  const auto middle = sorted.begin() + kWindow / 2;
  std::ranges::nth_element(sorted, middle);
  return *middle;
}

}  // namespace backdrop
