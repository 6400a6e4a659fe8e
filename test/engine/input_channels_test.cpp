// Networks of one and four input channels, ranges for each channel, and networks with states, from
// frame to frame.
#include <gtest/gtest.h>

#include <cstdint>
#include <memory>
#include <vector>

#include "backdrop/backdrop.h"
#include "metadata_builder.h"
#include "tflite_builder.h"

namespace backdrop::test {
namespace {

constexpr int kSide = 8;

// A network whose answer is the sum of its channels with these weights.
std::vector<std::uint8_t> sum_of(const std::vector<float>& weights, int height = kSide) {
  TfliteBuilder b;
  const auto channels = static_cast<int>(weights.size());
  const int input = b.tensor({1, height, kSide, channels});
  const int output = b.tensor({1, height, kSide, 1});
  b.convolution(input, b.floats({1, 1, 1, channels}, weights), b.floats({1}, {0}), output);
  return b.finish({input}, {output});
}

// Its answer is a quarter of the colours' mean plus half of the answer before.
std::vector<std::uint8_t> recurrent() {
  TfliteBuilder b;
  const int input = b.tensor({1, kSide, kSide, 3});
  const int state = b.tensor({1, kSide, kSide, 1});
  const int color = b.tensor({1, kSide, kSide, 1});
  b.convolution(input, b.floats({1, 1, 1, 3}, {0.25F, 0, 0}), b.floats({1}, {0}), color);
  const int half =
      b.apply(fb::BuiltinOperator::MUL, {state, b.floats({1}, {0.5F})}, {1, kSide, kSide, 1});
  const int sum = b.apply(fb::BuiltinOperator::ADD, {color, half}, {1, kSide, kSide, 1});
  return b.finish({input, state}, {sum});
}

class InputChannels : public testing::Test {
 protected:
  void load(const std::vector<std::uint8_t>& model, backdrop_model_options options = {}) {
    options.output = BACKDROP_OUTPUT_PROBABILITY;
    ASSERT_EQ(backdrop_load_model(engine_.get(), model.data(), model.size(), &options), BACKDROP_OK)
        << backdrop_last_error(engine_.get());
    backdrop_set_steadying(engine_.get(), 0);
    backdrop_set_coverage(engine_.get(), 0, 1);
    backdrop_set_learned_room(engine_.get(), 0);
  }

  // What the network says of a frame of one colour, as a smoothstep of 0 to 255.
  int answer(std::uint8_t red, std::uint8_t green, std::uint8_t blue, int rotation = 0) {
    std::vector<std::uint8_t> pixels;
    for (int i = 0; i < kSide * kSide; ++i) pixels.insert(pixels.end(), {red, green, blue, 255});
    backdrop_image image{};
    image.width = image.height = kSide;
    image.rotation = rotation;
    image.planes[0] = pixels.data();
    image.strides[0] = 4 * kSide;
    EXPECT_EQ(backdrop_process(engine_.get(), &image, &image), BACKDROP_OK)
        << backdrop_last_error(engine_.get());
    std::vector<std::uint8_t> alpha(kSide * kSide);
    EXPECT_EQ(backdrop_get_matte(engine_.get(), kSide, kSide, alpha.data(), kSide), BACKDROP_OK);
    EXPECT_NEAR(alpha.back(), alpha[kSide + 1], 1) << "the same everywhere";
    return alpha[kSide + 1];
  }

