// Each pass makes its rewrite and keeps what the network computes. The memory plan keeps live
// tensors apart.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "net/plan/memory_plan.h"
#include "net/passes/passes.h"
#include "reference.h"
#include "net/tflite/reader.h"
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

// A network built like the segmentation models: an encoder, gates, a decoder with skip connections.
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
       {&fold_constants, &simplify_reshapes, &fuse_padding, &fold_scales, &merge_convolutions,
        &fuse_activations, &sink_resize_below_convolution, &split_global_pools, &remove_dead_nodes,
        &fuse_gates, &fuse_residuals, &optimize}) {
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
  // The remaining sum adds vectors. The resize and the convolution have taken over the other two.
  EXPECT_EQ(count(graph, OpKind::kAdd), 1U);
  for (const Node& node : graph.nodes) {
    if (node.kind != OpKind::kResizeBilinear) continue;
    EXPECT_EQ(graph.shape(node.output).channels, 5) << "the convolution to fewer comes first";
    EXPECT_NE(node.gate, kNoTensor);
  }
}

// A graph of a few consecutive nodes, with noise for constants.
struct NodeSequence {
  explicit NodeSequence(Shape input) { g.input = g.output = g.add_tensor("input", input); }

  TensorId constant(Shape shape, int times = 1) {
    const std::size_t size = shape.size() * static_cast<std::size_t>(times);
    return g.add_tensor("constant", shape, test::noise(size, ++seed));
  }

  TensorId add(Node node, Shape shape) {
    node.output = g.output = g.add_tensor("t", shape);
    g.nodes.push_back(std::move(node));
    return g.output;
  }

  TensorId add(OpKind kind, std::vector<TensorId> inputs, Shape shape, Window window = {}) {
    Node node;
    node.kind = kind;
    node.inputs = std::move(inputs);
    node.window = window;
    return add(std::move(node), shape);
  }

  // Adds a node of any kind; `out` is the output's shape.
  TensorId convolve(TensorId input, Shape out, Window window = {}, OpKind kind = OpKind::kConv2d) {
    const bool depthwise = kind == OpKind::kDepthwiseConv2d;
    const int depth = g.shape(input).channels;
    Node node;
    node.kind = kind;
    node.inputs = {input};
    node.window = window;
    node.filter = constant({window.height, window.width, depth}, depthwise ? 1 : out.channels);
    node.bias = constant({1, 1, out.channels});
    return add(std::move(node), out);
  }

  // Runs the pass and checks that the graph computes the same.
  void apply(void (*pass)(Graph&)) {
    const std::vector<float> input = test::noise(g.shape(g.input).size(), 99);
    const std::vector<float> expected = reference::run(g, input);
    pass(g);
    EXPECT_LT(largest_difference(reference::run(g, input), expected), 1e-4);
  }

  Graph g;
  std::uint32_t seed = 0;
};

TEST(Passes, FusePadding) {
  for (const OpKind kind : {OpKind::kConv2d, OpKind::kDepthwiseConv2d}) {
    NodeSequence sequence({6, 7, 3});
    const TensorId padded =
        sequence.add(OpKind::kPad, {sequence.g.input}, {9, 9, 3}, {.pad_top = 1, .pad_left = 2});
    sequence.convolve(padded, {4, 4, 3}, {.height = 3, .width = 3, .stride_y = 2, .stride_x = 2},
                      kind);
    sequence.apply(&fuse_padding);
    EXPECT_EQ(count(sequence.g, OpKind::kPad), 0U);
  }
}

TEST(Passes, FusePaddingWithTheLowestNumberIntoAMaximum) {
  for (const float value : {std::numeric_limits<float>::lowest(), 0.0F}) {
    NodeSequence sequence({6, 6, 3});
    const TensorId padded =
        sequence.add(OpKind::kPad, {sequence.g.input}, {8, 8, 3}, {.pad_top = 1, .pad_left = 1});
    sequence.g.nodes.back().value = value;
    sequence.add(OpKind::kMaxPool, {padded}, {3, 3, 3},
                 {.height = 3, .width = 3, .stride_y = 2, .stride_x = 2});
    sequence.apply(&fuse_padding);
    EXPECT_EQ(count(sequence.g, OpKind::kPad), value == 0 ? 1U : 0U);
  }
}

