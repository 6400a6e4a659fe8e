#include "net/passes/row_products.h"

#include <array>
#include <cstddef>
#include <numeric>

namespace backdrop {

void add_scaled(float factor, std::span<const float> row, std::span<float> sums) {
  for (std::size_t k = 0; k < row.size(); ++k) sums[k] += factor * row[k];
}

float dot(std::span<const float> a, std::span<const float> b) {
  std::array<float, 8> sums{};  // as many as a compiler makes vectors of
  std::size_t k = 0;
  for (; k + sums.size() <= a.size(); k += sums.size()) {
    for (std::size_t i = 0; i < sums.size(); ++i) sums[i] += a[k + i] * b[k + i];
  }
  for (std::size_t i = 0; k < a.size(); ++i, ++k) sums[i] += a[k] * b[k];
  return std::accumulate(sums.begin(), sums.end(), 0.0F);
}

}  // namespace backdrop
