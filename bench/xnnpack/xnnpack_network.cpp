#include "xnnpack_network.h"

#include <xnnpack.h>

#include <algorithm>
#include <array>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "net/passes/passes.h"

namespace backdrop {
namespace {

constexpr std::size_t kExtra = XNN_EXTRA_BYTES / sizeof(float);
constexpr std::uint32_t kInput = 0;
constexpr std::uint32_t kOutput = 1;

struct Range {
  float min = -std::numeric_limits<float>::infinity();
  float max = std::numeric_limits<float>::infinity();
};

Range range_of(Activation activation) {
  if (activation == Activation::kRelu) return {.min = 0};
  if (activation == Activation::kRelu6) return {0, 6};
  return {};
}

struct Padding {
  std::uint32_t top, right, bottom, left;
};

std::uint32_t after(int windows, int stride, int dilation, int window, int size, int before) {
  const int end = (windows - 1) * stride + (window - 1) * dilation + 1 - before;
  return static_cast<std::uint32_t>(std::max(end - size, 0));
}

// The padding of `picture` with which the window has as many positions as `steps` has pixels.
Padding padding_of(const Window& w, const Shape& picture, const Shape& steps) {
  return {
      .top = static_cast<std::uint32_t>(w.pad_top),
      .right = after(steps.width, w.stride_x, w.dilation_x, w.width, picture.width, w.pad_left),
      .bottom = after(steps.height, w.stride_y, w.dilation_y, w.height, picture.height, w.pad_top),
      .left = static_cast<std::uint32_t>(w.pad_left)};
}

std::uint32_t u(int value) { return static_cast<std::uint32_t>(value); }

// Translates a graph into an XNNPACK subgraph.
class Builder {
 public:
  Builder(const Graph& graph, xnn_subgraph_t subgraph)
      : graph_(graph), subgraph_(subgraph), values_(graph.tensors.size(), XNN_INVALID_VALUE_ID) {}

  bool build() {
    define(graph_.input, XNN_VALUE_FLAG_EXTERNAL_INPUT, kInput);
    define(graph_.output, XNN_VALUE_FLAG_EXTERNAL_OUTPUT, kOutput);
    return std::ranges::all_of(graph_.nodes, [&](const Node& node) { return add(node); });
  }

 private:
  std::uint32_t define(const std::vector<std::size_t>& dimensions, const float* constant,
                       std::uint32_t flags = 0, std::uint32_t external = XNN_INVALID_VALUE_ID) {
    std::uint32_t id = XNN_INVALID_VALUE_ID;
    xnn_define_tensor_value(subgraph_, xnn_datatype_fp32, dimensions.size(), dimensions.data(),
                            constant, external, flags, &id);
    return id;
  }

  void define(TensorId tensor, std::uint32_t flags, std::uint32_t external) {
    values_[static_cast<std::size_t>(tensor)] =
        define(dimensions(tensor), nullptr, flags, external);
  }

  std::vector<std::size_t> dimensions(TensorId tensor) const {
    const Shape& shape = graph_.shape(tensor);
    return {static_cast<std::size_t>(shape.batch), static_cast<std::size_t>(shape.height),
            static_cast<std::size_t>(shape.width), static_cast<std::size_t>(shape.channels)};
  }

  std::uint32_t value(TensorId tensor) {
    std::uint32_t& id = values_[static_cast<std::size_t>(tensor)];
    if (id == XNN_INVALID_VALUE_ID) {
      const bool constant = graph_.is_constant(tensor);
      id = define(dimensions(tensor),
                  constant ? graph_.at(tensor).constant.values().data() : nullptr);
    }
    return id;
  }

  // Defines a constant as a vector, the shape that XNNPACK requires for it.
  std::uint32_t vector(TensorId tensor) {
    return define({graph_.shape(tensor).size()}, graph_.at(tensor).constant.values().data());
  }

  // Adds the node, and its activation as a node of its own unless the operation clamps.
  bool add(const Node& node) {
    const bool separate =
        node.activation == Activation::kHardSwish || node.activation == Activation::kSigmoid;
    if (!separate || node.kind == OpKind::kActivation) return operate(node, value(node.output));
    const std::uint32_t between = define(dimensions(node.output), nullptr);
    return operate(node, between) && activate(node.activation, between, value(node.output));
  }

  bool activate(Activation activation, std::uint32_t from, std::uint32_t to) {
    const Range range = range_of(activation);
    switch (activation) {
      case Activation::kHardSwish:
        return is_fine(xnn_define_hardswish(subgraph_, from, to, 0));
      case Activation::kSigmoid:
        return is_fine(xnn_define_sigmoid(subgraph_, from, to, 0));
      default:
        return is_fine(xnn_define_clamp(subgraph_, range.min, range.max, from, to, 0));
    }
  }

