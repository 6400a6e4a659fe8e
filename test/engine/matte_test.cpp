#include "render/cpu/matte.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <random>
#include <span>
#include <vector>

#include "segment/activation.h"
#include "hwy/targets.h"
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

// By its definition, of one pixel.
double probability(std::span<const float> pixel, OutputKind kind, const ClassSet& kept) {
  const auto largest = std::ranges::max_element(pixel);
  double sum = 0, kept_sum = 0;
  for (std::size_t c = 0; c < pixel.size(); ++c) {
    const double power = std::exp(static_cast<double>(pixel[c] - *largest));
    const double value = kind == OutputKind::kLogits ? power : static_cast<double>(pixel[c]);
    sum += value;
    if (kept[c]) kept_sum += value;
  }
  switch (kind) {
    case OutputKind::kProbability:
      return static_cast<double>(pixel[0]);
    case OutputKind::kLogit:
      return 1 / (1 + std::exp(-static_cast<double>(pixel[0])));
    case OutputKind::kLogits:
      return kept_sum / sum;
    case OutputKind::kProbabilities:
      return std::min(kept_sum, 1.0);
    case OutputKind::kArgMax:
      return kept[static_cast<std::size_t>(largest - pixel.begin())] ? 1 : 0;
    case OutputKind::kLabel:
      break;
  }
  return pixel[0] > -0.5f && pixel[0] < 255.5f &&
         kept[static_cast<std::size_t>(std::lround(pixel[0]))];
}

void expect_definition(std::span<const float> output, const OutputFormat& format) {
  std::vector<float> got(output.size() / format.channels);
  activate(output, format, got.data());
  for (std::size_t i = 0; i < got.size(); ++i) {
    const auto pixel = output.subspan(i * format.channels, format.channels);
    ASSERT_NEAR(got[i], probability(pixel, format.kind, format.kept), 2e-6)
        << "kind " << static_cast<int>(format.kind) << ", pixel " << i << " of " << got.size()
        << ", " << format.channels << " channels";
  }
}

constexpr std::array<std::size_t, 6> kPixels{1, 3, 16, 33, 37, 1000};

TEST(Activation, OfOneChannelAgreesWithItsDefinition) {
  const ClassSet kept("101100001");
  for (const std::size_t n : kPixels) {
    expect_definition(noise(n, 0, 1), {OutputKind::kProbability, 1, {}});
    expect_definition(noise(n, -30, 30), {OutputKind::kLogit, 1, {}});
    expect_definition(noise(n, -3, 12), {OutputKind::kLabel, 1, kept});
  }
}

TEST(Activation, OfManyChannelsAgreesWithItsDefinition) {
  for (const std::size_t channels : {2U, 3U, 6U, 21U, 256U}) {
    ClassSet all_but_first;
    for (std::size_t c = 1; c < channels; ++c) all_but_first.set(c);
    for (const ClassSet& kept :
         {ClassSet{}.set(0), ClassSet{}.set(channels - 1), all_but_first, ClassSet{}.set()}) {
      for (const std::size_t n : kPixels) {
        expect_definition(noise(n * channels, -30, 30), {OutputKind::kLogits, channels, kept});
        expect_definition(noise(n * channels, 0, 2 / static_cast<float>(channels)),
                          {OutputKind::kProbabilities, channels, kept});
        auto values = noise(n * channels, -2, 2);
        for (float& value : values) value = std::round(value);  // so that there are equals
        expect_definition(values, {OutputKind::kArgMax, channels, kept});
      }
    }
  }
}

TEST(Activation, ExtremesAndWhatIsNotANumber) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const float most = std::numeric_limits<float>::max();
  const std::vector<float> logits{nan, most, -most, INFINITY, -INFINITY, 1000, -1000};
  const std::vector<float> expected{0, 1, 0, 1, 0, 1, 0};
  std::vector<float> got(logits.size());
  activate(logits, {OutputKind::kLogit, 1, {}}, got.data());
  for (std::size_t i = 0; i < got.size(); ++i) EXPECT_NEAR(got[i], expected[i], 1e-6) << i;
  activate({logits.data(), 2}, {OutputKind::kProbability, 1, {}}, got.data());
  EXPECT_EQ(got[0], 0);
  const std::vector<float> labels{nan, INFINITY, -INFINITY, 256, -1, 255, 1e30f};
  activate(labels, {OutputKind::kLabel, 1, ClassSet{}.set()}, got.data());
  EXPECT_EQ(got, (std::vector<float>{0, 0, 0, 0, 0, 1, 0}));
}

TEST(Activation, InfinitiesThatCancelOutMakeThePixelBackground) {
  const std::vector<float> output{INFINITY, INFINITY, -INFINITY, -INFINITY, INFINITY, -INFINITY};
  for (const int64_t target : hwy::SupportedAndGeneratedTargets()) {
    hwy::SetSupportedTargetsForTest(target);
    std::vector<float> got(3);
    activate(output, {OutputKind::kLogits, 2, ClassSet{}.set(1)}, got.data());
    EXPECT_NEAR(got[2], 0, 1e-6);
    got[2] = 0;
    EXPECT_EQ(got, (std::vector<float>{0, 0, 0})) << hwy::TargetName(target);
    got.resize(2);
    activate(output, {OutputKind::kLogits, 3, ClassSet{}.set(1)}, got.data());
    EXPECT_EQ(got, (std::vector<float>{0, 0})) << hwy::TargetName(target);
    activate(output, {OutputKind::kProbabilities, 3, ClassSet{}.set()}, got.data());
    EXPECT_EQ(got, (std::vector<float>{0, 0})) << hwy::TargetName(target);
    hwy::SetSupportedTargetsForTest(0);
  }
}

