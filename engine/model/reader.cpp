#include "model/reader.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "flatbuffers/flatbuffers.h"
#undef ARG_MAX  // a macro of some C libraries, and an operation's name
#include "tflite_generated.h"

namespace backdrop {
namespace {

namespace fb = tflite;

// Bounds on what a file may ask for, far above any segmentation network.
constexpr std::size_t kMaxOperators = 10'000;
constexpr std::size_t kMaxTensors = 100'000;
constexpr std::size_t kMaxTensorSize = std::size_t{1} << 26;
constexpr std::size_t kMaxConstants = std::size_t{1} << 27;  // values, of all tensors together
constexpr int kMaxWindow = 1 << 16;

constexpr std::string_view kTransposeConvBias = "Convolution2DTransposeBias";

float float_from_half(std::uint16_t half) {
  const std::uint32_t sign = static_cast<std::uint32_t>(half & 0x8000U) << 16;
  const std::uint32_t exponent = (half >> 10) & 0x1FU;
  const std::uint32_t mantissa = half & 0x3FFU;
  if (exponent == 0) {  // zero or subnormal: mantissa * 2^-24
    const float value = static_cast<float>(mantissa) * 0x1p-24F;
    return sign != 0 ? -value : value;
  }
  const std::uint32_t biased = exponent == 0x1FU ? 0xFFU : exponent + 127 - 15;
  return std::bit_cast<float>(sign | (biased << 23) | (mantissa << 13));
}

template <typename T>
T load(const std::uint8_t* bytes, std::size_t index) {
  T value;
  std::memcpy(&value, bytes + index * sizeof(T), sizeof(T));
  return value;
}

// A tensor's shape as the file has it: NHWC with the leading dimension apart.
struct Dimensions {
  int batch = 1;
  Shape shape;

  std::size_t size() const { return static_cast<std::size_t>(batch) * shape.size(); }
  bool operator==(const Dimensions&) const = default;
};

std::optional<Dimensions> dimensions_of(const fb::Tensor& tensor) {
  std::array<int, 4> dims{1, 1, 1, 1};
  const auto* shape = tensor.shape();
  const std::size_t rank = shape == nullptr ? 0 : shape->size();
  if (rank > dims.size()) return std::nullopt;
  std::size_t size = 1;
  for (std::size_t i = 0; i < rank; ++i) {
    const int dim = shape->Get(static_cast<flatbuffers::uoffset_t>(i));
    if (dim < 1 || static_cast<std::size_t>(dim) > kMaxTensorSize / size) return std::nullopt;
    size *= static_cast<std::size_t>(dim);
    // Vectors are channels; of a matrix, rows are the leading dimension, as in a filter.
    dims[rank == 2 && i == 0 ? 0 : dims.size() - rank + i] = dim;
  }
  return Dimensions{dims[0], {dims[1], dims[2], dims[3]}};
}

std::string describe(const Dimensions& d) {
  return std::to_string(d.batch) + "x" + std::to_string(d.shape.height) + "x" +
         std::to_string(d.shape.width) + "x" + std::to_string(d.shape.channels);
}

std::optional<Activation> activation_of(fb::ActivationFunctionType type) {
  switch (type) {
    case fb::ActivationFunctionType::NONE:
      return Activation::kNone;
    case fb::ActivationFunctionType::RELU:
      return Activation::kRelu;
    case fb::ActivationFunctionType::RELU6:
      return Activation::kRelu6;
    default:
      return std::nullopt;
  }
}

// Builds a graph from a file that the FlatBuffers verifier has passed, so that every offset in it
// is good; what the offsets and numbers mean is checked here.
class Importer {
 public:
  explicit Importer(const fb::Model& model) : model_(model) {}

  Result<Graph> import() {
    BACKDROP_TRY(open());
    BACKDROP_TRY(import_tensors());
    BACKDROP_TRY(import_operators());
    BACKDROP_TRY(import_ends());
    return std::move(graph_);
  }