  bool operate(const Node& node, std::uint32_t output) {
    const auto [min, max] = range_of(node.activation);
    const auto input = [&](std::size_t i) { return value(node.inputs[i]); };
    switch (node.kind) {
      case OpKind::kConv2d:
        return convolve(node, output);
      case OpKind::kDepthwiseConv2d:
        return convolve_depthwise(node, output);
      case OpKind::kTransposeConv2d:
        return deconvolve(node, output);
      case OpKind::kAveragePool:
        return pool(node, output);
      case OpKind::kResizeBilinear:
        return resize(node, output);
      case OpKind::kConcat:
        return concatenate(node, output);
      case OpKind::kActivation:
        return activate(node.activation, input(0), output);
      case OpKind::kAdd:
        return is_fine(xnn_define_add2(subgraph_, min, max, input(0), input(1), output, 0));
      case OpKind::kMul:
        return is_fine(xnn_define_multiply2(subgraph_, min, max, input(0), input(1), output, 0));
      case OpKind::kPrelu:
        return is_fine(xnn_define_prelu(subgraph_, input(0), vector(node.inputs[1]), output, 0));
      case OpKind::kReshape: {
        const auto shape = dimensions(node.output);
        return is_fine(
            xnn_define_static_reshape(subgraph_, shape.size(), shape.data(), input(0), output, 0));
      }
      case OpKind::kQuantize:
      case OpKind::kIntegerConv2d:
      case OpKind::kSelect:
      case OpKind::kDequantize:
      case OpKind::kMaxPool:
      case OpKind::kSum:
      case OpKind::kResizeNearest:
      case OpKind::kPad:
      case OpKind::kSub:
      case OpKind::kSoftmax:
      case OpKind::kArgMax:
      case OpKind::kTranspose:
        return false;
    }
    return false;
  }

  std::uint32_t filter(const Node& node, std::size_t outputs, std::size_t inputs) {
    const Window& w = node.window;
    return define(
        {outputs, static_cast<std::size_t>(w.height), static_cast<std::size_t>(w.width), inputs},
        graph_.at(node.filter).constant.values().data());
  }

  bool convolve(const Node& node, std::uint32_t output) {
    const Window& w = node.window;
    const Shape &from = graph_.shape(node.inputs[0]), &to = graph_.shape(node.output);
    const Padding pad = padding_of(w, from, to);
    const auto [min, max] = range_of(node.activation);
    const auto inputs = static_cast<std::size_t>(from.channels);
    const auto outputs = static_cast<std::size_t>(to.channels);
    return is_fine(xnn_define_convolution_2d(
        subgraph_, pad.top, pad.right, pad.bottom, pad.left, u(w.height), u(w.width), u(w.stride_y),
        u(w.stride_x), u(w.dilation_y), u(w.dilation_x), 1, inputs, outputs, min, max,
        value(node.inputs[0]), filter(node, outputs, inputs), vector(node.bias), output, 0));
  }

  bool convolve_depthwise(const Node& node, std::uint32_t output) {
    const Window& w = node.window;
    const Shape &from = graph_.shape(node.inputs[0]), &to = graph_.shape(node.output);
    const Padding pad = padding_of(w, from, to);
    const auto [min, max] = range_of(node.activation);
    const auto outputs = static_cast<std::size_t>(to.channels);
    return is_fine(xnn_define_depthwise_convolution_2d(
        subgraph_, pad.top, pad.right, pad.bottom, pad.left, u(w.height), u(w.width), u(w.stride_y),
        u(w.stride_x), u(w.dilation_y), u(w.dilation_x), u(to.channels / from.channels),
        static_cast<std::size_t>(from.channels), min, max, value(node.inputs[0]),
        filter(node, 1, outputs), vector(node.bias), output, 0));
  }

  bool deconvolve(const Node& node, std::uint32_t output) {
    const Window& w = node.window;
    const Shape &from = graph_.shape(node.inputs[0]), &to = graph_.shape(node.output);
    const Padding pad = padding_of(w, to, from);
    // XNNPACK's adjustment: output rows or columns at the end that no window reaches.
    const auto rest = [](int size, int windows, int stride, int window, int before,
                         std::uint32_t behind) {
      return u(size + before + static_cast<int>(behind) - (windows - 1) * stride - window);
    };
    const auto [min, max] = range_of(node.activation);
    const auto inputs = static_cast<std::size_t>(from.channels);
    const auto outputs = static_cast<std::size_t>(to.channels);
    return is_fine(xnn_define_deconvolution_2d(
        subgraph_, pad.top, pad.right, pad.bottom, pad.left,
        rest(to.height, from.height, w.stride_y, w.height, w.pad_top, pad.bottom),
        rest(to.width, from.width, w.stride_x, w.width, w.pad_left, pad.right), u(w.height),
        u(w.width), u(w.stride_y), u(w.stride_x), u(w.dilation_y), u(w.dilation_x), 1, inputs,
        outputs, min, max, value(node.inputs[0]), filter(node, outputs, inputs), vector(node.bias),
        output, 0));
  }

