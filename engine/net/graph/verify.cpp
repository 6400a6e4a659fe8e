#include "net/graph/verify.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "base/saturating.h"
#include "net/graph/op_traits.h"
#include "net/graph/uses.h"

namespace backdrop {
namespace {

// The rules for one node whose operands are tensors of the graph.
struct Rules {
  const Graph& graph;
  const Node& node;
  const Shape& in = graph.shape(node.inputs[0]);
  const Shape& out = graph.shape(node.output);

  bool has_inputs(std::size_t count) const { return node.inputs.size() == count; }

  // Whether the second input has the output's size or 1 along each axis.
  bool broadcasts() const {
    if (!has_inputs(2)) return false;
    const Shape& second = graph.shape(node.inputs[1]);
    return second.batch == 1 && (second.height == 1 || second.height == out.height) &&
           (second.width == 1 || second.width == out.width) &&
           (second.channels == 1 || second.channels == out.channels);
  }

  bool is_vector_of(TensorId id, int channels) const {
    return id == kNoTensor || graph.shape(id) == Shape{1, 1, channels};
  }

  bool fits_gate() const {
    switch (traits_of(node).gate) {
      case Gate::kNone:
        return node.gate == kNoTensor;
      case Gate::kInputIfPointwise:
      case Gate::kFirstInput:
        return is_vector_of(node.gate, in.channels);
      case Gate::kResidual:
        return is_vector_of(node.gate, out.channels);
    }
    return false;
  }

  bool fits_mean() const {
    return node.mean == kNoTensor ||
           (node.kind == OpKind::kIntegerConv2d && is_constant_vector(node.mean, in.channels));
  }

  bool fits_residual() const {
    return node.residual == kNoTensor || (graph.shape(node.residual) == out &&
                                          traits_of(node).adds_residual != AddsResidual::kNever);
  }

  bool has_weights(int filter_channels, std::size_t filters) const {
    if (node.filter == kNoTensor || node.bias == kNoTensor) return false;
    const Tensor& filter = graph.at(node.filter);
    return filter.shape == Shape{node.window.height, node.window.width, filter_channels} &&
           (filter.constant.empty() || filter.constant.size() == filter.shape.size() * filters) &&
           is_constant_vector(node.scale, filter_channels) && is_vector_of(node.bias, out.channels);
  }

  // A scale or a mean may be missing, but is not computed.
  bool is_constant_vector(TensorId id, int channels) const {
    return id == kNoTensor || (graph.is_constant(id) && is_vector_of(id, channels));
  }

  // Whether every position of the window touches the picture.
  bool slides() const {
    const Window& w = node.window;
    const auto is_sane = [](int size, int stride, int dilation, int padding) {
      return size >= 1 && stride >= 1 && dilation >= 1 && padding >= 0 && stride <= kMaxWindow &&
             padding <= kMaxWindow && (Size(size) * dilation).get() <= kMaxWindow;
    };
    return is_sane(w.height, w.stride_y, w.dilation_y, w.pad_top) &&
           is_sane(w.width, w.stride_x, w.dilation_x, w.pad_left) &&
           std::ranges::all_of(windows_of(graph, node), &Windows::all_touch);
  }

  bool is_padded() const {
    const Window& w = node.window;
    return w.pad_top >= 0 && w.pad_left >= 0 && out.height - in.height >= w.pad_top &&
           out.width - in.width >= w.pad_left && out.channels == in.channels;
  }

  bool is_selected() const {
    const auto [first, times] = node.selection;
    return out.height == in.height && out.width == in.width && first >= 0 && times >= 1 &&
           std::int64_t{first} + (out.channels - 1) / times < in.channels;
  }

  bool is_joined() const {
    Size channels = 0;
    for (const TensorId id : node.inputs) {
      const Shape& part = graph.shape(id);
      if (part.height != out.height || part.width != out.width) return false;
      channels = channels + part.channels;
    }
    return channels.get() == static_cast<std::size_t>(out.channels);
  }

  bool is_transposed() const {
    const std::array<int, 4> from{in.batch, in.height, in.width, in.channels};
    const std::array<int, 4> to{out.batch, out.height, out.width, out.channels};
    unsigned axes = 0;
    for (std::size_t i = 0; i < 4; ++i) {
      const auto source = static_cast<std::size_t>(node.permutation[i]);
      if (source > 3 || from[source] != to[i]) return false;
      axes |= 1U << source;
    }
    return axes == 15;
  }

