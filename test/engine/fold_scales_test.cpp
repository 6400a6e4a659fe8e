// What networks answer whose scales are folded into weights: on the kernels, and of each type that
// a file stores weights in.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "base/executor.h"
#include "base/half.h"
#include "graph_maker.h"
#include "net/network.h"
#include "reference.h"
#include "support.h"
#include "tflite_builder.h"

namespace backdrop {
namespace {

namespace fb = tflite;
using test::GraphMaker;
using test::TfliteBuilder;

std::vector<float> answer(Graph graph, Precision precision) {
  SerialExecutor executor;
  const auto network = Network::create(std::move(graph), executor, precision);
  if (!network) {
    ADD_FAILURE() << network.error().message();
    return {};
  }
  for (const Node& node : (*network)->graph().nodes) EXPECT_NE(node.kind, OpKind::kMul);
  std::ranges::copy(test::noise((*network)->input().size(), 1), (*network)->input().begin());
  const auto output = (*network)->run();
  return {output.begin(), output.end()};
}

// A scale of the picture and a convolution of it, or the convolution with the same weights scaled.
GraphMaker scaled(const Shape& in, int channels, Window window, bool is_folded) {
  GraphMaker maker(in);
  const TensorId scale = maker.constant({1, 1, in.channels}, 1);
  const TensorId product =
      is_folded ? maker.graph.input
                : maker.add({.kind = OpKind::kMul, .inputs = {maker.graph.input, scale}}, in);
  const Node node = maker.convolution(product, window, channels);
  maker.add(node, {in.height - window.height + 1, in.width - window.width + 1, channels});
  if (!is_folded) return maker;
  const Constant& factors = maker.graph.at(scale).constant;
  std::vector<float> filter = maker.graph.at(node.filter).constant.take();
  for (std::size_t i = 0; i < filter.size(); ++i) filter[i] *= factors[i % factors.size()];
  maker.graph.at(node.filter).constant = std::move(filter);
  return maker;
}

TEST(FoldScales, AnswersAsTheScaledWeightsDo) {
  for (const Precision precision : {Precision::kFloat, Precision::kAuto}) {
    for (const auto& [in, channels] : {std::pair{Shape{5, 9, 3}, 7}, {Shape{6, 13, 64}, 67}}) {
      for (const Window& window : {Window{}, Window{.height = 3, .width = 2}}) {
        EXPECT_EQ(answer(scaled(in, channels, window, false).graph, precision),
                  answer(scaled(in, channels, window, true).graph, precision));
      }
    }
  }
}

enum class Stored { kFloats, kHalves, kBytes };

// A filter of channels x height x width x depth as a file stores it, and the floats that it means.
int filter_of(TfliteBuilder& b, const std::vector<int>& shape, Stored stored) {
  const auto size = static_cast<std::size_t>(shape[0] * shape[1] * shape[2] * shape[3]);
  const std::vector<float> values = test::noise(size, 5);
  if (stored == Stored::kFloats) return b.floats(shape, values);
  if (stored == Stored::kHalves) {
    std::vector<std::uint16_t> halves(size);
    for (std::size_t i = 0; i < size; ++i) {
      halves[i] = static_cast<std::uint16_t>(0x3000 + i * 37 % 0x0C00 + (i % 3 == 0 ? 0x8000 : 0));
    }
    const int filter = b.constant<std::uint16_t>(shape, fb::TensorType::FLOAT16, halves);
    return b.apply(fb::BuiltinOperator::DEQUANTIZE, {filter}, shape);
  }
  std::vector<std::int8_t> bytes(size);
  for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<std::int8_t>(values[i] * 127);
  test::Scales scales{.scales = {}, .zero_points = {0}, .dimension = 0};
  for (int i = 0; i < shape[0]; ++i) scales.scales.push_back(0.01F * static_cast<float>(i + 1));
  return b.constant<std::int8_t>(shape, fb::TensorType::INT8, bytes, &scales);
}

// Scales and shifts of six channels, then a convolution in groups of `depth` channels.
std::vector<std::uint8_t> normalized(Stored stored, int depth) {
  TfliteBuilder b;
  const std::vector<int> shape{1, 5, 7, 6};
  const int input = b.tensor(shape);
  int last = b.apply(fb::BuiltinOperator::MUL, {input, b.floats({6}, test::noise(6, 1))}, shape);
  last = b.apply(fb::BuiltinOperator::ADD, {last, b.floats({6}, test::noise(6, 2))}, shape);
  last = b.apply(fb::BuiltinOperator::MUL, {last, b.floats({1}, {-0.75F})}, shape);
  const int output = b.tensor({1, 3, 6, 9});
  b.convolution(last, filter_of(b, {9, 3, 2, depth}, stored), b.floats({9}, test::noise(9, 3)),
                output, 1, fb::Padding::VALID);
  return b.finish({input}, {output});
}

TEST(FoldScales, TakesWeightsOfEachType) {
  for (const Stored stored : {Stored::kFloats, Stored::kHalves, Stored::kBytes}) {
    for (const int depth : {6, 2}) {
      const std::vector<std::uint8_t> file = normalized(stored, depth);
      const auto graph = read_tflite(file);
      ASSERT_TRUE(graph) << graph.error().message();
      const std::vector<float> input = test::noise(graph->shape(graph->input).size(), 1);
      const std::vector<float> expected = reference::run(*graph, input);
      SerialExecutor executor;
      const auto network = Network::create(file, executor);
      ASSERT_TRUE(network) << network.error().message();
      const std::ptrdiff_t scales = depth == 6 ? 0 : 1;  // the groups share the product
      EXPECT_EQ(std::ranges::count((*network)->graph().nodes, OpKind::kMul, &Node::kind), scales);
      std::ranges::copy(input, (*network)->input().begin());
      const auto output = (*network)->run();
      ASSERT_EQ(output.size(), expected.size());
      for (std::size_t i = 0; i < output.size(); ++i) ASSERT_NEAR(output[i], expected[i], 1e-4F);
    }
  }
}

}  // namespace
}  // namespace backdrop