 private:
  Result<void> open();
  Result<void> import_tensors();
  Result<void> import_operators();
  Result<void> import_ends();
  Result<void> import_constant(const fb::Tensor& tensor, TensorId id);
  Result<void> check_supported() const;

  Result<void> import_operator(const fb::Operator& op);
  Result<void> dequantize();
  Result<void> conv2d();
  Result<void> depthwise_conv2d();
  Result<void> fully_connected();
  Result<void> transpose_conv2d();
  Result<void> average_pool();
  Result<void> mean();
  Result<void> resize_bilinear();
  Result<void> binary(OpKind kind, fb::ActivationFunctionType activation);
  Result<void> activation(Activation activation);
  Result<void> concat();

  // Helpers of the operation being imported, `op_`.
  fb::BuiltinOperator code() const { return code_of(*op_); }
  static std::string name_of(const fb::OperatorCode& code);
  const fb::OperatorCode& code_entry(const fb::Operator& op) const {
    return *model_.operator_codes()->Get(op.opcode_index());
  }
  fb::BuiltinOperator code_of(const fb::Operator& op) const;
  std::unexpected<Error> reject(std::string_view reason) const;
  std::unexpected<Error> unsupported(std::string_view reason) const;
  Result<TensorId> operand(std::size_t index);  // a picture or vector, batch 1
  Result<TensorId> filter(std::size_t index);   // any leading dimension
  Result<std::vector<int>> integers(std::size_t index);
  Result<void> set_filter_and_bias(const Shape& one_filter, int count);
  Result<void> set_window(fb::Padding padding, int stride_y, int stride_x);
  Result<void> set_activation(fb::ActivationFunctionType type);
  Result<void> emit(const Shape& expected);

  bool is_in_file(TensorId id) const { return id >= 0 && id < static_cast<TensorId>(dims_.size()); }
  const Dimensions& dims(TensorId id) const { return dims_[static_cast<std::size_t>(id)]; }
  const fb::Tensor& file_tensor(TensorId id) const {
    return *subgraph_->tensors()->Get(static_cast<flatbuffers::uoffset_t>(id));
  }

