#include "noise.h"

#include <array>
#include <cmath>
#include <numbers>

namespace backdrop::quality {
namespace {

constexpr std::size_t kQuantiles = 65536;

// The standard normal distribution's quantiles at the centres of equal shares: a random index picks
// a random value.
std::array<float, kQuantiles> make_quantiles() {
  constexpr double kStep = 1e-4;
  std::array<float, kQuantiles> quantiles{};
  double x = -5;
  for (std::size_t i = 0; i < kQuantiles; ++i) {
    const double share = (static_cast<double>(i) + 0.5) / kQuantiles;
    while (std::erfc(-x / std::numbers::sqrt2) / 2 < share) x += kStep;
    quantiles[i] = static_cast<float>(x - kStep / 2);
  }
  return quantiles;
}

// SplitMix64 (Steele et al., 2014).
std::uint64_t next_random(std::uint64_t& state) {
  std::uint64_t z = state += 0x9e3779b97f4a7c15U;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
  return z ^ (z >> 31);
}

}  // namespace

void add_noise(Image& image, double sigma, std::uint64_t seed) {
  static const std::array<float, kQuantiles> quantiles = make_quantiles();
  std::uint64_t state = seed;
  state = next_random(state);  // so that neighbouring seeds have nothing in common
  std::uint64_t bits = 0;
  int left = 0;
  for (float& value : image.values) {
    if (left == 0) {
      bits = next_random(state);
      left = 4;
    }
    value += static_cast<float>(sigma) * quantiles[bits % kQuantiles];
    bits /= kQuantiles;
    --left;
  }
}

}  // namespace backdrop::quality
