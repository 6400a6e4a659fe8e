#include "graph/passes.h"

#include <algorithm>
#include <cstddef>
#include <utility>
#include <vector>

#include "kernels/reference.h"

namespace backdrop {
namespace {

// Who writes and who reads each tensor, as indices of nodes.
struct Uses {
  static constexpr int kNobody = -1;
  std::vector<int> producer;
  std::vector<int> readers;  // how many; the graph's output counts as read

  explicit Uses(const Graph& graph)
      : producer(graph.tensors.size(), kNobody), readers(graph.tensors.size(), 0) {
    for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
      const Node& node = graph.nodes[i];
      producer[static_cast<std::size_t>(node.output)] = static_cast<int>(i);
      for_each_operand(node, [&](TensorId id) { ++readers[static_cast<std::size_t>(id)]; });
    }
    ++readers[static_cast<std::size_t>(graph.output)];
  }

  // The node that writes `id`, if one does and only one node reads it.
  Node* sole_source(Graph& graph, TensorId id) const {
    const auto index = static_cast<std::size_t>(id);
    if (producer[index] == kNobody || readers[index] != 1) return nullptr;
    return &graph.nodes[static_cast<std::size_t>(producer[index])];
  }
};

bool is_plain(const Node& node) {
  return node.activation == Activation::kNone && node.residual == kNoTensor &&
         node.gate == kNoTensor;
}

bool is_pointwise_convolution(const Node& node) {
  return node.kind == OpKind::kConv2d && node.window == Window{};
}

bool is_global_pool(const Graph& graph, const Node& node) {
  const Shape& in = graph.shape(node.inputs[0]);
  return node.kind == OpKind::kAveragePool && graph.shape(node.output).is_vector() &&
         node.window.height >= in.height && node.window.width >= in.width &&
         node.window.pad_top == 0 && node.window.pad_left == 0;
}

// Makes a node that is to be dropped: what it wrote has another writer now, or no reader.
void disconnect(Graph& graph, Node& node) {
  node.output = graph.add_tensor("unused", graph.shape(node.output));
}

Node make_global_pool(Graph& graph, TensorId input) {
  const Shape in = graph.shape(input);
  Node pool;
  pool.kind = OpKind::kAveragePool;
  pool.inputs = {input};
  pool.window = {.height = in.height, .width = in.width};
  pool.output = graph.add_tensor("mean", {1, 1, in.channels});
  return pool;
}

// Whether the node doubles a picture's size in a way that keeps its mean: each source pixel then
// has the same sum of weights, at the borders too.
bool is_doubling(const Graph& graph, const Node& node) {
  if (node.kind != OpKind::kResizeBilinear || !is_plain(node) || !node.half_pixel_centers) {
    return false;
  }
  const Shape& in = graph.shape(node.inputs[0]);
  const Shape& out = graph.shape(node.output);
  return out.height == 2 * in.height && out.width == 2 * in.width;
}

// What `pool` computes of the join: the means of its parts, then their join.
std::vector<Node> pools_of_parts(Graph& graph, const Node& pool, const Node& join) {
  std::vector<Node> nodes;
  Node joined;
  joined.kind = join.kind;
  joined.output = pool.output;
  for (const TensorId part : join.inputs) {
    nodes.push_back(make_global_pool(graph, part));
    joined.inputs.push_back(nodes.back().output);
  }
  nodes.push_back(std::move(joined));
  return nodes;
}

bool can_split(const Graph& graph, const Node& join) {
  if (!is_plain(join)) return false;
  if (join.kind == OpKind::kConcat) return true;
  return join.kind == OpKind::kAdd && graph.shape(join.inputs[0]) == graph.shape(join.inputs[1]);
}

bool can_add_residual(const Node& node) {
  const bool has_epilogue =
      node.kind == OpKind::kConv2d || node.kind == OpKind::kDepthwiseConv2d ||
      (node.kind == OpKind::kResizeBilinear && node.activation == Activation::kNone);
  return has_epilogue && node.residual == kNoTensor;
}

// Adds the other operand of `add` inside the node that writes operand `side`, if that can be.
bool fuse_residual(Graph& graph, const Uses& uses, std::size_t index, std::size_t side) {
  Node& add = graph.nodes[index];
  const TensorId mine = add.inputs[side];
  const TensorId other = add.inputs[1 - side];
  Node* source = uses.sole_source(graph, mine);
  if (source == nullptr || !can_add_residual(*source)) return false;
  // A gate scales the first operand, and only a resize scales what it adds.
  if (add.gate != kNoTensor && (side == 0 || source->kind != OpKind::kResizeBilinear)) return false;
  if (graph.shape(other) != graph.shape(add.output)) return false;
  if (graph.shape(mine) != graph.shape(add.output)) return false;

  Node fused = *source;
  fused.residual = other;
  fused.output = add.output;
  if (add.gate != kNoTensor) fused.gate = add.gate;
  disconnect(graph, *source);
  graph.nodes[index] = std::move(fused);
  return true;
}

}  // namespace

void optimize(Graph& graph) {
  fold_constants(graph);
  fuse_activations(graph);
  sink_resize_below_convolution(graph);
  split_global_pools(graph);
  remove_dead_nodes(graph);
  fuse_gates(graph);
  fuse_residuals(graph);
  remove_dead_nodes(graph);
}

