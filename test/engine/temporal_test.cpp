// What is done from frame to frame: steadying, the motion gate and the controller, each by itself.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <optional>
#include <random>
#include <vector>

#include "image/sampler.h"
#include "render/cpu/matte.h"
#include "segment/temporal_smoothing.h"
#include "segment/rate_controller.h"
#include "segment/static_scene_detector.h"
#include "test_picture.h"

namespace backdrop::test {
namespace {

// --- TemporalSmoothing ---

float steadied(float fresh, float shown, float strength) {
  const float p = std::clamp(fresh, 0.0f, 1.0f);
  const float x = (p - 0.5f) * (p - 0.5f);
  const float certainty =
      x * (5.68842f + x * (-0.748699f + x * (-57.8051f + x * (291.309f + x * -624.717f))));
  const float change = (shown - p) / 0.25f;
  const float weight =
      strength * (1 - std::min(1.0f, certainty)) * std::max(0.0f, 1 - change * change);
  return p + weight * (shown - p);
}

TEST(TemporalSmoothing, AgreesWithItsDefinition) {
  std::mt19937 random(3);
  std::uniform_real_distribution<float> inside(0, 1), around(-0.2f, 1.2f);
  for (const std::size_t n : {1U, 3U, 15U, 16U, 37U, 1000U}) {
    for (const float strength : {0.0f, 0.5f, 0.9f, 1.0f}) {
      std::vector<float> fresh(n), shown(n), expected(n);
      for (std::size_t i = 0; i < n; ++i) {
        shown[i] = inside(random);
        fresh[i] = i % 2 == 0 ? around(random) : shown[i] + (inside(random) - 0.5f) / 2;
        expected[i] = steadied(fresh[i], shown[i], strength);
      }
      smooth(fresh, strength, shown.data());
      EXPECT_EQ(fresh, shown);
      for (std::size_t i = 0; i < n; ++i) ASSERT_NEAR(fresh[i], expected[i], 1e-6) << i;
    }
  }
}

TEST(TemporalSmoothing, WeighsByTheBinaryEntropy) {
  for (float p = 0.02f; p < 1; p += 0.02f) {
    const float entropy = -(p * std::log2(p) + (1 - p) * std::log2(1 - p));
    std::array fresh{p}, shown{p + 0.01f};
    smooth(fresh, 1, shown.data());
    const float weight = (fresh[0] - p) / 0.01f;
    EXPECT_NEAR(weight, entropy * entropy, 0.01) << p;
  }
}

TEST(TemporalSmoothing, ShowsTheFirstMaskAsItIsAndForgets) {
  const std::vector<float> first{0, 0.3f, 0.5f, 0.7f, 1};
  const std::vector<float> second{0.1f, 0.4f, 0.6f, 0.6f, 0.9f};
  TemporalSmoothing steadying;
  ASSERT_TRUE(steadying.prepare(first.size()));
  std::vector<float> mask = first;
  steadying.run(mask);
  EXPECT_EQ(mask, first);
  mask = second;
  steadying.run(mask);
  EXPECT_NEAR(mask[2], steadied(0.6f, 0.5f, TemporalSmoothing::kDefaultStrength), 1e-6);
  steadying.reset();
  mask = second;
  steadying.run(mask);
  EXPECT_EQ(mask, second);
  steadying.set_strength(0);
  mask = first;
  steadying.run(mask);
  EXPECT_EQ(mask, first);
}

// The alpha at the mask's size of one mask after the other.
class MatteSequence {
 public:
  static constexpr int kSize = 32;
  explicit MatteSequence(float strength) {
    EXPECT_TRUE(smoothing_.prepare(kSize * kSize));
    EXPECT_TRUE(matte_.prepare(kSize, kSize, PixelFormat::kRgba, kSize, kSize, false, executor_));
    smoothing_.set_strength(strength);
  }

  std::vector<int> next(std::vector<float> mask) {
    smoothing_.run(mask);
    matte_.render(mask, {}, executor_);
    std::vector<int> alpha;
    for (int y = 0; y < kSize; ++y) {
      const std::uint8_t* row = matte_.plane(0).row(y);
      alpha.insert(alpha.end(), row, row + kSize);
    }
    return alpha;
  }

