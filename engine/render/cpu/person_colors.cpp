#include "render/cpu/person_colors.h"

#include <cmath>

#include "base/assert.h"
#include "base/parallel_for.h"
#include "render/render_settings.h"

namespace backdrop {
namespace {

constexpr double kMinSigma = 1.5;  // in cells
constexpr int kMaxCell = 128;      // sums of so many pixels fit 32 bits

// The variance, in cells, that cells add (1/12) and linear interpolation between them (1/6).
constexpr double kCellVariance = 0.25;

// Without std::lerp's care for what is not finite, which takes longer.
float mix(float first, float second, float weight) { return first + (second - first) * weight; }

}  // namespace

bool PersonColors::prepare(int width, int height, const Executor& executor) {
  const double sigma = person_color_sigma(width, height);
  cell_ = std::clamp(static_cast<int>(sigma / kMinSigma), 1, kMaxCell);
  const double in_cells = sigma / cell_;
  const double added = cell_ > 1 ? kCellVariance : 0;
  const int columns = (width + cell_ - 1) / cell_;
  const int rows = (height + cell_ - 1) / cell_;
  const std::size_t stride =
      (4 * static_cast<std::size_t>(columns) + kStripFloats - 1) / kStripFloats * kStripFloats;
  if (!blur_.prepare(columns, rows, std::sqrt(std::max(in_cells * in_cells - added, 0.0)),
                     executor) ||
      !memory_.resize(stride * static_cast<std::size_t>(rows))) {
    return false;
  }
  cells_ = {memory_.data(), columns, rows, stride};
  least_weight_ = kLeastPersonWeight * 255 * static_cast<float>(cell_ * cell_) * blur_.gain();
  return true;
}

void PersonColors::run(const ConstFrame& frame, const Matte& matte, Executor& executor) {
  for_bands(executor, cells_.height, [&](std::size_t, int begin, int end) {
    for (int row = begin; row < end; ++row) sum_cells(frame, matte.plane(0), row);
  });
  blur_.run(cells_, executor);
}

void PersonColors::sum_cells(const ConstFrame& frame, const AlphaPlane& alpha, int row) {
  BACKDROP_ASSERT(frame.row_bytes(0) == 4 * frame.width);
  float* const cells = cells_.data + cells_.stride * static_cast<std::size_t>(row);
  std::fill_n(cells, cells_.stride, 0.0f);
  for (int y = row * cell_; y < std::min((row + 1) * cell_, frame.height); ++y) {
    const std::uint8_t* pixel = frame.row(0, y);
    const std::uint8_t* const alphas = alpha.row(y);
    float* cell = cells;
    for (int first = 0; first < frame.width; first += cell_, cell += 4) {
      std::array<int, 4> sums{};
      for (int x = first; x < std::min(first + cell_, frame.width); ++x, pixel += 4) {
        const int weight = person_confidence(alphas[x]);
        for (std::size_t c = 0; c < 3; ++c) sums[c] += weight * pixel[c];
        sums[3] += weight;
      }
      for (std::size_t c = 0; c < 4; ++c) cell[c] += static_cast<float>(sums[c]);
    }
  }
}

PersonColors::Between PersonColors::between(int position, int cells) const {
  const float at = (static_cast<float>(position) + 0.5f) / static_cast<float>(cell_) - 0.5f;
  const int first = static_cast<int>(at + 1) - 1;  // rounded down: `at` is above -1
  return {static_cast<std::size_t>(std::max(first, 0)),
          static_cast<std::size_t>(std::min(first + 1, cells - 1)), at - static_cast<float>(first)};
}

std::array<float, 3> PersonColors::at(int x, int y) const {
  const Between column = between(x, cells_.width);
  const Between row = between(y, cells_.height);
  const float* const above = cells_.data + cells_.stride * row.first;
  const float* const below = cells_.data + cells_.stride * row.second;
  std::array<float, 4> sums;
  for (std::size_t c = 0; c < 4; ++c) {
    const std::size_t left = 4 * column.first + c, right = 4 * column.second + c;
    const float top = mix(above[left], above[right], column.weight);
    sums[c] = mix(top, mix(below[left], below[right], column.weight), row.weight);
  }
  const float scale = 1 / std::max(sums[3], least_weight_);
  return {sums[0] * scale, sums[1] * scale, sums[2] * scale};
}

}  // namespace backdrop
