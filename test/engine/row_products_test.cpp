#include "net/passes/row_products.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <vector>

namespace backdrop {
namespace {

std::vector<float> ramp(std::size_t size, float first) {
  std::vector<float> values(size);
  for (std::size_t k = 0; k < size; ++k) values[k] = first + static_cast<float>(k);
  return values;
}

TEST(RowProducts, SumEveryElementOnce) {
  for (std::size_t size = 0; size <= 35; ++size) {
    const std::vector<float> a = ramp(size, 1), b = ramp(size, -3);
    float product = 0;  // of small integers: exact in any order
    std::vector<float> sums = ramp(size, 7), expected = sums;
    for (std::size_t k = 0; k < size; ++k) {
      product += a[k] * b[k];
      expected[k] += 2 * a[k];
    }
    EXPECT_EQ(dot(a, b), product) << size;
    add_scaled(2, a, sums);
    EXPECT_EQ(sums, expected) << size;
  }
}

}  // namespace
}  // namespace backdrop