TEST(Passes, KeepPaddingThatHoldsAWholeWindow) {
  for (const Window& window : {Window{}, Window{.height = 3, .width = 3}}) {
    for (const bool below : {false, true}) {
      NodeSequence sequence({6, 7, 3});
      const TensorId padded =
          sequence.add(OpKind::kPad, {sequence.g.input}, {11, 7, 3}, {.pad_top = below ? 0 : 5});
      sequence.convolve(padded, {12 - window.height, 8 - window.width, 4}, window);
      sequence.apply(&fuse_padding);
      EXPECT_EQ(count(sequence.g, OpKind::kPad), 1U);
    }
  }
}

TEST(Passes, FoldScalesIntoAllReaders) {
  const Shape shape{4, 5, 6};
  NodeSequence sequence(shape);
  const TensorId normal = sequence.convolve(sequence.g.input, shape, {}, OpKind::kDepthwiseConv2d);
  const TensorId product =
      sequence.add(OpKind::kMul, {normal, sequence.constant({1, 1, 6})}, shape);
  const TensorId sum = sequence.add(OpKind::kAdd, {product, sequence.constant({1, 1, 1})}, shape);
  const TensorId a = sequence.convolve(sum, {2, 3, 7}, {.height = 3, .width = 3});
  const TensorId b = sequence.convolve(sum, {2, 3, 7}, {.stride_y = 2, .stride_x = 2});
  sequence.add(OpKind::kSub, {a, b}, {2, 3, 7});
  sequence.apply(&fold_scales);
  EXPECT_EQ(sequence.g.nodes.size(), 3U);
}

// Of each kind of scale, with a value for each channel or one for all.
TEST(Passes, FoldScalesOneAfterAnotherAndCopyNoFilter) {
  for (const Window& window : {Window{}, Window{.height = 3, .width = 2, .stride_x = 2},
                               Window{.height = 2, .width = 3, .dilation_y = 3}}) {
    const Shape shape{5, 7, 3};
    NodeSequence s(shape);
    TensorId last = s.add(OpKind::kMul, {s.g.input, s.constant({1, 1, 1})}, shape);
    last = s.add(OpKind::kAdd, {last, s.constant({1, 1, 3})}, shape);
    last = s.add(OpKind::kMul, {last, s.constant({1, 1, 3})}, shape);
    last = s.convolve(last, shape, {}, OpKind::kDepthwiseConv2d);
    last = s.add(OpKind::kAdd, {last, s.constant({1, 1, 1})}, shape);
    last = s.add(OpKind::kMul, {last, s.constant({1, 1, 1})}, shape);
    const int height = 5 - (window.height - 1) * window.dilation_y;
    s.convolve(last, {height, (7 - window.width) / window.stride_x + 1, 4}, window);
    const TensorId filter = s.g.nodes.back().filter;
    s.apply(&fold_scales);
    ASSERT_EQ(s.g.nodes.size(), 1U);
    EXPECT_EQ(s.g.nodes[0].filter, filter);
  }
}

TEST(Passes, FoldAScaleIntoOneOfTwoReadersOfAFilter) {
  const Shape shape{3, 4, 5};
  NodeSequence s(shape);
  const TensorId scaled = s.add(OpKind::kMul, {s.g.input, s.constant({1, 1, 5})}, shape);
  const TensorId a = s.convolve(scaled, shape);
  Node same = s.g.nodes.back();
  same.inputs = {s.g.input};
  const TensorId b = s.add(same, shape);
  s.add(OpKind::kSub, {a, b}, shape);
  s.apply(&fold_scales);
  EXPECT_EQ(count(s.g, OpKind::kMul), 0U);
}

TEST(Passes, MergeConvolutionsWithScales) {
  const Shape shape{5, 6, 3};
  NodeSequence s(shape);
  TensorId last = s.add(OpKind::kMul, {s.g.input, s.constant({1, 1, 3})}, shape);
  last = s.convolve(last, {3, 5, 9}, {.height = 3, .width = 2});
  last = s.add(OpKind::kMul, {last, s.constant({1, 1, 9})}, {3, 5, 9});
  last = s.add(OpKind::kAdd, {last, s.constant({1, 1, 9})}, {3, 5, 9});
  s.convolve(last, {3, 5, 2});
  s.apply(&fold_scales);
  s.apply(&merge_convolutions);
  EXPECT_EQ(s.g.nodes.size(), 1U);
}

