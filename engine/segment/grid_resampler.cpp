#include "segment/grid_resampler.h"

#include <algorithm>
#include <cmath>

namespace backdrop {
namespace {

constexpr float kRefinement = 4;  // cells of the grid for one of the output, along an axis
constexpr float kTolerance = 0.125F;

// The largest distance of a cell from the middle of its share, in cells.
float displacement(const GridAxis& axis, int pixels, int cells) {
  const float share = static_cast<float>(pixels) / static_cast<float>(cells);
  const float at_first = axis.first - (share - 1) / 2;
  const float at_last = at_first + static_cast<float>(cells - 1) * (axis.step - share);
  return std::max(std::abs(at_first), std::abs(at_last)) / share;
}

int grid_size(const GridAxis& axis, int pixels) {
  const float cells = static_cast<float>(pixels) * kRefinement / axis.step;
  return std::clamp(static_cast<int>(std::lround(cells)), 1, pixels);
}

std::vector<LinearSample> places(const GridAxis& axis, int pixels, int cells, int grid) {
  std::vector<LinearSample> places(static_cast<std::size_t>(grid));
  const float share = static_cast<float>(pixels) / static_cast<float>(grid);
  for (int i = 0; i < grid; ++i) {
    const float pixel = (static_cast<float>(i) + 0.5F) * share - 0.5F;
    const float cell =
        std::clamp((pixel - axis.first) / axis.step, 0.0F, static_cast<float>(cells - 1));
    const int first = static_cast<int>(cell);
    places[static_cast<std::size_t>(i)] = {first, std::min(first + 1, cells - 1),
                                           cell - static_cast<float>(first)};
  }
  return places;
}

}  // namespace

bool GridResampler::is_needed(const OutputGrid& layout, const Shape& input, const Shape& output) {
  return displacement(layout.y, input.height, output.height) > kTolerance ||
         displacement(layout.x, input.width, output.width) > kTolerance;
}

bool GridResampler::prepare(const OutputGrid& layout, const Shape& input, const Shape& output) {
  cells_ = output;
  shape_ = {grid_size(layout.y, input.height), grid_size(layout.x, input.width), output.channels};
  rows_ = places(layout.y, input.height, output.height, shape_.height);
  columns_ = places(layout.x, input.width, output.width, shape_.width);
  const Shape row{1, output.width, output.channels};
  return row_.resize(row.size()) && grid_.resize(shape_.size());
}

std::span<const float> GridResampler::run(const float* cells) {
  const auto row_at = [&](int y) { return cells + static_cast<std::size_t>(y) * row_.size(); };
  float* to = grid_.data();
  for (const LinearSample& y : rows_) {
    blend_rows(row_at(y.first), row_at(y.second), y.weight);
    to = blend_columns(to);
  }
  return {grid_.data(), grid_.size()};
}

void GridResampler::blend_rows(const float* above, const float* below, float weight) {
  float* to = row_.data();
  for (std::size_t i = 0; i < row_.size(); ++i) to[i] = above[i] + (below[i] - above[i]) * weight;
}

float* GridResampler::blend_columns(float* to) const {
  const auto channels = static_cast<std::size_t>(cells_.channels);
  for (const LinearSample& x : columns_) {
    const float* left = row_.data() + static_cast<std::size_t>(x.first) * channels;
    const float* right = row_.data() + static_cast<std::size_t>(x.second) * channels;
    for (std::size_t c = 0; c < channels; ++c) *to++ = left[c] + (right[c] - left[c]) * x.weight;
  }
  return to;
}

}  // namespace backdrop
