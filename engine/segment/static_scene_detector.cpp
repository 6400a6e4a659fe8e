#include "segment/static_scene_detector.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "base/assert.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "segment/static_scene_detector.cpp"
#include "hwy/foreach_target.h"
#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace backdrop {
namespace HWY_NAMESPACE {
namespace {
namespace hn = hwy::HWY_NAMESPACE;

void sum_float_rows(const float* values, std::size_t rows, std::span<float> sums) {
  const hn::ScalableTag<float> d;
  const std::size_t n = sums.size();
  std::size_t x = 0;
  for (; x + hn::Lanes(d) <= n; x += hn::Lanes(d)) {
    auto sum = hn::Zero(d);
    for (std::size_t y = 0; y < rows; ++y) sum = hn::Add(sum, hn::LoadU(d, values + y * n + x));
    hn::StoreU(sum, d, sums.data() + x);
  }
  for (; x < n; ++x) {
    sums[x] = 0;
    for (std::size_t y = 0; y < rows; ++y) sums[x] += values[y * n + x];
  }
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace backdrop
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace backdrop {
namespace {

HWY_EXPORT(sum_float_rows);

constexpr std::size_t kChannels = 3;
constexpr std::size_t kBlock = 4;

// The last block takes the remainder, so that no block is smaller, and noisier, than the others.
std::size_t blocks_in(std::size_t pixels) { return std::max<std::size_t>(pixels / kBlock, 1); }
std::size_t end_of(std::size_t block, std::size_t blocks, std::size_t pixels) {
  return block + 1 == blocks ? pixels : (block + 1) * kBlock;
}

// Above the noise of a camera with a standard deviation of 4 levels a pixel. In the worst case,
// frames of the network's own size with equal noise in all channels, the difference of two means of
// 16 pixels has a standard deviation of 1.4 levels.
constexpr float kMostNoise = 7.0f / 255;
// Below what a picture of bytes can tell.
constexpr float kLeastNoise = 0.1f / 255;
// Times the mean of the smaller half of the blocks' differences: five standard deviations, if the
// three channels have the same noise; more if they have not.
constexpr float kLargestOfNoise = 16;

// Halvings by which the median is found.
constexpr int kMedianSteps = 16;

// The share of its own brightness that a block may differ by: an edge that moves by a pixel differs
// by more.
constexpr float kShare = 0.06f;

}  // namespace

void sum_float_rows(const float* values, std::size_t rows, std::span<float> sums) {
  HWY_DYNAMIC_DISPATCH(sum_float_rows)(values, rows, sums);
}

StaticSceneDetector::StaticSceneDetector(int width, int height, float black, float white)
    : width_(static_cast<std::size_t>(width)),
      height_(static_cast<std::size_t>(height)),
      columns_(blocks_in(width_)),
      rows_(blocks_in(height_)),
      black_(black * kChannels),
      least_(kLeastNoise * (white - black) * kChannels),
      most_(kMostNoise * (white - black) * kChannels),
      sums_(width_ * kChannels),
      latest_(rows_ * columns_ * kChannels),
      accepted_(latest_.size(), std::numeric_limits<float>::infinity()),
      differences_(rows_ * columns_) {}

bool StaticSceneDetector::is_still(const float* input) {
  BACKDROP_ASSERT(width_ > 0 && height_ > 0);
  shrink(input);
  float largest = 0, largest_beyond_share = 0;
  for (std::size_t block = 0; block < differences_.size(); ++block) {
    float difference = 0, brightness = -black_;
    for (std::size_t i = block * kChannels; i < (block + 1) * kChannels; ++i) {
      difference += std::abs(latest_[i] - accepted_[i]);
      brightness += latest_[i];
    }
    differences_[block] = difference;
    largest = std::max(largest, difference);
    if (difference > kShare * brightness) {
      largest_beyond_share = std::max(largest_beyond_share, difference);
    }
  }
  return largest <= most_ && largest_beyond_share <= most_of_noise();
}

// What the blocks would differ by at most, if nothing moved in the stiller half of them.
float StaticSceneDetector::most_of_noise() const {
  float low = 0, high = most_;
  for (int step = 0; step < kMedianSteps; ++step) {
    const float middle = (low + high) / 2;
    const auto below = std::ranges::count_if(differences_, [&](float d) { return d <= middle; });
    (2 * static_cast<std::size_t>(below) < differences_.size() ? low : high) = middle;
  }
  float sum = 0, blocks = 0;
  for (const float difference : differences_) {
    if (difference > high) continue;
    sum += difference;
    ++blocks;
  }
  return std::max(least_, kLargestOfNoise * sum / std::max(blocks, 1.0f));
}

void StaticSceneDetector::forget() {
  std::ranges::fill(accepted_, std::numeric_limits<float>::infinity());
}

void StaticSceneDetector::shrink(const float* input) {
  float* mean = latest_.data();
  for (std::size_t row = 0; row < rows_; ++row) {
    const std::size_t top = row * kBlock;
    const std::size_t rows = end_of(row, rows_, height_) - top;
    sum_float_rows(input + top * sums_.size(), rows, sums_);
    for (std::size_t column = 0; column < columns_; ++column) {
      const std::size_t end = end_of(column, columns_, width_);
      std::array<float, kChannels> sum{};
      for (std::size_t x = column * kBlock; x < end; ++x) {
        for (std::size_t c = 0; c < kChannels; ++c) sum[c] += sums_[x * kChannels + c];
      }
      const auto pixels = static_cast<float>(rows * (end - column * kBlock));
      for (const float value : sum) *mean++ = value / pixels;
    }
  }
}

}  // namespace backdrop
#endif  // HWY_ONCE
