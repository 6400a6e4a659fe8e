#include "image/resize_floats.h"

#include <algorithm>

#include "base/assert.h"

namespace backdrop {
namespace {

std::span<const float> weights_of(const ResizeTaps& taps, int output) {
  const auto length = static_cast<std::size_t>(taps.taps);
  return std::span(taps.weights).subspan(static_cast<std::size_t>(output) * length, length);
}

void blend_rows(const float* row, std::span<const float> weights, std::span<float> sums) {
  const std::size_t n = sums.size();
  for (std::size_t x = 0; x < n; ++x) sums[x] = row[x] * weights[0];
  for (std::size_t tap = 1; tap < weights.size(); ++tap) {
    const float* next = row + tap * n;
    for (std::size_t x = 0; x < n; ++x) sums[x] += next[x] * weights[tap];
  }
}

// How much of the new value there is at a distance from where the seam begins.
float share_at(int distance, int seam) {
  return distance < seam ? (static_cast<float>(distance) + 0.5f) / static_cast<float>(seam) : 1;
}

}  // namespace

void resize_floats(const float* in, int width, const ResizeTaps& columns, const ResizeTaps& rows,
                   std::span<float> scratch, float* out, std::size_t stride, const Seam& seam) {
  const auto n = static_cast<std::size_t>(width);
  BACKDROP_ASSERT(scratch.size() >= n);
  const bool copies_columns =
      columns.taps == 1 &&
      columns.first_of(columns.count - 1) - columns.first_of(0) == columns.count - 1;
  const bool is_seamless = seam.columns == 0 && seam.rows == 0;
  for (int y = 0; y < rows.count; ++y, out += stride) {
    const float* row = in + n * static_cast<std::size_t>(rows.first_of(y));
    if (rows.taps > 1) {
      blend_rows(row, weights_of(rows, y), scratch.first(n));
      row = scratch.data();
    }
    if (copies_columns && is_seamless) {
      std::copy_n(row + columns.first_of(0), columns.count, out);
      continue;
    }
    for (int x = 0; x < columns.count; ++x) {
      const float* from = row + columns.first_of(x);
      float sum = 0;
      for (const float weight : weights_of(columns, x)) sum += *from++ * weight;
      out[x] = is_seamless
                   ? sum
                   : out[x] + (sum - out[x]) * share_at(x, seam.columns) * share_at(y, seam.rows);
    }
  }
}

void clear_below(float least, std::span<float> values) {
  for (float& value : values) value = value < least ? 0 : value;
}

}  // namespace backdrop
