// What needs no operation of its own.
#include <array>
#include <cstddef>
#include <numeric>
#include <utility>
#include <vector>

#include "graph/nodes.h"
#include "graph/passes.h"
#include "kernels/reference.h"

namespace backdrop {

void fold_constants(Graph& graph) {
  // What would take much memory is left alone: the graph may be anybody's.
  std::size_t budget = std::size_t{1} << 26;
  const auto is_foldable = [&](const Node& node) {
    if (!reference::is_foldable(node.kind) || node.residual != kNoTensor) return false;
    bool constant = node.output != graph.output;
    for_each_operand(node, [&](TensorId id) { constant = constant && graph.is_constant(id); });
    return constant && reference::output_size(graph, node) <= budget;
  };
  std::erase_if(graph.nodes, [&](const Node& node) {
    if (!is_foldable(node)) return false;
    std::vector<float>& values = graph.at(node.output).constant;
    values = node.kind == OpKind::kDequantize && is_plain(node) ? graph.at(node.inputs[0]).constant
                                                                : reference::fold(graph, node);
    budget -= values.size();
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

void simplify_reshapes(Graph& graph) {
  // By the order of the nodes, whose operands are renamed before they are looked at.
  std::vector<TensorId> same(graph.tensors.size());
  std::iota(same.begin(), same.end(), TensorId{0});
  std::vector<TensorId> unshaped = same;  // what a reshape has read
  for (Node& node : graph.nodes) {
    for_each_operand(node, [&](TensorId& id) { id = same[static_cast<std::size_t>(id)]; });
    const auto output = static_cast<std::size_t>(node.output);
    if (node.kind == OpKind::kReshape) {
      node.inputs[0] = unshaped[static_cast<std::size_t>(node.inputs[0])];
      unshaped[output] = node.inputs[0];
    }
    const bool changes_nothing =
        (node.kind == OpKind::kReshape &&
         graph.shape(node.inputs[0]) == graph.shape(node.output)) ||
        (node.kind == OpKind::kTranspose && node.permutation == std::array{0, 1, 2, 3});
    if (changes_nothing && is_plain(node)) same[output] = node.inputs[0];
  }
  remove_dead_nodes(graph);
}

}  // namespace backdrop
