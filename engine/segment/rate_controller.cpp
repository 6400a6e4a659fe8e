#include "segment/rate_controller.h"

namespace backdrop {

void RateController::set_budget(double milliseconds) {
  budget_ = milliseconds;
  if (budget_ == 0) interval_ = 1;
}

void RateController::add(std::optional<double> network, double rest) {
  waited_ = network ? 0 : waited_ + 1;
  if (network) network_.add(*network);
  rest_.add(rest);
  if (budget_ == 0 || !network_.full()) return;

  int needed = 1;
  while (needed < kLongest && expected(needed) > budget_) ++needed;
  const bool eases = interval_ > 1 && expected(interval_ - 1) <= kEase * budget_;
  calm_ = eases ? calm_ + 1 : 0;
  if (needed > interval_) {
    interval_ = needed;
  } else if (calm_ == kPatience) {
    --interval_;
    calm_ = 0;
  }
}

void RateController::reset() {
  const double budget = budget_;
  *this = {};
  budget_ = budget;
}

}  // namespace backdrop
