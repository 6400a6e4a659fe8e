#include <cmath>
#include <cstddef>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "net/graph/verify.h"
#include "net/passes/flat_picture.h"
#include "net/passes/passes.h"

namespace backdrop {
namespace {

// To quantize an input, or to finish an output, takes as long as this many products with it.
constexpr std::size_t kLeastWidth = 24;

bool can_be_integer(const Graph& graph, const Node& node) {
  return node.kind == OpKind::kConv2d && node.gate == kNoTensor &&
         fits_integers(node.window, graph.shape(node.inputs[0]), graph.shape(node.output));
}

// Whether the products of integers spare more time than quantizing and finishing take. In wide
// layers the errors of many products also cancel each other.
bool is_wide(const Graph& graph, const Node& node) {
  const auto columns = static_cast<std::size_t>(graph.shape(node.output).channels);
  const std::size_t depth = graph.shape(node.filter).size();
  return columns * depth >= kLeastWidth * (columns + depth);
}

// Pictures have edges: their means are about so much of what a flat one has.
constexpr float kFlatShare = 0.75F;

// What a node's input channels are to be about. Of what overflowed nothing is known.
TensorId add_mean(Graph& graph, std::span<const float> flat) {
  std::vector<float> mean(flat.begin(), flat.end());
  for (float& value : mean) value = std::isfinite(value) ? kFlatShare * value : 0;
  return graph.add_tensor({}, {1, 1, static_cast<int>(flat.size())}, std::move(mean));
}

}  // namespace

void choose_integers(Graph& graph) {
  std::optional<FlatPicture> picture;  // small networks need none
  for (Node& node : graph.nodes) {
    if (!can_be_integer(graph, node) || !is_wide(graph, node)) continue;
    if (!picture) picture.emplace(graph);
    node.kind = OpKind::kIntegerConv2d;
    if (!picture->is_empty()) node.mean = add_mean(graph, picture->at(node.inputs[0]));
  }
}

}  // namespace backdrop