 private:
  SerialExecutor executor_;
  TemporalSmoothing smoothing_;
  Matte matte_;
};

// A person's edge, `position` columns from the left.
std::vector<float> edge(double position) {
  std::vector<float> mask;
  for (int i = 0; i < MatteSequence::kSize * MatteSequence::kSize; ++i) {
    const double x = i % MatteSequence::kSize;
    mask.push_back(static_cast<float>(1 / (1 + std::exp(x - position))));
  }
  return mask;
}

int difference(const std::vector<int>& a, const std::vector<int>& b) {
  int sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += std::abs(a[i] - b[i]);
  return sum;
}

TEST(TemporalSmoothing, AStillPersonHoldsStill) {
  const auto flicker = [](float strength) {
    MatteSequence mattes(strength);
    std::mt19937 random(5);
    std::normal_distribution<float> noise(0, 0.04f);
    std::vector<int> before;
    int sum = 0;
    for (int frame = 0; frame < 20; ++frame) {
      std::vector<float> mask = edge(16);
      for (float& value : mask) value += noise(random);
      const std::vector<int> alpha = mattes.next(mask);
      if (frame > 5) sum += difference(alpha, before);
      before = alpha;
    }
    return sum;
  };
  EXPECT_LT(3 * flicker(TemporalSmoothing::kDefaultStrength), flicker(0));
}

TEST(TemporalSmoothing, AMovingPersonIsFollowed) {
  MatteSequence with(TemporalSmoothing::kDefaultStrength), without(0);
  double position = 8;
  std::vector<int> steadied_alpha, alpha;
  const auto show = [&] {
    steadied_alpha = with.next(edge(position));
    alpha = without.next(edge(position));
  };
  show();
  position = 16;  // a jump
  show();
  EXPECT_LT(difference(steadied_alpha, alpha),
            difference(alpha, std::vector<int>(alpha.size())) / 50);
  for (int frame = 0; frame < 3; ++frame) {
    position += 2;
    show();
    EXPECT_LT(difference(steadied_alpha, alpha), 5 * 255 * MatteSequence::kSize / 20) << frame;
  }
  // Having come to rest, it ends where it would without.
  for (int frame = 0; frame < 40; ++frame) show();
  for (std::size_t i = 0; i < alpha.size(); ++i) ASSERT_NEAR(steadied_alpha[i], alpha[i], 8);
}

// --- The motion gate ---

TEST(StaticSceneDetector, SumsRows) {
  std::mt19937 random(3);
  std::uniform_real_distribution<float> values(-1, 1);
  for (const std::size_t n : {1U, 3U, 16U, 37U, 771U}) {
    for (const std::size_t rows : {1U, 4U, 7U}) {
      std::vector<float> input(n * rows), sums(n);
      std::ranges::generate(input, [&] { return values(random); });
      sum_float_rows(input.data(), rows, sums);
      for (std::size_t x = 0; x < n; ++x) {
        float expected = 0;
        for (std::size_t y = 0; y < rows; ++y) expected += input[y * n + x];
        ASSERT_NEAR(sums[x], expected, 1e-5);
      }
    }
  }
}

// A network's input of a head before a wall, each of levels 0 to 255, made to lie between 0 and 1.
// `moved` is in pixels.
class Scene {
 public:
  Scene(int width, int height) : width_(width), height_(height) {}

  std::vector<float> input(double moved, double noise, double contrast = 60) {
    std::normal_distribution<double> level(0, noise > 0 ? noise : 1);
    std::vector<float> values;
    for (int y = 0; y < height_; ++y) {
      for (int x = 0; x < width_; ++x) {
        const double distance = std::hypot(x - width_ / 2.0 - moved, y - height_ / 2.0);
        const double inside = std::clamp(height_ / 4.0 - distance, 0.0, 1.0);
        const double grey = 100 + contrast * inside + (noise > 0 ? level(random_) : 0);
        values.insert(values.end(), 3, static_cast<float>(grey / 255));
      }
    }
    return values;
  }

