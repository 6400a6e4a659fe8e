// Kernels from probabilities to rows of alpha, in 16-bit fixed point.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "render/render_settings.h"

namespace backdrop {

// Maps a probability p in 1/32767 to t in 1/32768: t = x + x * stretch / 32768, where x = min(max(p
// - low, 0), range) << shift.
struct Ramp {
  std::int16_t low;
  std::int16_t range;
  int shift;
  std::int16_t stretch;
};

// t is 0 at coverage.low and 1 at coverage.high.
Ramp make_ramp(const Coverage& coverage);

// Clamps probabilities to 0 ... 1 and converts them to 1/32767.
void quantize(const float* probabilities, std::size_t n, std::int16_t* out);

// How 8 neighbouring samples of an enlarged row are interpolated: sample i is between the samples
// at first + bytes[2i] / 2 and the one after it, which has the weight weights[i] / 32768.
struct EnlargedBlock {
  int first;
  std::array<std::uint8_t, 16> bytes;  // indices of a byte shuffle of eight 16-bit values
  std::array<std::int16_t, 8> weights;
};

// Blocks to enlarge a row of `size` values to `count`; the last may extend beyond.
std::vector<EnlargedBlock> make_enlarged_blocks(int size, int count);

// Writes 8 values per block. Reads up to 8 values beyond the row, with the weight 0.
void enlarge_row(const std::int16_t* row, std::span<const EnlargedBlock> blocks, std::int16_t* out);

// A row of probabilities and the class of each block of kBlockValues.
struct ProbabilityRow {
  const std::int16_t* values;
  const std::uint8_t* classes;
};
inline constexpr std::size_t kBlockValues = 32;
enum BlockClass : std::uint8_t { kEdge = 0, kBackground = 1, kPerson = 2 };

// Finds the blocks whose probabilities all map to 0 or all map to 1. n is a multiple of
// kBlockValues; the row is aligned to 64 bytes.
void classify_blocks(const std::int16_t* values, const Ramp& ramp, std::size_t n,
                     std::uint8_t* classes);

// Interpolates two rows of probabilities (the second weighted by weight / 32768) and maps them to
// the alpha 255 * smoothstep(t). n is a multiple of kBlockValues; the rows are aligned to 64 bytes.
void alpha_row(const ProbabilityRow& first, const ProbabilityRow& second, std::int16_t weight,
               const Ramp& ramp, std::size_t n, std::uint8_t* alpha);

// The rounded means of 2x2 alphas. n, the number of means, is a multiple of 32.
void halve_rows(const std::uint8_t* first, const std::uint8_t* second, std::size_t n,
                std::uint8_t* means);

}  // namespace backdrop
