// What a network makes of a flat picture, against running it.
#include "net/passes/flat_picture.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <span>
#include <utility>
#include <vector>

#include "base/executor.h"
#include "graph_maker.h"
#include "net/network.h"

namespace backdrop {
namespace {

using test::GraphMaker;

Node node_of(OpKind kind, std::vector<TensorId> inputs) {
  Node node;
  node.kind = kind;
  node.inputs = std::move(inputs);
  return node;
}

// Every pixel of the network's answer to zeros is the flat one; no window reaches a border.
void expect_as_run(GraphMaker& maker) {
  FlatPicture picture(maker.graph);
  const std::span<const float> flat = picture.at(maker.graph.output);
  SerialExecutor executor;
  auto network = Network::create(Graph(maker.graph), executor);
  ASSERT_TRUE(network);
  std::ranges::fill((*network)->input(), 0.0F);
  const auto answer = (*network)->run();
  for (std::size_t i = 0; i < answer.size(); ++i) {
    ASSERT_NEAR(answer[i], flat[i % flat.size()], 1e-5F) << i;
  }
}

TEST(FlatPicture, HasWhatConvolutionsMakeOfIt) {
  GraphMaker maker({9, 9, 3});
  Node first = maker.convolution(maker.graph.input, {.height = 3, .width = 3}, 8);
  first.activation = Activation::kRelu;
  Node second = maker.depthwise_convolution(maker.add(first, {7, 7, 8}), {.height = 3, .width = 3});
  second.activation = Activation::kHardSwish;
  const TensorId middle = maker.add(second, {5, 5, 8});
  Node third = maker.convolution(middle, {}, 8);
  third.residual = middle;
  maker.add(third, {5, 5, 8});
  expect_as_run(maker);
}

TEST(FlatPicture, MovesChannels) {
  GraphMaker maker({4, 4, 3});
  const TensorId one = maker.add(maker.convolution(maker.graph.input, {}, 6), {4, 4, 6});
  const TensorId two = maker.add(maker.convolution(maker.graph.input, {}, 6), {4, 4, 6});
  const TensorId sum = maker.add(node_of(OpKind::kAdd, {one, two}), {4, 4, 6});
  const TensorId more = maker.constant({1, 1, 6}, 1);
  const TensorId raised = maker.add(node_of(OpKind::kAdd, {sum, more}), {4, 4, 6});
  const TensorId joined = maker.add(node_of(OpKind::kConcat, {raised, one}), {4, 4, 12});
  const TensorId wide = maker.add(node_of(OpKind::kReshape, {joined}), {4, 2, 24});
  const TensorId back = maker.add(node_of(OpKind::kReshape, {wide}), {2, 8, 12});
  maker.add(node_of(OpKind::kResizeNearest, {back}), {4, 16, 12});
  expect_as_run(maker);
}

// An attention's products are unknown, and so count as 0.
TEST(FlatPicture, TakesTheUnknownForZero) {
  GraphMaker maker({4, 4, 3});
  const TensorId one = maker.add(maker.convolution(maker.graph.input, {}, 6), {4, 4, 6});
  const TensorId product = maker.add(node_of(OpKind::kMul, {one, one}), {4, 4, 6});
  FlatPicture picture(maker.graph);
  for (const float value : picture.at(product)) EXPECT_EQ(value, 0);
}

}  // namespace
}  // namespace backdrop
