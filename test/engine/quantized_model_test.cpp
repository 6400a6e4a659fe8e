// Quantized models: weights of integers, networks of integers, and parameters that are not sound.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "model_checks.h"
#include "net/network.h"
#include "quantized_networks.h"
#include "reference.h"
#include "support.h"
#include "tflite_builder.h"

namespace backdrop {
namespace {

namespace fb = tflite;
using Op = fb::BuiltinOperator;
using Type = fb::TensorType;
using test::expect_error;
using test::Scales;
using test::TfliteBuilder;

constexpr float kInfinity = std::numeric_limits<float>::infinity();

std::vector<std::int8_t> bytes(std::size_t count) {
  std::vector<std::int8_t> values(count);
  for (std::size_t i = 0; i < count; ++i) values[i] = static_cast<std::int8_t>(i * 37 % 255 - 127);
  return values;
}

// What the node that writes the network's output has as its filter.
std::vector<float> filter_of(const std::vector<std::uint8_t>& file) {
  auto graph = read_tflite(file);
  if (!graph) {
    ADD_FAILURE() << graph.error().message();
    return {};
  }
  return graph->at(graph->nodes.back().filter).constant.copy();
}

std::vector<float> scaled(const std::vector<std::int8_t>& values,
                          const std::vector<float>& scale_of_each) {
  std::vector<float> floats;
  for (std::size_t i = 0; i < values.size(); ++i) {
    floats.push_back(static_cast<float>(values[i]) * scale_of_each[i]);
  }
  return floats;
}

TEST(QuantizedWeights, OfAConvolutionHaveAScaleOrOneForEachOutput) {
  const std::vector<std::int8_t> values = bytes(12);
  const auto convolve = [&](const Scales& scales) {
    TfliteBuilder b;
    const int input = b.tensor({1, 4, 4, 3});
    const int output = b.tensor({1, 4, 4, 4});
    b.convolution(input, b.constant({4, 1, 1, 3}, Type::INT8, values, &scales),
                  b.floats({4}, {1, 2, 3, 4}), output);
    return b.finish({input}, {output});
  };
  EXPECT_EQ(filter_of(convolve({{0.5F}})), scaled(values, std::vector<float>(12, 0.5F)));
  EXPECT_EQ(filter_of(convolve({{1, 2, 0.5F, 0.25F}, {0, 0, 0, 0}})),
            scaled(values, {1, 1, 1, 2, 2, 2, 0.5F, 0.5F, 0.5F, 0.25F, 0.25F, 0.25F}));
}

TEST(QuantizedWeights, OfADepthwiseConvolutionHaveThemAlongTheLastDimension) {
  const std::vector<std::int8_t> values = bytes(8);
  TfliteBuilder b;
  const int input = b.tensor({1, 4, 4, 2});
  const Scales scales{{1, 0.5F}, {0, 0}, 3};
  const int output =
      b.apply(Op::DEPTHWISE_CONV_2D, {input, b.constant({1, 2, 2, 2}, Type::INT8, values, &scales)},
              {1, 4, 4, 2}, fb::CreateDepthwiseConv2DOptions(b.flat(), fb::Padding::SAME, 1, 1, 1));
  EXPECT_EQ(filter_of(b.finish({input}, {output})),
            scaled(values, {1, 0.5F, 1, 0.5F, 1, 0.5F, 1, 0.5F}));
}

TEST(QuantizedWeights, OfATransposedConvolution) {
  const std::vector<std::int8_t> values = bytes(8);
  TfliteBuilder b;
  const int input = b.tensor({1, 2, 2, 1});
  const Scales scales{{1, 0.5F}};
  const int output = b.apply(
      Op::TRANSPOSE_CONV,
      {b.integers({1, 4, 4, 2}), b.constant({2, 2, 2, 1}, Type::INT8, values, &scales), input},
      {1, 4, 4, 2}, fb::CreateTransposeConvOptions(b.flat(), fb::Padding::SAME, 2, 2));
  EXPECT_EQ(filter_of(b.finish({input}, {output})),
            scaled(values, {1, 1, 1, 1, 0.5F, 0.5F, 0.5F, 0.5F}));
}

TEST(QuantizedWeights, OfAFullyConnectedLayerMayHaveAZeroPoint) {
  const std::vector<std::uint8_t> values = {0, 128, 255, 129};
  TfliteBuilder b;
  const int input = b.tensor({1, 1, 1, 2});
  const Scales scales{{0.5F}, {128}};
  const int output =
      b.apply(Op::FULLY_CONNECTED, {input, b.constant({2, 2}, Type::UINT8, values, &scales)},
              {1, 1, 1, 2}, fb::CreateFullyConnectedOptions(b.flat()));
  EXPECT_EQ(filter_of(b.finish({input}, {output})), (std::vector<float>{-64, 0, 63.5F, 0.5F}));
}

TEST(QuantizedWeights, ThatAreShuffledAreRejected) {
  const Scales scales{{0.5F}, {128}};
  TfliteBuilder b;
  const int input = b.tensor({1, 1, 1, 2});
  const int weights =
      b.constant({2, 2}, Type::UINT8, std::vector<std::uint8_t>{0, 128, 255, 129}, &scales);
  const int output =
      b.apply(Op::FULLY_CONNECTED, {input, weights}, {1, 1, 1, 2},
              fb::CreateFullyConnectedOptions(b.flat(), fb::ActivationFunctionType::NONE, 1));
  expect_error(b.finish({input}, {output}), ErrorCode::kUnsupported, "weights that are shuffled");
}

TEST(QuantizedWeights, BehindDequantize) {
  const std::vector<std::int8_t> values = bytes(6);
  TfliteBuilder b;
  const int input = b.tensor({1, 1, 1, 6});
  const Scales scales{{0.25F}};
  const int floats = b.apply(Op::DEQUANTIZE, {b.constant({6}, Type::INT8, values, &scales)}, {6});
  const int output = b.apply(Op::ADD, {input, floats}, {1, 1, 1, 6});
  const auto graph = read_tflite(b.finish({input}, {output}));
  ASSERT_TRUE(graph) << graph.error().message();
  EXPECT_EQ(reference::run(*graph, std::vector<float>(6, 0)),
            scaled(values, std::vector<float>(6, 0.25F)));
}

std::vector<float> run(const std::vector<std::uint8_t>& file, const std::vector<float>& input) {
  SerialExecutor executor;
  const auto network = Network::create(file, executor);
  if (!network) {
    ADD_FAILURE() << network.error().message();
    return {};
  }
  EXPECT_EQ((*network)->input().size(), input.size());
  std::ranges::copy(input, (*network)->input().begin());
  const auto output = (*network)->run();
  return {output.begin(), output.end()};
}

// A picture with samples of 8 bits.
std::vector<float> picture(std::uint32_t seed) {
  std::vector<float> values = test::noise(test::kQuantizedInput.size(), seed);
  for (float& value : values) value = std::round(std::abs(value) * 255) / 255;
  return values;
}

TEST(QuantizedNetwork, AnswersAsIntegersDo) {
  constexpr float kStep = 1.0F / 256;
  constexpr float kOneStepOfLogits = 4 * kStep;  // where the sigmoid is steepest
  int others = 0;
  for (std::uint32_t seed = 1; seed <= 20; ++seed) {
    const std::vector<float> expected = test::run_integers(picture(seed));
    const std::vector<float> actual =
        run(test::quantized_network(test::Ends::kIntegers), picture(seed));
    ASSERT_EQ(actual.size(), expected.size());
    for (std::size_t i = 0; i < actual.size(); ++i) {
      ASSERT_NEAR(actual[i], expected[i], kOneStepOfLogits * 1.001F) << i;
      ASSERT_EQ(actual[i], std::round(actual[i] / kStep) * kStep) << "on the output's grid";
      if (actual[i] != expected[i]) ++others;
    }
    const auto [least, most] = std::ranges::minmax(actual);
    EXPECT_GT(most - least, 0.1F) << "the answers differ";
  }
  EXPECT_LE(others, 16) << "of 1280";
}

TEST(QuantizedNetwork, IsTheSameWithFloatEnds) {
  EXPECT_EQ(run(test::quantized_network(test::Ends::kFloats), picture(1)),
            run(test::quantized_network(test::Ends::kIntegers), picture(1)));
}

TEST(QuantizedNetwork, IsNotRoundedWhereValuesOnlyMove) {
  TfliteBuilder b;
  const Scales scales{{0.1F}, {5}};
  const int input = b.quantized({1, 2, 2, 2}, Type::INT8, scales);
  const int moved = b.quantized({1, 2, 4, 1}, Type::INT8, scales);
  b.operation(Op::RESHAPE, {input, b.integers({1, 2, 4, 1})}, moved);
  const int output = b.quantized({1, 2, 4, 1}, Type::INT8, {{0.2F}, {5}});
  b.operation(Op::QUANTIZE, {moved}, output);
  const auto graph = read_tflite(b.finish({input}, {output}));
  ASSERT_TRUE(graph) << graph.error().message();
  std::vector<Grid> grids;
  for (const Node& node : graph->nodes) {
    if (node.kind == OpKind::kQuantize) grids.push_back(node.grid);
  }
  EXPECT_EQ(grids, (std::vector<Grid>{{0.1F, 5, -128, 127}, {0.2F, 5, -128, 127}}));
}

// A network that adds a quantized constant of three values.
std::vector<std::uint8_t> adds(const Scales& scales, Type type = Type::INT8) {
  TfliteBuilder b;
  const int input = b.tensor({1, 2, 2, 3});
  const int values = b.constant({3}, type, std::vector<std::int8_t>{1, 2, 3}, &scales);
  return b.finish({input}, {b.apply(Op::ADD, {input, values}, {1, 2, 2, 3})});
}

TEST(QuantizedModels, RejectUnsoundParametersByName) {
  const auto code = ErrorCode::kModel;
  const std::string positive = "tensor 1 't1' has a scale that is not a positive number";
  for (const float scale : {0.0F, -1.0F, std::nanf(""), kInfinity, 1e-42F}) {
    expect_error(adds({{scale}}), code, positive);
    expect_error(adds({{1, 1, scale}}), code, positive);
  }
  EXPECT_TRUE(read_tflite(adds({{1, 2, 3}})));
  expect_error(adds({{1, 2}}), code,
               "tensor 1 't1' has 2 scales, which do not fit its dimension 0");
  for (const int dimension : {-1, 1, 1000}) {
    expect_error(adds({{1, 2, 3}, {0}, dimension}), code, "do not fit its dimension");
  }
  expect_error(adds({{1, 2, 3}, {0, 0}}), code, "tensor 1 't1' has 2 zero points for 3 scales");
  for (const std::int64_t point : {INT64_MIN, INT64_C(-129), INT64_C(128), INT64_MAX}) {
    expect_error(adds({{1}, {point}}), code, "tensor 1 't1' has a zero point of");
  }
  expect_error(adds({{1}, {-1}}, Type::UINT8), code, "out of range");
  expect_error(adds({{1}}, Type::INT16), code, "3 bytes, which does not fit its shape");
}

// FlatBuffers' verifier does not see to it. The sanitizers do.
TEST(QuantizedModels, ZeroPointsMayBeMisaligned) {
  for (const int shift : {0, 1}) {
    TfliteBuilder b;
    flatbuffers::FlatBufferBuilder& flat = b.flat();
    if (shift == 1) flat.CreateVector(std::vector<std::int32_t>{0, 0});
    flat.StartVector(2, sizeof(std::int32_t));
    flat.PushElement(std::int32_t{0});
    flat.PushElement(std::int32_t{3});
    const flatbuffers::Offset<flatbuffers::Vector<std::int64_t>> points(flat.EndVector(1));
    const auto parameters =
        fb::CreateQuantizationParameters(flat, flat.CreateVector(std::vector<float>{1}), points);
    const int input = b.tensor({1, 2, 2, 3});
    const int values = b.constant({3}, Type::INT8, std::vector<std::int8_t>{4, 5, 6}, parameters);
    const auto graph =
        read_tflite(b.finish({input}, {b.apply(Op::ADD, {input, values}, {1, 2, 2, 3})}));
    ASSERT_TRUE(graph) << graph.error().message();
    EXPECT_EQ(graph->at(values).constant.copy(), (std::vector<float>{1, 2, 3}));
  }
}

TEST(QuantizedModels, RejectTensorsWithoutAScale) {
  expect_error(adds({{}, {}}), ErrorCode::kUnsupported, "tensor 1 't1' is of type INT8");
  TfliteBuilder b;
  const int input = b.tensor({1, 2, 2, 1}, Type::UINT8);
  const int output = b.tensor({1, 2, 2, 1}, Type::UINT8);
  b.operation(Op::RELU, {input}, output);
  expect_error(b.finish({input}, {output}), ErrorCode::kUnsupported,
               "tensor 0 't0' is of type UINT8");
  TfliteBuilder c;
  const int several = c.quantized({1, 2, 2, 2}, Type::INT8, {{1, 2}, {0, 0}, 3});
  const int result = c.apply(Op::DEQUANTIZE, {several}, {1, 2, 2, 2});
  expect_error(c.finish({several}, {result}), ErrorCode::kUnsupported, "with one scale");
}

TEST(QuantizedModels, RejectScalesAlongTheWrongDimension) {
  const Scales scales{{1, 2}, {0}, 3};
  TfliteBuilder b;
  const int input = b.tensor({1, 4, 4, 2});
  const int output = b.tensor({1, 4, 4, 2});
  const int filter = b.constant({2, 1, 1, 2}, Type::INT8, bytes(4), &scales);
  b.convolution(input, filter, b.floats({2}, {0, 0}), output);
  expect_error(b.finish({input}, {output}), ErrorCode::kModel,
               "CONV_2D: tensor 2 't2' has scales along its dimension 3 instead of 0");
}

}  // namespace
}  // namespace backdrop