void fold_constants(Graph& graph) {
  // Operations with windows are left alone, and so is what would take much memory: the graph may be
  // anybody's.
  std::size_t budget = std::size_t{1} << 26;
  const auto is_foldable = [&](const Node& node) {
    if (node.kind != OpKind::kDequantize && node.kind != OpKind::kAdd &&
        node.kind != OpKind::kMul && node.kind != OpKind::kActivation) {
      return false;
    }
    bool constant = node.output != graph.output;
    for_each_operand(node, [&](TensorId id) { constant = constant && graph.is_constant(id); });
    return constant && reference::output_size(graph, node) <= budget;
  };
  std::erase_if(graph.nodes, [&](const Node& node) {
    if (!is_foldable(node)) return false;
    std::vector<float> values = reference::evaluate(graph, node);
    budget -= values.size();
    graph.at(node.output).constant = std::move(values);
    return true;
  });
}

void remove_dead_nodes(Graph& graph) {
  std::vector<bool> needed(graph.tensors.size(), false);
  needed[static_cast<std::size_t>(graph.output)] = true;
  for (auto node = graph.nodes.rbegin(); node != graph.nodes.rend(); ++node) {
    if (!needed[static_cast<std::size_t>(node->output)]) continue;
    for_each_operand(*node, [&](TensorId id) { needed[static_cast<std::size_t>(id)] = true; });
  }
  std::erase_if(graph.nodes,
                [&](const Node& node) { return !needed[static_cast<std::size_t>(node.output)]; });
}

void fuse_activations(Graph& graph) {
  const Uses uses(graph);
  for (Node& node : graph.nodes) {
    if (node.kind != OpKind::kActivation) continue;
    Node* source = uses.sole_source(graph, node.inputs[0]);
    if (source == nullptr || !is_plain(*source)) continue;
    const OpKind kind = source->kind;
    if (kind != OpKind::kConv2d && kind != OpKind::kDepthwiseConv2d &&
        kind != OpKind::kTransposeConv2d && kind != OpKind::kAdd && kind != OpKind::kMul) {
      continue;
    }
    source->activation = node.activation;
    source->output = std::exchange(node.output, source->output);
  }
  // What is left of each fused activation reads and writes one tensor that nobody else knows.
  remove_dead_nodes(graph);
}

void sink_resize_below_convolution(Graph& graph) {
  const Uses uses(graph);
  for (Node& conv : graph.nodes) {
    if (!is_pointwise_convolution(conv) || !is_plain(conv)) continue;
    Node* resize = uses.sole_source(graph, conv.inputs[0]);
    if (resize == nullptr || resize->kind != OpKind::kResizeBilinear || !is_plain(*resize))
      continue;
    const Shape small = graph.shape(resize->inputs[0]);
    const Shape large = graph.shape(conv.output);
    if (small.pixels() >= large.pixels()) continue;

    const TensorId narrow = graph.add_tensor(graph.at(conv.output).name + " before resize",
                                             {small.height, small.width, large.channels});
    conv.inputs[0] = std::exchange(resize->inputs[0], narrow);
    resize->output = std::exchange(conv.output, narrow);
    std::swap(conv, *resize);
  }
}

void split_global_pools(Graph& graph) {
  // Parts may themselves be sums: repeat until nothing splits.
  for (std::size_t i = 0; i < graph.nodes.size();) {
    const Node pool = graph.nodes[i];
    if (!is_global_pool(graph, pool) || !is_plain(pool)) {
      ++i;
      continue;
    }
    const Uses uses(graph);
    const int source = uses.producer[static_cast<std::size_t>(pool.inputs[0])];
    if (source == Uses::kNobody) {
      ++i;
      continue;
    }
    const Node producer = graph.nodes[static_cast<std::size_t>(source)];
    if (is_doubling(graph, producer)) {
      Node smaller = make_global_pool(graph, producer.inputs[0]);
      smaller.output = pool.output;
      graph.nodes[i] = std::move(smaller);
    } else if (uses.sole_source(graph, pool.inputs[0]) != nullptr && can_split(graph, producer)) {
      std::vector<Node> parts = pools_of_parts(graph, pool, producer);
      const auto at = graph.nodes.erase(graph.nodes.begin() + static_cast<std::ptrdiff_t>(i));
      graph.nodes.insert(at, parts.begin(), parts.end());
    } else {
      ++i;
    }
  }
}

void fuse_gates(Graph& graph) {
  const Uses uses(graph);
  for (Node& node : graph.nodes) {
    const bool takes_gate = is_pointwise_convolution(node) || node.kind == OpKind::kAdd;
    if (!takes_gate || node.gate != kNoTensor) continue;
    for (std::size_t side = 0; side < node.inputs.size(); ++side) {
      Node* mul = uses.sole_source(graph, node.inputs[side]);
      if (mul == nullptr || mul->kind != OpKind::kMul || !is_plain(*mul)) continue;
      const Shape& scaled = graph.shape(mul->inputs[0]);
      const Shape& gate = graph.shape(mul->inputs[1]);
      if (!gate.is_vector() || gate.channels != scaled.channels) continue;
      if (node.kind == OpKind::kAdd && scaled != graph.shape(node.output)) continue;
      if (side == 1) std::swap(node.inputs[0], node.inputs[1]);
      node.inputs[0] = mul->inputs[0];
      node.gate = mul->inputs[1];
      disconnect(graph, *mul);
      break;
    }
  }
  remove_dead_nodes(graph);
}

void fuse_residuals(Graph& graph) {
  const Uses uses(graph);
  for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
    const Node& add = graph.nodes[i];
    if (add.kind != OpKind::kAdd || add.activation != Activation::kNone) continue;
    if (add.inputs[0] == add.inputs[1]) continue;
    if (!fuse_residual(graph, uses, i, 1)) fuse_residual(graph, uses, i, 0);
  }
  remove_dead_nodes(graph);
}

}  // namespace backdrop
