// Which inputs and outputs of a file are the picture, the mask and states, and where their channels
// are.
#include <gtest/gtest.h>

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "model_checks.h"
#include "net/network.h"
#include "support.h"
#include "tflite_builder.h"

namespace backdrop {
namespace {

namespace fb = tflite;
using Op = fb::BuiltinOperator;
using test::expect_error;
using test::TfliteBuilder;

// A pointwise convolution whose weights are all `weight`.
int convolve(TfliteBuilder& b, int input, std::vector<int> shape, int in_channels, float weight,
             float bias = 0) {
  const int channels = shape.back();
  const auto count = static_cast<std::size_t>(channels * in_channels);
  const int filter = b.floats({channels, 1, 1, in_channels}, std::vector<float>(count, weight));
  const int biases =
      b.floats({channels}, std::vector<float>(static_cast<std::size_t>(channels), bias));
  const int output = b.tensor(std::move(shape));
  b.convolution(input, filter, biases, output);
  return output;
}

int transpose(TfliteBuilder& b, int input, const std::vector<int>& order, std::vector<int> shape) {
  return b.apply(Op::TRANSPOSE, {input, b.integers(order)}, std::move(shape));
}

std::unique_ptr<Network> load(const std::vector<std::uint8_t>& file, Executor& executor,
                              std::optional<InputSize> size = {}, std::string_view output = {}) {
  auto network = Network::create(file, executor, size, output);
  if (network) return *std::move(network);
  ADD_FAILURE() << network.error().message();
  return nullptr;
}

// 4 x 6 pixels; key points of 17 channels, a mask of one, a vector.
std::vector<std::uint8_t> with_three_outputs() {
  TfliteBuilder b;
  const int input = b.named("image").tensor({1, 4, 6, 3});
  const int points = convolve(b, input, {1, 4, 6, 17}, 3, 1);
  const int logits = convolve(b, input, {1, 4, 6, 1}, 3, 2);
  const int mask = b.named("segments").apply(Op::LOGISTIC, {logits}, {1, 4, 6, 1});
  const int mean = b.tensor({1, 1, 1, 3});
  b.operation(Op::MEAN, {input, b.integers({1, 2})}, mean);
  b.signature("serving_default", "heatmaps", points);
  return b.finish({input}, {points, mask, mean});
}

TEST(NetworkEnds, TheOutputThatFitsIsTakenAndTold) {
  const auto graph = read_tflite(with_three_outputs());
  ASSERT_TRUE(graph) << graph.error().message();
  EXPECT_EQ(graph->shape(graph->output), (Shape{4, 6, 1}));
  EXPECT_EQ(graph->output_index, 1U);
}

TEST(NetworkEnds, AnOutputIsChosenByItsNameInTheFileOrInASignature) {
  for (const auto& [name, channels] :
       {std::pair("heatmaps", 17), std::pair("t1", 0), std::pair("t3", 17)}) {
    const auto graph = read_tflite(with_three_outputs(), {}, Weights::kCopied, name);
    if (channels == 0) {
      ASSERT_FALSE(graph);
      EXPECT_EQ(graph.error().code(), ErrorCode::kArgument);
      continue;
    }
    ASSERT_TRUE(graph) << name << ": " << graph.error().message();
    EXPECT_EQ(graph->shape(graph->output).channels, channels);
    EXPECT_EQ(graph->output_name, "heatmaps");
  }
}

TEST(NetworkEnds, AnOutputIsFoundByALongNameAndByASignatureFirst) {
  const std::string long_name(100, 'n');
  TfliteBuilder b;
  const int input = b.tensor({1, 4, 6, 3});
  const int points = b.named("mask").apply(Op::RELU, {input}, {1, 4, 6, 3});
  const int mask = convolve(b, input, {1, 4, 6, 1}, 3, 2);
  const int other = b.named(long_name).apply(Op::RELU, {mask}, {1, 4, 6, 1});
  b.signature("serving_default", "mask", mask);
  const auto file = b.finish({input}, {points, mask, other});
  for (const auto& [name, index] : {std::pair(std::string("mask"), 1U), std::pair(long_name, 2U),
                                    std::pair(long_name.substr(0, 80), 2U)}) {
    const auto graph = read_tflite(file, {}, Weights::kCopied, name);
    ASSERT_TRUE(graph) << graph.error().message();
    EXPECT_EQ(graph->output_index, index) << name;
  }
}

TEST(NetworkEnds, ASignatureOfANetworkThatIsNotThereNamesNothing) {
  TfliteBuilder b;
  const int input = b.tensor({1, 4, 6, 3});
  const int mask = b.named("stored").apply(Op::RELU, {input}, {1, 4, 6, 3});
  for (const int network : {1, 1000, -1}) b.signature("serving_default", "signed", mask, network);
  const auto graph = read_tflite(b.finish({input}, {mask, mask}));
  ASSERT_TRUE(graph) << graph.error().message();
  EXPECT_EQ(graph->output_name, "stored");
}

// As Keras has its models converted.
TEST(NetworkEnds, ABatchMayBeLeftOpen) {
  TfliteBuilder b;
  const int input = b.dynamic_tensor({1, 3, 4, 6}, {-1, 3, 4, 6});
  const int image = transpose(b, input, {0, 2, 3, 1}, {1, 4, 6, 3});
  const int points = convolve(b, image, {1, 4, 6, 17}, 3, 1);
  const int mask = b.dynamic_tensor({1, 4, 6, 1}, {-1, 4, 6, 1});
  b.operation(Op::LOGISTIC, {convolve(b, image, {1, 4, 6, 1}, 3, 1)}, mask);
  const auto graph = read_tflite(b.finish({input}, {points, mask}));
  ASSERT_TRUE(graph) << graph.error().message();
  EXPECT_EQ(graph->shape(graph->input), (Shape{4, 6, 3}));
  EXPECT_EQ(graph->shape(graph->output), (Shape{4, 6, 1}));
}

TEST(NetworkEnds, ABatchOfLabelsMayBeLeftOpen) {
  TfliteBuilder b;
  const int input = b.dynamic_tensor({1, 4, 6, 3}, {-1, 4, 6, 3});
  const int points = convolve(b, input, {1, 4, 6, 17}, 3, 1);
  const int labels = b.dynamic_tensor({1, 4, 6}, {-1, 4, 6}, fb::TensorType::INT64);
  b.operation(Op::ARG_MAX, {points, b.integers({3})}, labels);
  const auto graph = read_tflite(b.finish({input}, {points, labels}));
  ASSERT_TRUE(graph) << graph.error().message();
  EXPECT_EQ(graph->output_index, 1U);
}

TEST(NetworkEnds, AnErrorListsThem) {
  const auto graph = read_tflite(with_three_outputs(), {}, Weights::kCopied, "mask");
  ASSERT_FALSE(graph);
  EXPECT_EQ(graph.error().message().substr(0, 130),
            "the network has no output 'mask': its inputs are 'image' 1x4x6x3 FLOAT32; its outputs "
            "are 'heatmaps' 1x4x6x17 FLOAT32, 'segments' ");
  TfliteBuilder b;
  const int input = b.tensor({1, 4, 6, 3});
  const int mean = b.apply(Op::MEAN, {input, b.integers({1, 2})}, {1, 1, 1, 3});
  expect_error(b.finish({input}, {mean, mean}), ErrorCode::kUnsupported,
               "none of the network's outputs is a mask of its input: its inputs are 't0'");
}

TEST(NetworkEnds, OperationsOfOtherOutputsMayBeUnsupported) {
  TfliteBuilder b;
  const int input = b.tensor({1, 4, 6, 3});
  const int mask = convolve(b, input, {1, 4, 6, 1}, 3, 1);
  const int other = b.apply(Op::COS, {input}, {1, 4, 6, 3});
  EXPECT_TRUE(read_tflite(b.finish({input}, {mask, other})));
}

TEST(NetworkEnds, TheFirstOfSeveralNetworksIsRunUnlessAnotherIsTheMainOne) {
  for (const bool is_signed : {false, true}) {
    TfliteBuilder b;
    const int first = b.tensor({1, 4, 6, 3});
    b.next_network({first}, {convolve(b, first, {1, 4, 6, 1}, 3, 1)});
    const int second = b.tensor({1, 8, 8, 3});
    const int output = convolve(b, second, {1, 8, 8, 1}, 3, 1);
    b.signature("other", "mask", 0, 0);
    if (is_signed) b.signature("serving_default", "mask", output, 1);
    const auto graph = read_tflite(b.finish({second}, {output}));
    ASSERT_TRUE(graph) << graph.error().message();
    EXPECT_EQ(graph->shape(graph->input), is_signed ? (Shape{8, 8, 3}) : (Shape{4, 6, 3}));
  }
}

// The same network with its channels first, in the ways of converters.
std::vector<std::uint8_t> channels_first(bool has_preprocessing, int classes) {
  TfliteBuilder b;
  const int input = b.tensor({1, 3, 4, 6});
  int at = input;
  if (has_preprocessing) {
    at = b.apply(Op::ADD, {at, b.floats({1, 3, 1, 1}, {1, 2, 3})}, {1, 3, 4, 6});
  }
  at = transpose(b, at, {0, 2, 3, 1}, {1, 4, 6, 3});
  at = convolve(b, at, {1, 4, 6, classes}, 3, 0.5F);
  at = transpose(b, at, {0, 3, 1, 2}, {1, classes, 4, 6});
  if (has_preprocessing) at = b.apply(Op::RELU, {at}, {1, classes, 4, 6});
  return b.finish({input}, {at});
}

TEST(NetworkEnds, ChannelsFirstAreReadAsChannelsLast) {
  SerialExecutor executor;
  for (const int classes : {1, 2}) {
    for (const bool has_preprocessing : {false, true}) {
      const auto network = load(channels_first(has_preprocessing, classes), executor);
      ASSERT_TRUE(network);
      EXPECT_EQ(network->input_shape(), (Shape{4, 6, 3}));
      EXPECT_EQ(network->output_shape(), (Shape{4, 6, classes}));
      const std::vector<float> input = test::noise(72, 5);
      std::ranges::copy(input, network->input().begin());
      const auto output = network->run();
      for (std::size_t i = 0; i < output.size(); ++i) {
        const std::size_t pixel = 3 * (i / static_cast<std::size_t>(classes));
        const float sum = input[pixel] + input[pixel + 1] + input[pixel + 2];
        const float expected = has_preprocessing ? std::max(0.5F * (sum + 6), 0.0F) : 0.5F * sum;
        ASSERT_NEAR(output[i], expected, 1e-5F) << i;
      }
    }
  }
}

TEST(NetworkEnds, TranspositionsThatUndoEachOtherFallAway) {
  SerialExecutor executor;
  const auto network = load(channels_first(false, 2), executor);
  ASSERT_TRUE(network);
  EXPECT_EQ(network->graph().nodes.size(), 1U);
}

TEST(NetworkEnds, TheGridOfAnInputWithItsChannelsFirstIsKnown) {
  TfliteBuilder b;
  const test::Scales grid{{1.0F / 255}, {-128}};
  const int input = b.quantized({1, 3, 4, 6}, fb::TensorType::INT8, grid);
  const int image = b.quantized({1, 4, 6, 3}, fb::TensorType::INT8, grid);
  b.operation(Op::TRANSPOSE, {input, b.integers({0, 2, 3, 1})}, image);
  SerialExecutor executor;
  const auto network = load(b.finish({input}, {convolve(b, image, {1, 4, 6, 1}, 3, 1)}), executor);
  ASSERT_TRUE(network);
  EXPECT_EQ(network->input_quantization(), (Grid{1.0F / 255, -128, -128, 127}));
  EXPECT_EQ(network->graph().nodes.size(), 2U) << "rounded and convolved, not transposed";
}

TEST(NetworkEnds, ChannelsFirstCanBeResized) {
  SerialExecutor executor;
  const auto network = load(channels_first(false, 2), executor, InputSize{12, 8});
  ASSERT_TRUE(network);
  EXPECT_EQ(network->input_shape(), (Shape{8, 12, 3}));
  EXPECT_EQ(network->output_shape(), (Shape{8, 12, 2}));
}

// y = conv(x) + s / 2 and s' = y.
std::vector<std::uint8_t> with_state(std::vector<int> state_shape, bool returns_state = true) {
  TfliteBuilder b;
  const int input = b.named("image").tensor({1, 2, 2, 3});
  const int state = b.named("s").tensor(state_shape);
  const int half = b.apply(Op::MUL, {state, b.floats({1}, {0.5F})}, state_shape);
  const int sum = b.apply(Op::ADD, {convolve(b, input, {1, 2, 2, 1}, 3, 1), half}, {1, 2, 2, 1});
  const int kept = b.apply(Op::ADD, {sum, b.floats({1}, {0})}, {1, 2, 2, 1});
  const std::vector<int> outputs = returns_state ? std::vector{sum, kept} : std::vector{sum};
  return b.finish({input, state}, outputs);
}

TEST(NetworkEnds, AStateIsKeptFromRunToRunAndZeroAtFirst) {
  SerialExecutor executor;
  for (const bool returns_state : {true, false}) {
    const auto network = load(with_state({1, 2, 2, 1}, returns_state), executor);
    ASSERT_TRUE(network);
    EXPECT_TRUE(network->has_states());
    const auto run = [&] {
      std::ranges::fill(network->input(), 1.0F);
      return network->run()[0];
    };
    EXPECT_EQ(run(), 3);
    EXPECT_EQ(run(), 4.5F);
    EXPECT_EQ(run(), 5.25F);
    network->reset();
    EXPECT_EQ(run(), 3);
  }
}

// The mask needs the second state, and what the second keeps needs the first.
TEST(NetworkEnds, StatesOfOneShapeAreKeptInTheFilesOrder) {
  TfliteBuilder b;
  const std::vector<int> shape = {1, 2, 2, 1};
  const int input = b.tensor({1, 2, 2, 3}), first = b.tensor(shape), second = b.tensor(shape);
  const int color = convolve(b, input, shape, 3, 1);
  const int mask = b.apply(Op::ADD, {color, second}, shape);
  const int next_first = b.apply(Op::ADD, {first, b.floats({1}, {10})}, shape);
  const int next_second = b.apply(Op::ADD, {second, first}, shape);
  SerialExecutor executor;
  const auto network =
      load(b.finish({input, first, second}, {mask, next_first, next_second}), executor);
  ASSERT_TRUE(network);
  const auto run = [&] {
    std::ranges::fill(network->input(), 1.0F);
    return network->run()[0];
  };
  for (const float expected : {3.0F, 3.0F, 13.0F, 33.0F, 63.0F}) EXPECT_EQ(run(), expected);
}

TEST(NetworkEnds, AStateMayHaveABatch) {
  TfliteBuilder b;
  const int input = b.tensor({1, 2, 2, 2}), state = b.tensor({2, 1, 2, 2});
  const int before = b.apply(Op::RESHAPE, {state, b.integers({1, 2, 2, 2})}, {1, 2, 2, 2});
  const int sum = b.apply(Op::ADD, {input, before}, {1, 2, 2, 2});
  const int kept = b.apply(Op::RESHAPE, {sum, b.integers({2, 1, 2, 2})}, {2, 1, 2, 2});
  SerialExecutor executor;
  const auto network = load(b.finish({input, state}, {sum, kept}), executor);
  ASSERT_TRUE(network);
  for (const float expected : {1.0F, 2.0F, 3.0F}) {
    std::ranges::fill(network->input(), 1.0F);
    EXPECT_EQ(network->run()[7], expected);
  }
}

TEST(NetworkEnds, AStateIsKeptByAnOutputOfItsType) {
  TfliteBuilder b;
  const int input = b.tensor({1, 4, 6, 3}), state = b.tensor({1, 4, 6, 1});
  const int labels = b.tensor({1, 4, 6, 1}, fb::TensorType::INT32);
  b.operation(Op::ARG_MAX, {input, b.integers({3})}, labels);
  const int mask = b.apply(Op::ADD, {convolve(b, input, {1, 4, 6, 1}, 3, 1), state}, {1, 4, 6, 1});
  const auto graph = read_tflite(b.finish({input, state}, {mask, labels}));
  ASSERT_TRUE(graph) << graph.error().message();
  ASSERT_EQ(graph->states.size(), 1U);
  EXPECT_EQ(graph->states[0].output, mask);
}

TEST(NetworkEnds, TheMaskKeepsOneStateOnly) {
  TfliteBuilder b;
  const std::vector<int> shape = {1, 2, 2, 1};
  const int input = b.tensor({1, 2, 2, 3}), first = b.tensor(shape);
  const int second = b.named("again").tensor(shape);
  const int sum = b.apply(Op::ADD, {convolve(b, input, shape, 3, 1), first}, shape);
  expect_error(b.finish({input, first, second}, {b.apply(Op::ADD, {sum, second}, shape)}),
               ErrorCode::kUnsupported, "input 'again' is neither the picture nor a state");
}

// A hundred operations of ten thousand operands each would take long to follow for each state.
TEST(NetworkEnds, TooManyOperandsAreRefusedBeforeTheyAreFollowed) {
  TfliteBuilder b;
  const int input = b.tensor({1, 2, 2, 3});
  const std::vector<int> inputs(10000, input);
  for (int i = 0; i < 100; ++i) b.operation(Op::COS, inputs, b.tensor({1, 2, 2, 3}));
  expect_error(b.finish({input}, {b.apply(Op::RELU, {input}, {1, 2, 2, 3})}),
               ErrorCode::kUnsupported, "too many operands");
}

TEST(NetworkEnds, AnErrorListsAFewDimensions) {
  TfliteBuilder b;
  const int input = b.tensor({1, 2, 2, 3});
  const int many = b.tensor(std::vector<int>(1000, 1));
  const auto graph = read_tflite(b.finish({input}, {many, many}));
  ASSERT_FALSE(graph);
  EXPECT_LT(graph.error().message().size(), 400U) << graph.error().message();
}

TEST(NetworkEnds, AStateOfAnotherShapeIsRejectedByName) {
  expect_error(with_state({1, 1, 1, 1}), ErrorCode::kUnsupported,
               "the network's input 's' is neither the picture nor a state, which an output of its "
               "shape would keep: its inputs are 'image' 1x2x2x3 FLOAT32, 's' 1x1x1x1 FLOAT32; its "
               "outputs are");
  expect_error(with_state({1, 2, 2, 1}), ErrorCode::kUnsupported, "states can't be resized",
               InputSize{4, 4});
}

}  // namespace
}  // namespace backdrop
