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

// The replacement of a pool of a join (sum or concatenation): the means of the operands, then their
// join.
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

    const TensorId narrow = graph.add_tensor(graph.at(conv.output).name + " before resize",
                                             {small.height, small.width, large.channels});
    conv.inputs[0] = std::exchange(resize->inputs[0], narrow);
    resize->output = std::exchange(conv.output, narrow);
    std::swap(conv, *resize);
  }
}

void split_global_pools(Graph& graph) {
  // Operands may be joins themselves: repeat until nothing splits.
  for (std::size_t i = 0; i < graph.nodes.size();) {
    if (!is_global_pool(graph, graph.nodes[i]) || !is_plain(graph.nodes[i])) {
      ++i;
      continue;
    }
    const Node pool = graph.nodes[i];
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

}  // namespace backdrop
