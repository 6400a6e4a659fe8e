// The engine's outputs match TensorFlow Lite's.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <string>
#include <vector>

#include "hwy/targets.h"
#include "net/network.h"
#include "platform/thread_pool.h"
#include "support.h"

namespace backdrop {
namespace {

struct Model {
  std::string name;
  std::string size;
  float tolerance;
};

// Meet's outputs are logits, the others' probabilities.
const Model kModels[] = {
    {"segm_full_v679", "256x144", 2e-4F},
    {"segm_lite_v681", "160x96", 2e-4F},
    {"selfiesegmentation_mlkit-256x256-2021_01_19-v1215.f16", "256x256", 2e-5F},
    {"selfie_segmentation_landscape", "256x144", 2e-5F},
    {"selfie_segmenter_landscape", "256x144", 2e-5F},
};

// The only image with a larger tolerance, and the number of values that may use it. ML Kit's
// network amplifies rounding there: TensorFlow Lite's own outputs differ by 3.2e-5 from those of
// double precision.
bool is_ill_conditioned(const Model& model, const std::string& photo) {
  return model.size == "256x256" && photo == "woman";
}
constexpr float kIllConditionedTolerance = 1e-4F;
constexpr std::size_t kIllConditionedValues = 65536 / 500;

bool is_person(std::span<const float> output, std::size_t pixel, int channels) {
  if (channels == 2) return output[2 * pixel + 1] > output[2 * pixel];
  return output[pixel] > 0.5F;
}

void expect_golden(const Model& model, const std::string& photo, Network& network) {
  const auto golden = *test::golden_folder();
  const auto pixels = test::read_npy_bytes(golden / ("input_" + photo + "_" + model.size + ".npy"));
  const auto expected = test::read_npy_floats(golden / (model.name + "__" + photo + ".npy"));
  const std::span<float> input = network.input();
  ASSERT_EQ(pixels.size(), input.size());
  for (std::size_t i = 0; i < input.size(); ++i) input[i] = static_cast<float>(pixels[i]) / 255.0F;

  const std::span<const float> output = network.run();
  ASSERT_EQ(output.size(), expected.size());
  float largest = 0;
  std::size_t beyond = 0;
  for (std::size_t i = 0; i < output.size(); ++i) {
    const float difference = std::fabs(output[i] - expected[i]);
    largest = std::max(largest, difference);
    if (difference > model.tolerance) ++beyond;
  }
  const bool lenient = is_ill_conditioned(model, photo);
  EXPECT_LE(largest, lenient ? kIllConditionedTolerance : model.tolerance)
      << model.name << ", " << photo;
  EXPECT_LE(beyond, lenient ? kIllConditionedValues : 0) << model.name << ", " << photo;
  const int channels = network.output_shape().channels;
  std::size_t labels = 0;
  for (std::size_t p = 0; p < network.output_shape().pixels(); ++p) {
    if (is_person(output, p, channels) != is_person(expected, p, channels)) ++labels;
  }
  EXPECT_EQ(labels, 0U) << model.name << ", " << photo;
}

// The instruction sets to test, the best one first.
std::vector<int64_t> targets() { return test::cases(hwy::SupportedAndGeneratedTargets()); }

TEST(Parity, Golden) {
  if (!test::golden_folder()) GTEST_SKIP() << "../shared/golden is not there";
  for (const int64_t target : targets()) {
    for (const std::size_t threads : test::cases<std::size_t>({2, 1})) {
      const auto executor = make_executor(threads);
      for (const Model& model : kModels) {
        const auto bytes = test::find_model(model.name + ".tflite");
        ASSERT_TRUE(bytes) << model.name;
        hwy::SetSupportedTargetsForTest(target);
        auto network = Network::create(*bytes, *executor);
        hwy::SetSupportedTargetsForTest(0);
        ASSERT_TRUE(network) << network.error().message();
        for (const char* photo : test::cases<const char*>({"doctor", "girl", "woman"})) {
          SCOPED_TRACE(hwy::TargetName(target) + (", threads: " + std::to_string(threads)));
          expect_golden(model, photo, **network);
        }
      }
    }
  }
}

// Networks with an input range of -1 to 1. Their outputs are logits: the tolerance is relative to
// the logits' range, and one pixel in 10,000 may have another label.
struct LogitModel {
  std::string name;
  std::vector<std::string> photos;
};

const LogitModel kLogitModels[] = {
    {"bodypix_float_050_stride8_257", {"doctor", "girl", "woman"}},
    {"deeplabv3_257_mv_gpu", {"girl"}},
};

// The class of a pixel: the index of its largest logit.
std::size_t label_of(std::span<const float> output, std::size_t pixel, std::size_t channels) {
  if (channels == 1) return output[pixel] > 0 ? 1 : 0;
  const auto logits = output.subspan(pixel * channels, channels);
  return static_cast<std::size_t>(std::ranges::max_element(logits) - logits.begin());
}

void expect_golden_logits(const std::string& model, const std::string& photo, Network& network) {
  SCOPED_TRACE(model + ", " + photo);
  const auto golden = *test::golden_folder();
  const auto pixels = test::read_npy_bytes(golden / ("input_" + photo + "_257x257.npy"));
  const auto expected = test::read_npy_floats(golden / (model + "__" + photo + ".npy"));
  const std::span<float> input = network.input();
  ASSERT_EQ(pixels.size(), input.size());
  for (std::size_t i = 0; i < input.size(); ++i) {
    input[i] = static_cast<float>(pixels[i]) / 127.5F - 1.0F;
  }

  const std::span<const float> output = network.run();
  ASSERT_EQ(output.size(), expected.size());
  const auto [least, most] = std::ranges::minmax(expected);
  float largest = 0;
  for (std::size_t i = 0; i < output.size(); ++i) {
    largest = std::max(largest, std::fabs(output[i] - expected[i]));
  }
  EXPECT_LE(largest, 2e-4F * (most - least));
  const auto channels = static_cast<std::size_t>(network.output_shape().channels);
  const std::size_t count = network.output_shape().pixels();
  std::size_t labels = 0;
  for (std::size_t p = 0; p < count; ++p) {
    if (label_of(output, p, channels) != label_of(expected, p, channels)) ++labels;
  }
  EXPECT_LE(labels, count / 10'000);
}

TEST(Parity, GoldenLogits) {
  if (!test::golden_folder()) GTEST_SKIP() << "../shared/golden is not there";
  const auto executor = make_executor(2);
  for (const int64_t target : targets()) {
    SCOPED_TRACE(hwy::TargetName(target));
    for (const LogitModel& model : kLogitModels) {
      const auto bytes = test::find_model(model.name + ".tflite");
      ASSERT_TRUE(bytes) << model.name;
      hwy::SetSupportedTargetsForTest(target);
      auto network = Network::create(*bytes, *executor);
      hwy::SetSupportedTargetsForTest(0);
      ASSERT_TRUE(network) << network.error().message();
      for (const std::string& photo : test::cases(model.photos)) {
        expect_golden_logits(model.name, photo, **network);
      }
    }
  }
}

// A drawing of a head and shoulders in front of a pattern, as bytes.
std::uint8_t drawn(int y, int x, int channel) {
  constexpr std::uint8_t kSkin[] = {224, 172, 150};
  constexpr std::uint8_t kCloth[] = {60, 70, 120};
  const int dx = 4 * (x - 128) * (x - 128);
  if (dx + 2 * (y - 60) * (y - 60) < 3600) return kSkin[channel];
  if (dx + 9 * (y - 150) * (y - 150) < 32400) return kCloth[channel];
  return static_cast<std::uint8_t>((x * (channel + 1) + 2 * y + 40 * channel) % 256 / 2 + 60);
}

// Needs no golden data, only npm's copy of the model. The file has TensorFlow Lite's output for the
// drawing: the number of person pixels, then indices into the output with their logits.
TEST(Parity, MeetFullOnADrawing) {
  const auto bytes = test::find_model("segm_full_v679.tflite");
  if (!bytes) GTEST_SKIP() << "segm_full_v679.tflite is not installed";
  SerialExecutor executor;
  const auto network = Network::create(*bytes, executor);
  ASSERT_TRUE(network) << network.error().message();
  float* input = (*network)->input().data();
  for (int y = 0; y < 144; ++y) {
    for (int x = 0; x < 256; ++x) {
      for (int c = 0; c < 3; ++c) *input++ = static_cast<float>(drawn(y, x, c)) / 255.0F;
    }
  }
  const std::span<const float> output = (*network)->run();
  ASSERT_EQ(output.size(), 144U * 256 * 2);
  std::size_t person = 0;
  for (std::size_t p = 0; p < output.size() / 2; ++p) person += is_person(output, p, 2) ? 1U : 0U;

  std::ifstream reference(BACKDROP_TEST_DATA "/meet_full_drawing.txt");
  std::size_t expected_person = 0, place = 0, compared = 0;
  ASSERT_TRUE(reference >> expected_person);
  EXPECT_EQ(person, expected_person);
  for (float logit = 0; reference >> place >> logit; ++compared) {
    EXPECT_NEAR(output[place], logit, 2e-4F) << place;
  }
  EXPECT_EQ(compared, 32U);
}

}  // namespace
}  // namespace backdrop
