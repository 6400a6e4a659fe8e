// From probabilities to rows of alpha, in 16-bit fixed point.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "render/render_settings.h"

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

// How 8 neighbouring samples of an enlarged row are made of a row: sample i lies between those at
// first + bytes[2i] / 2 and the next, which is weighted by weights[i] / 32768.
struct EnlargedBlock {
  int first;
  std::array<std::uint8_t, 16> bytes;  // a shuffle of eight 16-bit values
  std::array<std::int16_t, 8> weights;
};

// For a row of `size` values enlarged to `count`, in blocks of which the last may go beyond.
std::vector<EnlargedBlock> make_enlarged_blocks(int size, int count);

// Writes 8 values per block. Reads up to 8 values beyond the row, whose weight is 0.
void enlarge_row(const std::int16_t* row, std::span<const EnlargedBlock> blocks, std::int16_t* out);

// A row of probabilities, and for each kBlockValues of them what they all are: see BlockClass.
struct ProbabilityRow {
  const std::int16_t* values;
  const std::uint8_t* classes;
};
inline constexpr std::size_t kBlockValues = 32;
enum BlockClass : std::uint8_t { kEdge = 0, kBackground = 1, kPerson = 2 };

// Whether blocks of probabilities are all mapped to 0 or all to 1. n is a multiple of kBlockValues,
// and the row is aligned.
void classify_blocks(const std::int16_t* values, const Ramp& ramp, std::size_t n,
                     std::uint8_t* classes);

// Blends two rows of probabilities, the second weighted by weight / 32768, and maps them to the
// alpha 255 * smoothstep(t). n is a multiple of kBlockValues, and the rows are aligned.
void alpha_row(const ProbabilityRow& first, const ProbabilityRow& second, std::int16_t weight,
               const Ramp& ramp, std::size_t n, std::uint8_t* alpha);

// The rounded means of 2x2 alphas. n, of the means, is a multiple of 32.
void halve_rows(const std::uint8_t* first, const std::uint8_t* second, std::size_t n,
                std::uint8_t* means);

}  // namespace backdrop
