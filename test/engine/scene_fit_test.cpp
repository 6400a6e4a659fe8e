#include "render/cpu/scene_fit.h"

#include <gtest/gtest.h>

#include <random>

namespace backdrop::test {
namespace {

// A still picture of 600 points, whose colours are spread around a mean, under a light; with the
// noise of a camera, which the room that was learned has less of.
SceneFit judge(unsigned seed, float spread, const SceneFit::Light& light) {
  constexpr std::size_t kPoints = 600;
  constexpr float kNoise = 3;
  std::mt19937 random(seed);
  std::normal_distribution<float> normal;
  SceneFit fit;
  EXPECT_TRUE(fit.prepare(kPoints));
  for (std::size_t i = 0; i < kPoints; ++i) {
    ScenePoint point{};
    point.is_known = true;
    point.cell = i % kSceneCells;
    for (std::size_t c = 0; c < 3; ++c) {
      const float color = 140 + spread * normal(random);
      point.room[c] = color + 0.2F * kNoise * normal(random);
      point.frame[c] = light.gain * color + light.offset + kNoise * normal(random);
    }
    point.before.value = point.frame[0];
    point.in_room.value = point.room[0];
    fit.add(point);
  }
  EXPECT_EQ(fit.judge(), SceneFit::Verdict::kStill);
  return fit;
}

constexpr unsigned kSeeds = 200;

// The chroma of most rooms has a few levels: a line through them is steep or flat by chance.
TEST(SceneFit, NoiseIsNoOtherLight) {
  for (const float spread : {1.0F, 4.0F, 40.0F}) {
    int others = 0;
    for (unsigned seed = 0; seed < kSeeds; ++seed) {
      others += judge(seed, spread, {}).has_other_light() ? 1 : 0;
    }
    EXPECT_LE(others, 2) << "spread " << spread;
  }
}

TEST(SceneFit, FindsAnotherLight) {
  for (const float spread : {1.0F, 4.0F, 40.0F}) {
    for (unsigned seed = 0; seed < kSeeds; ++seed) {
      EXPECT_TRUE(judge(seed, spread, {.gain = 1, .offset = 2}).has_other_light());
      const SceneFit fit = judge(seed, spread, {.gain = 1.04F, .offset = 0});
      EXPECT_TRUE(fit.has_other_light());
      const auto& [gain, offset, level, deviation] = fit.light()[1];
      EXPECT_NEAR(gain * 140 + offset, 1.04 * 140, 0.6);
      EXPECT_NEAR(level, 140, 6);
      EXPECT_NEAR(deviation, spread, 0.2 * spread + 0.5);
    }
  }
}

}  // namespace
}  // namespace backdrop::test
