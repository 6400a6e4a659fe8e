// Queries on nodes that several passes share.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "net/graph/graph.h"
#include "net/graph/op_traits.h"

namespace backdrop {

// The node that writes each tensor, as an index, and the number of nodes that read the tensor.
struct Uses {
  static constexpr int kNobody = -1;
  std::vector<int> producer;
  std::vector<int> readers;  // number of readers; results count as read

  explicit Uses(const Graph& graph)
      : producer(graph.tensors.size(), kNobody), readers(graph.tensors.size(), 0) {
    for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
      const Node& node = graph.nodes[i];
      producer[static_cast<std::size_t>(node.output)] = static_cast<int>(i);
      for_each_operand(node, [&](TensorId id) { ++readers[static_cast<std::size_t>(id)]; });
    }
    ++readers[static_cast<std::size_t>(graph.output)];
    for (const State& state : graph.states) ++readers[static_cast<std::size_t>(state.output)];
  }

  // The node that writes `id`, or null unless `id` has a writer and exactly one reader.
  Node* sole_source(Graph& graph, TensorId id) const {
    const auto index = static_cast<std::size_t>(id);
    if (producer[index] == kNobody || readers[index] != 1) return nullptr;
    return &graph.nodes[static_cast<std::size_t>(producer[index])];
  }
};

// Whether the node has no activation, residual or gate.
inline bool is_plain(const Node& node) {
  return node.activation == Activation::kNone && node.residual == kNoTensor &&
         node.gate == kNoTensor;
}

inline bool is_pointwise_convolution(const Node& node) {
  return node.kind == OpKind::kConv2d && node.window == Window{};
}

// One axis of a window's positions over a picture.
struct Windows {
  std::int64_t size;    // of the picture
  std::int64_t count;   // of positions
  std::int64_t extent;  // of one window, dilation included
  std::int64_t stride;
  std::int64_t padding;

  std::int64_t last() const {
    return (count - 1) * stride - padding;
  }  // where the last window begins
  bool lie_inside() const { return padding == 0 && last() + extent <= size; }
  bool all_touch() const { return padding < extent && last() < size; }
};

// The windows of a transposed convolution lie on its output.
inline std::array<Windows, 2> windows_of(const Graph& graph, const Node& node) {
  const Window& w = node.window;
  const bool is_transposed = traits_of(node).place == Place::kTransposedWindow;
  const Shape& in = graph.shape(is_transposed ? node.output : node.inputs[0]);
  const Shape& out = graph.shape(is_transposed ? node.inputs[0] : node.output);
  return {{{in.height, out.height, (w.height - 1) * w.dilation_y + 1, w.stride_y, w.pad_top},
           {in.width, out.width, (w.width - 1) * w.dilation_x + 1, w.stride_x, w.pad_left}}};
}

}  // namespace backdrop
