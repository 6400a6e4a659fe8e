// Constant folding.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <utility>
#include <vector>

#include "net/graph/op_traits.h"
#include "net/graph/uses.h"
#include "net/passes/activate.h"
#include "net/passes/passes.h"

namespace backdrop {
namespace {

using Values = std::vector<float>;

std::array<std::size_t, 4> extents(const Shape& s) {
  return {static_cast<std::size_t>(s.batch), static_cast<std::size_t>(s.height),
          static_cast<std::size_t>(s.width), static_cast<std::size_t>(s.channels)};
}

// The second operand, broadcast to the first operand's shape.
Values broadcast(const Tensor& operand, const Shape& shape) {
  const auto from = extents(operand.shape);
  const auto to = extents(shape);
  Values values;
  values.reserve(shape.size());
  for (std::size_t y = 0; y < to[1]; ++y) {
    for (std::size_t x = 0; x < to[2]; ++x) {
      for (std::size_t c = 0; c < to[3]; ++c) {
        const std::size_t row = from[1] == 1 ? 0 : y;
        const std::size_t column = from[2] == 1 ? 0 : x;
        values.push_back(
            operand.constant[(row * from[2] + column) * from[3] + (from[3] == 1 ? 0 : c)]);
      }
    }
  }
  return values;
}

float combine(OpKind kind, float a, float b) {
  if (kind == OpKind::kAdd) return a + b;
  return kind == OpKind::kSub ? a - b : a * b;
}

Values transpose(const Node& node, const Values& in, const Shape& in_shape,
                 const Shape& out_shape) {
  const auto from = extents(in_shape);
  const auto to = extents(out_shape);
  Values values;
  values.reserve(in.size());
  for (std::size_t i = 0; i < in.size(); ++i) {
    std::array<std::size_t, 4> at{};  // in the input
    std::size_t rest = i;
    for (std::size_t axis = 4; axis-- > 0; rest /= to[axis]) {
      at[static_cast<std::size_t>(node.permutation[axis])] = rest % to[axis];
    }
    values.push_back(in[((at[0] * from[1] + at[1]) * from[2] + at[2]) * from[3] + at[3]]);
  }
  return values;
}

// Evaluates the node with `values` as its first operand.
Values fold(const Graph& graph, const Node& node, Values values) {
  if (node.kind == OpKind::kTranspose) {
    values = transpose(node, values, graph.shape(node.inputs[0]), graph.shape(node.output));
  } else if (node.inputs.size() == 2) {
    const Values second = broadcast(graph.at(node.inputs[1]), graph.shape(node.inputs[0]));
    for (std::size_t i = 0; i < values.size(); ++i) {
      values[i] = combine(node.kind, values[i], second[i]);
    }
  }
  if (node.activation != Activation::kNone) {
    for (float& value : values) value = activate(node.activation, value);
  }
  return values;
}

}  // namespace

void fold_constants(Graph& graph) {
  std::vector<int> readers = Uses(graph).readers;
  const auto can_fold = [&](const Node& node) {
    if (!traits_of(node).is_foldable || node.residual != kNoTensor || node.gate != kNoTensor)
      return false;
    bool constant = !graph.is_result(node.output);
    for_each_operand(node, [&](TensorId id) { constant = constant && graph.is_constant(id); });
    return constant && graph.budget.take_floats(graph.at(node.inputs[0]).constant.size());
  };
  std::erase_if(graph.nodes, [&](const Node& node) {
    if (!can_fold(node)) return false;
    const TensorId first = node.inputs[0];
    Constant& constant = graph.at(first).constant;
    // Values without other readers are moved, not copied.
    const bool is_last = --readers[static_cast<std::size_t>(first)] == 0;
    Values values = is_last ? constant.take() : constant.copy();
    graph.at(node.output).constant = fold(graph, node, std::move(values));
    return true;
  });
}

}  // namespace backdrop