  bool pool(const Node& node, std::uint32_t output) {
    const Window& w = node.window;
    const Shape &from = graph_.shape(node.inputs[0]), &to = graph_.shape(node.output);
    const auto [min, max] = range_of(node.activation);
    const std::uint32_t input = value(node.inputs[0]);
    if (to.is_vector() && w.height == from.height && w.width == from.width) {
      return is_fine(xnn_define_global_average_pooling_2d(subgraph_, min, max, input, output, 0));
    }
    const Padding pad = padding_of(w, from, to);
    return is_fine(xnn_define_average_pooling_2d(subgraph_, pad.top, pad.right, pad.bottom,
                                                 pad.left, u(w.height), u(w.width), u(w.stride_y),
                                                 u(w.stride_x), min, max, input, output, 0));
  }

  bool resize(const Node& node, std::uint32_t output) {
    const Shape& to = graph_.shape(node.output);
    std::uint32_t flags = node.half_pixel_centers ? 0 : XNN_FLAG_TENSORFLOW_LEGACY_MODE;
    if (node.align_corners) flags = XNN_FLAG_ALIGN_CORNERS;
    return is_fine(xnn_define_static_resize_bilinear_2d(
        subgraph_, static_cast<std::size_t>(to.height), static_cast<std::size_t>(to.width),
        value(node.inputs[0]), output, flags));
  }

  // XNNPACK of that time has no concatenation: each input is padded to all channels, and the padded
  // inputs are added.
  bool concatenate(const Node& node, std::uint32_t output) {
    if (node.inputs.size() != 2) return false;
    const auto first = static_cast<std::size_t>(graph_.shape(node.inputs[0]).channels);
    const auto second = static_cast<std::size_t>(graph_.shape(node.inputs[1]).channels);
    const std::array<std::size_t, 4> none = {}, before = {0, 0, 0, first},
                                     after = {0, 0, 0, second};
    const std::uint32_t left = define(dimensions(node.output), nullptr);
    const std::uint32_t right = define(dimensions(node.output), nullptr);
    const auto [min, max] = Range{};
    return is_fine(xnn_define_static_constant_pad(subgraph_, none.data(), after.data(), 0,
                                                  value(node.inputs[0]), left, 0)) &&
           is_fine(xnn_define_static_constant_pad(subgraph_, before.data(), none.data(), 0,
                                                  value(node.inputs[1]), right, 0)) &&
           is_fine(xnn_define_add2(subgraph_, min, max, left, right, output, 0));
  }

  static bool is_fine(xnn_status status) { return status == xnn_status_success; }

  const Graph& graph_;
  xnn_subgraph_t subgraph_;
  std::vector<std::uint32_t> values_;  // by tensor
};

std::unexpected<Error> refuse(const char* what) {
  return fail(ErrorCode::kUnsupported, {"XNNPACK: ", what});
}

}  // namespace

struct XnnpackNetwork::Plan {
  ~Plan() {
    if (runtime) xnn_delete_runtime(runtime);
    if (subgraph) xnn_delete_subgraph(subgraph);
  }

  Graph graph;  // XNNPACK refers to its constants
  std::vector<float> input, output;
  xnn_subgraph_t subgraph = nullptr;
  xnn_runtime_t runtime = nullptr;
};

XnnpackNetwork::XnnpackNetwork(std::unique_ptr<Plan> plan) : plan_(std::move(plan)) {}
XnnpackNetwork::~XnnpackNetwork() = default;

Result<std::unique_ptr<XnnpackNetwork>> XnnpackNetwork::create(Graph graph) {
  fold_constants(graph);
  split_global_pools(graph);
  remove_dead_nodes(graph);
  auto plan = std::make_unique<Plan>();
  plan->graph = std::move(graph);
  for (Tensor& tensor : plan->graph.tensors) {
    std::vector<float> values = tensor.constant.take();
    values.reserve(values.size() + kExtra);
    tensor.constant = std::move(values);
  }
  plan->input.resize(plan->graph.shape(plan->graph.input).size() + kExtra);
  plan->output.resize(plan->graph.shape(plan->graph.output).size() + kExtra);
  if (xnn_initialize(nullptr) != xnn_status_success ||
      xnn_create_subgraph(2, 0, &plan->subgraph) != xnn_status_success) {
    return refuse("does not start");
  }
  if (!Builder(plan->graph, plan->subgraph).build()) return refuse("cannot express the network");
  const std::array values = {xnn_external_value{kInput, plan->input.data()},
                             xnn_external_value{kOutput, plan->output.data()}};
  if (xnn_create_runtime_v2(plan->subgraph, nullptr, 0, &plan->runtime) != xnn_status_success ||
      xnn_setup_runtime(plan->runtime, values.size(), values.data()) != xnn_status_success) {
    return refuse("cannot run the network");
  }
  return std::unique_ptr<XnnpackNetwork>(new XnnpackNetwork(std::move(plan)));
}

std::span<float> XnnpackNetwork::input() {
  return std::span(plan_->input).first(plan_->input.size() - kExtra);
}

std::span<const float> XnnpackNetwork::run() {
  xnn_invoke_runtime(plan_->runtime);
  return std::span(plan_->output).first(plan_->output.size() - kExtra);
}

}  // namespace backdrop
