// From probabilities to rows of alpha, in 16-bit fixed point.
#pragma once

#include <cstddef>
#include <cstdint>

#include "matte/coverage.h"

namespace backdrop {

// From a probability p in 1/32767 to t in 1/32768: t = x + x * stretch / 32768, where
// x = min(max(p - low, 0), range) << shift.
struct Ramp {
  std::int16_t low;
  std::int16_t range;
  int shift;
  std::int16_t stretch;
};

// From 0 at coverage.low to 1 at coverage.high.
Ramp make_ramp(const Coverage& coverage);

// Probabilities, clamped to 0 ... 1, in 1/32767.
void quantize(const float* probabilities, std::size_t n, std::int16_t* out);

// Blends two rows of probabilities, the second weighted by weight / 32768, and maps them to the
// alpha 255 * smoothstep(t). n is a multiple of 32, and the rows are aligned.
void alpha_row(const std::int16_t* first, const std::int16_t* second, std::int16_t weight,
               const Ramp& ramp, std::size_t n, std::uint8_t* alpha);

// The rounded means of 2x2 alphas. n, of the means, is a multiple of 32.
void halve_rows(const std::uint8_t* first, const std::uint8_t* second, std::size_t n,
                std::uint8_t* means);

}  // namespace backdrop
