// Sizes that do not wrap around.
#pragma once

#include <concepts>
#include <utility>
#include <cstddef>
#include <limits>

namespace backdrop {

// A count of elements or bytes. Where a sum or product does not fit, it becomes the largest value,
// which no allocation and no limit admits. Sizes from files and frames are computed with it: on
// 32-bit machines they would wrap around.
template <std::unsigned_integral T>
class Saturating {
 public:
  // Not negative.
  constexpr Saturating(std::integral auto value)  // NOLINT(google-explicit-constructor)
      : value_(std::in_range<T>(value) ? static_cast<T>(value) : kMost) {}

  constexpr T get() const { return value_; }

  friend constexpr Saturating operator+(Saturating a, Saturating b) {
    T sum = 0;
    return __builtin_add_overflow(a.value_, b.value_, &sum) ? kMost : sum;
  }
  friend constexpr Saturating operator*(Saturating a, Saturating b) {
    T product = 0;
    return __builtin_mul_overflow(a.value_, b.value_, &product) ? kMost : product;
  }

 private:
  static constexpr T kMost = std::numeric_limits<T>::max();

  T value_;
};

using Size = Saturating<std::size_t>;

}  // namespace backdrop
