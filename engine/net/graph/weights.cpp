#include "net/graph/weights.h"

#include <cstddef>
#include <utility>
#include <vector>

namespace backdrop {

Constant weights_of(const Graph& graph, const Node& node) {
  if (node.filter == kNoTensor) return {};
  const Constant& stored = graph.at(node.filter).constant;
  if (node.scale == kNoTensor) return Constant::view(stored.values());
  const Constant& scale = graph.at(node.scale).constant;
  std::vector<float> weights = stored.copy();
  for (std::size_t i = 0; i < weights.size(); i += scale.size()) {
    for (std::size_t c = 0; c < scale.size(); ++c) weights[i + c] *= scale[c];
  }
  return weights;
}

}  // namespace backdrop
