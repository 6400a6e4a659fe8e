// The same answers as TensorFlow Lite.
#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <utility>

#include "hwy/targets.h"
#include "runtime/network.h"
#include "runtime/thread_pool.h"
#include "support.h"

namespace backdrop {
namespace {

struct Model {
  std::string name;
  std::string size;
  float tolerance;
};

// Meet's outputs are logits, the others' probabilities. ML Kit's outputs are as far as 3.2e-5 from
// those that double precision gives (for the woman), in TensorFlow Lite as here, so that two right
// float32 implementations differ by more than the 2e-5 that the others keep.
const Model kModels[] = {
    {"segm_full_v679", "256x144", 2e-4F},
    {"segm_lite_v681", "160x96", 2e-4F},
    {"selfiesegmentation_mlkit-256x256-2021_01_19-v1215.f16", "256x256", 1e-4F},
    {"selfie_segmentation_landscape", "256x144", 2e-5F},
    {"selfie_segmenter_landscape", "256x144", 2e-5F},
};

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
    if (difference > 2e-5F) ++beyond;
  }
  EXPECT_LE(largest, model.tolerance) << model.name << ", " << photo;
  const int channels = network.output_shape().channels;
  if (channels == 1) {
    EXPECT_LE(beyond, output.size() / 500) << model.name << ", " << photo;
  }
  std::size_t labels = 0;
  for (std::size_t p = 0; p < network.output_shape().pixels(); ++p) {
    if (is_person(output, p, channels) != is_person(expected, p, channels)) ++labels;
  }
  EXPECT_EQ(labels, 0U) << model.name << ", " << photo;
}

TEST(Parity, Golden) {
  if (!test::golden_folder()) GTEST_SKIP() << "../shared/golden is not there";
  for (const int64_t target : hwy::SupportedAndGeneratedTargets()) {
    for (const std::size_t threads : {1U, 2U}) {
      const auto executor = make_executor(threads);
      for (const Model& model : kModels) {
        const auto bytes = test::find_model(model.name + ".tflite");
        ASSERT_TRUE(bytes) << model.name;
        hwy::SetSupportedTargetsForTest(target);
        auto network = Network::create(*bytes, *executor);
        hwy::SetSupportedTargetsForTest(0);
        ASSERT_TRUE(network) << network.error().message;
        for (const char* photo : {"doctor", "girl", "woman"}) {
          SCOPED_TRACE(hwy::TargetName(target));
          expect_golden(model, photo, **network);
        }
      }
    }
  }
}

// A drawing of a head and shoulders before a pattern, as bytes.
std::uint8_t drawn(int y, int x, int channel) {
  constexpr std::uint8_t kSkin[] = {224, 172, 150};
  constexpr std::uint8_t kCloth[] = {60, 70, 120};
  const int dx = 4 * (x - 128) * (x - 128);
  if (dx + 2 * (y - 60) * (y - 60) < 3600) return kSkin[channel];
  if (dx + 9 * (y - 150) * (y - 150) < 32400) return kCloth[channel];
  return static_cast<std::uint8_t>((x * (channel + 1) + 2 * y + 40 * channel) % 256 / 2 + 60);
}

// What TensorFlow Lite computes for the drawing with Meet full: place in the output, logit.
constexpr std::pair<std::size_t, float> kDrawnLogits[] = {
    {301, -8.392558F},   {1800, 9.716242F},   {3299, -10.68139F},  {4798, 13.07026F},
    {6297, -9.902092F},  {7796, 10.11158F},   {9295, -12.89189F},  {10794, 14.11846F},
    {12293, -11.50691F}, {13792, 9.555774F},  {15291, -10.84269F}, {16790, 9.070127F},
    {18289, -11.78962F}, {19788, 10.60368F},  {21287, 14.94084F},  {22786, -14.26511F},
    {24285, 14.07306F},  {25784, 10.52823F},  {27283, -11.47423F}, {28782, 9.956635F},
    {30281, -13.52073F}, {31780, 11.41605F},  {33279, -11.14898F}, {34778, 12.76546F},
    {36277, -10.05583F}, {37776, 10.64357F},  {39275, -10.95578F}, {40774, 11.51207F},
    {42273, 15.83726F},  {43772, -16.46826F}, {45271, 2.985316F},  {46770, 10.39865F}};

// The places in the drawing that it takes for the person.
constexpr std::size_t kDrawnPerson = 10887;

TEST(Parity, MeetFullOnADrawing) {
  const auto bytes = test::find_model("segm_full_v679.tflite");
  if (!bytes) GTEST_SKIP() << "segm_full_v679.tflite is not installed";
  SerialExecutor executor;
  const auto network = Network::create(*bytes, executor);
  ASSERT_TRUE(network) << network.error().message;
  float* input = (*network)->input().data();
  for (int y = 0; y < 144; ++y) {
    for (int x = 0; x < 256; ++x) {
      for (int c = 0; c < 3; ++c) *input++ = static_cast<float>(drawn(y, x, c)) / 255.0F;
    }
  }
  const std::span<const float> output = (*network)->run();
  ASSERT_EQ(output.size(), 144U * 256 * 2);
  for (const auto& [place, logit] : kDrawnLogits) EXPECT_NEAR(output[place], logit, 2e-4F) << place;
  std::size_t person = 0;
  for (std::size_t p = 0; p < output.size() / 2; ++p) person += is_person(output, p, 2) ? 1U : 0U;
  EXPECT_EQ(person, kDrawnPerson);
}

}  // namespace
}  // namespace backdrop
