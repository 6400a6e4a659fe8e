// Sums of many terms.
#pragma once

#include <array>
#include <cstddef>

namespace backdrop::quality {

// The sum of term(0) to term(count - 1). Sixteen partial sums let the compiler use vectors.
template <typename Term>
double sum_of(std::size_t count, Term term) {
  constexpr std::size_t kLanes = 16;
  std::array<double, kLanes> partial{};
  std::size_t i = 0;
  for (; i + kLanes <= count; i += kLanes) {
    for (std::size_t lane = 0; lane < kLanes; ++lane) {
      partial[lane] += static_cast<double>(term(i + lane));
    }
  }
  double sum = 0;
  for (; i < count; ++i) sum += static_cast<double>(term(i));
  for (const double part : partial) sum += part;
  return sum;
}

}  // namespace backdrop::quality
