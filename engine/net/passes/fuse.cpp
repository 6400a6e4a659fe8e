// Several operations in one.
#include <algorithm>
#include <cstddef>
#include <utility>

#include "net/graph/uses.h"
#include "net/passes/passes.h"

namespace backdrop {
namespace {

// Whether the kernel applies an activation to what it computes.
bool takes_activation(OpKind kind) {
  switch (kind) {
    case OpKind::kConv2d:
    case OpKind::kDepthwiseConv2d:
    case OpKind::kTransposeConv2d:
    case OpKind::kAveragePool:
    case OpKind::kMaxPool:
    case OpKind::kSum:
    case OpKind::kAdd:
    case OpKind::kSub:
    case OpKind::kMul:
    case OpKind::kPrelu:
      return true;
    case OpKind::kDequantize:
    case OpKind::kResizeBilinear:
    case OpKind::kResizeNearest:
    case OpKind::kPad:
    case OpKind::kActivation:
    case OpKind::kSoftmax:
    case OpKind::kArgMax:
    case OpKind::kConcat:
    case OpKind::kReshape:
    case OpKind::kTranspose:
      return false;
  }
  return false;
}

// Makes a node that is to be dropped: what it wrote has another writer now, or no reader.
void disconnect(Graph& graph, Node& node) {
  node.output = graph.add_tensor("unused", graph.shape(node.output));
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

void fuse_activations(Graph& graph) {
  const Uses uses(graph);
  for (Node& node : graph.nodes) {
    if (node.kind != OpKind::kActivation) continue;
    Node* source = uses.sole_source(graph, node.inputs[0]);
    if (source == nullptr || !is_plain(*source)) continue;
    if (!takes_activation(source->kind)) continue;
    source->activation = node.activation;
    source->output = std::exchange(node.output, source->output);
  }
  // What is left of each fused activation reads and writes one tensor that nobody else knows.
  remove_dead_nodes(graph);
}

void fuse_padding(Graph& graph) {
  const Uses uses(graph);
  for (Node& node : graph.nodes) {
    if (node.kind != OpKind::kConv2d && node.kind != OpKind::kDepthwiseConv2d) continue;
    const int source = uses.producer[static_cast<std::size_t>(node.inputs[0])];
    if (source == Uses::kNobody) continue;
    const Node& pad = graph.nodes[static_cast<std::size_t>(source)];
    if (pad.kind != OpKind::kPad || !is_plain(pad)) continue;
    Node fused = node;
    fused.inputs[0] = pad.inputs[0];
    fused.window.pad_top += pad.window.pad_top;
    fused.window.pad_left += pad.window.pad_left;
    // The kernels know no window that lies beside the picture.
    if (std::ranges::all_of(windows_of(graph, fused), &Windows::all_touch)) node = fused;
  }
  remove_dead_nodes(graph);
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