TEST(Passes, KeepScalesThatOtherOperationsRead) {
  const Shape shape{4, 5, 6};
  NodeSequence other(shape);
  TensorId sum = other.add(OpKind::kAdd, {other.g.input, other.constant({1, 1, 6})}, shape);
  other.add(OpKind::kMul, {other.convolve(sum, shape), sum}, shape);
  other.apply(&fold_scales);
  EXPECT_EQ(other.g.nodes.size(), 3U);

  NodeSequence padded(shape);
  sum = padded.add(OpKind::kAdd, {padded.g.input, padded.constant({1, 1, 6})}, shape);
  padded.convolve(sum, shape, {.height = 3, .width = 3, .pad_top = 1, .pad_left = 1});
  padded.apply(&fold_scales);
  EXPECT_EQ(padded.g.nodes.size(), 2U) << "the zeros around are not scaled";

  NodeSequence last(shape);
  last.convolve(last.g.input, shape);
  last.add(OpKind::kAdd, {last.g.output, last.constant({1, 1, 6})}, shape);
  last.apply(&fold_scales);
  EXPECT_EQ(last.g.nodes.size(), 2U) << "the output stays";
}

TEST(Passes, MergeConvolutionsIfThatIsLessWork) {
  NodeSequence less({3, 4, 8});
  const TensorId wide = less.convolve(less.g.input, {3, 4, 16});
  const TensorId a = less.convolve(wide, {3, 4, 12});
  const TensorId b = less.convolve(wide, {3, 4, 5});
  less.add(OpKind::kConcat, {a, b}, {3, 4, 17});
  less.apply(&merge_convolutions);
  EXPECT_EQ(count(less.g, OpKind::kConv2d), 2U);

  NodeSequence more({3, 4, 8});
  more.convolve(more.convolve(more.g.input, {3, 4, 2}), {3, 4, 8});
  more.apply(&merge_convolutions);
  EXPECT_EQ(count(more.g, OpKind::kConv2d), 2U) << "it goes through few channels";

  NodeSequence activated({3, 4, 8});
  const TensorId first = activated.convolve(activated.g.input, {3, 4, 16});
  activated.g.nodes.back().activation = Activation::kRelu;
  activated.convolve(first, {3, 4, 8});
  activated.apply(&merge_convolutions);
  EXPECT_EQ(count(activated.g, OpKind::kConv2d), 2U) << "the first is not linear";
}

TEST(Passes, MergeTransposedConvolutions) {
  NodeSequence sequence({3, 4, 8});
  const Window window{
      .height = 3, .width = 3, .stride_y = 2, .stride_x = 2, .pad_top = 1, .pad_left = 1};
  sequence.convolve(
      sequence.convolve(sequence.g.input, {6, 8, 8}, window, OpKind::kTransposeConv2d), {6, 8, 3});
  sequence.apply(&merge_convolutions);
  EXPECT_EQ(sequence.g.nodes.size(), 1U);
}

TEST(Passes, SimplifyReshapes) {
  NodeSequence sequence({4, 6, 2});
  TensorId t = sequence.add(OpKind::kReshape, {sequence.g.input}, {2, 2, 3, 4});
  t = sequence.add(OpKind::kReshape, {t}, {4, 6, 2});  // the input's own shape again
  t = sequence.add(OpKind::kActivation, {t}, {4, 6, 2});
  Node still;
  still.kind = OpKind::kTranspose;
  still.inputs = {t};
  still.permutation = {0, 1, 2, 3};
  t = sequence.add(still, {4, 6, 2});
  t = sequence.add(OpKind::kReshape, {t}, {6, 4, 2});
  t = sequence.add(OpKind::kReshape, {t}, {1, 24, 2});
  sequence.add(OpKind::kActivation, {t}, {1, 24, 2});
  sequence.apply(&simplify_reshapes);
  EXPECT_EQ(count(sequence.g, OpKind::kReshape), 1U);
  EXPECT_EQ(count(sequence.g, OpKind::kTranspose), 0U);
}

TEST(Passes, FoldDequantizedWeights) {
  auto graph = read_tflite(test::small_network());
  ASSERT_TRUE(graph) << graph.error().message();
  EXPECT_EQ(count(*graph, OpKind::kDequantize), 1U);
  const std::vector<float> input = test::noise(8 * 8 * 3, 3);
  const std::vector<float> expected = reference::run(*graph, input);
  optimize(*graph);
  EXPECT_EQ(count(*graph, OpKind::kDequantize), 0U);
  EXPECT_LT(largest_difference(reference::run(*graph, input), expected), 1e-5);
}

TEST(Passes, DoNotFuseTensorsWithTwoReaders) {
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

TEST(MemoryPlan, KeepsLiveBlocksApart) {
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
  const MemoryPlan plan = plan_memory(blocks, 16, SIZE_MAX);
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
