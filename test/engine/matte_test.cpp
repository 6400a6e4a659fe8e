#include "matte/matte.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>
#include <vector>

#include "matte/activation.h"
#include "test_picture.h"

namespace backdrop::test {
namespace {

std::vector<float> noise(std::size_t n, float low, float high) {
  std::mt19937 random(7);
  std::uniform_real_distribution<float> values(low, high);
  std::vector<float> result(n);
  std::ranges::generate(result, [&] { return values(random); });
  return result;
}

TEST(Activation, AgreesWithItsDefinition) {
  for (const std::size_t n : {1U, 3U, 16U, 37U, 1000U}) {
    std::vector<float> got(n);
    const auto probabilities = noise(n, 0, 1);
    activate(probabilities, OutputKind::kProbability, got.data());
    EXPECT_EQ(got, probabilities);

    const auto logits = noise(2 * n, -30, 30);
    activate({logits.data(), n}, OutputKind::kLogit, got.data());
    for (std::size_t i = 0; i < n; ++i) ASSERT_NEAR(got[i], 1 / (1 + std::exp(-logits[i])), 1e-6);

    activate(logits, OutputKind::kLogits, got.data());
    for (std::size_t i = 0; i < n; ++i) {
      const double background = std::exp(static_cast<double>(logits[2 * i]));
      const double person = std::exp(static_cast<double>(logits[2 * i + 1]));
      ASSERT_NEAR(got[i], person / (background + person), 1e-6);
    }
  }
}

TEST(Activation, ExtremesAndWhatIsNotANumber) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const float most = std::numeric_limits<float>::max();
  const std::vector<float> logits{nan, most, -most, INFINITY, -INFINITY, 1000, -1000};
  const std::vector<float> expected{0, 1, 0, 1, 0, 1, 0};
  std::vector<float> got(logits.size());
  activate(logits, OutputKind::kLogit, got.data());
  for (std::size_t i = 0; i < got.size(); ++i) EXPECT_NEAR(got[i], expected[i], 1e-6) << i;
  activate({logits.data(), 2}, OutputKind::kProbability, got.data());
  EXPECT_EQ(got[0], 0);
  const std::vector<float> pairs{INFINITY, INFINITY, nan, 1};
  activate(pairs, OutputKind::kLogits, got.data());
  EXPECT_EQ(got[0], 0);
  EXPECT_EQ(got[1], 0);
}

// One axis of the mask's resampling, by its definition.
double resampled(const std::vector<double>& values, int count, int index) {
  const int size = static_cast<int>(values.size());
  const double step = static_cast<double>(size) / count;
  if (step > 1) {
    double sum = 0;
    for (int i = 0; i < size; ++i) {
      const double covered =
          std::min(i + 1.0, (index + 1) * step) - std::max(i + 0.0, index * step);
      sum += std::max(covered, 0.0) / step * values[static_cast<std::size_t>(i)];
    }
    return sum;
  }
  const double position = std::clamp((index + 0.5) * step - 0.5, 0.0, size - 1.0);
  const auto first = static_cast<std::size_t>(position);
  const std::size_t second = std::min(first + 1, values.size() - 1);
  return values[first] + (values[second] - values[first]) * (position - static_cast<double>(first));
}

double expected_alpha(const std::vector<float>& mask, int mask_width, int mask_height, int width,
                      int height, int x, int y, const Coverage& coverage) {
  std::vector<double> column;
  for (int row = 0; row < mask_height; ++row) {
    const auto begin = mask.begin() + row * mask_width;
    column.push_back(resampled(std::vector<double>(begin, begin + mask_width), width, x));
  }
  const double probability = resampled(column, height, y);
  const double low = static_cast<double>(coverage.low);
  const double high = static_cast<double>(coverage.high);
  const double t = std::clamp((probability - low) / (high - low), 0.0, 1.0);
  return 255 * t * t * (3 - 2 * t);
}

TEST(Matte, AlphaIsTheMaskResampledAndSmoothed) {
  constexpr int kMaskWidth = 16;
  constexpr int kMaskHeight = 9;
  const auto mask = noise(kMaskWidth * kMaskHeight, 0, 1);
  const Coverage coverage{0.2f, 0.9f};
  for (const auto& [width, height] : std::vector<std::pair<int, int>>{
           {1, 1}, {2, 3}, {5, 40}, {40, 5}, {16, 9}, {64, 36}, {67, 35}, {129, 71}}) {
    for (const std::size_t parts : {1U, 3U}) {
      PartsExecutor executor(parts);
      Matte matte;
      ASSERT_TRUE(
          matte.prepare(kMaskWidth, kMaskHeight, PixelFormat::kI420, width, height, executor));
      matte.render(mask, coverage, executor);
      for (int y = 0; y < height; ++y) {
        for (int x = 0; x < width; ++x) {
          ASSERT_NEAR(matte.plane(0).row(y)[x],
                      expected_alpha(mask, kMaskWidth, kMaskHeight, width, height, x, y, coverage),
                      0.6)
              << width << "x" << height << " at " << x << "," << y;
        }
      }
    }
  }
}

TEST(Matte, ChromaIsTheMeanAndPaddingRepeatsTheLastPixel) {
  const auto mask = noise(16 * 9, 0.2f, 0.8f);
  SerialExecutor executor;
  for (const auto& [width, height] :
       std::vector<std::pair<int, int>>{{1, 1}, {3, 3}, {66, 10}, {131, 37}}) {
    Matte matte;
    ASSERT_TRUE(matte.prepare(16, 9, PixelFormat::kNv12, width, height, executor));
    matte.render(mask, {}, executor);
    for (int y = 0; y < height; ++y) {
      const std::uint8_t* row = matte.plane(0).row(y);
      for (int x = width; x < width + static_cast<int>(kAlphaPadding); ++x) {
        ASSERT_EQ(row[x], row[width - 1]);
      }
    }
    for (int y = 0; y < (height + 1) / 2; ++y) {
      const std::uint8_t* top = matte.plane(0).row(2 * y);
      const std::uint8_t* bottom = matte.plane(0).row(std::min(2 * y + 1, height - 1));
      for (int x = 0; x < (width + 1) / 2; ++x) {
        const int right = std::min(2 * x + 1, width - 1);
        const int sum = top[2 * x] + top[right] + bottom[2 * x] + bottom[right];
        ASSERT_EQ(matte.plane(1).row(y)[x], (sum + 2) / 4);
      }
    }
  }
}

TEST(Matte, ANetworkThatAnswersNothingShowsNoRoom) {
  const std::vector<float> output(16 * 9, std::numeric_limits<float>::quiet_NaN());
  std::vector<float> mask(output.size());
  activate(output, OutputKind::kProbability, mask.data());
  SerialExecutor executor;
  Matte matte;
  ASSERT_TRUE(matte.prepare(16, 9, PixelFormat::kRgba, 40, 30, executor));
  matte.render(mask, {}, executor);
  for (int y = 0; y < 30; ++y) {
    for (int x = 0; x < 40; ++x) ASSERT_EQ(matte.plane(0).row(y)[x], 0);
  }
}

}  // namespace
}  // namespace backdrop::test
