#include "net/graph/output_head.h"

#include <ranges>

#include "net/graph/op_traits.h"

namespace backdrop {
namespace {

bool keeps_head(const Node& node) {
  return traits_of(node).keeps_head && node.activation == Activation::kNone &&
         node.residual == kNoTensor;
}

}  // namespace

OutputHead find_output_head(const Graph& graph) {
  TensorId result = graph.output;
  for (const Node& node : std::views::reverse(graph.nodes)) {
    if (node.output != result) continue;
    const int channels = graph.shape(node.inputs[0]).channels;
    if (node.activation == Activation::kSigmoid) return {OutputHead::Kind::kSigmoid, channels};
    if (const auto head = traits_of(node).head; head != OutputHead::Kind::kOther) {
      return {head, channels};
    }
    if (!keeps_head(node)) break;
    result = node.inputs[0];
  }
  return {};
}

}  // namespace backdrop
