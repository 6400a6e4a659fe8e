// The memory that a network holds.
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <vector>

#include "base/executor.h"
#include "graph_maker.h"
#include "net/kernels/kernel.h"
#include "net/network.h"
#include "net/passes/passes.h"
#include "net/plan/stage_groups.h"
#include "support.h"

namespace backdrop {
namespace {

using test::GraphMaker;

std::unique_ptr<Network> network_of(Graph graph, Executor& executor) {
  auto network = Network::create(std::move(graph), executor);
  EXPECT_TRUE(network) << network.error().message();
  return std::move(*network);
}

TEST(NetworkMemory, ReleasesWeightsOnceTheyArePacked) {
  GraphMaker maker({9, 7, 3});
  maker.add(maker.convolution(maker.graph.input, {}, 5), {9, 7, 5});
  Node shared = maker.graph.nodes.back();  // both read the same weights
  maker.add(shared, {9, 7, 5});
  Node sum;
  sum.kind = OpKind::kSub;
  sum.inputs = {maker.graph.nodes[0].output, maker.graph.nodes[1].output};
  maker.add(sum, {9, 7, 5});
  SerialExecutor executor;
  const auto network = network_of(maker.graph, executor);
  for (const Node& node : network->graph().nodes) {
    if (node.filter == kNoTensor) continue;
    EXPECT_TRUE(network->graph().is_constant(node.filter));
    EXPECT_TRUE(network->graph().at(node.filter).constant.empty());
    EXPECT_TRUE(network->graph().at(node.bias).constant.empty());
  }
  const std::vector<float> input = test::noise(9 * 7 * 3, 1);
  std::ranges::copy(input, network->input().begin());
  for (const float value : network->run()) EXPECT_EQ(value, 0.0F);
}

// The constant operand of a sum is read in every run, after the file's bytes are freed.
TEST(NetworkMemory, KeepsNoViewOfTheFile) {
  std::vector<float> values(6, 2.0F);
  GraphMaker maker({1, 2, 3});
  const TensorId constant = maker.graph.add_tensor("constant", {1, 2, 3}, Constant::view(values));
  Node sum;
  sum.kind = OpKind::kAdd;
  sum.inputs = {maker.graph.input, constant};
  maker.add(sum, {1, 2, 3});
  SerialExecutor executor;
  const auto network = network_of(maker.graph, executor);
  values.assign(values.size(), 100.0F);
  std::ranges::fill(network->input(), 1.0F);
  for (const float value : network->run()) EXPECT_EQ(value, 3.0F);
}

// A pointwise convolution of 256 channels to 256, whose tensors are small beside its weights.
GraphMaker wide_layer() {
  GraphMaker maker({1, 8, 256});
  maker.add(maker.convolution(maker.graph.input, {}, 256), {1, 8, 256});
  return maker;
}

TEST(NetworkMemory, TellsWhatItHolds) {
  SerialExecutor executor;
  const auto network = Network::plan(wide_layer().graph, executor, Precision::kFloat);
  ASSERT_TRUE(network);
  const std::size_t weights = 257 * 256, tensors = 2 * 8 * 256;
  EXPECT_GE((*network)->bytes(), (weights + tensors) * sizeof(float));
  EXPECT_LE((*network)->bytes(), (weights + tensors) * sizeof(float) * 11 / 10);
}

TEST(NetworkMemory, HoldsAQuarterOfTheWeightsInIntegers) {
  if (!has_integer_kernels()) GTEST_SKIP() << "this processor has no integer products";
  SerialExecutor executor;
  const auto floats = Network::plan(wide_layer().graph, executor, Precision::kFloat);
  const auto integers = Network::plan(wide_layer().graph, executor, Precision::kAuto);
  ASSERT_TRUE(floats && integers);
  EXPECT_LT((*integers)->bytes(), (*floats)->bytes() * 4 / 10);
}

TEST(NetworkMemory, GetsMemoryForTensorsAfterThePlan) {
  const std::vector<float> input = test::noise(8 * 256, 1);
  SerialExecutor executor;
  const auto expected = network_of(wide_layer().graph, executor);
  const auto planned = Network::plan(wide_layer().graph, executor, Precision::kFloat);
  ASSERT_TRUE(planned && (*planned)->bind());
  std::ranges::copy(input, expected->input().begin());
  std::ranges::copy(input, (*planned)->input().begin());
  EXPECT_TRUE((*planned)->bind()) << "does nothing the second time";
  EXPECT_TRUE(std::ranges::equal((*planned)->run(), expected->run()));
}

TEST(NetworkMemory, MovesConstantsThatOneNodeReads) {
  GraphMaker maker({1, 1, 4});
  Node copy;
  copy.kind = OpKind::kDequantize;
  copy.inputs = {maker.constant({1, 1, 4}, 1)};
  const TensorId weights = maker.add(copy, {1, 1, 4});
  const float* place = maker.graph.at(copy.inputs[0]).constant.values().data();
  Node sum;
  sum.kind = OpKind::kAdd;
  sum.inputs = {maker.graph.input, weights};
  maker.add(sum, {1, 1, 4});
  fold_constants(maker.graph);
  EXPECT_EQ(maker.graph.at(weights).constant.values().data(), place);
}

// The tensor between the two operations would have 4 MB.
TEST(NetworkMemory, LineBuffersAHugeTensorWhateverItsFilter) {
  for (const auto& [height, groups] : {std::pair{63, 2U}, std::pair{64, 1U}}) {
    GraphMaker maker({height, 64, 128});
    maker.add(maker.convolution(maker.graph.input, {}, 256), {height, 64, 256});
    const Window window{.height = 3, .width = 3, .pad_top = 1, .pad_left = 1};
    maker.add(maker.depthwise_convolution(maker.graph.output, window), {height, 64, 256});
    EXPECT_EQ(group_stages(maker.graph).size(), groups) << height;
  }
}

}  // namespace
}  // namespace backdrop
