// Folding of constants and convolutions into the weights of a convolution.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "net/graph/uses.h"
#include "net/graph/weights.h"
#include "net/passes/passes.h"
#include "net/passes/row_products.h"

namespace backdrop {
namespace {

bool is_linear_convolution(const Node& node) {
  return (node.kind == OpKind::kConv2d || node.kind == OpKind::kTransposeConv2d) && is_plain(node);
}

// Whether `id` is a constant that broadcasts over all pixels.
bool is_constant_vector(const Graph& graph, TensorId id) {
  return graph.is_constant(id) && graph.shape(id).is_vector();
}

// output = scale * input + shift: constants with a value for each channel, or one for all. Without
// a scale it is 1, without a shift 0.
struct Affine {
  TensorId scale = kNoTensor, shift = kNoTensor;
};

// What a node computes of a pixel, if it is no more than that.
std::optional<Affine> affine_of(const Graph& graph, const Node& node) {
  if (!is_plain(node)) return std::nullopt;
  if (node.kind == OpKind::kDepthwiseConv2d) {
    if (node.window != Window{} || !graph.is_constant(node.filter)) return std::nullopt;
    if (!graph.is_constant(node.bias)) return std::nullopt;
    return Affine{.scale = node.filter, .shift = node.bias};
  }
  if (node.kind != OpKind::kMul && node.kind != OpKind::kAdd) return std::nullopt;
  const TensorId operand = node.inputs[1];
  if (!is_constant_vector(graph, operand)) return std::nullopt;
  return node.kind == OpKind::kMul ? Affine{.scale = operand} : Affine{.shift = operand};
}

// Whether the node is a convolution of `input` with constant weights and reads `input` only once.
bool is_fixed_convolution(const Graph& graph, const Node& node, TensorId input) {
  return node.kind == OpKind::kConv2d && node.inputs[0] == input && node.gate == kNoTensor &&
         node.residual != input && graph.is_constant(node.filter) && graph.is_constant(node.bias);
}

// The nodes that read `id`; empty if one of them is no fixed convolution, or if `id` is a result.
std::vector<Node*> fixed_convolutions_of(Graph& graph, TensorId id) {
  std::vector<Node*> readers;
  if (graph.is_result(id)) return readers;
  for (Node& node : graph.nodes) {
    bool reads = false;
    for_each_operand(node, [&](TensorId operand) { reads = reads || operand == id; });
    if (!reads) continue;
    if (!is_fixed_convolution(graph, node, id)) return {};
    readers.push_back(&node);
  }
  return readers;
}

// The values of the convolution's weights: what reading them may have to copy.
Size size_of_weights(const Graph& graph, const Node& conv) {
  return Size(graph.at(conv.filter).constant.size()) + graph.at(conv.bias).constant.size();
}

// Adds what `conv` makes of the shift to its bias.
void take_shift(Graph& graph, Node& conv, TensorId id) {
  const std::span<const float> shift = graph.at(id).constant.values();
  const Constant filter = weights_of(graph, conv);
  std::vector<float> bias = graph.at(conv.bias).constant.copy();
  const std::size_t depth = filter.size() / bias.size();
  for (std::size_t o = 0; o < bias.size(); ++o) {
    double sum = 0;
    for (std::size_t k = 0; k < depth; ++k) {
      sum +=
          static_cast<double>(filter[o * depth + k]) * static_cast<double>(shift[k % shift.size()]);
    }
    bias[o] += static_cast<float>(sum);
  }
  conv.bias = graph.add_tensor("shifted bias", graph.shape(conv.bias), std::move(bias));
}

// Multiplies the scale into that of the convolution's filter, which stays as it is: a large file's
// filters would hardly fit into memory twice.
void take_scale(Graph& graph, Node& conv, TensorId id) {
  const Constant& scale = graph.at(id).constant;
  const Shape shape{.channels = graph.shape(conv.filter).channels};
  std::vector<float> product(shape.size());
  for (std::size_t c = 0; c < product.size(); ++c) {
    product[c] = scale[c % scale.size()];
    if (conv.scale != kNoTensor) product[c] *= graph.at(conv.scale).constant[c];
  }
  conv.scale = graph.add_tensor("scale", shape, std::move(product));
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
  const Constant inner = weights_of(graph, first);
  const Constant outer = weights_of(graph, second);
  const std::span<const float> inner_bias = graph.at(first.bias).constant.values();
  std::vector<float> filter(channels * depth);
  std::vector<float> bias = graph.at(second.bias).constant.copy();
  for (std::size_t o = 0; o < channels; ++o) {
    const std::span<float> sums = std::span(filter).subspan(o * depth, depth);
    for (std::size_t m = 0; m < middle; ++m) {
      const float factor = outer[o * middle + m];
      add_scaled(factor, inner.values().subspan(m * depth, depth), sums);
      bias[o] += factor * inner_bias[m];
    }
  }
  const Shape window = graph.shape(first.filter);
  second.filter = graph.add_tensor("merged filter", window, std::move(filter));
  second.scale = kNoTensor;
  second.bias = graph.add_tensor("merged bias", graph.shape(second.bias), std::move(bias));
  second.kind = first.kind;
  second.window = first.window;
  second.inputs = first.inputs;
}

}  // namespace

void fold_scales(Graph& graph) {
  // Backwards, so that after a sum is folded the product before the sum can be folded, too.
  for (std::size_t i = graph.nodes.size(); i-- > 0;) {
    const auto affine = affine_of(graph, graph.nodes[i]);
    if (!affine) continue;
    const Node node = graph.nodes[i];
    const auto readers = fixed_convolutions_of(graph, node.output);
    Size weights = 0;
    bool is_inside = !readers.empty();
    for (const Node* conv : readers) {
      // The zero padding is not scaled, so no window may extend into the padding.
      is_inside = is_inside && std::ranges::all_of(windows_of(graph, *conv), &Windows::lie_inside);
      weights = weights + size_of_weights(graph, *conv);
    }
    if (!is_inside || !graph.budget.take_floats(weights)) continue;
    for (Node* conv : readers) {
      // The shift first: the node adds it to what is scaled already.
      if (affine->shift != kNoTensor) take_shift(graph, *conv, affine->shift);
      if (affine->scale != kNoTensor) take_scale(graph, *conv, affine->scale);
      conv->inputs[0] = node.inputs[0];
    }
    graph.nodes.erase(graph.nodes.begin() + static_cast<std::ptrdiff_t>(i));
  }
}

void merge_convolutions(Graph& graph) {
  for (const Node& first : graph.nodes) {
    if (!is_linear_convolution(first)) continue;
    if (!graph.is_constant(first.filter) || !graph.is_constant(first.bias)) continue;
    const auto readers = fixed_convolutions_of(graph, first.output);
    const auto can_become = [&](const Node* reader) {
      return is_pointwise_convolution(*reader) &&
             (first.kind == OpKind::kConv2d || reader->residual == kNoTensor);
    };
    if (!std::ranges::all_of(readers, can_become)) continue;
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
