// The engine's outputs on the CPU and on the GPU, and the table of settings.
#include "engine_run.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <optional>

#include "drawing.h"
#include "egl_context.h"
#include "failure.h"
#include "scene.h"

namespace backdrop::quality::test {
namespace {

class EngineRunTest : public testing::Test {
 protected:
  void SetUp() override {
    setenv("BACKDROP_MODELS", BACKDROP_MODEL_FOLDERS, 1);
    try {
      model_ = cli::open_default_model();
    } catch (const cli::Failure& failure) {
      GTEST_SKIP() << failure.what();
    }
  }

  Output output_of(const Setting& setting, const cli::Picture& frame) const {
    EngineRun run(*model_, setting);
    run.set_new_background(to_picture(drawn_room(frame.width, frame.height, 40, 220)));
    return run.process(frame);
  }

  std::optional<cli::Model> model_;
};

cli::Picture drawn_frame() {
  const Film film{.width = 320, .height = 180, .seconds = 1};
  return Scene(sequences().front(), film, placement_of(0), {premultiplied(drawn_person(200))},
               Image(320, 180, 3, 150))
      .frame(0)
      .frame;
}

double mean_difference(const Image& a, const Image& b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.values.size(); ++i) sum += std::abs(a.values[i] - b.values[i]);
  return sum / static_cast<double>(a.values.size());
}

TEST_F(EngineRunTest, FindsTheDrawnPerson) {
  const Output output = output_of(settings().front(), drawn_frame());
  EXPECT_GT(output.alpha.at(160, 120), 0.9F);
  EXPECT_LT(output.alpha.at(20, 20), 0.1F);
  // What is not the person is new in one picture and blurred in the other.
  EXPECT_NE(output.composite.rgba, output.blurred.rgba);
}

TEST_F(EngineRunTest, TheGpuGivesWhatTheCpuGives) {
  if (const auto context = egl::Context::create(); !context)
    GTEST_SKIP() << context.error().message;
  Setting setting = settings().front();
  const cli::Picture frame = drawn_frame();
  const Output on_cpu = output_of(setting, frame);
  setting.is_on_gpu = true;
  const Output on_gpu = output_of(setting, frame);
  EXPECT_LT(mean_difference(on_cpu.alpha, on_gpu.alpha), 1.0 / 255);
  EXPECT_LT(mean_difference(colors_of(on_cpu.composite), colors_of(on_gpu.composite)), 1);
  EXPECT_LT(mean_difference(colors_of(on_cpu.blurred), colors_of(on_gpu.blurred)), 1);
}

TEST_F(EngineRunTest, TheEngineTakesEverySetting) {
  const cli::Picture frame = drawn_frame();
  for (const Setting& setting : settings()) {
    Setting on_cpu = setting;
    on_cpu.is_on_gpu = false;
    EXPECT_NO_THROW(EngineRun(*model_, on_cpu).matte(frame)) << setting.name;
    EXPECT_EQ(std::ranges::count(settings(), setting.name, &Setting::name), 1) << setting.name;
  }
}

// A setting that is said to forget gives the same alpha whatever it saw before.
TEST_F(EngineRunTest, WhatForgetsDependsOnTheFrameAlone) {
  const cli::Picture frame = drawn_frame();
  const cli::Picture other = to_picture(Image(frame.width, frame.height, 3, 128));
  for (const Setting& setting : settings()) {
    if (setting.remembers || setting.is_on_gpu) continue;
    EngineRun run(*model_, setting);
    const Image first = run.matte(frame);
    run.matte(other);
    EXPECT_EQ(run.matte(frame).values, first.values) << setting.name;
  }
}

}  // namespace
}  // namespace backdrop::quality::test