  const fb::Model& model_;
  const fb::SubGraph* subgraph_ = nullptr;
  Graph graph_;
  std::vector<Dimensions> dims_;   // by the file's tensors
  std::vector<bool> is_readable_;  // of them: constant, the input, or written by an operation
  std::size_t constants_ = 0;      // values read so far
  const fb::Operator* op_ = nullptr;
  Node node_;
};

Result<void> Importer::open() {
  const auto* subgraphs = model_.subgraphs();
  if (subgraphs == nullptr || subgraphs->size() == 0) {
    return fail(ErrorCode::kModel, "the model holds no network");
  }
  if (subgraphs->size() > 1) {
    return fail(ErrorCode::kUnsupported, "the model holds " + std::to_string(subgraphs->size()) +
                                             " networks; one is supported");
  }
  subgraph_ = subgraphs->Get(0);
  if (subgraph_->tensors() == nullptr || subgraph_->operators() == nullptr ||
      subgraph_->inputs() == nullptr || subgraph_->outputs() == nullptr ||
      model_.operator_codes() == nullptr || model_.buffers() == nullptr) {
    return fail(ErrorCode::kModel, "the model lacks tensors, operations, buffers or an end");
  }
  if (subgraph_->operators()->size() > kMaxOperators ||
      subgraph_->tensors()->size() > kMaxTensors) {
    return fail(ErrorCode::kUnsupported,
                "the network is too large: " + std::to_string(subgraph_->operators()->size()) +
                    " operations");
  }
  if (subgraph_->inputs()->size() != 1 || subgraph_->outputs()->size() != 1) {
    return fail(ErrorCode::kUnsupported,
                "the network has " + std::to_string(subgraph_->inputs()->size()) + " inputs and " +
                    std::to_string(subgraph_->outputs()->size()) +
                    " outputs; one of each is supported");
  }
  return {};
}

Result<void> Importer::import_tensors() {
  const auto& tensors = *subgraph_->tensors();
  dims_.resize(tensors.size());
  is_readable_.assign(tensors.size(), false);
  graph_.tensors.resize(tensors.size());
  for (TensorId id = 0; id < static_cast<TensorId>(tensors.size()); ++id) {
    const fb::Tensor& tensor = file_tensor(id);
    graph_.at(id).name = tensor.name() == nullptr ? "" : tensor.name()->str();
    const auto dims = dimensions_of(tensor);
    if (!dims) {
      return fail(ErrorCode::kUnsupported, "tensor " + std::to_string(id) + " '" +
                                               graph_.at(id).name +
                                               "' has a shape that is not supported");
    }
    dims_[static_cast<std::size_t>(id)] = *dims;
    graph_.at(id).shape = dims->shape;
    BACKDROP_TRY(import_constant(tensor, id));
  }
  return {};
}

Result<void> Importer::import_constant(const fb::Tensor& tensor, TensorId id) {
  if (tensor.buffer() >= model_.buffers()->size()) {
    return fail(ErrorCode::kModel,
                "tensor " + std::to_string(id) + " names a buffer that is not there");
  }
  const auto* data = model_.buffers()->Get(tensor.buffer())->data();
  if (data == nullptr || data->size() == 0) return {};

  is_readable_[static_cast<std::size_t>(id)] = true;
  const bool is_half = tensor.type() == fb::TensorType::FLOAT16;
  // Constants of other types are read where an operation asks for them.
  if (!is_half && tensor.type() != fb::TensorType::FLOAT32) return {};
  const std::size_t size = dims(id).size();
  if (data->size() != size * (is_half ? sizeof(std::uint16_t) : sizeof(float))) {
    return fail(ErrorCode::kModel, "tensor " + std::to_string(id) + " '" + graph_.at(id).name +
                                       "' has " + std::to_string(data->size()) +
                                       " bytes, which does not fit its shape " +
                                       describe(dims(id)));
  }
  constants_ += size;
  if (constants_ > kMaxConstants) return fail(ErrorCode::kUnsupported, "the model is too large");
  auto& values = graph_.at(id).constant;
  values.resize(size);
  for (std::size_t i = 0; i < size; ++i) {
    values[i] = is_half ? float_from_half(load<std::uint16_t>(data->data(), i))
                        : load<float>(data->data(), i);
  }
  return {};
}

Result<void> Importer::import_operators() {
  BACKDROP_TRY(check_supported());
  const TensorId input = subgraph_->inputs()->Get(0);
  if (is_in_file(input)) is_readable_[static_cast<std::size_t>(input)] = true;
  for (const fb::Operator* op : *subgraph_->operators()) {
    op_ = op;
    node_ = {};
    BACKDROP_TRY(import_operator(*op));
  }
  return {};
}

Result<void> Importer::import_ends() {
  for (const auto* ends : {subgraph_->inputs(), subgraph_->outputs()}) {
    const TensorId id = ends->Get(0);
    if (!is_in_file(id)) {
      return fail(ErrorCode::kModel, "the network's input or output is not among its tensors");
    }
    if (file_tensor(id).type() != fb::TensorType::FLOAT32 || dims(id).batch != 1) {
      return fail(ErrorCode::kUnsupported,
                  "the network's input and output must be float32 with a batch of one");
    }
  }
  graph_.input = subgraph_->inputs()->Get(0);
  graph_.output = subgraph_->outputs()->Get(0);
  if (graph_.is_constant(graph_.input)) {
    return fail(ErrorCode::kModel, "the network's input is a constant");
  }
  const bool is_written = std::ranges::any_of(
      graph_.nodes, [&](const Node& node) { return node.output == graph_.output; });
  if (!is_written) return fail(ErrorCode::kModel, "no operation writes the network's output");
  return {};
}

std::string Importer::name_of(const fb::OperatorCode& code) {
  // Newer files keep small codes in both fields; older ones only in the deprecated one.
  const auto builtin = std::max(static_cast<int>(code.builtin_code()),
                                static_cast<int>(code.deprecated_builtin_code()));
  if (builtin == static_cast<int>(fb::BuiltinOperator::CUSTOM)) {
    return code.custom_code() == nullptr ? "CUSTOM" : code.custom_code()->str();
  }
  const std::string name = fb::EnumNameBuiltinOperator(static_cast<fb::BuiltinOperator>(builtin));
  return name.empty() ? "operation " + std::to_string(builtin) : name;
}

fb::BuiltinOperator Importer::code_of(const fb::Operator& op) const {
  const fb::OperatorCode& code = code_entry(op);
  return static_cast<fb::BuiltinOperator>(std::max(
      static_cast<int>(code.builtin_code()), static_cast<int>(code.deprecated_builtin_code())));
}

Result<void> Importer::check_supported() const {
  std::vector<std::string> missing;
  for (const fb::Operator* op : *subgraph_->operators()) {
    if (op->opcode_index() >= model_.operator_codes()->size()) {
      return fail(ErrorCode::kModel, "an operation's code is not there");
    }
    const std::string name = name_of(code_entry(*op));
    switch (code_of(*op)) {
      case fb::BuiltinOperator::DEQUANTIZE:
      case fb::BuiltinOperator::CONV_2D:
      case fb::BuiltinOperator::DEPTHWISE_CONV_2D:
      case fb::BuiltinOperator::FULLY_CONNECTED:
      case fb::BuiltinOperator::AVERAGE_POOL_2D:
      case fb::BuiltinOperator::MEAN:
      case fb::BuiltinOperator::RESIZE_BILINEAR:
      case fb::BuiltinOperator::ADD:
      case fb::BuiltinOperator::MUL:
      case fb::BuiltinOperator::RELU:
      case fb::BuiltinOperator::RELU6:
      case fb::BuiltinOperator::HARD_SWISH:
      case fb::BuiltinOperator::LOGISTIC:
      case fb::BuiltinOperator::CONCATENATION:
        continue;
      case fb::BuiltinOperator::CUSTOM:
        if (name == kTransposeConvBias) continue;
        break;
      default:
        break;
    }
    if (std::ranges::find(missing, name) == missing.end()) missing.push_back(name);
  }
  if (missing.empty()) return {};
  std::string message = "unsupported operations: ";
  for (const std::string& name : missing) message += (&name == &missing[0] ? "" : ", ") + name;
  return fail(ErrorCode::kUnsupported, message);
}

Result<void> Importer::import_operator(const fb::Operator& op) {
  if (op.outputs() == nullptr || op.outputs()->size() != 1 || op.inputs() == nullptr) {
    return reject("it has not one output");
  }
  switch (code()) {
    case fb::BuiltinOperator::DEQUANTIZE:
      return dequantize();
    case fb::BuiltinOperator::CONV_2D:
      return conv2d();
    case fb::BuiltinOperator::DEPTHWISE_CONV_2D:
      return depthwise_conv2d();
    case fb::BuiltinOperator::FULLY_CONNECTED:
      return fully_connected();
    case fb::BuiltinOperator::AVERAGE_POOL_2D:
      return average_pool();
    case fb::BuiltinOperator::MEAN:
      return mean();
    case fb::BuiltinOperator::RESIZE_BILINEAR:
      return resize_bilinear();
    case fb::BuiltinOperator::ADD: {
      const auto* options = op.builtin_options_as_AddOptions();
      return binary(OpKind::kAdd, options == nullptr ? fb::ActivationFunctionType::NONE
                                                     : options->fused_activation_function());
    }
    case fb::BuiltinOperator::MUL: {
      const auto* options = op.builtin_options_as_MulOptions();
      return binary(OpKind::kMul, options == nullptr ? fb::ActivationFunctionType::NONE
                                                     : options->fused_activation_function());
    }
    case fb::BuiltinOperator::RELU:
      return activation(Activation::kRelu);
    case fb::BuiltinOperator::RELU6:
      return activation(Activation::kRelu6);
    case fb::BuiltinOperator::HARD_SWISH:
      return activation(Activation::kHardSwish);
    case fb::BuiltinOperator::LOGISTIC:
      return activation(Activation::kSigmoid);
    case fb::BuiltinOperator::CONCATENATION:
      return concat();
    default:
      return transpose_conv2d();
  }
}

std::unexpected<Error> Importer::reject(std::string_view reason) const {
  return fail(ErrorCode::kModel, name_of(code_entry(*op_)) + ": " + std::string(reason));
}

std::unexpected<Error> Importer::unsupported(std::string_view reason) const {
  return fail(ErrorCode::kUnsupported, name_of(code_entry(*op_)) + ": " + std::string(reason));
}

Result<TensorId> Importer::filter(std::size_t index) {
  if (index >= op_->inputs()->size()) return reject("an operand is missing");
  const TensorId id = op_->inputs()->Get(static_cast<flatbuffers::uoffset_t>(index));
  if (!is_in_file(id)) return reject("an operand is missing");
  if (!is_readable_[static_cast<std::size_t>(id)]) {
    return reject("it reads tensor " + std::to_string(id) + " before anything writes it");
  }
  const fb::TensorType type = file_tensor(id).type();
  const bool is_half = type == fb::TensorType::FLOAT16 && graph_.is_constant(id);
  if (type != fb::TensorType::FLOAT32 && !is_half) {
    return unsupported(std::string("operands of type ") + fb::EnumNameTensorType(type));
  }
  return id;
}

Result<TensorId> Importer::operand(std::size_t index) {
  const TensorId id = BACKDROP_TRY(filter(index));
  if (dims(id).batch != 1) return unsupported("a batch of more than one");
  return id;
}

Result<std::vector<int>> Importer::integers(std::size_t index) {
  if (index >= op_->inputs()->size()) return reject("an operand is missing");
  const TensorId id = op_->inputs()->Get(static_cast<flatbuffers::uoffset_t>(index));
  if (!is_in_file(id)) return reject("an operand is missing");
  const auto* data = model_.buffers()->Get(file_tensor(id).buffer())->data();
  if (file_tensor(id).type() != fb::TensorType::INT32 || data == nullptr) {
    return unsupported("an operand that is not a constant of int32");
  }
  if (data->size() != dims(id).size() * sizeof(std::int32_t)) {
    return reject("an operand's bytes do not fit its shape");
  }
  std::vector<int> values(dims(id).size());
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = load<std::int32_t>(data->data(), i);
  return values;
}

Result<void> Importer::set_filter_and_bias(const Shape& one_filter, int count) {
  const TensorId filter_id = BACKDROP_TRY(filter(1));
  if (dims(filter_id) != Dimensions{count, one_filter}) {
    return reject("its filter is " + describe(dims(filter_id)) + " where " +
                  describe({count, one_filter}) + " fits");
  }
  node_.filter = filter_id;
  const int outputs = node_.kind == OpKind::kDepthwiseConv2d ? one_filter.channels : count;
  if (op_->inputs()->size() < 3 || op_->inputs()->Get(2) < 0) {
    node_.bias = graph_.add_tensor("no bias", {1, 1, outputs},
                                   std::vector<float>(static_cast<std::size_t>(outputs), 0.0F));
    return {};
  }
  const TensorId bias = BACKDROP_TRY(operand(2));
  if (graph_.shape(bias) != Shape{1, 1, outputs}) return reject("its bias does not fit its filter");
  node_.bias = bias;
  return {};
}

int windows_along(int size, int window, int stride, int dilation, fb::Padding padding) {
  if (padding == fb::Padding::SAME) return (size - 1) / stride + 1;
  const int extent = (window - 1) * dilation + 1;
  return size < extent ? 0 : (size - extent) / stride + 1;
}

int padding_before(int size, int out, int window, int stride, int dilation) {
  return std::max((out - 1) * stride + (window - 1) * dilation + 1 - size, 0) / 2;
}

// Completes node_.window (its size and dilation are set) and the output's size.
Result<void> Importer::set_window(fb::Padding padding, int stride_y, int stride_x) {
  Window& w = node_.window;
  for (const int value : {w.height, w.width, w.dilation_y, w.dilation_x, stride_y, stride_x}) {
    if (value < 1 || value > kMaxWindow)
      return reject("its window, stride or dilation is out of range");
  }
  if (static_cast<std::int64_t>(w.height) * w.dilation_y > kMaxWindow ||
      static_cast<std::int64_t>(w.width) * w.dilation_x > kMaxWindow) {
    return reject("its window is out of range");
  }
  w.stride_y = stride_y;
  w.stride_x = stride_x;
  const Shape& in = graph_.shape(node_.inputs[0]);
  const int out_height = windows_along(in.height, w.height, stride_y, w.dilation_y, padding);
  const int out_width = windows_along(in.width, w.width, stride_x, w.dilation_x, padding);
  if (out_height < 1 || out_width < 1) return reject("its window is larger than its input");
  if (padding == fb::Padding::SAME) {
    w.pad_top = padding_before(in.height, out_height, w.height, stride_y, w.dilation_y);
    w.pad_left = padding_before(in.width, out_width, w.width, stride_x, w.dilation_x);
  }
  const int channels = node_.filter == kNoTensor ? in.channels : graph_.shape(node_.bias).channels;
  return emit({out_height, out_width, channels});
}

Result<void> Importer::set_activation(fb::ActivationFunctionType type) {
  const auto found = activation_of(type);
  if (!found) {
    return unsupported(std::string("the activation ") + fb::EnumNameActivationFunctionType(type));
  }
  node_.activation = *found;
  return {};
}

// Ends the operation: its output must have the shape that follows from its operands.
Result<void> Importer::emit(const Shape& expected) {
  const TensorId id = op_->outputs()->Get(0);
  if (!is_in_file(id)) {
    return reject("its output is not among the tensors");
  }
  if (is_readable_[static_cast<std::size_t>(id)]) {
    return reject("it writes tensor " + std::to_string(id) + ", which is written already");
  }
  if (file_tensor(id).type() != fb::TensorType::FLOAT32) {
    return unsupported(std::string("an output of type ") +
                       fb::EnumNameTensorType(file_tensor(id).type()));
  }
  const bool keeps_batch = node_.kind == OpKind::kDequantize;
  const Dimensions wanted{keeps_batch ? dims(node_.inputs[0]).batch : 1, expected};
  if (dims(id) != wanted) {
    return reject("its output is " + describe(dims(id)) + " where " + describe(wanted) + " fits");
  }
  is_readable_[static_cast<std::size_t>(id)] = true;
  node_.output = id;
  graph_.nodes.push_back(node_);
  return {};
}

Result<void> Importer::dequantize() {
  node_.kind = OpKind::kDequantize;
  const TensorId in = BACKDROP_TRY(filter(0));
  if (!graph_.is_constant(in)) return unsupported("an operand that is computed at run time");
  node_.inputs = {in};
  return emit(graph_.shape(in));
}

Result<void> Importer::conv2d() {
  const auto* options = op_->builtin_options_as_Conv2DOptions();
  if (options == nullptr) return reject("its options are missing");
  node_.kind = OpKind::kConv2d;
  const TensorId in = BACKDROP_TRY(operand(0));
  const TensorId weights = BACKDROP_TRY(filter(1));
  node_.inputs = {in};
  const Dimensions f = dims(weights);
  node_.window = {.height = f.shape.height,
                  .width = f.shape.width,
                  .dilation_y = options->dilation_h_factor(),
                  .dilation_x = options->dilation_w_factor()};
  BACKDROP_TRY(
      set_filter_and_bias({f.shape.height, f.shape.width, graph_.shape(in).channels}, f.batch));
  BACKDROP_TRY(set_activation(options->fused_activation_function()));
  return set_window(options->padding(), options->stride_h(), options->stride_w());
}

Result<void> Importer::depthwise_conv2d() {
  const auto* options = op_->builtin_options_as_DepthwiseConv2DOptions();
  if (options == nullptr) return reject("its options are missing");
  node_.kind = OpKind::kDepthwiseConv2d;
  const TensorId in = BACKDROP_TRY(operand(0));
  const TensorId weights = BACKDROP_TRY(filter(1));
  node_.inputs = {in};
  const Dimensions f = dims(weights);
  if (f.shape.channels != graph_.shape(in).channels && f.batch == 1) {
    return unsupported("more than one filter a channel");
  }
  node_.window = {.height = f.shape.height,
                  .width = f.shape.width,
                  .dilation_y = options->dilation_h_factor(),
                  .dilation_x = options->dilation_w_factor()};
  BACKDROP_TRY(set_filter_and_bias({f.shape.height, f.shape.width, graph_.shape(in).channels}, 1));
  BACKDROP_TRY(set_activation(options->fused_activation_function()));
  return set_window(options->padding(), options->stride_h(), options->stride_w());
}

Result<void> Importer::fully_connected() {
  const auto* options = op_->builtin_options_as_FullyConnectedOptions();
  if (options == nullptr) return reject("its options are missing");
  node_.kind = OpKind::kConv2d;  // of one pixel
  const TensorId in = BACKDROP_TRY(operand(0));
  const TensorId weights = BACKDROP_TRY(filter(1));
  if (!graph_.shape(in).is_vector()) return unsupported("an input that is not a vector");
  node_.inputs = {in};
  BACKDROP_TRY(set_filter_and_bias({1, 1, graph_.shape(in).channels}, dims(weights).batch));
  BACKDROP_TRY(set_activation(options->fused_activation_function()));
  return set_window(fb::Padding::VALID, 1, 1);
}

// Its options are three int32: padding (0 unknown, 1 same, 2 valid), stride width, stride height.
Result<void> Importer::transpose_conv2d() {
  node_.kind = OpKind::kTransposeConv2d;
  const auto* options = op_->custom_options();
  if (options == nullptr || options->size() < 3 * sizeof(std::int32_t)) {
    return reject("its options are missing");
  }
  const auto stride_x = load<std::int32_t>(options->data(), 1);
  const auto stride_y = load<std::int32_t>(options->data(), 2);
  const TensorId in = BACKDROP_TRY(operand(0));
  const TensorId weights = BACKDROP_TRY(filter(1));
  node_.inputs = {in};
  const Shape input = graph_.shape(in);
  const Dimensions f = dims(weights);
  if (f.shape.height != stride_y || f.shape.width != stride_x) {
    return unsupported("a window that is not as large as its stride");
  }
  if (static_cast<std::size_t>(stride_y) * static_cast<std::size_t>(stride_x) >
      kMaxTensorSize / input.pixels()) {
    return reject("its output is too large");
  }
  node_.window = {
      .height = stride_y, .width = stride_x, .stride_y = stride_y, .stride_x = stride_x};
  BACKDROP_TRY(set_filter_and_bias({stride_y, stride_x, input.channels}, f.batch));
  return emit({input.height * stride_y, input.width * stride_x, f.batch});
}

Result<void> Importer::average_pool() {
  const auto* options = op_->builtin_options_as_Pool2DOptions();
  if (options == nullptr) return reject("its options are missing");
  node_.kind = OpKind::kAveragePool;
  const TensorId in = BACKDROP_TRY(operand(0));
  node_.inputs = {in};
  node_.window = {.height = options->filter_height(), .width = options->filter_width()};
  BACKDROP_TRY(set_activation(options->fused_activation_function()));
  return set_window(options->padding(), options->stride_h(), options->stride_w());
}

Result<void> Importer::mean() {
  node_.kind = OpKind::kAveragePool;
  const TensorId in = BACKDROP_TRY(operand(0));
  auto axes = BACKDROP_TRY(integers(1));
  std::ranges::sort(axes);
  if (axes != std::vector<int>{1, 2}) return unsupported("axes other than height and width");
  node_.inputs = {in};
  const Shape input = graph_.shape(in);
  node_.window = {.height = input.height, .width = input.width};
  return set_window(fb::Padding::VALID, 1, 1);
}

Result<void> Importer::resize_bilinear() {
  const auto* options = op_->builtin_options_as_ResizeBilinearOptions();
  node_.kind = OpKind::kResizeBilinear;
  const TensorId in = BACKDROP_TRY(operand(0));
  auto size = BACKDROP_TRY(integers(1));
  if (size.size() != 2 || size[0] < 1 || size[1] < 1) return reject("its size is not a size");
  node_.inputs = {in};
  if (options != nullptr) {
    node_.align_corners = options->align_corners();
    node_.half_pixel_centers = options->half_pixel_centers();
  }
  return emit({size[0], size[1], graph_.shape(in).channels});
}

Result<void> Importer::binary(OpKind kind, fb::ActivationFunctionType type) {
  node_.kind = kind;
  TensorId a = BACKDROP_TRY(operand(0));
  TensorId b = BACKDROP_TRY(operand(1));
  if (graph_.shape(a).is_vector()) std::swap(a, b);  // both operations commute
  const Shape& left = graph_.shape(a);
  const Shape& right = graph_.shape(b);
  if (left != right && right != Shape{1, 1, left.channels}) {
    return unsupported("operands of shapes " + describe({1, left}) + " and " +
                       describe({1, right}));
  }
  node_.inputs = {a, b};
  BACKDROP_TRY(set_activation(type));
  return emit(graph_.shape(node_.inputs[0]));
}

Result<void> Importer::activation(Activation activation) {
  node_.kind = OpKind::kActivation;
  node_.activation = activation;
  const TensorId in = BACKDROP_TRY(operand(0));
  node_.inputs = {in};
  return emit(graph_.shape(in));
}

Result<void> Importer::concat() {
  const auto* options = op_->builtin_options_as_ConcatenationOptions();
  if (options == nullptr) return reject("its options are missing");
  node_.kind = OpKind::kConcat;
  if (options->axis() != 3 && options->axis() != -1)
    return unsupported("an axis other than channels");
  Shape joined{0, 0, 0};
  for (std::size_t i = 0; i < op_->inputs()->size(); ++i) {
    const TensorId in = BACKDROP_TRY(operand(i));
    const Shape& part = graph_.shape(in);
    if (i == 0) joined = {part.height, part.width, 0};
    if (part.height != joined.height || part.width != joined.width ||
        joined.channels > static_cast<int>(kMaxTensorSize) - part.channels) {
      return reject("its inputs differ in size");
    }
    joined.channels += part.channels;
    node_.inputs.push_back(in);
  }
  if (node_.inputs.empty()) return reject("it has no inputs");
  BACKDROP_TRY(set_activation(options->fused_activation_function()));
  return emit(joined);
}

}  // namespace

Result<Graph> read_tflite(std::span<const std::uint8_t> bytes, std::optional<InputSize>) {
  if (bytes.empty()) return fail(ErrorCode::kModel, "the model is empty");
  if (bytes.size() >= FLATBUFFERS_MAX_BUFFER_SIZE) {
    return fail(ErrorCode::kUnsupported, "the model has 2 GB or more");
  }
  // FlatBuffers reads in place, at offsets aligned from the buffer's start.
  std::vector<std::uint64_t> aligned;
  if (std::bit_cast<std::uintptr_t>(bytes.data()) % 16 != 0) {
    aligned.resize((bytes.size() + 23) / 8);
    auto* start = reinterpret_cast<std::uint8_t*>(aligned.data());
    start += std::bit_cast<std::uintptr_t>(start) % 16;
    std::memcpy(start, bytes.data(), bytes.size());
    bytes = {start, bytes.size()};
  }
  if (bytes.size() < 8 || !fb::ModelBufferHasIdentifier(bytes.data())) {
    return fail(ErrorCode::kModel, "not a .tflite model: the mark TFL3 is missing");
  }
  flatbuffers::Verifier verifier(bytes.data(), bytes.size());
  if (!fb::VerifyModelBuffer(verifier)) {
    return fail(ErrorCode::kModel, "the model is damaged or truncated");
  }
  return Importer(*fb::GetModel(bytes.data())).import();
}

}  // namespace backdrop