TEST(Activation, OneChannelThatIsNotANumberMakesThePixelBackground) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  for (const OutputKind kind :
       {OutputKind::kLogits, OutputKind::kProbabilities, OutputKind::kArgMax}) {
    for (const std::size_t channels : {2U, 6U}) {
      for (std::size_t wrong = 0; wrong < channels; ++wrong) {
        // The pixel before and the one after have the person's class alone.
        std::vector<float> output(3 * channels);
        for (std::size_t i = 1; i < output.size(); i += channels) output[i] = 100;
        output[channels + wrong] = nan;
        std::vector<float> got(3);
        activate(output, {kind, channels, ClassSet{}.set(1)}, got.data());
        EXPECT_EQ(got, (std::vector<float>{1, 0, 1})) << channels << " channels, " << wrong;
      }
    }
  }
}

TEST(Activation, LogitsAsLargeAsTheyGetDoNotOverflow) {
  const float most = std::numeric_limits<float>::max();
  const std::vector<float> output{most, -most, 0, -most, most, 0, 500, 500, -500};
  std::vector<float> got(3);
  activate(output, {OutputKind::kLogits, 3, ClassSet{}.set(1)}, got.data());
  EXPECT_NEAR(got[0], 0, 1e-6);
  EXPECT_NEAR(got[1], 1, 1e-6);
  EXPECT_NEAR(got[2], 0.5, 1e-6);
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
      ASSERT_TRUE(matte.prepare(kMaskWidth, kMaskHeight, PixelFormat::kI420, width, height, false,
                                executor));
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

void expect_mean_at_half_the_size(const Matte& matte) {
  for (int y = 0; y < (matte.height() + 1) / 2; ++y) {
    const std::uint8_t* top = matte.plane(0).row(2 * y);
    const std::uint8_t* bottom = matte.plane(0).row(std::min(2 * y + 1, matte.height() - 1));
    for (int x = 0; x < (matte.width() + 1) / 2; ++x) {
      const int right = std::min(2 * x + 1, matte.width() - 1);
      const int sum = top[2 * x] + top[right] + bottom[2 * x] + bottom[right];
      ASSERT_EQ(matte.half().row(y)[x], (sum + 2) / 4);
    }
  }
}

TEST(Matte, IsThereAtHalfItsSizeAndPaddingRepeatsTheLastPixel) {
  const auto mask = noise(16 * 9, 0.2f, 0.8f);
  SerialExecutor executor;
  for (const PixelFormat format : {PixelFormat::kNv12, PixelFormat::kRgba}) {
    for (const auto& [width, height] :
         std::vector<std::pair<int, int>>{{1, 1}, {3, 3}, {66, 10}, {131, 37}}) {
      Matte matte;
      ASSERT_TRUE(matte.prepare(16, 9, format, width, height, false, executor));
      matte.render(mask, {}, executor);
      for (int y = 0; y < height; ++y) {
        const std::uint8_t* row = matte.plane(0).row(y);
        for (int x = width; x < width + static_cast<int>(kAlphaPadding); ++x) {
          ASSERT_EQ(row[x], row[width - 1]);
        }
      }
      expect_mean_at_half_the_size(matte);
      EXPECT_EQ(matte.plane(1).data == matte.half().data, format == PixelFormat::kNv12);
    }
  }
}

TEST(Matte, IsLimitedToTheFramesOwnAlpha) {
  PartsExecutor executor(3);
  for (const auto& [width, height] :
       std::vector<std::pair<int, int>>{{1, 1}, {66, 10}, {131, 37}}) {
    const TestPicture frame = TestPicture(PixelFormat::kRgba, width, height, 3).fill_noise(2);
    Matte matte, limited;
    for (Matte* each : {&matte, &limited}) {
      ASSERT_TRUE(each->prepare(16, 9, PixelFormat::kRgba, width, height, false, executor));
      each->render(noise(16 * 9, 0.2f, 0.8f), {}, executor);
    }
    limited.limit(frame.view(), executor);
    EXPECT_TRUE(limited.is_limited());
    for (int y = 0; y < height; ++y) {
      for (int x = 0; x < width; ++x) {
        ASSERT_EQ(limited.plane(0).row(y)[x],
                  std::min(matte.plane(0).row(y)[x], frame.frame().row(0, y)[4 * x + 3]));
      }
    }
    expect_mean_at_half_the_size(limited);
  }
}

TEST(Matte, ANetworkThatAnswersNothingShowsNoRoom) {
  const std::vector<float> output(16 * 9, std::numeric_limits<float>::quiet_NaN());
  std::vector<float> mask(output.size());
  activate(output, {OutputKind::kProbability, 1, {}}, mask.data());
  SerialExecutor executor;
  Matte matte;
  ASSERT_TRUE(matte.prepare(16, 9, PixelFormat::kRgba, 40, 30, false, executor));
  matte.render(mask, {}, executor);
  for (int y = 0; y < 30; ++y) {
    for (int x = 0; x < 40; ++x) ASSERT_EQ(matte.plane(0).row(y)[x], 0);
  }
}

}  // namespace
}  // namespace backdrop::test
