// The input that benchmarks give to networks.
#pragma once

#include <cmath>
#include <cstddef>
#include <vector>

namespace backdrop {

// Smooth waves between 0 and 1. With them, activations are neither all zero nor all saturated.
inline std::vector<float> waves(std::size_t size) {
  std::vector<float> values(size);
  for (std::size_t i = 0; i < size; ++i) {
    const auto x = static_cast<float>(i);
    values[i] = 0.5F + 0.3F * std::sin(x / 61) + 0.2F * std::sin(x / 4099);
  }
  return values;
}

}  // namespace backdrop
