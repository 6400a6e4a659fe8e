// The passes keep what a network computes, and do what they are there for; the memory plan keeps
// tensors apart that live together.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "graph/memory_plan.h"
#include "graph/passes.h"
#include "kernels/reference.h"
#include "model/reader.h"
#include "support.h"
#include "tflite_builder.h"

namespace backdrop {
namespace {

std::size_t count(const Graph& graph, OpKind kind) {
  return static_cast<std::size_t>(std::ranges::count(graph.nodes, kind, &Node::kind));
}

double largest_difference(const std::vector<float>& a, const std::vector<float>& b) {
  double largest = a.size() == b.size() ? 0 : INFINITY;
  for (std::size_t i = 0; i < a.size() && i < b.size(); ++i) {
    largest = std::max(largest, std::fabs(static_cast<double>(a[i]) - static_cast<double>(b[i])));
  }
  return largest;
}

// A network as the segmentation models are built: an encoder, gates, a decoder with skips.
Graph make_network() {
  Graph g;
  std::uint32_t seed = 0;
  const auto add = [&](Node node, Shape shape) {
    node.output = g.add_tensor("t", shape);
    g.nodes.push_back(node);
    return node.output;
  };
  const auto constant = [&](Shape shape, std::size_t times) {
    return g.add_tensor("c", shape, test::noise(shape.size() * times, ++seed));
  };
  const auto convolve = [&](TensorId input, int channels) {
    const Shape in = g.shape(input);
    Node node;
    node.kind = OpKind::kConv2d;
    node.inputs = {input};
    node.filter = constant({1, 1, in.channels}, static_cast<std::size_t>(channels));
    node.bias = constant({1, 1, channels}, 1);
    return add(node, {in.height, in.width, channels});
  };
  const auto activate = [&](TensorId input, Activation activation) {
    Node node;
    node.kind = OpKind::kActivation;
    node.inputs = {input};
    node.activation = activation;
    return add(node, g.shape(input));
  };
  const auto combine = [&](OpKind kind, TensorId a, TensorId b) {
    Node node;
    node.kind = kind;
    node.inputs = {a, b};
    Shape shape = g.shape(a);
    if (kind == OpKind::kConcat) shape.channels += g.shape(b).channels;
    return add(node, shape);
  };
  const auto mean = [&](TensorId input) {
    Node node;
    node.kind = OpKind::kAveragePool;
    node.inputs = {input};
    const Shape in = g.shape(input);
    node.window = {.height = in.height, .width = in.width};
    return add(node, {1, 1, in.channels});
  };
  const auto enlarge = [&](TensorId input) {
    Node node;
    node.kind = OpKind::kResizeBilinear;
    node.inputs = {input};
    node.half_pixel_centers = true;
    const Shape in = g.shape(input);
    return add(node, {2 * in.height, 2 * in.width, in.channels});
  };

  g.input = g.add_tensor("input", {6, 10, 5});
  Node shrink;
  shrink.kind = OpKind::kDepthwiseConv2d;
  shrink.inputs = {g.input};
  shrink.filter = constant({3, 3, 5}, 1);
  shrink.bias = constant({1, 1, 5}, 1);
  shrink.window = {.height = 3, .width = 3, .stride_y = 2, .stride_x = 2};
  const TensorId small = activate(add(shrink, {3, 5, 5}), Activation::kRelu6);
  const TensorId gate = activate(convolve(mean(small), 5), Activation::kSigmoid);
  const TensorId body = convolve(combine(OpKind::kMul, small, gate), 12);
  const TensorId up = convolve(enlarge(body), 5);
  const TensorId both = mean(combine(OpKind::kConcat, g.input, up));
  const TensorId sum = mean(combine(OpKind::kAdd, g.input, up));
  const TensorId gates = combine(OpKind::kMul, activate(convolve(both, 5), Activation::kSigmoid),
                                 activate(convolve(sum, 5), Activation::kHardSwish));
  const TensorId joined = combine(OpKind::kAdd, combine(OpKind::kMul, g.input, gates), up);
  const TensorId refined = activate(convolve(joined, 5), Activation::kRelu);
  g.output = combine(OpKind::kAdd, joined, refined);
  convolve(g.output, 3);  // dead
  return g;
}

TEST(Passes, KeepWhatTheNetworkComputes) {
  const Graph original = make_network();
  const std::vector<float> input = test::noise(original.shape(original.input).size(), 7);
  const std::vector<float> expected = reference::run(original, input);
  using Pass = void (*)(Graph&);
  for (const Pass pass :
       {&fold_constants, &fuse_activations, &sink_resize_below_convolution, &split_global_pools,
        &remove_dead_nodes, &fuse_gates, &fuse_residuals, &optimize}) {
    Graph graph = original;
    pass(graph);
    EXPECT_LT(largest_difference(reference::run(graph, input), expected), 1e-5);
  }
}

TEST(Passes, LeaveNothingToFuse) {
  Graph graph = make_network();
  optimize(graph);
  EXPECT_EQ(count(graph, OpKind::kActivation), 0U);
  EXPECT_EQ(count(graph, OpKind::kConcat), 1U) << "of vectors; the one of pictures is gone";
  EXPECT_EQ(count(graph, OpKind::kMul), 1U) << "of vectors; the gates are fused";
  // One adds vectors; of the two that add pictures, one is done by the resize, the other by the
  // convolution.
  EXPECT_EQ(count(graph, OpKind::kAdd), 1U);
  for (const Node& node : graph.nodes) {
    if (node.kind != OpKind::kResizeBilinear) continue;
    EXPECT_EQ(graph.shape(node.output).channels, 5) << "the convolution to fewer comes first";
    EXPECT_NE(node.gate, kNoTensor);
  }
}

TEST(Passes, FoldDequantizedWeights) {
  auto graph = read_tflite(test::small_network());
  ASSERT_TRUE(graph) << graph.error().message;
  EXPECT_EQ(count(*graph, OpKind::kDequantize), 1U);
  const std::vector<float> input = test::noise(8 * 8 * 3, 3);
  const std::vector<float> expected = reference::run(*graph, input);
  optimize(*graph);
  EXPECT_EQ(count(*graph, OpKind::kDequantize), 0U);
  EXPECT_LT(largest_difference(reference::run(*graph, input), expected), 1e-5);
}

TEST(Passes, DoNotFuseWhatIsReadTwice) {
  Graph graph = make_network();
  const auto readers = [&](TensorId id) {
    std::size_t n = 0;
    for (const Node& node : graph.nodes) {
      for_each_operand(node, [&](TensorId operand) { n += operand == id ? 1U : 0U; });
    }
    return n;
  };
  optimize(graph);
  for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
    const TensorId output = graph.nodes[i].output;
    EXPECT_TRUE(output == graph.output || readers(output) > 0) << "node " << i << " is dead";
    for_each_operand(graph.nodes[i], [&](TensorId id) {
      if (graph.is_constant(id) || id == graph.input) return;
      const auto end = graph.nodes.begin() + static_cast<std::ptrdiff_t>(i);
      EXPECT_NE(std::ranges::find(graph.nodes.begin(), end, id, &Node::output), end)
          << "node " << i << " reads what is not there yet";
    });
  }
}

TEST(MemoryPlan, KeepsBlocksApartThatLiveTogether) {
  std::vector<Lifetime> blocks;
  std::uint32_t state = 1;
  const auto next = [&](std::uint32_t below) {
    state = state * 1664525U + 1013904223U;
    return static_cast<int>((state >> 8) % below);
  };
  std::size_t total = 0;
  for (int i = 0; i < 200; ++i) {
    const int first = next(50);
    blocks.push_back({static_cast<std::size_t>(next(1000)), first, first + next(6)});
    total += blocks.back().size;
  }
  const MemoryPlan plan = plan_memory(blocks, 16);
  for (std::size_t a = 0; a < blocks.size(); ++a) {
    EXPECT_EQ(plan.offsets[a] % 16, 0U);
    EXPECT_LE(plan.offsets[a] + blocks[a].size, plan.size);
    for (std::size_t b = 0; b < a; ++b) {
      const bool together = blocks[a].first <= blocks[b].last && blocks[b].first <= blocks[a].last;
      const bool overlap = plan.offsets[a] < plan.offsets[b] + blocks[b].size &&
                           plan.offsets[b] < plan.offsets[a] + blocks[a].size;
      EXPECT_FALSE(together && overlap) << a << " and " << b;
    }
  }
  EXPECT_LT(plan.size, total / 4) << "memory is used again";
}

}  // namespace
}  // namespace backdrop
