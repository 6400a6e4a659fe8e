#include "net/graph/tensor_layout.h"

#include <algorithm>

#include "base/saturating.h"
#include "net/graph/op_traits.h"

namespace backdrop {

RowLayout layout_of(const Shape& shape, const Halo& halo) {
  const auto channels = static_cast<std::size_t>(shape.channels);
  const Size stride = Size(shape.width + halo.left + halo.right) * channels;
  const Size rows = Size(shape.batch) * shape.height;
  return {static_cast<std::size_t>(halo.left) * channels, stride.get(), (stride * rows).get()};
}

Halo halo_of(const Node& node, const Shape& in, const Shape& out) {
  if (!traits_of(node).reads_halo) return {};
  const Window& w = node.window;
  const int end = (out.width - 1) * w.stride_x - w.pad_left + (w.width - 1) * w.dilation_x + 1;
  return {w.pad_left, std::max(end - in.width, 0)};
}

std::vector<Halo> find_halos(const Graph& graph) {
  std::vector<Halo> halos(graph.tensors.size());
  for (const Node& node : graph.nodes) {
    const TensorId input = node.inputs[0];
    const Halo needed = halo_of(node, graph.shape(input), graph.shape(node.output));
    Halo& halo = halos[static_cast<std::size_t>(input)];
    halo.left = std::max(halo.left, needed.left);
    halo.right = std::max(halo.right, needed.right);
  }
  return halos;
}

std::vector<bool> find_dense_tensors(const Graph& graph) {
  std::vector<bool> dense(graph.tensors.size(), false);
  const auto mark = [&](TensorId id) { dense[static_cast<std::size_t>(id)] = true; };
  mark(graph.input);
  mark(graph.output);
  for (const auto& [input, output] : graph.states) {
    mark(input);
    mark(output);
  }
  for (const Node& node : graph.nodes) {
    if (graph.is_constant(node.inputs[0])) mark(node.inputs[0]);
    if (!traits_of(node).is_dense) continue;
    mark(node.output);
    for_each_operand(node, mark);
  }
  return dense;
}

}  // namespace backdrop