  bool fit() const {
    switch (node.kind) {
      case OpKind::kDequantize:
      case OpKind::kActivation:
      case OpKind::kSoftmax:
        return out == in && has_inputs(1);
      case OpKind::kQuantize:
        return out == in && has_inputs(1) && node.grid && node.grid.first <= node.grid.last;
      case OpKind::kArgMax:
        return out == Shape{in.height, in.width, 1} && has_inputs(1);
      case OpKind::kAdd:
      case OpKind::kSub:
      case OpKind::kMul:
      case OpKind::kPrelu:
        return out == in && broadcasts();
      case OpKind::kIntegerConv2d:
        return fits_integers(node.window, in, out) && node.gate == kNoTensor &&
               has_weights(in.channels, static_cast<std::size_t>(out.channels)) && slides();
      case OpKind::kConv2d:
      case OpKind::kTransposeConv2d:
        return has_weights(in.channels, static_cast<std::size_t>(out.channels)) && slides();
      case OpKind::kDepthwiseConv2d:
        return has_weights(in.channels, 1) && out.channels == in.channels && slides();
      case OpKind::kAveragePool:
      case OpKind::kMaxPool:
      case OpKind::kSum:
        return out.channels == in.channels && slides();
      case OpKind::kPad:
        return is_padded();
      case OpKind::kSelect:
        return is_selected();
      case OpKind::kResizeBilinear:
      case OpKind::kResizeNearest:
        return out.channels == in.channels;
      case OpKind::kConcat:
        return is_joined();
      case OpKind::kReshape:
        return out.size() == in.size();
      case OpKind::kTranspose:
        return is_transposed();
    }
    return false;
  }
};

// Follows the graph in the order of execution.
class Verifier {
 public:
  explicit Verifier(const Graph& graph) : graph_(graph), is_ready_(graph.tensors.size(), false) {}

  bool are_tensors_sound() {
    if (!exists(graph_.input) || !exists(graph_.output) || graph_.is_constant(graph_.input)) {
      return false;
    }
    for (std::size_t i = 0; i < graph_.tensors.size(); ++i) {
      const Tensor& tensor = graph_.tensors[i];
      // Those of a filter's channels are counted where the filter is used.
      if (!is_bounded(tensor.shape) || tensor.constant.size() % tensor.shape.size() != 0) {
        return false;
      }
      is_ready_[i] = graph_.is_constant(static_cast<TensorId>(i));
    }
    is_ready_[static_cast<std::size_t>(graph_.input)] = true;
    for (const auto& [input, output] : graph_.states) {
      if (!exists(input) || !exists(output) || is_ready(input) || graph_.is_constant(output) ||
          graph_.shape(input) != graph_.shape(output)) {
        return false;
      }
      is_ready_[static_cast<std::size_t>(input)] = true;
    }
    return true;
  }

  bool is_sound(const Node& node) {
    if (node.inputs.empty() || !exists(node.output) || is_ready(node.output)) return false;
    bool fits = true;
    for_each_operand(node, [&](TensorId id) { fits = fits && exists(id) && is_ready(id); });
    for (const TensorId id : {node.scale, node.bias, node.mean, node.gate, node.residual}) {
      fits = fits && holds_shape(id);
    }
    for (const TensorId id : node.inputs) {
      fits = fits && (holds_shape(id) || node.kind == OpKind::kDequantize);
    }
    const auto has_batch = [&](TensorId id) { return graph_.shape(id).batch != 1; };
    const bool takes_batches = traits_of(node).is_dense;
    if (!fits || (!takes_batches && (has_batch(node.output) || has_batch(node.inputs[0])))) {
      return false;
    }
    const Rules rules{graph_, node};
    is_ready_[static_cast<std::size_t>(node.output)] = true;
    return rules.fit() && rules.fits_mean() && rules.fits_gate() && rules.fits_residual();
  }

  bool is_ready(TensorId id) const { return is_ready_[static_cast<std::size_t>(id)]; }

 private:
  bool exists(TensorId id) const {
    return id >= 0 && static_cast<std::size_t>(id) < graph_.tensors.size();
  }

  // Whether `id` is absent, computed, or a constant with one value for each element.
  bool holds_shape(TensorId id) const {
    return id == kNoTensor || graph_.at(id).constant.empty() ||
           graph_.at(id).constant.size() == graph_.shape(id).size();
  }

  const Graph& graph_;
  std::vector<bool> is_ready_;
};

}  // namespace

bool fits_integers(const Window& window, const Shape& in, const Shape& out) {
  const auto is_small = [](int size, int stride, int dilation) {
    return size <= kLargestIntegerWindow && stride <= kLargestIntegerWindow && dilation == 1;
  };
  return in.channels % kIntegerDepth == 0 && in.channels <= kMostIntegerDepth &&
         out.channels >= kLeastIntegerColumns && out.width >= kLeastIntegerWidth &&
         is_small(window.height, window.stride_y, window.dilation_y) &&
         is_small(window.width, window.stride_x, window.dilation_x);
}

bool is_bounded(const Shape& shape) {
  const auto [height, width, channels, batch] = shape;
  return std::min({height, width, channels, batch}) >= 1 &&
         (Size(height) * width * channels * batch).get() <= kMaxTensorSize;
}

Result<void> verify(const Graph& graph) {
  Verifier verifier(graph);
  if (!verifier.are_tensors_sound()) {
    return fail(ErrorCode::kModel, "the network's tensors do not fit their values");
  }
  for (const Node& node : graph.nodes) {
    if (verifier.is_sound(node)) continue;
    return fail(ErrorCode::kModel, {traits_of(node).name, ": its operands do not fit"});
  }
  const auto lacks = [&](const State& state) { return !verifier.is_ready(state.output); };
  if (!verifier.is_ready(graph.output) || std::ranges::any_of(graph.states, lacks)) {
    return fail(ErrorCode::kModel, "no operation writes the network's output");
  }
  return {};
}

}  // namespace backdrop
