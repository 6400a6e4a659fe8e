// The operations on values and on shapes.
#include <algorithm>
#include <cstdint>
#include <numeric>

#include "net/tflite/importer.h"

namespace backdrop {

namespace fb = tflite;

namespace {

// Nothing where the shapes do not fit.
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

// The dimensions of a shape as a tensor of this rank has them, and the shape of such dimensions.
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

}  // namespace

Result<void> Importer::dequantize() {
  node_.kind = OpKind::kDequantize;
  const TensorId in = BACKDROP_TRY(weights(0));
  if (!graph_.is_constant(in)) return unsupported("an operand that is computed at run time");
  node_.inputs = {in};
  return emit(shape(in));
}

Result<void> Importer::resize_bilinear() {
  const auto* options = op_->builtin_options_as_ResizeBilinearOptions();
  return resize(OpKind::kResizeBilinear, options != nullptr && options->align_corners(),
                options != nullptr && options->half_pixel_centers());
}

Result<void> Importer::resize_nearest() {
  const auto* options = op_->builtin_options_as_ResizeNearestNeighborOptions();
  return resize(OpKind::kResizeNearest, options != nullptr && options->align_corners(),
                options != nullptr && options->half_pixel_centers());
}

Result<void> Importer::resize(OpKind kind, bool align_corners, bool half_pixel_centers) {
  node_.kind = kind;
  node_.align_corners = align_corners;
  node_.half_pixel_centers = half_pixel_centers;
  const TensorId in = BACKDROP_TRY(operand(0));
  node_.inputs = {in};
  const auto size = BACKDROP_TRY(integers(1));
  if (size.size() != 2 || size[0] < 1 || size[1] < 1) return reject("its size is not a size");
  return emit({BACKDROP_TRY(planned_height(size[0], in)), BACKDROP_TRY(planned_width(size[1], in)),
               shape(in).channels});
}

// PAD, and PADV2 with a value of zero: two numbers for each dimension, before and behind.
Result<void> Importer::pad() {
  node_.kind = OpKind::kPad;
  const TensorId in = BACKDROP_TRY(operand(0));
  node_.inputs = {in};
  const auto paddings = BACKDROP_TRY(integers(1));
  if (paddings.size() != 2 * rank(in)) return reject("its paddings do not fit its input");
  if (has_operand(2)) {
    const auto* value = constant_of(BACKDROP_TRY(operand(2)));
    if (value == nullptr || value->size() != 1 || (*value)[0] != 0) {
      return unsupported("a value other than zero");
    }
  }
  std::array<int, 4> out = axes_of(shape(in));
  std::array<int, 4> before{};
  for (std::size_t i = 0; i < rank(in); ++i) {
    const auto axis = static_cast<std::size_t>(axis_of(rank(in), i));
    for (const int padding : {paddings[2 * i], paddings[2 * i + 1]}) {
      if (padding < 0 || padding > kMaxWindow) return reject("its paddings are out of range");
      if (padding != 0 && (axis == 0 || axis == 3)) {
        return unsupported("axes other than height and width");
      }
      out[axis] += padding;
    }
    before[axis] = paddings[2 * i];
  }
  node_.window.pad_top = before[1];
  node_.window.pad_left = before[2];
  return emit(shape_of(out));
}

Result<void> Importer::add() {
  return combine(OpKind::kAdd, BACKDROP_TRY(operand(0)), BACKDROP_TRY(operand(1)),
                 fused<fb::AddOptions>());
}

Result<void> Importer::sub() {
  return combine(OpKind::kSub, BACKDROP_TRY(operand(0)), BACKDROP_TRY(operand(1)),
                 fused<fb::SubOptions>());
}

Result<void> Importer::mul() {
  return combine(OpKind::kMul, BACKDROP_TRY(operand(0)), BACKDROP_TRY(operand(1)),
                 fused<fb::MulOptions>());
}

// By a constant: the product with what one divided by it is.
Result<void> Importer::div() {
  const TensorId divisor = BACKDROP_TRY(operand(1));
  const auto* values = constant_of(divisor);
  if (values == nullptr) return unsupported("a divisor that is not a constant");
  std::vector<float> factors = Constant(*values).take();
  for (float& factor : factors) factor = 1.0F / factor;
  const TensorId dividend = BACKDROP_TRY(operand(0));
  const TensorId factor =
      graph_.add_tensor("one by " + label(divisor), shape(divisor), std::move(factors));
  return combine(OpKind::kMul, dividend, factor, fused<fb::DivOptions>());
}

Result<void> Importer::combine(OpKind kind, TensorId a, TensorId b,
                               fb::ActivationFunctionType fused) {
  const Shape left = graph_.shape(a);
  const Shape right = graph_.shape(b);
  const auto out = broadcast(left, right);
  if (!out || (*out != left && *out != right)) {
    return unsupported("operands of shapes " + describe(left) + " and " + describe(right));
  }
  const bool is_reversed = *out != left;
  if (is_reversed && kind == OpKind::kSub) {  // a - b = -b + a
    const TensorId minus_one = graph_.add_tensor("minus one", {}, std::vector{-1.0F});
    const TensorId negative = graph_.add_tensor("minus " + label(b), right);
    Node negate;
    negate.kind = OpKind::kMul;
    negate.inputs = {b, minus_one};
    negate.output = negative;
    graph_.nodes.push_back(negate);
    node_.kind = OpKind::kAdd;
    node_.inputs = {negative, a};
  } else {
    const bool swaps =
        kind != OpKind::kSub &&
        (is_reversed || (left == right && graph_.is_constant(a) && !graph_.is_constant(b)));
    node_.kind = kind;
    node_.inputs = swaps ? std::vector{b, a} : std::vector{a, b};
  }
  BACKDROP_TRY(set_activation(fused));
  return emit(*out);
}

Result<void> Importer::prelu() {
  node_.kind = OpKind::kPrelu;
  const TensorId in = BACKDROP_TRY(operand(0));
  const TensorId slope = BACKDROP_TRY(operand(1));
  if (broadcast(shape(in), shape(slope)) != shape(in)) {
    return reject("its slope of " + describe(shape(slope)) + " does not fit its input of " +
                  describe(shape(in)));
  }
  node_.inputs = {in, slope};
  return emit(shape(in));
}

Result<void> Importer::leaky_relu() {
  const auto* options = BACKDROP_TRY(this->options<fb::LeakyReluOptions>());
  node_.kind = OpKind::kPrelu;
  const TensorId in = BACKDROP_TRY(operand(0));
  const int channels = shape(in).channels;
  const TensorId slope =
      graph_.add_tensor("slope", {1, 1, channels},
                        std::vector<float>(static_cast<std::size_t>(channels), options->alpha()));
  node_.inputs = {in, slope};
  return emit(shape(in));
}

template <Activation kActivation>
Result<void> Importer::activate() {
  node_.kind = OpKind::kActivation;
  node_.activation = kActivation;
  const TensorId in = BACKDROP_TRY(operand(0));
  node_.inputs = {in};
  return emit(shape(in));
}

template Result<void> Importer::activate<Activation::kRelu>();
template Result<void> Importer::activate<Activation::kRelu6>();
template Result<void> Importer::activate<Activation::kHardSwish>();
template Result<void> Importer::activate<Activation::kSigmoid>();

Result<void> Importer::softmax() {
  const auto* options = BACKDROP_TRY(this->options<fb::SoftmaxOptions>());
  if (options->beta() != 1.0F) return unsupported("a beta other than 1");
  node_.kind = OpKind::kSoftmax;
  const TensorId in = BACKDROP_TRY(operand(0));
  node_.inputs = {in};
  return emit(shape(in));
}

Result<void> Importer::arg_max() {
  node_.kind = OpKind::kArgMax;
  const TensorId in = BACKDROP_TRY(operand(0));
  node_.inputs = {in};
  const auto axis = BACKDROP_TRY(integers(1));
  if (BACKDROP_TRY(axes(axis, rank(in))) != std::vector<int>{3}) {
    return unsupported("an axis other than channels");
  }
  return emit({shape(in).height, shape(in).width, 1});
}

Result<void> Importer::concat() {
  const auto* options = BACKDROP_TRY(this->options<fb::ConcatenationOptions>());
  node_.kind = OpKind::kConcat;
  Shape joined;
  for (std::size_t i = 0; i < op_->inputs()->size(); ++i) {
    const TensorId in = BACKDROP_TRY(operand(i));
    const Shape& part = shape(in);
    if (BACKDROP_TRY(axes({options->axis()}, rank(in))) != std::vector<int>{3}) {
      return unsupported("an axis other than channels");
    }
    if (i == 0) joined = {part.height, part.width, 0};
    if (part.height != joined.height || part.width != joined.width ||
        joined.channels > static_cast<int>(kMaxTensorSize) - part.channels) {
      return reject("its inputs differ in size");
    }
    joined.channels += part.channels;
    node_.inputs.push_back(in);
  }
  if (node_.inputs.empty()) return reject("it has no inputs");
  if (options->fused_activation_function() != fb::ActivationFunctionType::NONE) {
    return unsupported("a fused activation");
  }
  return emit(joined);
}

// The shape is the second operand or, in older files, among the options.
Result<void> Importer::reshape() {
  const TensorId in = BACKDROP_TRY(weights(0));
  std::vector<int> sizes;
  if (has_operand(1)) {
    sizes = BACKDROP_TRY(integers(1));
  } else {
    const auto* options = BACKDROP_TRY(this->options<fb::ReshapeOptions>());
    if (options->new_shape() == nullptr) return reject("its shape is missing");
    sizes.assign(options->new_shape()->begin(), options->new_shape()->end());
  }
  if (shape(in) != shape_in_file(in)) return unsupported("its shape is fixed");
  if (sizes.size() > 4) return unsupported("more than 4 dimensions");
  std::size_t known = 1;
  int* open = nullptr;
  for (int& size : sizes) {
    if (size == -1 && open == nullptr) {
      open = &size;
    } else if (size < 1 || static_cast<std::size_t>(size) > kMaxTensorSize / known) {
      return reject("its shape is no shape");
    } else {
      known *= static_cast<std::size_t>(size);
    }
  }
  if (open != nullptr) *open = static_cast<int>(shape(in).size() / known);
  return reshape_to(in, sizes);
}

Result<void> Importer::reshape_to(TensorId in, const std::vector<int>& sizes) {
  if (graph_.is_constant(in)) return unsupported("a constant operand");
  node_.kind = OpKind::kReshape;
  node_.inputs = {in};
  const Shape out = shape_of_dimensions(sizes);
  if (!is_bounded(out) || out.size() != shape(in).size()) {
    return reject("an input of " + describe(shape(in)) + " does not fit its shape of " +
                  describe(out));
  }
  return emit(out);
}

Result<void> Importer::squeeze() {
  const auto* options = BACKDROP_TRY(this->options<fb::SqueezeOptions>());
  const TensorId in = BACKDROP_TRY(weights(0));
  const auto count = static_cast<int>(rank(in));
  std::vector<int> sizes = dimensions_of(shape(in), rank(in));
  const auto* dropped = options->squeeze_dims();
  if (dropped == nullptr || dropped->size() == 0) {
    std::erase(sizes, 1);
    return reshape_to(in, sizes);
  }
  for (const int dimension : *dropped) {
    const int index = dimension < 0 ? dimension + count : dimension;
    if (index < 0 || index >= count || std::abs(sizes[static_cast<std::size_t>(index)]) != 1) {
      return reject("a dimension to drop is not one of size 1");
    }
    sizes[static_cast<std::size_t>(index)] = -1;
  }
  std::erase(sizes, -1);
  return reshape_to(in, sizes);
}

Result<void> Importer::expand_dims() {
  const TensorId in = BACKDROP_TRY(weights(0));
  const auto axis = BACKDROP_TRY(integers(1));
  const auto count = static_cast<int>(rank(in));
  if (axis.size() != 1 || axis[0] < -count - 1 || axis[0] > count) {
    return reject("an axis is out of range");
  }
  if (count == 4) return unsupported("more than 4 dimensions");
  std::vector<int> sizes = dimensions_of(shape(in), rank(in));
  sizes.insert(sizes.begin() + (axis[0] < 0 ? axis[0] + count + 1 : axis[0]), 1);
  return reshape_to(in, sizes);
}

Result<void> Importer::transpose() {
  node_.kind = OpKind::kTranspose;
  const TensorId in = BACKDROP_TRY(weights(0));
  if (graph_.is_constant(in)) return unsupported("a constant operand");
  node_.inputs = {in};
  const auto order = BACKDROP_TRY(integers(1));
  if (order.size() != rank(in)) return reject("its permutation does not fit its input");
  const auto sources = BACKDROP_TRY(axes(order, rank(in)));
  std::iota(node_.permutation.begin(), node_.permutation.end(), 0);
  std::array<int, 4> out = axes_of(shape(in));
  for (std::size_t i = 0; i < sources.size(); ++i) {
    const auto axis = static_cast<std::size_t>(axis_of(rank(in), i));
    node_.permutation[axis] = sources[i];
    out[axis] = axes_of(shape(in))[static_cast<std::size_t>(sources[i])];
  }
  return emit(shape_of(out));
}

}  // namespace backdrop
