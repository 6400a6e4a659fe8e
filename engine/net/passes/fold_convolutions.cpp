// Folding of constants and convolutions into the weights of a convolution.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "net/graph/uses.h"
#include "net/passes/passes.h"

namespace backdrop {
namespace {

bool is_linear_convolution(const Node& node) {
  return (node.kind == OpKind::kConv2d || node.kind == OpKind::kTransposeConv2d) && is_plain(node);
}

// Whether `id` is a constant that broadcasts over all pixels.
bool is_constant_vector(const Graph& graph, TensorId id) {
  return graph.is_constant(id) && graph.shape(id).is_vector();
}

// output = scale * input + shift, for each channel.
struct Scale {
  std::vector<float> scale, shift;
};

// The scale of a node that computes nothing else, or nothing.
std::optional<Scale> scale_of(const Graph& graph, const Node& node) {
  if (!is_plain(node)) return std::nullopt;
  const auto channels = static_cast<std::size_t>(graph.shape(node.output).channels);
  const auto values = [&](TensorId id) {
    const Constant& constant = graph.at(id).constant;
    return constant.size() == channels ? constant.copy()
                                       : std::vector<float>(channels, constant[0]);
  };
  if (node.kind == OpKind::kDepthwiseConv2d) {
    if (node.window != Window{} || !graph.is_constant(node.filter)) return std::nullopt;
    if (!graph.is_constant(node.bias)) return std::nullopt;
    return Scale{values(node.filter), values(node.bias)};
  }
  if (node.kind != OpKind::kMul && node.kind != OpKind::kAdd) return std::nullopt;
  if (!is_constant_vector(graph, node.inputs[1])) return std::nullopt;
  const std::vector<float> operand = values(node.inputs[1]);
  if (node.kind == OpKind::kAdd) return Scale{std::vector<float>(channels, 1.0F), operand};
  return Scale{operand, std::vector<float>(channels, 0.0F)};
}

// Whether the node is a convolution of `input` with constant weights and reads `input` only once.
bool is_fixed_convolution(const Graph& graph, const Node& node, TensorId input) {
  return node.kind == OpKind::kConv2d && node.inputs[0] == input && node.gate == kNoTensor &&
         node.residual != input && graph.is_constant(node.filter) && graph.is_constant(node.bias);
}

// The nodes that read `id`; none if `suits` rejects one of them or if `id` is a result.
template <typename Suits>
std::vector<Node*> readers_that(Graph& graph, TensorId id, Suits suits) {
  std::vector<Node*> readers;
  if (graph.is_result(id)) return readers;
  for (Node& node : graph.nodes) {
    bool reads = false;
    for_each_operand(node, [&](TensorId operand) { reads = reads || operand == id; });
    if (!reads) continue;
    if (!suits(node)) return {};
    readers.push_back(&node);
  }
  return readers;
}

// The values of the convolution's weights.
Size weights_of(const Graph& graph, const Node& conv) {
  return Size(graph.at(conv.filter).constant.size()) + graph.at(conv.bias).constant.size();
}

// Folds the scale into the weights of `conv`.
void take_scale(Graph& graph, Node& conv, const Scale& scale) {
  const Tensor& filter_before = graph.at(conv.filter);
  const Tensor& bias_before = graph.at(conv.bias);
  std::vector<float> filter = filter_before.constant.copy();
  std::vector<float> bias = bias_before.constant.copy();
  const std::size_t channels = scale.scale.size();
  const std::size_t depth = filter.size() / bias.size();
  for (std::size_t o = 0; o < bias.size(); ++o) {
    double shift = 0;
    for (std::size_t k = 0; k < depth; ++k) {
      float& weight = filter[o * depth + k];
      shift += static_cast<double>(weight) * static_cast<double>(scale.shift[k % channels]);
      weight *= scale.scale[k % channels];
    }
    bias[o] += static_cast<float>(shift);
  }
  const Shape window = filter_before.shape;
  const Shape channels_shape = bias_before.shape;
  conv.filter = graph.add_tensor("scaled filter", window, std::move(filter));
  conv.bias = graph.add_tensor("scaled bias", channels_shape, std::move(bias));
}

// Multiply-accumulates of a dense convolution if it had `channels` output channels.
Saturating<std::uint64_t> work_of(const Graph& graph, const Node& conv, int channels) {
  const TensorId each = conv.kind == OpKind::kConv2d ? conv.output : conv.inputs[0];
  return Saturating<std::uint64_t>(graph.shape(each).pixels()) * graph.shape(conv.filter).size() *
         channels;
}

// Merges `first` into `second`, a pointwise convolution of the output of `first`.
void merge(Graph& graph, const Node& first, Node& second) {
  const std::size_t depth = graph.shape(first.filter).size();
  const auto middle = static_cast<std::size_t>(graph.shape(first.output).channels);
  const auto channels = static_cast<std::size_t>(graph.shape(second.output).channels);
  const std::span<const float> inner = graph.at(first.filter).constant.values();
  std::vector<float> filter(channels * depth);
  std::vector<float> bias = graph.at(second.bias).constant.copy();
  std::vector<double> sums(depth + 1);
  for (std::size_t o = 0; o < channels; ++o) {
    std::ranges::fill(sums, 0.0);
    for (std::size_t m = 0; m < middle; ++m) {
      const double weight = static_cast<double>(graph.at(second.filter).constant[o * middle + m]);
      for (std::size_t k = 0; k < depth; ++k) {
        sums[k] += weight * static_cast<double>(inner[m * depth + k]);
      }
      sums[depth] += weight * static_cast<double>(graph.at(first.bias).constant[m]);
    }
    for (std::size_t k = 0; k < depth; ++k) filter[o * depth + k] = static_cast<float>(sums[k]);
    bias[o] += static_cast<float>(sums[depth]);
  }
  const Shape window = graph.shape(first.filter);
  second.filter = graph.add_tensor("merged filter", window, std::move(filter));
  second.bias = graph.add_tensor("merged bias", graph.shape(second.bias), std::move(bias));
  second.kind = first.kind;
  second.window = first.window;
  second.inputs = first.inputs;
}

}  // namespace

void fold_scales(Graph& graph) {
  // Backwards, so that after a sum is folded the product before the sum can be folded, too.
  for (std::size_t i = graph.nodes.size(); i-- > 0;) {
    const auto scale = scale_of(graph, graph.nodes[i]);
    if (!scale) continue;
    const Node node = graph.nodes[i];
    // The zero padding is not scaled, so no window may extend into the padding.
    const auto readers = readers_that(graph, node.output, [&](const Node& reader) {
      return is_fixed_convolution(graph, reader, node.output) &&
             std::ranges::all_of(windows_of(graph, reader), &Windows::lie_inside);
    });
    Size weights = 0;
    for (const Node* conv : readers) weights = weights + weights_of(graph, *conv);
    if (readers.empty() || !graph.budget.take_floats(weights)) continue;
    for (Node* conv : readers) {
      take_scale(graph, *conv, *scale);
      conv->inputs[0] = node.inputs[0];
    }
    graph.nodes.erase(graph.nodes.begin() + static_cast<std::ptrdiff_t>(i));
  }
}

void merge_convolutions(Graph& graph) {
  for (const Node& first : graph.nodes) {
    if (!is_linear_convolution(first)) continue;
    if (!graph.is_constant(first.filter) || !graph.is_constant(first.bias)) continue;
    const auto readers = readers_that(graph, first.output, [&](const Node& reader) {
      const bool can_become = first.kind == OpKind::kConv2d || reader.residual == kNoTensor;
      return is_fixed_convolution(graph, reader, first.output) &&
             is_pointwise_convolution(reader) && can_become;
    });
    auto apart = work_of(graph, first, graph.shape(first.output).channels);
    Saturating<std::uint64_t> together = 0;
    for (const Node* second : readers) {
      const int channels = graph.shape(second->output).channels;
      apart = apart + work_of(graph, *second, channels);
      together = together + work_of(graph, first, channels);
    }
    if (together.get() >= apart.get()) continue;
    Size weights = 0;  // of the merged filters
    for (const Node* second : readers) {
      weights =
          weights + Size(graph.shape(first.filter).size()) * graph.shape(second->output).channels;
    }
    if (!graph.budget.take_work(weights * graph.shape(first.output).channels) ||
        !graph.budget.take_floats(weights)) {
      continue;
    }
    for (Node* second : readers) merge(graph, first, *second);
  }
  remove_dead_nodes(graph);
}

}  // namespace backdrop
