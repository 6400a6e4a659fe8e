// A network with any weights, and one frame, on every instruction set of the machine: the same
// matte, and background wherever a number is not one.
#include <fuzzer/FuzzedDataProvider.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <utility>
#include <vector>

#include "backdrop/backdrop.h"
#include "demand.h"
#include "engine.h"
#include "hwy/targets.h"
#include "picture.h"
#include "tflite_builder.h"

namespace backdrop::fuzz {
namespace {

constexpr int kLargestDifference = 3;  // of a matte, in levels

// The hidden layer's weights are small enough for sums to differ by their order of addition alone.
struct Weights {
  std::vector<float> hidden, output;
  bool has_nan = false;
};

constexpr int kHidden = 9;  // more than a vector of some sets, not a multiple

Weights any_weights(FuzzedDataProvider& bytes) {
  Weights weights;
  const auto any = [&] {
    if (bytes.ConsumeIntegral<std::uint8_t>() != 255) {
      return bytes.ConsumeFloatingPointInRange(-2.0f, 2.0f);
    }
    weights.has_nan = true;
    return std::numeric_limits<float>::quiet_NaN();
  };
  for (int i = 0; i < 3 * kHidden; ++i) weights.hidden.push_back(any());
  for (int i = 0; i < kHidden; ++i) weights.output.push_back(any());
  return weights;
}

std::vector<std::uint8_t> make_network(const Weights& weights, tflite::BuiltinOperator activation) {
  constexpr int kWidth = 21, kHeight = 13;
  test::TfliteBuilder b;
  const int input = b.tensor({1, kHeight, kWidth, 3});
  const int hidden = b.tensor({1, kHeight, kWidth, kHidden});
  b.convolution(input, b.floats({kHidden, 1, 1, 3}, weights.hidden),
                b.floats({kHidden}, std::vector<float>(kHidden, 0.1f)), hidden);
  const int active = b.apply(activation, {hidden}, {1, kHeight, kWidth, kHidden});
  const int logits = b.tensor({1, kHeight, kWidth, 1});
  b.convolution(active, b.floats({1, 1, 1, kHidden}, weights.output), b.floats({1}, {20}), logits);
  const int output = b.apply(tflite::BuiltinOperator::LOGISTIC, {logits}, {1, kHeight, kWidth, 1});
  return b.finish({input}, {output});
}

std::vector<std::uint8_t> find_matte(const std::vector<std::uint8_t>& network,
                                     const Picture& frame) {
  const Engine engine(backdrop_create(1), &backdrop_destroy);
  demand(backdrop_load_model(engine.get(), network.data(), network.size(), nullptr) == BACKDROP_OK,
         "the model is loaded");
  // A rounding error decides where a crop begins.
  backdrop_set_person_crop(engine.get(), 0);
  const Picture drawn(frame.form());
  const backdrop_image in = frame.image(), out = drawn.image();
  demand(backdrop_process(engine.get(), &in, &out) == BACKDROP_OK, "a frame");
  const Form& form = frame.form();
  std::vector<std::uint8_t> matte(static_cast<std::size_t>(form.width * form.height));
  demand(backdrop_get_matte(engine.get(), form.width, form.height, matte.data(), form.width) ==
             BACKDROP_OK,
         "a matte");
  return matte;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  FuzzedDataProvider bytes(data, size);
  Form form = any_form(bytes, 60);
  const Picture frame = std::move(Picture(form).fill_noise(bytes.ConsumeIntegral<std::uint8_t>()));
  const auto activation = bytes.PickValueInArray(
      {tflite::BuiltinOperator::RELU, tflite::BuiltinOperator::RELU6,
       tflite::BuiltinOperator::HARD_SWISH, tflite::BuiltinOperator::LOGISTIC});
  const Weights weights = any_weights(bytes);
  const std::vector<std::uint8_t> network = make_network(weights, activation);
  std::vector<std::uint8_t> first;
  for (const std::int64_t target : hwy::SupportedAndGeneratedTargets()) {
    hwy::SetSupportedTargetsForTest(target);
    const std::vector<std::uint8_t> matte = find_matte(network, frame);
    if (weights.has_nan) demand(std::ranges::max(matte) == 0, "not a number is background");
    if (first.empty()) first = matte;
    for (std::size_t i = 0; i < matte.size(); ++i) {
      demand(std::abs(matte[i] - first[i]) <= kLargestDifference,
             "the instruction sets find the same matte");
    }
  }
  hwy::SetSupportedTargetsForTest(0);
  return 0;
}

}  // namespace backdrop::fuzz
