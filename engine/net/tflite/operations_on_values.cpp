// Imports of the operations on values and on shapes.
#include <algorithm>
#include <cstdint>
#include <numeric>

#include "net/tflite/operation_import.h"

namespace backdrop {

namespace fb = tflite;

namespace {

// The common shape of two operands, or nothing if they do not broadcast.
std::optional<Shape> broadcast(const Shape& a, const Shape& b) {
  std::array<int, 4> both{};
  for (std::size_t i = 0; i < both.size(); ++i) {
    const int left = axes_of(a)[i];
    const int right = axes_of(b)[i];
    if (left != right && left != 1 && right != 1) return std::nullopt;
    both[i] = std::max(left, right);
  }
  return shape_of(both);
}

// Conversions between a shape and the dimensions of a tensor with a given rank.
std::vector<int> dimensions_of(const Shape& shape, std::size_t rank) {
  std::vector<int> dimensions(rank);
  for (std::size_t i = 0; i < rank; ++i) {
    dimensions[i] = axes_of(shape)[static_cast<std::size_t>(axis_of(rank, i))];
  }
  return dimensions;
}

Shape shape_of_dimensions(const std::vector<int>& dimensions) {
  std::array<int, 4> axes{1, 1, 1, 1};
  for (std::size_t i = 0; i < dimensions.size(); ++i) {
    axes[static_cast<std::size_t>(axis_of(dimensions.size(), i))] = dimensions[i];
  }
  return shape_of(axes);
}

// DEQUANTIZE and QUANTIZE. A quantized tensor is one of floats already; emit() rounds where the
// output has another grid.
Result<void> copy(OperationImport& op) {
  op.node.kind = OpKind::kDequantize;
  op.node.inputs = {BACKDROP_TRY(op.weights(0))};
  return op.emit(op.shape(op.node.inputs[0]));
}

Result<void> resize(OperationImport& op, OpKind kind, bool align_corners, bool half_pixel_centers) {
  op.node.kind = kind;
  op.node.align_corners = align_corners;
  op.node.half_pixel_centers = half_pixel_centers;
  const TensorId in = BACKDROP_TRY(op.operand(0));
  op.node.inputs = {in};
  const auto size = BACKDROP_TRY(op.integers(1));
  if (size.size() != 2 || size[0] < 1 || size[1] < 1) return op.reject("its size is invalid");
  return op.emit({BACKDROP_TRY(op.resized_height(size[0], in)),
                  BACKDROP_TRY(op.resized_width(size[1], in)), op.shape(in).channels});
}

Result<void> resize_bilinear(OperationImport& op) {
  const auto* options = op.stored->builtin_options_as_ResizeBilinearOptions();
  return resize(op, OpKind::kResizeBilinear, options != nullptr && options->align_corners(),
                options != nullptr && options->half_pixel_centers());
}

Result<void> resize_nearest(OperationImport& op) {
  const auto* options = op.stored->builtin_options_as_ResizeNearestNeighborOptions();
  return resize(op, OpKind::kResizeNearest, options != nullptr && options->align_corners(),
                options != nullptr && options->half_pixel_centers());
}

// PAD, and PADV2 with a value. The paddings are two numbers for each dimension: before and
// after.
Result<void> pad(OperationImport& op) {
  op.node.kind = OpKind::kPad;
  const TensorId in = BACKDROP_TRY(op.operand(0));
  op.node.inputs = {in};
  const auto paddings = BACKDROP_TRY(op.integers(1));
  if (paddings.size() != 2 * op.rank(in)) return op.reject("its paddings do not fit its input");
  if (op.has_operand(2)) {
    const auto* value = op.constant_of(BACKDROP_TRY(op.operand(2)));
    if (value == nullptr || value->size() != 1) {
      return op.unsupported("a value that is not a constant");
    }
    op.node.value = (*value)[0];
  }
  std::array<int, 4> out = axes_of(op.shape(in));
  std::array<int, 4> before{};
  for (std::size_t i = 0; i < op.rank(in); ++i) {
    const auto axis = static_cast<std::size_t>(axis_of(op.rank(in), i));
    for (const int padding : {paddings[2 * i], paddings[2 * i + 1]}) {
      if (padding < 0 || padding > kMaxWindow) return op.reject("its paddings are out of range");
      if (padding != 0 && (axis == 0 || axis == 3)) {
        return op.unsupported("axes other than height and width");
      }
      out[axis] += padding;
    }
    before[axis] = paddings[2 * i];
  }
  op.node.window.pad_top = before[1];
  op.node.window.pad_left = before[2];
  return op.emit(shape_of(out));
}

Result<void> combine(OperationImport& op, OpKind kind, TensorId a, TensorId b,
                     fb::ActivationFunctionType fused) {
  const Shape left = op.graph.shape(a);
  const Shape right = op.graph.shape(b);
  const auto out = broadcast(left, right);
  if (!out || (*out != left && *out != right)) {
    return op.unsupported({"operands of shapes ", describe(left), " and ", describe(right)});
  }
  const bool is_reversed = *out != left;
  if (is_reversed && kind == OpKind::kSub) {  // a - b = -b + a
    const TensorId minus_one = op.graph.add_tensor("minus one", {}, std::vector{-1.0F});
    const TensorId negative = op.graph.add_tensor(join({"minus ", op.label(b)}), right);
    Node negate;
    negate.kind = OpKind::kMul;
    negate.inputs = {b, minus_one};
    negate.output = negative;
    op.graph.nodes.push_back(negate);
    op.node.kind = OpKind::kAdd;
    op.node.inputs = {negative, a};
  } else {
    const bool swaps =
        kind != OpKind::kSub &&
        (is_reversed || (left == right && op.graph.is_constant(a) && !op.graph.is_constant(b)));
    op.node.kind = kind;
    op.node.inputs = swaps ? std::vector{b, a} : std::vector{a, b};
  }
  BACKDROP_TRY(op.set_activation(fused));
  return op.emit(*out);
}

Result<void> add(OperationImport& op) {
  return combine(op, OpKind::kAdd, BACKDROP_TRY(op.operand(0)), BACKDROP_TRY(op.operand(1)),
                 op.fused<fb::AddOptions>());
}

Result<void> sub(OperationImport& op) {
  return combine(op, OpKind::kSub, BACKDROP_TRY(op.operand(0)), BACKDROP_TRY(op.operand(1)),
                 op.fused<fb::SubOptions>());
}

Result<void> mul(OperationImport& op) {
  return combine(op, OpKind::kMul, BACKDROP_TRY(op.operand(0)), BACKDROP_TRY(op.operand(1)),
                 op.fused<fb::MulOptions>());
}

// Division by a constant, as a product with the reciprocal.
Result<void> div(OperationImport& op) {
  const TensorId divisor = BACKDROP_TRY(op.operand(1));
  const auto* values = op.constant_of(divisor);
  if (values == nullptr) return op.unsupported("a divisor that is not a constant");
  if (!op.graph.budget.take_floats(values->size())) return LoadBudget::exceeded();
  std::vector<float> factors = values->copy();
  for (float& factor : factors) factor = 1.0F / factor;
  const TensorId dividend = BACKDROP_TRY(op.operand(0));
  const TensorId factor = op.graph.add_tensor(join({"one by ", op.label(divisor)}),
                                              op.shape(divisor), std::move(factors));
  return combine(op, OpKind::kMul, dividend, factor, op.fused<fb::DivOptions>());
}

Result<void> prelu(OperationImport& op) {
  op.node.kind = OpKind::kPrelu;
  const TensorId in = BACKDROP_TRY(op.operand(0));
  const TensorId slope = BACKDROP_TRY(op.operand(1));
  if (broadcast(op.shape(in), op.shape(slope)) != op.shape(in)) {
    return op.reject({"its slope of ", describe(op.shape(slope)), " does not fit its input of ",
                      describe(op.shape(in))});
  }
  op.node.inputs = {in, slope};
  return op.emit(op.shape(in));
}

Result<void> leaky_relu(OperationImport& op) {
  const auto* options = BACKDROP_TRY(op.options<fb::LeakyReluOptions>());
  op.node.kind = OpKind::kPrelu;
  const TensorId in = BACKDROP_TRY(op.operand(0));
  const TensorId slope = op.graph.add_tensor("slope", {}, std::vector{options->alpha()});
  op.node.inputs = {in, slope};
  return op.emit(op.shape(in));
}

template <Activation kActivation>
Result<void> activate(OperationImport& op) {
  op.node.kind = OpKind::kActivation;
  op.node.activation = kActivation;
  const TensorId in = BACKDROP_TRY(op.operand(0));
  op.node.inputs = {in};
  return op.emit(op.shape(in));
}

Result<void> softmax(OperationImport& op) {
  const auto* options = BACKDROP_TRY(op.options<fb::SoftmaxOptions>());
  if (options->beta() != 1.0F) return op.unsupported("a beta other than 1");
  op.node.kind = OpKind::kSoftmax;
  const TensorId in = BACKDROP_TRY(op.operand(0));
  op.node.inputs = {in};
  return op.emit(op.shape(in));
}

Result<void> arg_max(OperationImport& op) {
  op.node.kind = OpKind::kArgMax;
  const TensorId in = BACKDROP_TRY(op.operand(0));
  op.node.inputs = {in};
  const auto axis = BACKDROP_TRY(op.integers(1));
  if (BACKDROP_TRY(op.axes(axis, op.rank(in))) != std::vector<int>{3}) {
    return op.unsupported("an axis other than channels");
  }
  return op.emit({op.shape(in).height, op.shape(in).width, 1});
}

Result<void> concat(OperationImport& op) {
  const auto* options = BACKDROP_TRY(op.options<fb::ConcatenationOptions>());
  op.node.kind = OpKind::kConcat;
  Shape joined;
  for (std::size_t i = 0; i < op.stored->inputs()->size(); ++i) {
    const TensorId in = BACKDROP_TRY(op.operand(i));
    const Shape& part = op.shape(in);
    if (BACKDROP_TRY(op.axes({options->axis()}, op.rank(in))) != std::vector<int>{3}) {
      return op.unsupported("an axis other than channels");
    }
    if (i == 0) joined = {part.height, part.width, 0};
    if (part.height != joined.height || part.width != joined.width ||
        joined.channels > static_cast<int>(kMaxTensorSize) - part.channels) {
      return op.reject("its inputs differ in size");
    }
    joined.channels += part.channels;
    op.node.inputs.push_back(in);
  }
  if (op.node.inputs.empty()) return op.reject("it has no inputs");
  if (options->fused_activation_function() != fb::ActivationFunctionType::NONE) {
    return op.unsupported("a fused activation");
  }
  return op.emit(joined);
}

Result<void> reshape_to(OperationImport& op, TensorId in, const std::vector<int>& sizes) {
  if (op.graph.is_constant(in)) return op.unsupported("a constant operand");
  op.node.kind = OpKind::kReshape;
  op.node.inputs = {in};
  const Shape out = shape_of_dimensions(sizes);
  if (!is_bounded(out) || out.size() != op.shape(in).size()) {
    return op.reject(
        {"an input of ", describe(op.shape(in)), " does not fit its shape of ", describe(out)});
  }
  return op.emit(out);
}

// The new shape is the second operand or, in older files, one of the options.
Result<void> reshape(OperationImport& op) {
  const TensorId in = BACKDROP_TRY(op.weights(0));
  std::vector<int> sizes;
  if (op.has_operand(1)) {
    sizes = BACKDROP_TRY(op.integers(1));
  } else {
    const auto* options = BACKDROP_TRY(op.options<fb::ReshapeOptions>());
    if (options->new_shape() == nullptr) return op.reject("its shape is missing");
    sizes.assign(options->new_shape()->begin(), options->new_shape()->end());
  }
  if (op.shape(in) != op.shape_in_file(in)) return op.unsupported("its shape is fixed");
  if (sizes.size() == 5 && sizes[0] == 1) sizes.erase(sizes.begin());
  if (sizes.size() > 4) return op.unsupported("more than 4 dimensions");
  std::size_t known = 1;
  int* open = nullptr;
  for (int& size : sizes) {
    if (size == -1 && open == nullptr) {
      open = &size;
    } else if (size < 1 || static_cast<std::size_t>(size) > kMaxTensorSize / known) {
      return op.reject("its shape is invalid");
    } else {
      known *= static_cast<std::size_t>(size);
    }
  }
  if (open != nullptr) *open = static_cast<int>(op.shape(in).size() / known);
  return reshape_to(op, in, sizes);
}

Result<void> squeeze(OperationImport& op) {
  const auto* options = BACKDROP_TRY(op.options<fb::SqueezeOptions>());
  const TensorId in = BACKDROP_TRY(op.weights(0));
  if (op.file_rank(in) > 4) return op.unsupported("more than 4 dimensions");
  const auto count = static_cast<int>(op.rank(in));
  std::vector<int> sizes = dimensions_of(op.shape(in), op.rank(in));
  const auto* dropped = options->squeeze_dims();
  if (dropped == nullptr || dropped->size() == 0) {
    std::erase(sizes, 1);
    return reshape_to(op, in, sizes);
  }
  for (const int dimension : *dropped) {
    const int index = dimension < 0 ? dimension + count : dimension;
    if (index < 0 || index >= count || std::abs(sizes[static_cast<std::size_t>(index)]) != 1) {
      return op.reject("a dimension to drop is not one of size 1");
    }
    sizes[static_cast<std::size_t>(index)] = -1;
  }
  std::erase(sizes, -1);
  return reshape_to(op, in, sizes);
}

Result<void> expand_dims(OperationImport& op) {
  const TensorId in = BACKDROP_TRY(op.weights(0));
  const auto axis = BACKDROP_TRY(op.integers(1));
  const auto count = static_cast<int>(op.file_rank(in));
  if (axis.size() != 1 || axis[0] < -count - 1 || axis[0] > count) {
    return op.reject("an axis is out of range");
  }
  if (count >= 4) return op.unsupported("more than 4 dimensions");
  std::vector<int> sizes = dimensions_of(op.shape(in), op.rank(in));
  sizes.insert(sizes.begin() + (axis[0] < 0 ? axis[0] + count + 1 : axis[0]), 1);
  return reshape_to(op, in, sizes);
}

Result<void> transpose(OperationImport& op) {
  op.node.kind = OpKind::kTranspose;
  const TensorId in = BACKDROP_TRY(op.weights(0));
  if (op.graph.is_constant(in)) return op.unsupported("a constant operand");
  op.node.inputs = {in};
  std::vector<int> order = BACKDROP_TRY(op.integers(1));
  if (order.size() == 5 && op.file_rank(in) == 5 && order[0] == 0) {
    order.erase(order.begin());
    if (std::ranges::find(order, 0) != order.end()) return op.reject("an axis is repeated");
    for (int& dimension : order) dimension -= dimension > 0 ? 1 : 0;  // those below 0 count back
  }
  if (order.size() != op.rank(in)) return op.reject("its permutation does not fit its input");
  const auto sources = BACKDROP_TRY(op.axes(order, op.rank(in)));
  std::iota(op.node.permutation.begin(), op.node.permutation.end(), 0);
  std::array<int, 4> out = axes_of(op.shape(in));
  for (std::size_t i = 0; i < sources.size(); ++i) {
    const auto axis = static_cast<std::size_t>(axis_of(op.rank(in), i));
    op.node.permutation[axis] = sources[i];
    out[axis] = axes_of(op.shape(in))[static_cast<std::size_t>(sources[i])];
  }
  return op.emit(shape_of(out));
}

// Equal parts of the channels. The operands are the axis and the tensor.
Result<void> split(OperationImport& op) {
  const TensorId in = BACKDROP_TRY(op.operand(1));
  const auto axis = BACKDROP_TRY(op.integers(0));
  if (BACKDROP_TRY(op.axes(axis, op.rank(in))) != std::vector<int>{3}) {
    return op.unsupported("an axis other than channels");
  }
  Shape part = op.shape(in);
  const auto parts = static_cast<int>(op.stored->outputs()->size());
  if (part.channels % parts != 0) return op.reject("its channels can't be divided evenly");
  part.channels /= parts;
  op.node.kind = OpKind::kSelect;
  op.node.inputs = {in};
  for (int i = 0; i < parts; ++i) {
    op.node.selection.first = i * part.channels;
    BACKDROP_TRY(op.emit(part, static_cast<std::size_t>(i)));
  }
  return {};
}

constexpr OperationRow kRows[] = {
    {fb::BuiltinOperator::ADD, add},
    {fb::BuiltinOperator::ARG_MAX, arg_max},
    {fb::BuiltinOperator::CONCATENATION, concat},
    {fb::BuiltinOperator::DEQUANTIZE, copy},
    {fb::BuiltinOperator::DIV, div},
    {fb::BuiltinOperator::EXPAND_DIMS, expand_dims},
    {fb::BuiltinOperator::HARD_SWISH, activate<Activation::kHardSwish>},
    {fb::BuiltinOperator::LEAKY_RELU, leaky_relu},
    {fb::BuiltinOperator::LOGISTIC, activate<Activation::kSigmoid>},
    {fb::BuiltinOperator::MUL, mul},
    {fb::BuiltinOperator::PAD, pad},
    {fb::BuiltinOperator::PADV2, pad},
    {fb::BuiltinOperator::PRELU, prelu},
    {fb::BuiltinOperator::QUANTIZE, copy},
    {fb::BuiltinOperator::RELU, activate<Activation::kRelu>},
    {fb::BuiltinOperator::RELU6, activate<Activation::kRelu6>},
    {fb::BuiltinOperator::RESHAPE, reshape},
    {fb::BuiltinOperator::RESIZE_BILINEAR, resize_bilinear},
    {fb::BuiltinOperator::RESIZE_NEAREST_NEIGHBOR, resize_nearest},
    {fb::BuiltinOperator::SOFTMAX, softmax},
    {fb::BuiltinOperator::SPLIT, split, {}, true},
    {fb::BuiltinOperator::SQUEEZE, squeeze},
    {fb::BuiltinOperator::SUB, sub},
    {fb::BuiltinOperator::TRANSPOSE, transpose},
};

}  // namespace

std::span<const OperationRow> operations_on_values() { return kRows; }

}  // namespace backdrop
