// Moves operations to where they are cheaper.
#include <cstddef>
#include <utility>
#include <vector>

#include "net/graph/uses.h"
#include "net/passes/passes.h"

namespace backdrop {
namespace {

bool is_global_pool(const Graph& graph, const Node& node) {
  const Shape& in = graph.shape(node.inputs[0]);
  return node.kind == OpKind::kAveragePool && graph.shape(node.output).is_vector() &&
         node.window.covers(in);
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

// Whether the node doubles a picture's size and keeps the mean. With half-pixel centers every
// source pixel has the same sum of weights, at the borders too.
bool is_doubling(const Graph& graph, const Node& node) {
  if (node.kind != OpKind::kResizeBilinear || !is_plain(node) || !node.half_pixel_centers) {
    return false;
  }
  const Shape& in = graph.shape(node.inputs[0]);
  const Shape& out = graph.shape(node.output);
  return out.height == 2 * in.height && out.width == 2 * in.width;
}

// The node that writes the pool's input, or null.
const Node* source_of(const Graph& graph, const Uses& uses, const Node& pool) {
  const int source = uses.producer[static_cast<std::size_t>(pool.inputs[0])];
  return source == Uses::kNobody ? nullptr : &graph.nodes[static_cast<std::size_t>(source)];
}

// The pool of what is doubled before `pool`, if anything is.
Node pool_before_doubling(Graph& graph, const Uses& uses, Node pool) {
  for (const Node* source = source_of(graph, uses, pool);
       source != nullptr && is_doubling(graph, *source); source = source_of(graph, uses, pool)) {
    const TensorId output = pool.output;
    pool = make_global_pool(graph, source->inputs[0]);
    pool.output = output;
  }
  return pool;
}

bool can_split(const Graph& graph, const Node& join) {
  if (!is_plain(join)) return false;
  if (join.kind == OpKind::kConcat) return true;
  return join.kind == OpKind::kAdd && graph.shape(join.inputs[0]) == graph.shape(join.inputs[1]);
}

}  // namespace

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

    const TensorId narrow = graph.add_tensor(join({graph.at(conv.output).name, " before resize"}),
                                             {small.height, small.width, large.channels});
    conv.inputs[0] = std::exchange(resize->inputs[0], narrow);
    resize->output = std::exchange(conv.output, narrow);
    std::swap(conv, *resize);
  }
}

void split_global_pools(Graph& graph) {
  const Uses uses(graph);
  std::vector<Node> nodes;
  for (const Node& node : graph.nodes) {
    if (!is_global_pool(graph, node) || !is_plain(node)) {
      nodes.push_back(node);
      continue;
    }
    const Node* join = uses.readers[static_cast<std::size_t>(node.inputs[0])] == 1
                           ? source_of(graph, uses, node)
                           : nullptr;
    if (join == nullptr || !can_split(graph, *join)) {
      nodes.push_back(pool_before_doubling(graph, uses, node));
      continue;
    }
    // The means of the join's operands, then their join.
    Node joined;
    joined.kind = join->kind;
    joined.output = node.output;
    for (const TensorId part : join->inputs) {
      nodes.push_back(pool_before_doubling(graph, uses, make_global_pool(graph, part)));
      joined.inputs.push_back(nodes.back().output);
    }
    nodes.push_back(std::move(joined));
  }
  graph.nodes = std::move(nodes);
}

}  // namespace backdrop
