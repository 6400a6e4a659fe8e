#include "base/half.h"

#include <bit>
#include <cstring>

namespace backdrop {
namespace {

// Without branches, so that compilers vectorize it.
float float_from_half(std::uint16_t half) {
  // With the half's bits at the top of a float's mantissa and the bottom of its exponent, only the
  // difference of the exponent biases is missing; subnormal numbers included.
  const std::uint32_t magnitude = static_cast<std::uint32_t>(half & 0x7FFFU) << 13;
  const float scaled = std::bit_cast<float>(magnitude) * 0x1p112F;
  constexpr std::uint32_t kInfinity = 0x7C00U << 13;
  const std::uint32_t special = magnitude >= kInfinity ? 0x7F800000U : 0U;
  const std::uint32_t sign = static_cast<std::uint32_t>(half & 0x8000U) << 16;
  return std::bit_cast<float>(std::bit_cast<std::uint32_t>(scaled) | special | sign);
}

}  // namespace

[[gnu::noinline]] void floats_from_halves(const std::uint8_t* halves, std::size_t size,
                                          float* floats) {
  for (std::size_t i = 0; i < size; ++i) {
    std::uint16_t half;
    std::memcpy(&half, halves + i * sizeof(half), sizeof(half));
    floats[i] = float_from_half(half);
  }
}

}  // namespace backdrop
