// The operations that slide a window over a picture.
#include <algorithm>
#include <cstdint>

#include "net/tflite/importer.h"

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

// Of a convolution, dense or depthwise.
template <typename Options>
Window window_of(const Shape& filter, const Options& options) {
  return {.height = filter.height,
          .width = filter.width,
          .stride_y = options.stride_h(),
          .stride_x = options.stride_w(),
          .dilation_y = options.dilation_h_factor(),
          .dilation_x = options.dilation_w_factor()};
}

}  // namespace

// `expected` is the filter's shape, with its output channels as the batch. For lack of a bias there
// are zeros.
Result<void> Importer::set_filter_and_bias(std::size_t bias_index, const Shape& expected) {
  node_.filter = BACKDROP_TRY(weights(1));
  if (shape(node_.filter) != expected) {
    return reject("its filter is " + describe(shape(node_.filter)) + " where " +
                  describe(expected) + " fits");
  }
  const int outputs = node_.kind == OpKind::kDepthwiseConv2d ? expected.channels : expected.batch;
  if (!has_operand(bias_index)) {
    node_.bias = graph_.add_tensor("no bias", {1, 1, outputs},
                                   std::vector<float>(static_cast<std::size_t>(outputs), 0.0F));
    return {};
  }
  node_.bias = BACKDROP_TRY(operand(bias_index));
  if (shape(node_.bias) != Shape{1, 1, outputs}) return reject("its bias does not fit its filter");
  return {};
}

Result<void> Importer::check_window() const {
  const Window& w = node_.window;
  for (const int value : {w.height, w.width, w.dilation_y, w.dilation_x, w.stride_y, w.stride_x}) {
    if (value < 1 || value > kMaxWindow) {
      return reject("its window, stride or dilation is out of range");
    }
  }
  if (static_cast<std::int64_t>(w.height) * w.dilation_y > kMaxWindow ||
      static_cast<std::int64_t>(w.width) * w.dilation_x > kMaxWindow) {
    return reject("its window is out of range");
  }
  return {};
}

// Ends an operation whose output has a pixel for each place of node_.window on the input.
Result<void> Importer::slide(fb::Padding padding) {
  BACKDROP_TRY(check_window());
  Window& w = node_.window;
  const Shape& in = shape(node_.inputs[0]);
  Shape out{.height = windows_along(in.height, w.height, w.stride_y, w.dilation_y, padding),
            .width = windows_along(in.width, w.width, w.stride_x, w.dilation_x, padding),
            .channels = in.channels};
  if (out.height < 1 || out.width < 1) return reject("its window is larger than its input");
  if (padding == fb::Padding::SAME) {
    w.pad_top = padding_before(in.height, out.height, w.height, w.stride_y, w.dilation_y);
    w.pad_left = padding_before(in.width, out.width, w.width, w.stride_x, w.dilation_x);
  }
  if (node_.bias != kNoTensor) out.channels = graph_.shape(node_.bias).channels;
  return emit(out);
}

Result<void> Importer::conv2d() {
  const auto* options = BACKDROP_TRY(this->options<fb::Conv2DOptions>());
  node_.kind = OpKind::kConv2d;
  node_.inputs = {BACKDROP_TRY(operand(0))};
  Shape filter = shape(BACKDROP_TRY(weights(1)));
  node_.window = window_of(filter, *options);
  filter.channels = shape(node_.inputs[0]).channels;
  BACKDROP_TRY(set_filter_and_bias(2, filter));
  BACKDROP_TRY(set_activation(options->fused_activation_function()));
  return slide(options->padding());
}

Result<void> Importer::depthwise_conv2d() {
  const auto* options = BACKDROP_TRY(this->options<fb::DepthwiseConv2DOptions>());
  node_.kind = OpKind::kDepthwiseConv2d;
  node_.inputs = {BACKDROP_TRY(operand(0))};
  Shape filter = shape(BACKDROP_TRY(weights(1)));
  const int channels = shape(node_.inputs[0]).channels;
  if (filter.channels != channels && filter.batch == 1 && filter.channels % channels == 0) {
    return unsupported("more than one filter a channel");
  }
  node_.window = window_of(filter, *options);
  filter.channels = channels;
  filter.batch = 1;
  BACKDROP_TRY(set_filter_and_bias(2, filter));
  BACKDROP_TRY(set_activation(options->fused_activation_function()));
  return slide(options->padding());
}

Result<void> Importer::fully_connected() {
  const auto* options = BACKDROP_TRY(this->options<fb::FullyConnectedOptions>());
  node_.kind = OpKind::kConv2d;  // of one pixel
  node_.inputs = {BACKDROP_TRY(operand(0))};
  const Shape& in = shape(node_.inputs[0]);
  if (!in.is_vector()) return unsupported("an input that is not a vector");
  const int outputs = shape(BACKDROP_TRY(weights(1))).batch;
  BACKDROP_TRY(set_filter_and_bias(2, {.channels = in.channels, .batch = outputs}));
  BACKDROP_TRY(set_activation(options->fused_activation_function()));
  return slide(fb::Padding::VALID);
}

