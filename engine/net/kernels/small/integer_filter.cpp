#include "net/kernels/integer_filter.h"

#include <array>
#include <cmath>
#include <cstdint>
#include <vector>

#include "base/assert.h"

namespace backdrop {
namespace {

constexpr std::size_t kBins = 64;

std::size_t bin_of(float error) {
  return static_cast<std::size_t>((error + 0.5F) * static_cast<float>(kBins));
}

// Rounds column * factor so that the errors add up to about 0: what reaches a filter mostly has a
// mean, which a sum of errors would shift. Those nearest to a half are rounded the other way.
std::vector<std::int8_t> round_column(std::span<const float> column, float factor) {
  std::vector<std::int8_t> rounded(column.size());
  std::array<std::size_t, kBins + 1> counts{};
  float sum = 0;
  for (std::size_t k = 0; k < column.size(); ++k) {
    const float value = column[k] * factor;
    const float whole = std::nearbyint(value);
    rounded[k] = static_cast<std::int8_t>(whole);
    sum += whole - value;
    ++counts[bin_of(whole - value)];
  }
  // The last bin that changes, from the end towards which the sum errs, and how many of that bin.
  const bool is_high = sum > 0;
  auto left = static_cast<std::size_t>(std::nearbyint(std::fabs(sum)));
  std::size_t last = is_high ? kBins : 0;
  while (left > counts[last]) {
    left -= counts[last];
    last = is_high ? last - 1 : last + 1;
  }
  for (std::size_t k = 0; k < column.size(); ++k) {
    const std::size_t bin = bin_of(static_cast<float>(rounded[k]) - column[k] * factor);
    if (bin == last ? left == 0 : (bin > last) != is_high) continue;
    if (bin == last) --left;
    rounded[k] = static_cast<std::int8_t>(rounded[k] + (is_high ? -1 : 1));
  }
  return rounded;
}

}  // namespace

IntegerFilter::IntegerFilter(PanelFormat format, std::size_t columns, std::size_t taps,
                             std::size_t channels, std::span<const float> filter,
                             std::span<const float> bias, std::span<const float> mean)
    : format_(format), columns_(columns), taps_(taps), channels_(channels) {
  BACKDROP_ASSERT(columns >= format.columns && channels % 4 == 0);
  BACKDROP_ASSERT(filter.size() == columns * depth());
  BACKDROP_ASSERT(bias.size() == columns && (mean.empty() || mean.size() == channels));
  packed_ = Buffer<float>::zeros(panels() * panel_size());
  for (std::size_t i = 0; i < panels(); ++i) {
    for (std::size_t c = 0; c < format.columns; ++c) {
      const std::size_t column = first_column(i) + c;
      pack_column(bias[column], filter.subspan(column * depth(), depth()), mean,
                  packed_.data() + i * panel_size(), c);
    }
  }
}

// Packs a column as the panel's column `at`.
void IntegerFilter::pack_column(float bias, std::span<const float> column,
                                std::span<const float> mean, float* panel, std::size_t at) const {
  float largest = 0, unknown = 0;
  for (const float weight : column) {
    largest = std::max(largest, std::fabs(weight));
    unknown += weight * 0;  // NaN if a weight is infinite or NaN
  }
  constexpr float kLeast = 1e-30F;  // subnormal scales would have an infinite inverse
  const bool is_usable = largest >= kLeast && unknown == 0;
  const float scale = is_usable ? largest / 127 : 0;
  const std::vector<std::int8_t> weights =
      is_usable ? round_column(column, 1 / scale) : std::vector<std::int8_t>(column.size());
  panel[at] = scale + unknown;
  float shifted = bias;
  float* to = panel + format_.columns + at;
  for (std::size_t tap = 0; tap < taps_; ++tap) {
    int sum = 0;
    for (std::size_t c = 0; c < channels_; ++c) {
      const std::size_t k = tap * channels_ + c;
      sum += weights[k];
      if (!mean.empty()) shifted += (column[k] - scale * static_cast<float>(weights[k])) * mean[c];
    }
    *(to += format_.columns) = scale * static_cast<float>(sum);
  }
  panel[format_.columns + at] = shifted;
  auto* row = reinterpret_cast<std::int8_t*>(panel + header_size());  // NOLINT
  row += at * format_.depth;
  for (std::size_t k = 0; k < column.size(); k += format_.depth) {
    for (std::size_t i = 0; i < format_.depth; ++i) row[i] = weights[k + i];
    row += format_.columns * format_.depth;
  }
}

}  // namespace backdrop
