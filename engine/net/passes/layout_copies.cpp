// Copies of tensors whose layout their reader cannot use.
#include <cstddef>
#include <utility>
#include <vector>

#include "net/graph/tensor_layout.h"
#include "net/passes/passes.h"

namespace backdrop {

void insert_layout_copies(Graph& graph) {
  const std::vector<bool> dense = find_dense_tensors(graph);
  for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
    const TensorId input = graph.nodes[i].inputs[0];
    const Shape shape = graph.shape(input);
    if (!dense[static_cast<std::size_t>(input)]) continue;
    if (halo_of(graph.nodes[i], shape, graph.shape(graph.nodes[i].output)) == Halo{}) continue;
    Node copy;
    copy.kind = OpKind::kDequantize;
    copy.inputs = {input};
    copy.output = graph.nodes[i].inputs[0] = graph.add_tensor("copy", shape);
    graph.nodes.insert(graph.nodes.begin() + static_cast<std::ptrdiff_t>(i++), std::move(copy));
  }
}

}  // namespace backdrop
