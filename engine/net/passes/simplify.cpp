// Removal of operations without effect.
#include <array>
#include <cstddef>
#include <numeric>
#include <utility>
#include <vector>

#include "net/graph/uses.h"
#include "net/passes/passes.h"

namespace backdrop {

namespace {

// transpose(transpose(x)) becomes one transposition.
void merge_transpositions(Node& node, const Node* before) {
  if (before == nullptr) return;
  for (int& axis : node.permutation) axis = before->permutation[static_cast<std::size_t>(axis)];
  node.inputs = before->inputs;
}

// Whether the transposition moves sides of 1 only: the values stay in order.
bool keeps_order(const Node& node, const Shape& out) {
  const std::array sides{out.batch, out.height, out.width, out.channels};
  int last = -1;
  for (std::size_t i = 0; i < sides.size(); ++i) {
    if (sides[i] == 1) continue;
    if (node.permutation[i] < last) return false;
    last = node.permutation[i];
  }
  return true;
}

}  // namespace

void remove_dead_nodes(Graph& graph) {
  std::vector<bool> needed(graph.tensors.size(), false);
  needed[static_cast<std::size_t>(graph.output)] = true;
  for (const State& state : graph.states) needed[static_cast<std::size_t>(state.output)] = true;
  for (auto node = graph.nodes.rbegin(); node != graph.nodes.rend(); ++node) {
    if (!needed[static_cast<std::size_t>(node->output)]) continue;
    for_each_operand(*node, [&](TensorId id) { needed[static_cast<std::size_t>(id)] = true; });
  }
  std::erase_if(graph.nodes,
                [&](const Node& node) { return !needed[static_cast<std::size_t>(node.output)]; });
  for (std::size_t i = 0; i < graph.tensors.size(); ++i) {
    if (!needed[i]) graph.tensors[i].constant.clear();
  }
}

void simplify_reshapes(Graph& graph) {
  std::vector<const Node*> transposers(graph.tensors.size());
  // Operands are renamed in the nodes' order, so that each node sees the final names.
  std::vector<TensorId> same(graph.tensors.size());
  std::iota(same.begin(), same.end(), TensorId{0});
  std::vector<TensorId> unshaped = same;  // a reshape's output -> its input
  for (Node& node : graph.nodes) {
    for_each_operand(node, [&](TensorId& id) { id = same[static_cast<std::size_t>(id)]; });
    const auto output = static_cast<std::size_t>(node.output);
    if (node.kind == OpKind::kTranspose) {
      merge_transpositions(node, transposers[static_cast<std::size_t>(node.inputs[0])]);
      if (keeps_order(node, graph.shape(node.output))) {
        node.kind = OpKind::kReshape;
      } else {
        transposers[output] = &node;
      }
    }
    if (node.kind == OpKind::kReshape) {
      node.inputs[0] = unshaped[static_cast<std::size_t>(node.inputs[0])];
      unshaped[output] = node.inputs[0];
    }
    const bool changes_nothing =
        (node.kind == OpKind::kReshape &&
         graph.shape(node.inputs[0]) == graph.shape(node.output)) ||
        (node.kind == OpKind::kDequantize && !graph.is_constant(node.inputs[0]));
    if (changes_nothing && is_plain(node)) same[output] = node.inputs[0];
  }
  const TensorId result = same[static_cast<std::size_t>(graph.output)];
  if (result != graph.input && !graph.is_constant(result)) graph.output = result;
  remove_dead_nodes(graph);
}

}  // namespace backdrop
