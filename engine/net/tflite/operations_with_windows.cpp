// Imports of the operations that slide a window over a picture.
#include <algorithm>
#include <cstdint>
#include <utility>

#include "base/saturating.h"
#include "net/tflite/operation_import.h"
#include "net/tflite/quantization.h"

namespace backdrop {

namespace fb = tflite;

namespace {

int windows_along(int size, int window, int stride, int dilation, fb::Padding padding) {
  if (padding == fb::Padding::SAME) return (size - 1) / stride + 1;
  const int extent = (window - 1) * dilation + 1;
  return size < extent ? 0 : (size - extent) / stride + 1;
}

int padding_before(int size, int windows, int window, int stride, int dilation) {
  return std::max((windows - 1) * stride + (window - 1) * dilation + 1 - size, 0) / 2;
}

// The window of a dense or depthwise convolution.
template <typename Options>
Window window_of(const Shape& filter, const Options& options) {
  return {.height = filter.height,
          .width = filter.width,
          .stride_y = options.stride_h(),
          .stride_x = options.stride_w(),
          .dilation_y = options.dilation_h_factor(),
          .dilation_x = options.dilation_w_factor()};
}

// The scales of a quantized filter, if several, are one for each output channel.
Result<void> check_scales(const OperationImport& op, TensorId filter) {
  const auto* parameters = op.file_tensor(filter).quantization();
  if (!is_quantized(op.file_tensor(filter)) || parameters->scale()->size() == 1) return {};
  const int needed = op.node.kind == OpKind::kDepthwiseConv2d ? 3 : 0;
  if (parameters->quantized_dimension() == needed) return {};
  return op.reject({op.label(filter), " has scales along its dimension ",
                    parameters->quantized_dimension(), " instead of ", needed});
}

// Sets the node's filter and bias. `expected` is the filter's shape with the output channels as the
// batch. A missing bias is replaced by zeros.
Result<void> set_filter_and_bias(OperationImport& op, std::size_t bias_index,
                                 const Shape& expected) {
  op.node.filter = BACKDROP_TRY(op.weights(1));
  if (op.shape(op.node.filter) != expected) {
    return op.reject(
        {"its filter is ", describe(op.shape(op.node.filter)), " instead of ", describe(expected)});
  }
  BACKDROP_TRY(check_scales(op, op.node.filter));
  const int outputs = op.node.kind == OpKind::kDepthwiseConv2d ? expected.channels : expected.batch;
  if (!op.has_operand(bias_index)) {
    if (!op.graph.budget.take_floats(outputs)) return LoadBudget::exceeded();
    op.node.bias = op.graph.add_tensor("no bias", {1, 1, outputs},
                                       std::vector<float>(static_cast<std::size_t>(outputs), 0.0F));
    return {};
  }
  op.node.bias = BACKDROP_TRY(op.operand(bias_index));
  if (op.shape(op.node.bias) != Shape{1, 1, outputs})
    return op.reject("its bias does not fit its filter");
  return {};
}

Result<void> check_window(OperationImport& op) {
  const Window& w = op.node.window;
  for (const int value : {w.height, w.width, w.dilation_y, w.dilation_x, w.stride_y, w.stride_x}) {
    if (value < 1 || value > kMaxWindow) {
      return op.reject("its window, stride or dilation is out of range");
    }
  }
  if (static_cast<std::int64_t>(w.height) * w.dilation_y > kMaxWindow ||
      static_cast<std::int64_t>(w.width) * w.dilation_x > kMaxWindow) {
    return op.reject("its window is out of range");
  }
  return {};
}

// The output's shape if it has one pixel for each position of op.node.window on the input, and the
// window's padding.
Result<Shape> place_window(OperationImport& op, fb::Padding padding) {
  BACKDROP_TRY(check_window(op));
  Window& w = op.node.window;
  const Shape& in = op.graph.shape(op.node.inputs[0]);
  Shape out{.height = windows_along(in.height, w.height, w.stride_y, w.dilation_y, padding),
            .width = windows_along(in.width, w.width, w.stride_x, w.dilation_x, padding),
            .channels = in.channels};
  if (out.height < 1 || out.width < 1) return op.reject("its window is larger than its input");
  if (padding == fb::Padding::SAME) {
    w.pad_top = padding_before(in.height, out.height, w.height, w.stride_y, w.dilation_y);
    w.pad_left = padding_before(in.width, out.width, w.width, w.stride_x, w.dilation_x);
  }
  if (op.node.bias != kNoTensor) out.channels = op.graph.shape(op.node.bias).channels;
  return out;
}

Result<void> slide(OperationImport& op, fb::Padding padding) {
  return op.emit(BACKDROP_TRY(place_window(op, padding)));
}

// `count` channels made of the tensor's, as a tensor.
Result<TensorId> select_channels(OperationImport& op, TensorId from, Selection selection,
                                 int count) {
  Shape shape = op.graph.shape(from);
  shape.channels = count;
  if (!is_bounded(shape)) return op.unsupported("its input for all its filters is too large");
  Node node{.kind = OpKind::kSelect, .inputs = {from}, .selection = selection};
  const TensorId output = node.output = op.graph.add_tensor("channels", shape);
  op.graph.nodes.push_back(std::move(node));
  return output;
}

// The output channels [first, first + count) of a constant filter or bias.
TensorId slice_weights(OperationImport& op, TensorId from, std::size_t first, std::size_t count,
                       Shape shape) {
  const std::span<const float> values = op.constant_of(from)->values().subspan(first, count);
  return op.graph.add_tensor(op.graph.at(from).name, shape,
                             std::vector<float>(values.begin(), values.end()));
}

// A convolution in groups: each is one of its own channels, and the results are joined.
Result<void> convolve_groups(OperationImport& op, Shape filter, fb::Padding padding) {
  BACKDROP_TRY(set_filter_and_bias(op, 2, filter));
  const Node whole = op.node;
  const int groups = op.shape(whole.inputs[0]).channels / filter.channels;
  const Constant* weights = op.constant_of(whole.filter);
  if (weights == nullptr || op.constant_of(whole.bias) == nullptr) {
    return op.unsupported("groups with weights that are computed when the network runs");
  }
  if (filter.batch % groups != 0) return op.reject("its filters can't be divided evenly");
  if (!op.graph.budget.take_operands(3 * groups) ||
      !op.graph.budget.take_floats(weights->size() + static_cast<std::size_t>(filter.batch))) {
    return LoadBudget::exceeded();
  }
  const Shape out = BACKDROP_TRY(place_window(op, padding));
  const Shape each{filter.height, filter.width, filter.channels};
  const int count = filter.batch / groups;
  Node join{.kind = OpKind::kConcat};
  for (int g = 0; g < groups; ++g) {
    Node part = op.node;
    const auto first = static_cast<std::size_t>(g * count), size = static_cast<std::size_t>(count);
    part.inputs = {BACKDROP_TRY(
        select_channels(op, whole.inputs[0], {.first = g * filter.channels}, filter.channels))};
    part.filter = slice_weights(op, whole.filter, first * each.size(), size * each.size(), each);
    part.bias = slice_weights(op, whole.bias, first, size, {1, 1, count});
    part.output = op.graph.add_tensor("group", {out.height, out.width, count});
    join.inputs.push_back(part.output);
    op.graph.nodes.push_back(std::move(part));
  }
  op.node = std::move(join);
  return op.emit(out);
}

Result<void> conv2d(OperationImport& op) {
  const auto* options = BACKDROP_TRY(op.options<fb::Conv2DOptions>());
  op.node.kind = OpKind::kConv2d;
  op.node.inputs = {BACKDROP_TRY(op.operand(0))};
  Shape filter = op.shape(BACKDROP_TRY(op.weights(1)));
  op.node.window = window_of(filter, *options);
  BACKDROP_TRY(op.set_activation(options->fused_activation_function()));
  const int channels = op.shape(op.node.inputs[0]).channels;
  if (filter.channels != channels && channels % filter.channels == 0) {
    return convolve_groups(op, filter, options->padding());
  }
  filter.channels = channels;
  BACKDROP_TRY(set_filter_and_bias(op, 2, filter));
  return slide(op, options->padding());
}

Result<void> depthwise_conv2d(OperationImport& op) {
  const auto* options = BACKDROP_TRY(op.options<fb::DepthwiseConv2DOptions>());
  op.node.kind = OpKind::kDepthwiseConv2d;
  op.node.inputs = {BACKDROP_TRY(op.operand(0))};
  Shape filter = op.shape(BACKDROP_TRY(op.weights(1)));
  const int channels = op.shape(op.node.inputs[0]).channels;
  op.node.window = window_of(filter, *options);
  const int times = filter.channels / channels;
  if (filter.batch != 1 || filter.channels % channels != 0) {
    filter.channels = channels;
  } else if (times > 1) {
    // Several filters for each channel are one for each of as many copies of it.
    op.node.inputs = {
        BACKDROP_TRY(select_channels(op, op.node.inputs[0], {.times = times}, filter.channels))};
  }
  filter.batch = 1;
  BACKDROP_TRY(set_filter_and_bias(op, 2, filter));
  BACKDROP_TRY(op.set_activation(options->fused_activation_function()));
  return slide(op, options->padding());
}

Result<void> fully_connected(OperationImport& op) {
  const auto* options = BACKDROP_TRY(op.options<fb::FullyConnectedOptions>());
  if (options->weights_format() != 0) return op.unsupported("weights that are shuffled");
  op.node.kind = OpKind::kConv2d;  // a pointwise convolution of one pixel
  op.node.inputs = {BACKDROP_TRY(op.operand(0))};
  const Shape& in = op.shape(op.node.inputs[0]);
  if (!in.is_vector()) return op.unsupported("an input that is not a vector");
  const int outputs = op.shape(BACKDROP_TRY(op.weights(1))).batch;
  BACKDROP_TRY(set_filter_and_bias(op, 2, {.channels = in.channels, .batch = outputs}));
  BACKDROP_TRY(op.set_activation(options->fused_activation_function()));
  return slide(op, fb::Padding::VALID);
}

// The operands are the output's shape, the filter, the input and optionally a bias.
Result<void> transpose_conv(OperationImport& op) {
  const auto* options = BACKDROP_TRY(op.options<fb::TransposeConvOptions>());
  op.node.kind = OpKind::kTransposeConv2d;
  const auto written = BACKDROP_TRY(op.integers(0));
  op.node.inputs = {BACKDROP_TRY(op.operand(2))};
  const Shape& in = op.shape(op.node.inputs[0]);
  Shape filter = op.shape(BACKDROP_TRY(op.weights(1)));
  if (written.size() != 4 ||
      !is_bounded(shape_of({written[0], written[1], written[2], written[3]}))) {
    return op.reject("its output shape is invalid");
  }
  Window& w = op.node.window;
  w = {.height = filter.height,
       .width = filter.width,
       .stride_y = options->stride_h(),
       .stride_x = options->stride_w()};
  BACKDROP_TRY(check_window(op));
  filter.channels = in.channels;
  BACKDROP_TRY(set_filter_and_bias(op, 3, filter));
  BACKDROP_TRY(op.set_activation(options->fused_activation_function()));
  const Shape out{.height = BACKDROP_TRY(op.resized_height(written[1], op.node.inputs[0])),
                  .width = BACKDROP_TRY(op.resized_width(written[2], op.node.inputs[0])),
                  .channels = written[3],
                  .batch = written[0]};
  // The inverse must hold: a convolution of the output with this window has the input's size.
  const fb::Padding padding = options->padding();
  if (windows_along(out.height, w.height, w.stride_y, 1, padding) != in.height ||
      windows_along(out.width, w.width, w.stride_x, 1, padding) != in.width ||
      out.channels != filter.batch || out.batch != 1) {
    return op.reject(
        {"its output of ", describe(out), " does not fit its input of ", describe(in)});
  }
  if (padding == fb::Padding::SAME) {
    w.pad_top = padding_before(out.height, in.height, w.height, w.stride_y, 1);
    w.pad_left = padding_before(out.width, in.width, w.width, w.stride_x, 1);
  }
  return op.emit(out);
}

// MediaPipe's Convolution2DTransposeBias. Its options are three int32: padding (1 is SAME), stride
// width, stride height. SAME crops the output by the padding that a convolution would add.
Result<void> transpose_conv_bias(OperationImport& op) {
  op.node.kind = OpKind::kTransposeConv2d;
  const auto* options = op.stored->custom_options();
  if (options == nullptr || options->size() < 3 * sizeof(std::int32_t)) {
    return op.reject("its options are missing");
  }
  op.node.inputs = {BACKDROP_TRY(op.operand(0))};
  const Shape& in = op.shape(op.node.inputs[0]);
  Shape filter = op.shape(BACKDROP_TRY(op.weights(1)));
  Window& w = op.node.window;
  w = {.height = filter.height,
       .width = filter.width,
       .stride_y = load<std::int32_t>(options->data(), 2),
       .stride_x = load<std::int32_t>(options->data(), 1)};
  BACKDROP_TRY(check_window(op));
  if ((Size(in.pixels()) * w.stride_y * w.stride_x).get() > kMaxTensorSize) {
    return op.reject("its output is too large");
  }
  filter.channels = in.channels;
  BACKDROP_TRY(set_filter_and_bias(op, 2, filter));
  Shape out{.height = (in.height - 1) * w.stride_y + w.height,
            .width = (in.width - 1) * w.stride_x + w.width,
            .channels = filter.batch};
  if (load<std::int32_t>(options->data(), 0) == 1) {
    const int rows = std::max(w.height - (in.height - 1) % w.stride_y - 1, 0);
    const int columns = std::max(w.width - (in.width - 1) % w.stride_x - 1, 0);
    out.height -= rows;
    out.width -= columns;
    w.pad_top = rows / 2;
    w.pad_left = columns / 2;
  }
  return op.emit(out);
}

Result<void> pool(OperationImport& op, OpKind kind) {
  const auto* options = BACKDROP_TRY(op.options<fb::Pool2DOptions>());
  op.node.kind = kind;
  const TensorId in = BACKDROP_TRY(op.operand(0));
  op.node.inputs = {in};
  Window& w = op.node.window;
  w = {.height = options->filter_height(),
       .width = options->filter_width(),
       .stride_y = options->stride_h(),
       .stride_x = options->stride_w()};
  BACKDROP_TRY(op.set_activation(options->fused_activation_function()));
  const Shape& in_file = op.shape_in_file(in);
  const bool covers_all = w.height >= in_file.height && w.width >= in_file.width;
  if (op.input_size && !op.input_is_open && covers_all) {
    // Global pooling stays global, and so does a stride as large as the picture.
    if (w.stride_y >= in_file.height) w.stride_y = op.shape(in).height;
    if (w.stride_x >= in_file.width) w.stride_x = op.shape(in).width;
    w.height = op.shape(in).height;
    w.width = op.shape(in).width;
  }
  return slide(op, options->padding());
}

Result<void> average_pool(OperationImport& op) { return pool(op, OpKind::kAveragePool); }
Result<void> max_pool(OperationImport& op) { return pool(op, OpKind::kMaxPool); }

Result<void> reduce(OperationImport& op, OpKind kind) {
  const auto* options = op.stored->builtin_options_as_ReducerOptions();
  op.node.kind = kind;
  const TensorId in = BACKDROP_TRY(op.operand(0));
  op.node.inputs = {in};
  const auto numbers = BACKDROP_TRY(op.integers(1));
  const auto axes = BACKDROP_TRY(op.axes(numbers, op.rank(in)));
  for (const int axis : axes) {
    if (axis == 0 || axis == 3) return op.unsupported("axes other than height and width");
    (axis == 1 ? op.node.window.height : op.node.window.width) =
        axis == 1 ? op.shape(in).height : op.shape(in).width;
  }
  const bool keeps_dimensions = options != nullptr && options->keep_dims();
  if (!keeps_dimensions && axes.size() != 2) {
    return op.unsupported("one axis without keeping the dimensions");
  }
  return slide(op, fb::Padding::VALID);
}

Result<void> mean(OperationImport& op) { return reduce(op, OpKind::kAveragePool); }
Result<void> sum(OperationImport& op) { return reduce(op, OpKind::kSum); }

constexpr OperationRow kRows[] = {
    {fb::BuiltinOperator::AVERAGE_POOL_2D, average_pool},
    {fb::BuiltinOperator::CONV_2D, conv2d},
    {fb::BuiltinOperator::CUSTOM, transpose_conv_bias, "Convolution2DTransposeBias"},
    {fb::BuiltinOperator::DEPTHWISE_CONV_2D, depthwise_conv2d},
    {fb::BuiltinOperator::FULLY_CONNECTED, fully_connected},
    {fb::BuiltinOperator::MAX_POOL_2D, max_pool},
    {fb::BuiltinOperator::MEAN, mean},
    {fb::BuiltinOperator::SUM, sum},
    {fb::BuiltinOperator::TRANSPOSE_CONV, transpose_conv},
};

}  // namespace

std::span<const OperationRow> operations_with_windows() { return kRows; }

}  // namespace backdrop
