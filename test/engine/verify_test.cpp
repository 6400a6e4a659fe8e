// Graphs that no kernel may see are errors, whatever made them; and a load has bounds.
#include "net/graph/verify.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <limits>
#include <string>
#include <tuple>
#include <vector>

#include "base/executor.h"
#include "base/saturating.h"
#include "graph_maker.h"
#include "image/pixel_buffer.h"
#include "net/graph/tensor_layout.h"
#include "net/network.h"
#include "net/passes/passes.h"
#include "net/plan/memory_plan.h"
#include "support.h"
#include "tflite_builder.h"

namespace backdrop {
namespace {

using test::GraphMaker;
using test::TfliteBuilder;
namespace fb = tflite;

// A convolution, a depthwise one with padding and a gated, added resize: sound.
Graph sound() {
  GraphMaker maker({4, 6, 3});
  Graph& g = maker.graph;
  const TensorId first = maker.add(maker.convolution(g.input, {}, 5), {4, 6, 5});
  Node window =
      maker.depthwise_convolution(first, {.height = 3, .width = 3, .pad_top = 1, .pad_left = 1});
  window.residual = first;
  const TensorId second = maker.add(window, {4, 6, 5});
  Node enlarge;
  enlarge.kind = OpKind::kResizeBilinear;
  enlarge.inputs = {second};
  enlarge.residual = maker.constant({8, 12, 5}, 1);
  enlarge.gate = maker.constant({1, 1, 5}, 1);
  maker.add(enlarge, {8, 12, 5});
  return g;
}

// A vector of the input's channels that a node computes before all others.
TensorId computed_vector(Graph& g) {
  Node mean;
  mean.kind = OpKind::kAveragePool;
  mean.window = {.height = 4, .width = 6};
  mean.inputs = {g.input};
  mean.output = static_cast<TensorId>(g.tensors.size());
  Tensor& vector = g.tensors.emplace_back();
  vector.shape = {1, 1, 3};
  g.nodes.insert(g.nodes.begin(), mean);
  return mean.output;
}

TEST(Verify, AcceptsASoundGraph) {
  const auto result = verify(sound());
  EXPECT_TRUE(result) << result.error().message();
  Graph longer = sound();
  computed_vector(longer);
  EXPECT_TRUE(verify(longer));
}

// Of an integer convolution, alone.
TEST(Verify, RejectsAMeanThatDoesNotFit) {
  GraphMaker maker({4, 8, 16});
  Node node = maker.convolution(maker.graph.input, {}, 48);
  node.kind = OpKind::kIntegerConv2d;
  maker.add(node, {4, 8, 48});
  const TensorId fitting = maker.constant({1, 1, 16}, 1);
  const auto is_sound = [&](TensorId mean) {
    Graph graph = maker.graph;
    graph.nodes[0].mean = mean;
    return verify(graph).has_value();
  };
  EXPECT_TRUE(is_sound(kNoTensor));
  EXPECT_TRUE(is_sound(fitting));
  EXPECT_FALSE(is_sound(node.bias)) << "of the output's channels";
  EXPECT_FALSE(is_sound(maker.graph.input)) << "no constant";
  EXPECT_FALSE(is_sound(1000));
}

TEST(Verify, RejectsWhatDoesNotFit) {
  using Damage = void (*)(Graph&);
  const Damage damages[] = {
      [](Graph& g) { g.input = 1000; },
      [](Graph& g) { g.output = -1; },
      [](Graph& g) { g.nodes[0].inputs[0] = 1000; },
      [](Graph& g) { g.nodes[0].inputs[0] = kNoTensor; },
      [](Graph& g) { g.nodes[0].inputs.clear(); },
      [](Graph& g) { g.nodes[0].inputs[0] = g.nodes[1].output; },
      [](Graph& g) { g.nodes[1].output = g.nodes[0].output; },
      [](Graph& g) { g.nodes[1].output = g.input; },
      [](Graph& g) { g.nodes.pop_back(); },
      [](Graph& g) { g.at(g.input).shape.channels = 4; },
      [](Graph& g) { g.at(g.input).shape.height = 0; },
      [](Graph& g) { g.at(g.input).shape.width = -6; },
      [](Graph& g) { g.at(g.input).shape.batch = 2; },
      [](Graph& g) { g.at(g.input).shape = {1 << 30, 1 << 30, 1 << 30, 1 << 30}; },
      [](Graph& g) { g.at(g.nodes[0].filter).constant = std::vector<float>(14); },
      [](Graph& g) { g.at(g.nodes[0].bias).constant = std::vector<float>(4); },
      [](Graph& g) { g.at(g.nodes[0].bias).shape.channels = 4; },
      [](Graph& g) { g.nodes[0].filter = kNoTensor; },
      [](Graph& g) { g.nodes[0].bias = kNoTensor; },
      [](Graph& g) { g.nodes[0].scale = g.input; },
      [](Graph& g) { g.nodes[0].scale = g.nodes[0].bias; },
      [](Graph& g) {
        const TensorId computed = computed_vector(g);
        g.nodes[1].scale = computed;
      },
      [](Graph& g) { g.nodes[0].mean = 1000; },
      [](Graph& g) { g.nodes[1].mean = g.nodes[1].bias; },
      [](Graph& g) { g.nodes[1].window.width = 5; },
      [](Graph& g) { g.nodes[1].window.stride_x = 0; },
      [](Graph& g) { g.nodes[1].window.stride_y = 1 << 30; },
      [](Graph& g) { g.nodes[1].window.dilation_x = 0; },
      [](Graph& g) { g.nodes[1].window.dilation_y = 1 << 30; },
      [](Graph& g) { g.nodes[1].window.pad_left = -1; },
      [](Graph& g) { g.nodes[1].window.pad_top = 3; },
      [](Graph& g) { g.at(g.nodes[1].output).shape.height = 9; },
      [](Graph& g) { g.nodes[1].residual = g.input; },
      [](Graph& g) { g.nodes[2].gate = g.nodes[1].output; },
      [](Graph& g) { g.nodes[1].gate = g.nodes[2].gate; },
      [](Graph& g) { g.at(g.nodes[2].residual).constant = std::vector<float>(5); },
      [](Graph& g) { g.at(g.output).shape.channels = 4; },
      [](Graph& g) { g.nodes[2].kind = OpKind::kAdd; },
      [](Graph& g) { g.nodes[2].kind = OpKind::kConcat; },
      [](Graph& g) { g.nodes[2].kind = OpKind::kPad; },
      [](Graph& g) { g.nodes[2].kind = OpKind::kReshape; },
      [](Graph& g) { g.nodes[2].kind = OpKind::kTranspose; },
      [](Graph& g) { g.nodes[2].kind = OpKind::kSoftmax; },
      [](Graph& g) { g.nodes[2].kind = OpKind::kArgMax; },
      [](Graph& g) { g.nodes[2].kind = OpKind::kMaxPool; },
      [](Graph& g) { g.nodes[2].kind = OpKind::kTransposeConv2d; },
  };
  int index = 0;
  for (const Damage damage : damages) {
    Graph graph = sound();
    damage(graph);
    SerialExecutor executor;
    const auto network = Network::create(std::move(graph), executor);
    ASSERT_FALSE(network) << index;
    EXPECT_EQ(network.error().code(), ErrorCode::kModel) << index;
    ++index;
  }
}

TEST(Verify, SelectionsStayWithinTheChannels) {
  constexpr int kMost = std::numeric_limits<int>::max();
  for (const auto& [selection, channels, is_sound] :
       {std::tuple(Selection{0, 1}, 5, true), std::tuple(Selection{2, 2}, 6, true),
        std::tuple(Selection{2, 2}, 5, true), std::tuple(Selection{0, 1}, 6, false),
        std::tuple(Selection{2, 2}, 7, false), std::tuple(Selection{-1, 1}, 5, false),
        std::tuple(Selection{kMost, 1}, 5, false), std::tuple(Selection{0, 0}, 5, false)}) {
    GraphMaker maker({4, 6, 5});
    maker.add({.kind = OpKind::kSelect, .inputs = {maker.graph.input}, .selection = selection},
              {4, 6, channels});
    EXPECT_EQ(verify(maker.graph).has_value(), is_sound) << selection.first << " " << channels;
  }
}

TEST(Saturating, DoesNotWrapAround) {
  using Small = Saturating<std::uint32_t>;
  EXPECT_EQ((Small(65535) * 65537U).get(), 0xFFFFFFFFU);
  EXPECT_EQ((Small(65536) * 65535U).get(), 0xFFFF0000U);
  EXPECT_EQ((Small(65536) * 65536U).get(), 0xFFFFFFFFU);
  EXPECT_EQ((Small(65536) * 65536U * 65536U).get(), 0xFFFFFFFFU);
  EXPECT_EQ((Small(0xFFFFFFF0U) + 15U).get(), 0xFFFFFFFFU);
  EXPECT_EQ((Small(0xFFFFFFF0U) + 16U).get(), 0xFFFFFFFFU);
  EXPECT_EQ(Small(std::uint64_t{1} << 32).get(), 0xFFFFFFFFU);
}

TEST(Saturating, IsUsedForSizesOfTensorsAndPictures) {
  constexpr int kMost = std::numeric_limits<int>::max();
  EXPECT_EQ(layout_of({kMost, kMost, kMost, 1}, {}).size, SIZE_MAX);
  // The sanitizers end the program at the allocation that 64 bits allow to be asked for.
  if (test::kSanitized) return;
  PixelBuffer picture;
  EXPECT_FALSE(picture.create(PixelFormat::kRgba, kMost / 4, kMost));
  EXPECT_TRUE(picture.empty());
}

ErrorCode load_error(const std::vector<std::uint8_t>& file) {
  SerialExecutor executor;
  const auto network = Network::create(file, executor);
  EXPECT_FALSE(network);
  return network ? ErrorCode::kState : network.error().code();
}

// `count` pointwise convolutions with one filter, which is stored once but packed for each of them.
std::vector<std::uint8_t> many_convolutions(int channels, int count, bool relu) {
  TfliteBuilder b;
  const std::vector<int> shape{1, 1, 1, channels};
  const int input = b.tensor(shape);
  const auto n = static_cast<std::size_t>(channels);
  const int filter = b.floats({channels, 1, 1, channels}, std::vector<float>(n * n, 0.001F));
  const int bias = b.floats({channels}, std::vector<float>(n));
  int x = input;
  for (int i = 0; i < count; ++i) {
    const int out = b.tensor(shape);
    b.convolution(x, filter, bias, out);
    x = relu ? b.apply(fb::BuiltinOperator::RELU, {out}, shape) : out;
  }
  return b.finish({input}, {x});
}

TEST(LoadBudget, BoundsTheMemoryOfAllOperationsTogether) {
  EXPECT_EQ(load_error(many_convolutions(1024, 300, true)), ErrorCode::kUnsupported);
  SerialExecutor executor;
  EXPECT_TRUE(Network::create(many_convolutions(64, 300, true), executor));
}

// Merging two of these takes 2^30 multiply-accumulates.
TEST(LoadBudget, BoundsTheWorkOfPasses) {
  const auto graph = read_tflite(many_convolutions(1024, 3, false));
  ASSERT_TRUE(graph);
  Graph optimized = *graph;
  optimize(optimized);
  EXPECT_EQ(optimized.nodes.size(), 3U);
}

TEST(LoadBudget, BoundsOperands) {
  for (const int count : {20, 60'000}) {
    TfliteBuilder b;
    const int input = b.tensor({1, 4, 4, 1});
    const int wide = b.apply(fb::BuiltinOperator::CONCATENATION,
                             std::vector<int>(static_cast<std::size_t>(count), input),
                             {1, 4, 4, count}, fb::CreateConcatenationOptions(b.flat(), 3));
    const int mean = b.apply(fb::BuiltinOperator::MEAN, {wide, b.integers({1, 2})},
                             {1, 1, 1, count}, fb::CreateReducerOptions(b.flat(), true));
    const std::vector<std::uint8_t> file = b.finish({input}, {mean});
    SerialExecutor executor;
    EXPECT_EQ(Network::create(file, executor).has_value(), count == 20);
  }
}

// A filter of 65536 taps over 65536 rows: 2^32 floats with their halo, 0 in 32 bits.
TEST(LoadBudget, BoundsTensorsWithTheirHalos) {
  constexpr int kLong = 65536;
  TfliteBuilder b;
  const int input = b.tensor({1, kLong, 1, 1});
  const int filter = b.floats({1, 1, kLong, 1}, std::vector<float>(kLong));
  const int output =
      b.apply(fb::BuiltinOperator::DEPTHWISE_CONV_2D, {input, filter}, {1, kLong, 1, 1},
              fb::CreateDepthwiseConv2DOptions(b.flat(), fb::Padding::SAME, 1, 1, 1));
  EXPECT_EQ(load_error(b.finish({input}, {output})), ErrorCode::kUnsupported);
}

TEST(LoadBudget, LooksAtTheBytesThatAreThereFirst) {
  TfliteBuilder b;
  const int input = b.tensor({1, 8, 8, 3});
  const int axes = b.constant<std::int32_t>({1 << 26}, fb::TensorType::INT32, {1});
  const int mean = b.apply(fb::BuiltinOperator::MEAN, {input, axes}, {1, 1, 8, 3},
                           fb::CreateReducerOptions(b.flat(), true));
  EXPECT_EQ(load_error(b.finish({input}, {mean})), ErrorCode::kModel);
}

TEST(MemoryPlan, StopsAtTheLimit) {
  const std::vector<Lifetime> blocks(100, Lifetime{.size = 1000, .first = 0, .last = 1});
  const MemoryPlan plan = plan_memory(blocks, 16, 3000);
  EXPECT_GT(plan.size, 3000U);
  EXPECT_LE(plan.size, 3000U + 1008U);
}

}  // namespace
}  // namespace backdrop
