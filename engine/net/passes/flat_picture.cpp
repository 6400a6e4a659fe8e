#include "net/passes/flat_picture.h"

#include <algorithm>

#include "net/graph/op_traits.h"
#include "net/graph/weights.h"
#include "net/passes/activate.h"
#include "net/passes/row_products.h"

namespace backdrop {
namespace {

bool is_convolution(const Graph& graph, const Node& node) {
  return (node.kind == OpKind::kConv2d || node.kind == OpKind::kDepthwiseConv2d) &&
         graph.is_constant(node.filter) && graph.is_constant(node.bias);
}

// Each row of the weights has one for each input channel.
void convolve(const Graph& graph, const Node& node, std::span<const float> input,
              std::span<float> output) {
  std::ranges::copy(graph.at(node.bias).constant.values(), output.begin());
  const Constant filter = weights_of(graph, node);
  const std::size_t depth = filter.size() / output.size();
  for (std::size_t i = 0; i < filter.size(); i += input.size()) {
    const std::span<const float> row = filter.values().subspan(i, input.size());
    if (node.kind == OpKind::kConv2d) {
      output[i / depth] += dot(row, input);
    } else {
      for (std::size_t c = 0; c < input.size(); ++c) output[c] += row[c] * input[c];
    }
  }
}

bool is_moved(const Node& node) {
  const OpTraits& traits = traits_of(node);
  if (node.kind == OpKind::kTranspose) return node.permutation[3] == 3;
  return (traits.keeps_head || traits.keeps_grid || traits.is_mean) && node.kind != OpKind::kSelect;
}

// Where the numbers of channels differ, several pixels became one or the other way round.
void add_channels(std::span<const float> input, std::span<float> output) {
  const std::size_t count = std::max(input.size(), output.size());
  const auto share = static_cast<float>(output.size()) / static_cast<float>(count);
  for (std::size_t c = 0; c < count; ++c) {
    output[c % output.size()] += share * input[c % input.size()];
  }
}

}  // namespace

FlatPicture::FlatPicture(Graph& graph) {
  Size size = 0;
  for (const Tensor& tensor : graph.tensors) {
    first_.push_back(size.get());
    size = size + tensor.shape.channels;
  }
  first_.push_back(size.get());
  if (!graph.budget.take_floats(size)) return;
  values_.resize(size.get());
  for (std::size_t i = 0; i < graph.tensors.size(); ++i) {
    const std::span<const float> constant = graph.tensors[i].constant.values();
    const std::span<float> channels = at(static_cast<TensorId>(i));
    if (constant.size() == channels.size()) std::ranges::copy(constant, channels.begin());
  }
  for (const Node& node : graph.nodes) {
    if (node.gate == kNoTensor) compute(graph, node);
  }
}

std::span<float> FlatPicture::at(TensorId id) {
  const auto index = static_cast<std::size_t>(id);
  return std::span(values_).subspan(first_[index], first_[index + 1] - first_[index]);
}

void FlatPicture::compute(Graph& graph, const Node& node) {
  const std::span<float> output = at(node.output);
  if (is_convolution(graph, node)) {
    if (!graph.budget.take_work(graph.at(node.filter).constant.size())) return;
    convolve(graph, node, at(node.inputs[0]), output);
  } else if (is_moved(node) || node.kind == OpKind::kAdd) {
    std::size_t first = 0;
    for (const TensorId id : node.inputs) {
      const std::span<const float> input = at(id);
      const bool is_part = node.kind == OpKind::kConcat;
      add_channels(input, is_part ? output.subspan(first, input.size()) : output);
      first += input.size();
    }
  }
  for (float& value : output) value = activate(node.activation, value);
  if (node.residual != kNoTensor) add_channels(at(node.residual), output);
}

}  // namespace backdrop
