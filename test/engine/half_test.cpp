// Compares the conversion of every half with IEEE 754's definition.
#include "base/half.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <vector>

namespace backdrop {
namespace {

double value_of(unsigned half) {
  const int exponent = static_cast<int>(half >> 10 & 0x1FU);
  const double mantissa = half & 0x3FFU;
  const double sign = (half & 0x8000U) != 0 ? -1 : 1;
  if (exponent == 31) return mantissa == 0 ? sign * INFINITY : NAN;
  if (exponent == 0) return sign * std::ldexp(mantissa, -24);
  return sign * std::ldexp(1024 + mantissa, exponent - 25);
}

TEST(Half, ConvertsEveryNumber) {
  constexpr unsigned kCount = 0x10000;
  // Starts at an odd address, which the conversion has to accept.
  std::vector<std::uint8_t> halves(1 + 2 * kCount);
  for (unsigned i = 0; i < kCount; ++i) {
    halves[1 + 2 * i] = static_cast<std::uint8_t>(i & 0xFFU);
    halves[2 + 2 * i] = static_cast<std::uint8_t>(i >> 8);
  }
  std::vector<float> floats(kCount);
  floats_from_halves(halves.data() + 1, kCount, floats.data());
  for (unsigned i = 0; i < kCount; ++i) {
    const double expected = value_of(i);
    if (std::isnan(expected)) {
      EXPECT_TRUE(std::isnan(floats[i])) << i;
    } else {
      EXPECT_EQ(static_cast<double>(floats[i]), expected) << i;
      EXPECT_EQ(std::signbit(floats[i]), std::signbit(expected)) << i;
    }
  }
}

}  // namespace
}  // namespace backdrop
