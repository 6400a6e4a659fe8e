// Fusion of several operations into one.
#include <algorithm>
#include <cstddef>
#include <limits>
#include <utility>

#include "net/graph/op_traits.h"
#include "net/graph/uses.h"
#include "net/passes/passes.h"

namespace backdrop {
namespace {

// Gives the node an unused output, so that remove_dead_nodes() removes the node.
void disconnect(Graph& graph, Node& node) {
  node.output = graph.add_tensor("unused", graph.shape(node.output));
}

bool can_add_residual(const Node& node) {
  if (node.residual != kNoTensor) return false;
  switch (traits_of(node).adds_residual) {
    case AddsResidual::kNever:
      return false;
    case AddsResidual::kAlways:
      return true;
    case AddsResidual::kWithoutActivation:
      return node.activation == Activation::kNone;
  }
  return false;
}

// Whether a gate can scale the channels of the node's input.
bool can_gate_input(const Node& node) {
  switch (traits_of(node).gate) {
    case Gate::kNone:
    case Gate::kResidual:
      return false;
    case Gate::kInputIfPointwise:
      return node.window == Window{};
    case Gate::kFirstInput:
      return true;
  }
  return false;
}

// Fuses `add` into the node that writes operand `side`; the other operand becomes its residual.
// Returns whether that was possible.
bool fuse_residual(Graph& graph, const Uses& uses, std::size_t index, std::size_t side) {
  Node& add = graph.nodes[index];
  const TensorId mine = add.inputs[side];
  const TensorId other = add.inputs[1 - side];
  Node* source = uses.sole_source(graph, mine);
  if (source == nullptr || !can_add_residual(*source)) return false;
  // The gate of `add` scales its first operand; only kResizeBilinear can gate a residual.
  if (add.gate != kNoTensor && (side == 0 || traits_of(*source).gate != Gate::kResidual))
    return false;
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

void fuse_activations(Graph& graph) {
  const Uses uses(graph);
  for (Node& node : graph.nodes) {
    if (node.kind != OpKind::kActivation) continue;
    Node* source = uses.sole_source(graph, node.inputs[0]);
    if (source == nullptr || !is_plain(*source)) continue;
    if (!traits_of(*source).takes_activation) continue;
    source->activation = node.activation;
    source->output = std::exchange(node.output, source->output);
  }
  // A fused activation's node is left reading and writing one unused tensor.
  remove_dead_nodes(graph);
}

void fuse_padding(Graph& graph) {
  const Uses uses(graph);
  for (Node& node : graph.nodes) {
    const bool is_maximum = node.kind == OpKind::kMaxPool;
    const bool is_convolution =
        node.kind == OpKind::kConv2d || node.kind == OpKind::kDepthwiseConv2d;
    if (!is_maximum && !is_convolution) continue;
    const int source = uses.producer[static_cast<std::size_t>(node.inputs[0])];
    if (source == Uses::kNobody) continue;
    const Node& pad = graph.nodes[static_cast<std::size_t>(source)];
    if (pad.kind != OpKind::kPad || !is_plain(pad)) continue;
    // A window beyond the picture convolves zeros, and finds no maximum there.
    constexpr float kLowest = std::numeric_limits<float>::lowest();
    if (is_maximum ? !(pad.value <= kLowest) : pad.value != 0) continue;
    Node fused = node;
    fused.inputs[0] = pad.inputs[0];
    fused.window.pad_top += pad.window.pad_top;
    fused.window.pad_left += pad.window.pad_left;
    // Kernels do not support windows entirely outside the picture.
    if (std::ranges::all_of(windows_of(graph, fused), &Windows::all_touch)) node = fused;
  }
  remove_dead_nodes(graph);
}

void fuse_gates(Graph& graph) {
  const Uses uses(graph);
  for (Node& node : graph.nodes) {
    if (!can_gate_input(node) || node.gate != kNoTensor) continue;
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
