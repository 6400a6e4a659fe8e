// Stage groups, halos, layout copies and row dependencies: networks planned with them compute the
// same as the reference.
#include "net/graph/row_dependencies.h"
#include "net/graph/tensor_layout.h"
#include "net/passes/passes.h"
#include "net/plan/stage_groups.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstddef>
#include <memory>
#include <vector>

#include "graph_maker.h"
#include "hwy/targets.h"
#include "reference.h"
#include "net/network.h"
#include "platform/thread_pool.h"
#include "support.h"

namespace backdrop {
namespace {

using test::GraphMaker;

constexpr Window kThree = {.height = 3, .width = 3, .pad_top = 1, .pad_left = 1};
constexpr Window kFive = {.height = 5, .width = 5, .pad_top = 2, .pad_left = 2};

// A block of an encoder, which halves the tensor, and a block of a decoder, with odd sizes.
GraphMaker blocks() {
  GraphMaker maker({93, 75, 3});
  const auto convolve = [&](int channels, Activation activation) {
    Node node = maker.convolution(maker.graph.output, {}, channels);
    node.activation = activation;
    Shape shape = maker.graph.shape(maker.graph.output);
    shape.channels = channels;
    return maker.add(node, shape);
  };
  convolve(19, Activation::kRelu6);
  Window halving = kThree;
  halving.stride_x = halving.stride_y = 2;
  maker.add(maker.depthwise_convolution(maker.graph.output, halving), {47, 38, 19});
  const TensorId wide = convolve(21, Activation::kHardSwish);
  Node with_residual = maker.depthwise_convolution(wide, kFive);
  with_residual.activation = Activation::kRelu;
  with_residual.residual = wide;
  maker.add(with_residual, {47, 38, 21});
  convolve(20, Activation::kNone);
  Node enlarge = maker.convolution(maker.graph.output,
                                   {.height = 2, .width = 2, .stride_y = 2, .stride_x = 2}, 2);
  enlarge.kind = OpKind::kTransposeConv2d;
  maker.add(enlarge, {94, 76, 2});
  return maker;
}

// A global pool behind a convolution that reads a halo.
GraphMaker pooled() {
  GraphMaker maker({41, 33, 22});
  maker.add(maker.depthwise_convolution(maker.graph.input, kFive), {41, 33, 22});
  Node pool;
  pool.kind = OpKind::kAveragePool;
  pool.inputs = {maker.graph.output};
  pool.window = {.height = 41, .width = 33};
  maker.add(pool, {1, 1, 22});
  return maker;
}

// Squeeze and excitation: a convolution of the channels' means gates the channels.
GraphMaker gated() {
  GraphMaker maker = pooled();
  const TensorId picture = maker.graph.nodes.front().output;
  Node gate = maker.depthwise_convolution(maker.graph.output, kThree);
  gate.activation = Activation::kRelu6;
  maker.add(gate, {1, 1, 22});
  Node convolution = maker.convolution(picture, {}, 30);
  convolution.gate = maker.graph.output;
  maker.add(convolution, {41, 33, 30});
  maker.add(maker.depthwise_convolution(maker.graph.output, kFive), {41, 33, 30});
  return maker;
}

void expect_as_reference(const Graph& graph, std::size_t threads) {
  const std::vector<float> input = test::noise(graph.shape(graph.input).size(), 5);
  const std::vector<float> expected = reference::run(graph, input);
  for (const int64_t target : hwy::SupportedAndGeneratedTargets()) {
    hwy::SetSupportedTargetsForTest(target);
    const auto executor = make_executor(threads);
    auto network = Network::create(Graph(graph), *executor);
    ASSERT_TRUE(network) << network.error().message();
    // Twice, because a run must not depend on what the run before left in memory.
    for (int run = 0; run < 2; ++run) {
      std::ranges::copy(input, (*network)->input().begin());
      const auto output = (*network)->run();
      ASSERT_EQ(output.size(), expected.size());
      for (std::size_t i = 0; i < expected.size(); ++i) {
        ASSERT_NEAR(output[i], expected[i], 1e-3F * std::max(1.0F, std::fabs(expected[i])))
            << "value " << i << " with " << threads << " threads on " << hwy::TargetName(target);
      }
    }
  }
  hwy::SetSupportedTargetsForTest(0);
}

TEST(StageGroups, JoinOperationsOnLargeTensorsThatOneNodeReads) {
  const Graph graph = blocks().graph;
  const std::vector<StageGroup> groups = group_stages(graph);
  ASSERT_EQ(groups.size(), 1U);
  EXPECT_EQ(groups[0].count, graph.nodes.size());
}

TEST(StageGroups, ComputeTheSame) {
  const Graph graph = blocks().graph;
  for (const std::size_t threads : {1U, 2U, 5U}) expect_as_reference(graph, threads);
}

TEST(ExecutionPlan, ThreadsSharePoolsGatesAndHalos) {
  for (const Graph& graph : {pooled().graph, gated().graph}) {
    for (const std::size_t threads : {1U, 2U, 5U}) expect_as_reference(graph, threads);
  }
}

TEST(ExecutionPlan, ThreadsDoNotChangeTheOutput) {
  for (const Graph& graph : {blocks().graph, gated().graph}) {
    const std::vector<float> input = test::noise(graph.shape(graph.input).size(), 9);
    std::vector<float> single_threaded;
    for (const std::size_t threads : {1U, 2U, 3U, 5U}) {
      const auto executor = make_executor(threads);
      auto network = Network::create(Graph(graph), *executor);
      ASSERT_TRUE(network) << network.error().message();
      std::ranges::copy(input, (*network)->input().begin());
      const auto output = (*network)->run();
      if (threads == 1) single_threaded.assign(output.begin(), output.end());
      EXPECT_TRUE(std::ranges::equal(output, single_threaded)) << threads;
    }
  }
}

// Each row of the network's output is reported once, with its final values.
void expect_rows_ready(const Graph& graph, std::size_t threads) {
  const auto executor = make_executor(threads);
  auto network = Network::create(Graph(graph), *executor);
  ASSERT_TRUE(network) << network.error().message();
  const std::vector<float> input = test::noise(graph.shape(graph.input).size(), 7);
  std::ranges::copy(input, (*network)->input().begin());
  const std::span<const float> output = (*network)->output();
  const auto height = static_cast<std::size_t>((*network)->output_shape().height);
  const std::size_t row = output.size() / height;
  std::vector<int> times(height, 0);
  std::vector<float> seen(output.size());
  const auto look = [&](RowRange rows) {
    for (auto y = static_cast<std::size_t>(rows.first); y < static_cast<std::size_t>(rows.last);
         ++y) {
      ++times[y];
      std::ranges::copy(output.subspan(y * row, row),
                        seen.begin() + static_cast<std::ptrdiff_t>(y * row));
    }
  };
  (*network)->run(RowsReady(look));
  EXPECT_EQ(times, std::vector<int>(height, 1)) << threads;
  EXPECT_TRUE(std::ranges::equal(seen, output)) << threads;
  std::ranges::copy(input, (*network)->input().begin());
  EXPECT_TRUE(std::ranges::equal(seen, (*network)->run())) << threads;
}

TEST(ExecutionPlan, ReportsRowsAsTheyAreWritten) {
  GraphMaker overlapping({61, 47, 6});
  Node enlarge = overlapping.convolution(
      overlapping.graph.input, {.height = 3, .width = 3, .stride_y = 2, .stride_x = 2}, 5);
  enlarge.kind = OpKind::kTransposeConv2d;
  enlarge.window.pad_top = enlarge.window.pad_left = 1;
  overlapping.add(enlarge, {122, 94, 5});

  GraphMaker reshaped({60, 48, 6});
  reshaped.add(reshaped.convolution(reshaped.graph.input, {}, 4), {60, 48, 4});
  Node reshape;
  reshape.kind = OpKind::kReshape;
  reshape.inputs = {reshaped.graph.output};
  reshaped.add(reshape, {30, 96, 4});

  const GraphMaker empty({9, 7, 3});
  for (const Graph& graph :
       {blocks().graph, overlapping.graph, reshaped.graph, pooled().graph, empty.graph}) {
    for (const std::size_t threads : {1U, 2U, 5U}) expect_rows_ready(graph, threads);
  }
}

TEST(StageGroups, EndAtSmallAndSharedTensors) {
  GraphMaker small({9, 9, 8});
  small.add(small.depthwise_convolution(small.graph.input, kThree), {9, 9, 8});
  small.add(small.depthwise_convolution(small.graph.output, kThree), {9, 9, 8});
  EXPECT_EQ(group_stages(small.graph).size(), 2U);

  GraphMaker shared({64, 64, 16});
  const TensorId first =
      shared.add(shared.depthwise_convolution(shared.graph.input, kThree), {64, 64, 16});
  const TensorId second = shared.add(shared.depthwise_convolution(first, kThree), {64, 64, 16});
  Node sum;
  sum.kind = OpKind::kAdd;
  sum.inputs = {first, second};
  shared.add(sum, {64, 64, 16});
  EXPECT_EQ(group_stages(shared.graph).size(), 3U);
  expect_as_reference(shared.graph, 2);
}

// A large filter would be reread for each band of rows.
TEST(StageGroups, EndAtLargeFilters) {
  for (const auto& [channels, groups] : {std::pair{181, 1U}, std::pair{182, 2U}}) {
    GraphMaker maker({16, 16, channels});
    const Shape shape{16, 16, channels};
    maker.add(maker.convolution(maker.graph.input, {}, channels), shape);
    maker.add(maker.depthwise_convolution(maker.graph.output, kThree), shape);
    EXPECT_EQ(group_stages(maker.graph).size(), groups) << channels;
  }
}

// A constant is contiguous and so has no halo.
TEST(TensorLayout, CopiesAConstantThatNeedsAHalo) {
  GraphMaker maker({7, 9, 3});
  const TensorId constant = maker.constant({7, 9, 3}, 1);
  Node sum;
  sum.kind = OpKind::kAdd;
  sum.inputs = {maker.graph.input,
                maker.add(maker.depthwise_convolution(constant, kFive), {7, 9, 3})};
  maker.add(sum, {7, 9, 3});
  expect_as_reference(maker.graph, 1);
}

// The network's input is contiguous and so has no halo.
TEST(TensorLayout, CopiesAnInputThatNeedsAHalo) {
  GraphMaker maker({11, 13, 5});
  maker.add(maker.depthwise_convolution(maker.graph.input, kFive), {11, 13, 5});
  expect_as_reference(maker.graph, 1);

  Graph graph = maker.graph;
  insert_layout_copies(graph);
  ASSERT_EQ(graph.nodes.size(), 2U);
  EXPECT_EQ(graph.nodes[0].inputs[0], graph.input);
  const std::vector<Halo> halos = find_halos(graph);
  EXPECT_EQ(halos[static_cast<std::size_t>(graph.input)], Halo{});
  EXPECT_EQ(halos[static_cast<std::size_t>(graph.nodes[1].inputs[0])], (Halo{2, 2}));
}

TEST(RowDependencies, KnowTheRowsThatAWindowReads) {
  GraphMaker maker({40, 8, 4});
  Window w = {.height = 3, .width = 3, .stride_y = 2, .stride_x = 2, .dilation_y = 2};
  w.pad_top = 1;
  maker.add(maker.depthwise_convolution(maker.graph.input, w), {20, 4, 4});
  const auto read = [&](RowRange output) {
    const RowRange rows = rows_read(maker.graph, maker.graph.nodes[0], output);
    return std::pair(rows.first, rows.last);
  };
  EXPECT_EQ(read({0, 1}), std::pair(0, 4));
  EXPECT_EQ(read({3, 5}), std::pair(5, 12));
  EXPECT_EQ(read({19, 20}), std::pair(37, 40));
}

}  // namespace
}  // namespace backdrop