// Its operands are the output's shape, the filter, the input and perhaps a bias.
Result<void> Importer::transpose_conv() {
  const auto* options = BACKDROP_TRY(this->options<fb::TransposeConvOptions>());
  node_.kind = OpKind::kTransposeConv2d;
  const auto written = BACKDROP_TRY(integers(0));
  node_.inputs = {BACKDROP_TRY(operand(2))};
  const Shape& in = shape(node_.inputs[0]);
  Shape filter = shape(BACKDROP_TRY(weights(1)));
  if (written.size() != 4 ||
      !is_bounded(shape_of({written[0], written[1], written[2], written[3]}))) {
    return reject("its output shape is no shape");
  }
  Window& w = node_.window;
  w = {.height = filter.height,
       .width = filter.width,
       .stride_y = options->stride_h(),
       .stride_x = options->stride_w()};
  BACKDROP_TRY(check_window());
  filter.channels = in.channels;
  BACKDROP_TRY(set_filter_and_bias(3, filter));
  BACKDROP_TRY(set_activation(options->fused_activation_function()));
  const Shape out{.height = BACKDROP_TRY(planned_height(written[1], node_.inputs[0])),
                  .width = BACKDROP_TRY(planned_width(written[2], node_.inputs[0])),
                  .channels = written[3],
                  .batch = written[0]};
  // Sliding its window over the output gives the input.
  const fb::Padding padding = options->padding();
  if (windows_along(out.height, w.height, w.stride_y, 1, padding) != in.height ||
      windows_along(out.width, w.width, w.stride_x, 1, padding) != in.width ||
      out.channels != filter.batch || out.batch != 1) {
    return reject("its output of " + describe(out) + " does not fit its input of " + describe(in));
  }
  if (padding == fb::Padding::SAME) {
    w.pad_top = padding_before(out.height, in.height, w.height, w.stride_y, 1);
    w.pad_left = padding_before(out.width, in.width, w.width, w.stride_x, 1);
  }
  return emit(out);
}

// MediaPipe's operation. Its options are three int32: padding (1 is SAME), stride width, stride
// height. SAME takes from the output's size what a convolution would add to the input's.
Result<void> Importer::transpose_conv_bias() {
  node_.kind = OpKind::kTransposeConv2d;
  const auto* options = op_->custom_options();
  if (options == nullptr || options->size() < 3 * sizeof(std::int32_t)) {
    return reject("its options are missing");
  }
  node_.inputs = {BACKDROP_TRY(operand(0))};
  const Shape& in = shape(node_.inputs[0]);
  Shape filter = shape(BACKDROP_TRY(weights(1)));
  Window& w = node_.window;
  w = {.height = filter.height,
       .width = filter.width,
       .stride_y = load<std::int32_t>(options->data(), 2),
       .stride_x = load<std::int32_t>(options->data(), 1)};
  BACKDROP_TRY(check_window());
  if (static_cast<std::size_t>(w.stride_y) * static_cast<std::size_t>(w.stride_x) >
      kMaxTensorSize / in.pixels()) {
    return reject("its output is too large");
  }
  filter.channels = in.channels;
  BACKDROP_TRY(set_filter_and_bias(2, filter));
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
  return emit(out);
}

Result<void> Importer::average_pool() { return pool(OpKind::kAveragePool); }
Result<void> Importer::max_pool() { return pool(OpKind::kMaxPool); }

Result<void> Importer::pool(OpKind kind) {
  const auto* options = BACKDROP_TRY(this->options<fb::Pool2DOptions>());
  node_.kind = kind;
  const TensorId in = BACKDROP_TRY(operand(0));
  node_.inputs = {in};
  Window& w = node_.window;
  w = {.height = options->filter_height(),
       .width = options->filter_width(),
       .stride_y = options->stride_h(),
       .stride_x = options->stride_w()};
  BACKDROP_TRY(set_activation(options->fused_activation_function()));
  const Shape& in_file = shape_in_file(in);
  const bool covers_all = w.height >= in_file.height && w.width >= in_file.width;
  if (input_size_ && !input_is_open_ && covers_all) {
    // A stride of the whole picture stays one, too.
    if (w.stride_y >= in_file.height) w.stride_y = shape(in).height;
    if (w.stride_x >= in_file.width) w.stride_x = shape(in).width;
    w.height = shape(in).height;
    w.width = shape(in).width;
  }
  return slide(options->padding());
}

Result<void> Importer::mean() { return reduce(OpKind::kAveragePool); }
Result<void> Importer::sum() { return reduce(OpKind::kSum); }

Result<void> Importer::reduce(OpKind kind) {
  const auto* options = op_->builtin_options_as_ReducerOptions();
  node_.kind = kind;
  const TensorId in = BACKDROP_TRY(operand(0));
  node_.inputs = {in};
  const auto numbers = BACKDROP_TRY(integers(1));
  const auto axes = BACKDROP_TRY(this->axes(numbers, rank(in)));
  for (const int axis : axes) {
    if (axis == 0 || axis == 3) return unsupported("axes other than height and width");
    (axis == 1 ? node_.window.height : node_.window.width) =
        axis == 1 ? shape(in).height : shape(in).width;
  }
  const bool keeps_dimensions = options != nullptr && options->keep_dims();
  if (!keeps_dimensions && axes.size() != 2) {
    return unsupported("one axis without keeping the dimensions");
  }
  return slide(fb::Padding::VALID);
}

}  // namespace backdrop