  std::unique_ptr<backdrop_engine, decltype(&backdrop_destroy)> engine_{backdrop_create(1),
                                                                        &backdrop_destroy};
};

int level(float probability) {
  return static_cast<int>(255 * probability * probability * (3 - 2 * probability) + 0.5F);
}

TEST_F(InputChannels, OneChannelIsLuma) {
  load(sum_of({1}));
  EXPECT_NEAR(answer(255, 0, 0), level(0.299F), 2);
  EXPECT_NEAR(answer(0, 255, 0), level(0.587F), 2);
  EXPECT_NEAR(answer(0, 0, 255), level(0.114F), 2);
}

TEST_F(InputChannels, TheFourthIsTheMaskBefore) {
  for (const int rotation : {0, 90}) {
    load(sum_of({0.25F, 0, 0, 0.5F}));
    EXPECT_NEAR(answer(255, 0, 0, rotation), level(0.25F), 2);
    EXPECT_NEAR(answer(255, 0, 0, rotation), level(0.375F), 2);
    EXPECT_NEAR(answer(255, 0, 0, rotation), level(0.4375F), 2);
    backdrop_reset(engine_.get());
    EXPECT_NEAR(answer(255, 0, 0, rotation), level(0.25F), 2);
  }
}

TEST_F(InputChannels, TheMaskBeforeMayHaveVeryManyRows) {
  load(sum_of({0.25F, 0, 0, 0.5F}, 50000));
  EXPECT_NEAR(answer(255, 0, 0), level(0.25F), 2);
  EXPECT_NEAR(answer(255, 0, 0), level(0.375F), 2);
}

TEST_F(InputChannels, AStateIsKeptUntilReset) {
  load(recurrent());
  EXPECT_NEAR(answer(255, 0, 0), level(0.25F), 2);
  EXPECT_NEAR(answer(255, 0, 0), level(0.375F), 2);
  EXPECT_NEAR(answer(255, 0, 0), level(0.4375F), 2);
  backdrop_reset(engine_.get());
  EXPECT_NEAR(answer(255, 0, 0), level(0.25F), 2);
}

TEST_F(InputChannels, EachOfThreeMayHaveItsMeanAndDeviation) {
  backdrop_model_options options{};
  for (const int c : {0, 1, 2}) {
    options.input_mean[c] = 51.0F * static_cast<float>(c);
    options.input_deviation[c] = 255;
  }
  load(sum_of({1, 0, 0}), options);
  EXPECT_NEAR(answer(102, 102, 102), level(0.4F), 2);
  load(sum_of({0, 0, 1}), options);
  EXPECT_NEAR(answer(204, 204, 204), level(0.4F), 2);
  backdrop_model_info info{};
  ASSERT_EQ(backdrop_get_model_info(engine_.get(), &info), BACKDROP_OK);
  EXPECT_FLOAT_EQ(info.channel_min[1], -0.2F);
  EXPECT_FLOAT_EQ(info.channel_max[2], 0.6F);
  EXPECT_FLOAT_EQ(info.input_max, 1);
}

// The first input is no picture: the second's metadata counts.
TEST_F(InputChannels, TheMetadataIsThePictures) {
  TfliteBuilder b;
  const int state = b.tensor({1, kSide, kSide, 2}), input = b.tensor({1, kSide, kSide, 3});
  const int next = b.tensor({1, kSide, kSide, 2}), output = b.tensor({1, kSide, kSide, 1});
  b.convolution(input, b.floats({2, 1, 1, 3}, std::vector<float>(6)), b.floats({2}, {0, 0}), next);
  const int joined = b.apply(fb::BuiltinOperator::ADD, {next, state}, {1, kSide, kSide, 2});
  b.convolution(joined, b.floats({1, 1, 1, 2}, {1, 1}), b.floats({1}, {0}), output);
  b.metadata("TFLITE_METADATA", metadata_of({.inputs_before = 1}));
  load(b.finish({state, input}, {output, next}));
  backdrop_model_info info{};
  ASSERT_EQ(backdrop_get_model_info(engine_.get(), &info), BACKDROP_OK);
  EXPECT_EQ(info.input_min, -1);
  EXPECT_EQ(info.input_max, 1);
}

TEST_F(InputChannels, ThoseOfOneChannelMayNotDiffer) {
  const auto model = sum_of({1});
  backdrop_model_options options{};
  for (float& each : options.input_deviation) each = 255;
  EXPECT_EQ(backdrop_load_model(engine_.get(), model.data(), model.size(), &options), BACKDROP_OK);
  options.input_mean[1] = 1;
  EXPECT_EQ(backdrop_load_model(engine_.get(), model.data(), model.size(), &options),
            BACKDROP_ERROR_ARGUMENT);
}

TEST_F(InputChannels, MeansAndDeviationsThatAreNoneAreRefused) {
  const auto model = sum_of({1, 0, 0});
  const auto load_with = [&](float deviation, float max) {
    backdrop_model_options options{};
    options.input_max = max;
    for (float& each : options.input_deviation) each = deviation;
    options.input_mean[0] = 1;
    return backdrop_load_model(engine_.get(), model.data(), model.size(), &options);
  };
  EXPECT_EQ(load_with(1, 0), BACKDROP_OK);
  EXPECT_EQ(load_with(0, 0), BACKDROP_ERROR_ARGUMENT);
  EXPECT_EQ(load_with(-1, 0), BACKDROP_ERROR_ARGUMENT);
  EXPECT_EQ(load_with(1, 1), BACKDROP_ERROR_ARGUMENT);
}

TEST(Layouts, ACallerOfTheFirstLayoutKeepsItsStructs) {
  const std::unique_ptr<backdrop_engine, decltype(&backdrop_destroy)> engine(
      backdrop_create_abi(1, 1), &backdrop_destroy);
  const auto model = sum_of({1, 0, 0});
  backdrop_model_options options{};
  options.input_deviation[0] = -1;  // beyond the first layout: not read
  ASSERT_EQ(backdrop_load_model(engine.get(), model.data(), model.size(), &options), BACKDROP_OK);
  backdrop_model_info info{};
  info.channel_min[0] = 42;
  ASSERT_EQ(backdrop_get_model_info(engine.get(), &info), BACKDROP_OK);
  EXPECT_EQ(info.channel_min[0], 42) << "nothing is written beyond the first layout";
  EXPECT_EQ(info.input_channels, 3);
  backdrop_statistics statistics{};
  statistics.network_bytes = 42;
  ASSERT_EQ(backdrop_get_statistics(engine.get(), &statistics), BACKDROP_OK);
  EXPECT_EQ(statistics.network_bytes, 42);
}

}  // namespace
}  // namespace backdrop::test