 private:
  int width_, height_;
  std::mt19937 random_{9};
};

TEST(StaticSceneDetector, HasNothingToCompareAtFirst) {
  StaticSceneDetector gate(8, 8, 0, 1);
  const std::vector<float> input(8 * 8 * 3, 0);
  EXPECT_FALSE(gate.is_still(input.data()));
  EXPECT_FALSE(gate.is_still(input.data()));
  gate.accept();
  EXPECT_TRUE(gate.is_still(input.data()));
}

TEST(StaticSceneDetector, IsNotOpenedByACamerasNoise) {
  for (const auto& [width, height] : {std::pair{256, 144}, {160, 96}, {256, 256}, {257, 257}}) {
    Scene scene(width, height);
    StaticSceneDetector gate(width, height, 0, 1);
    gate.is_still(scene.input(0, 4).data());
    gate.accept();
    int opened = 0;
    for (int frame = 0; frame < 50; ++frame) opened += !gate.is_still(scene.input(0, 4).data());
    EXPECT_LE(opened, 1) << width << "x" << height;
  }
}

TEST(StaticSceneDetector, IsOpenedByASlowPerson) {
  Scene scene(256, 144);
  StaticSceneDetector gate(256, 144, 0, 1);
  gate.is_still(scene.input(0, 4).data());
  gate.accept();
  // A pixel in ten frames: less between two frames than noise, but it adds up.
  int frame = 1;
  while (frame < 30 && gate.is_still(scene.input(0.1 * frame, 4).data())) ++frame;
  EXPECT_GT(frame, 1);
  EXPECT_LT(frame, 10);
  gate.accept();
  EXPECT_TRUE(gate.is_still(scene.input(0.1 * frame, 4).data()));
}

TEST(StaticSceneDetector, TakesAnySizeAndRange) {
  for (const auto& [width, height] : {std::pair{1, 1}, {3, 5}, {7, 4}, {13, 31}}) {
    StaticSceneDetector gate(width, height, -1, 1);
    const auto size = static_cast<std::size_t>(3 * width * height);
    const std::vector<float> before(size, -1);
    gate.is_still(before.data());
    gate.accept();
    EXPECT_TRUE(gate.is_still(std::vector<float>(size, -1 + 2 * 6.0f / 255).data()));
    EXPECT_FALSE(gate.is_still(std::vector<float>(size, -1 + 2 * 8.0f / 255).data()));
    std::vector<float> corner = before;
    std::fill_n(corner.end() - 3, 3, 1.0f);  // one of at most 5x7 pixels
    EXPECT_FALSE(gate.is_still(corner.data())) << width << "x" << height;
  }
}

// A person who moves before a wall, at a part of its brightness, in bytes: noise or none.
TEST(StaticSceneDetector, IsOpenedInTheDarkAsInTheLight) {
  constexpr int kWidth = 256, kHeight = 144;
  const auto frame_at = [&](double brightness, double position) {
    std::vector<float> input;
    for (int y = 0; y < kHeight; ++y) {
      for (int x = 0; x < kWidth; ++x) {
        const double inside = std::clamp(40.5 - std::hypot(x - 100 - position, y - 80), 0.0, 1.0);
        const double wall = 150 + 30 * std::sin(0.11 * x) * std::cos(0.07 * y);
        for (const double skin : {200.0, 120.0, 100.0}) {
          const double level = brightness * std::lerp(wall, skin, inside);
          input.push_back(static_cast<float>(std::round(level) / 255));
        }
      }
    }
    return input;
  };
  for (const double brightness : {1.0, 0.3, 0.15, 0.1, 0.05}) {
    StaticSceneDetector gate(kWidth, kHeight, 0, 1);
    gate.is_still(frame_at(brightness, 0).data());
    gate.accept();
    EXPECT_TRUE(gate.is_still(frame_at(brightness, 0).data())) << brightness;
    EXPECT_FALSE(gate.is_still(frame_at(brightness, 1).data())) << brightness;
  }
}

TEST(StaticSceneDetector, SkipsAStillSceneInTheDarkWithNoise) {
  std::mt19937 random(9);
  std::normal_distribution<double> noise(0, 3);
  for (const double level : {6.0, 20.0, 120.0}) {
    const auto frame = [&] {
      std::vector<float> input(3 * 256 * 144);
      for (float& value : input) {
        value = static_cast<float>(std::clamp(std::round(level + noise(random)), 0.0, 255.0) / 255);
      }
      return input;
    };
    StaticSceneDetector gate(256, 144, 0, 1);
    gate.is_still(frame().data());
    gate.accept();
    int opened = 0;
    for (int n = 0; n < 50; ++n) opened += !gate.is_still(frame().data());
    EXPECT_LE(opened, 1) << level;
  }
}

// --- The controller ---

// Frames until `until` answers true, at most 1000, with the network taking `network` ms.
template <typename Until>
int frames_until(RateController& controller, double network, double rest, const Until& until) {
  int frames = 0;
  while (!until() && frames < 1000) {
    controller.add(controller.is_due() ? std::optional(network) : std::nullopt, rest);
    ++frames;
  }
  return frames;
}

TEST(RateController, HasNoLimitAtFirst) {
  RateController controller;
  for (int frame = 0; frame < 100; ++frame) {
    EXPECT_TRUE(controller.is_due());
    controller.add(1000, 1000);
    EXPECT_EQ(controller.interval(), 1);
  }
}

TEST(RateController, ChoosesTheShortestIntervalWithinTheBudget) {
  for (const auto& [network, rest, interval] :
       {std::tuple{9.0, 1.0, 1}, {12.0, 4.0, 2}, {12.0, 5.9, 3}, {50.0, 5.0, 3}, {1.0, 20.0, 3}}) {
    RateController controller;
    controller.set_budget(10);
    int ran = 0;
    for (int frame = 0; frame < 300; ++frame) {
      const bool due = controller.is_due();
      ran += due;
      controller.add(due ? std::optional(network) : std::nullopt, rest);
      EXPECT_TRUE(frame < 5 || controller.interval() == interval) << network;
    }
    EXPECT_NEAR(ran, 300 / interval, 5);
  }
}

TEST(RateController, GoesUpFastAndDownSlowly) {
  RateController controller;
  controller.set_budget(10);
  const auto is = [&](int interval) {
    return [&, interval] { return controller.interval() == interval; };
  };
  for (int frame = 0; frame < 50; ++frame) controller.add(4, 2);
  EXPECT_EQ(controller.interval(), 1);
  EXPECT_LE(frames_until(controller, 30, 2, is(3)), 8);
  EXPECT_GE(frames_until(controller, 4, 2, is(2)), RateController::kPatience);
  EXPECT_GE(frames_until(controller, 4, 2, is(1)), RateController::kPatience);
  EXPECT_EQ(controller.interval(), 1);
}

TEST(RateController, DoesNotFlapAtTheEdge) {
  RateController controller;
  controller.set_budget(10);
  int changes = 0, before = 1;
  std::mt19937 random(4);
  std::uniform_real_distribution<double> network(6.5, 9.5);  // 8 and 2 are just the budget
  for (int frame = 0; frame < 2000; ++frame) {
    controller.add(controller.is_due() ? std::optional(network(random)) : std::nullopt, 2);
    changes += controller.interval() != before;
    before = controller.interval();
  }
  EXPECT_LE(changes, 2);
}

TEST(RateController, EasesThoughTheBudgetIsToldAnewOnEachFrame) {
  RateController controller;
  controller.set_budget(10);
  for (int frame = 0; frame < 50; ++frame) controller.add(30, 2);
  EXPECT_EQ(controller.interval(), 3);
  double budget = 10;
  for (int frame = 0; frame < 200; ++frame) {
    controller.set_budget(budget += 0.001);
    controller.add(controller.is_due() ? std::optional(4.0) : std::nullopt, 2);
  }
  EXPECT_EQ(controller.interval(), 1);
}

TEST(RateController, OneSlowFrameAmongManyChangesNothing) {
  RateController controller;
  controller.set_budget(10);
  controller.add(100, 2);
  for (int frame = 0; frame < 50; ++frame) {
    controller.add(frame == 20 ? 100 : 4, 2);
    EXPECT_EQ(controller.interval(), 1);
  }
}

TEST(RateController, ForgetsTimesButNotTheBudget) {
  RateController controller;
  controller.set_budget(10);
  for (int frame = 0; frame < 5; ++frame) controller.add(100, 2);
  EXPECT_EQ(controller.interval(), 3);
  controller.reset();
  EXPECT_EQ(controller.interval(), 1);
  for (int frame = 0; frame < 5; ++frame) controller.add(4, 2);
  EXPECT_EQ(controller.interval(), 1);
  for (int frame = 0; frame < 5; ++frame) controller.add(100, 2);
  EXPECT_GT(controller.interval(), 1);
  controller.set_budget(0);
  EXPECT_EQ(controller.interval(), 1);
}

}  // namespace
}  // namespace backdrop::test
