#include "net/tflite/importer.h"

#include <algorithm>
#include <bit>
#include <cstdint>
#include <cstring>
#include <string>

#include "base/half.h"

namespace backdrop {

namespace fb = tflite;

namespace {

constexpr std::size_t kMaxOperators = 10'000;
constexpr std::size_t kMaxTensors = 100'000;
constexpr std::size_t kMaxConstants = std::size_t{1} << 27;  // values, of all tensors together

fb::BuiltinOperator builtin(const fb::OperatorCode& code) {
  // Newer files keep small codes in both fields; older ones only in the deprecated one.
  return static_cast<fb::BuiltinOperator>(std::max(
      static_cast<int>(code.builtin_code()), static_cast<int>(code.deprecated_builtin_code())));
}

// What a file calls something, fit for a line of a message.
std::string printable(const flatbuffers::String* name) {
  constexpr std::size_t kMaxLength = 80;
  std::string text(name == nullptr ? "" : name->string_view().substr(0, kMaxLength));
  for (char& c : text) {
    if (static_cast<unsigned char>(c) < ' ') c = '?';
  }
  return text;
}

std::string name_of(const fb::OperatorCode& code) {
  if (builtin(code) == fb::BuiltinOperator::CUSTOM) {
    return code.custom_code() == nullptr ? "CUSTOM" : printable(code.custom_code());
  }
  const std::string name = fb::EnumNameBuiltinOperator(builtin(code));
  return name.empty() ? "operation " + std::to_string(static_cast<int>(builtin(code))) : name;
}

// Whether the size is known only when the network runs.
bool is_open(const fb::Tensor& tensor, flatbuffers::uoffset_t index) {
  const auto* signature = tensor.shape_signature();
  return tensor.shape()->Get(index) < 0 ||
         (signature != nullptr && index < signature->size() && signature->Get(index) < 0);
}

std::string describe_file_shape(const fb::Tensor& tensor) {
  std::string text;
  for (flatbuffers::uoffset_t i = 0; i < tensor.shape()->size(); ++i) {
    if (i > 0) text += "x";
    text += std::to_string(is_open(tensor, i) ? -1 : tensor.shape()->Get(i));
  }
  return text;
}

}  // namespace

struct Importer::Operation {
  fb::BuiltinOperator code;
  Result<void> (Importer::*import)();
  std::string_view custom_name;
};

const Importer::Operation Importer::kOperations[] = {
    {fb::BuiltinOperator::ADD, &Importer::add, {}},
    {fb::BuiltinOperator::ARG_MAX, &Importer::arg_max, {}},
    {fb::BuiltinOperator::AVERAGE_POOL_2D, &Importer::average_pool, {}},
    {fb::BuiltinOperator::CONCATENATION, &Importer::concat, {}},
    {fb::BuiltinOperator::CONV_2D, &Importer::conv2d, {}},
    {fb::BuiltinOperator::CUSTOM, &Importer::transpose_conv_bias, "Convolution2DTransposeBias"},
    {fb::BuiltinOperator::DEPTHWISE_CONV_2D, &Importer::depthwise_conv2d, {}},
    {fb::BuiltinOperator::DEQUANTIZE, &Importer::dequantize, {}},
    {fb::BuiltinOperator::DIV, &Importer::div, {}},
    {fb::BuiltinOperator::EXPAND_DIMS, &Importer::expand_dims, {}},
    {fb::BuiltinOperator::FULLY_CONNECTED, &Importer::fully_connected, {}},
    {fb::BuiltinOperator::HARD_SWISH, &Importer::activate<Activation::kHardSwish>, {}},
    {fb::BuiltinOperator::LEAKY_RELU, &Importer::leaky_relu, {}},
    {fb::BuiltinOperator::LOGISTIC, &Importer::activate<Activation::kSigmoid>, {}},
    {fb::BuiltinOperator::MAX_POOL_2D, &Importer::max_pool, {}},
    {fb::BuiltinOperator::MEAN, &Importer::mean, {}},
    {fb::BuiltinOperator::MUL, &Importer::mul, {}},
    {fb::BuiltinOperator::PAD, &Importer::pad, {}},
    {fb::BuiltinOperator::PADV2, &Importer::pad, {}},
    {fb::BuiltinOperator::PRELU, &Importer::prelu, {}},
    {fb::BuiltinOperator::RELU, &Importer::activate<Activation::kRelu>, {}},
    {fb::BuiltinOperator::RELU6, &Importer::activate<Activation::kRelu6>, {}},
    {fb::BuiltinOperator::RESHAPE, &Importer::reshape, {}},
    {fb::BuiltinOperator::RESIZE_BILINEAR, &Importer::resize_bilinear, {}},
    {fb::BuiltinOperator::RESIZE_NEAREST_NEIGHBOR, &Importer::resize_nearest, {}},
    {fb::BuiltinOperator::SOFTMAX, &Importer::softmax, {}},
    {fb::BuiltinOperator::SQUEEZE, &Importer::squeeze, {}},
    {fb::BuiltinOperator::SUB, &Importer::sub, {}},
    {fb::BuiltinOperator::SUM, &Importer::sum, {}},
    {fb::BuiltinOperator::TRANSPOSE, &Importer::transpose, {}},
    {fb::BuiltinOperator::TRANSPOSE_CONV, &Importer::transpose_conv, {}},
};

std::string describe(const Shape& shape) {
  return std::to_string(shape.batch) + "x" + std::to_string(shape.height) + "x" +
         std::to_string(shape.width) + "x" + std::to_string(shape.channels);
}

bool is_bounded(const Shape& shape) {
  std::size_t size = 1;
  for (const int dim : axes_of(shape)) {
    if (dim < 1 || static_cast<std::size_t>(dim) > kMaxTensorSize / size) return false;
    size *= static_cast<std::size_t>(dim);
  }
  return true;
}

Result<Graph> Importer::import() {
  BACKDROP_TRY(open());
  BACKDROP_TRY(check_supported());
  graph_.tensors.resize(tensors_.size());
  BACKDROP_TRY(import_input());
  for (TensorId id = 0; id < static_cast<TensorId>(tensors_.size()); ++id) {
    BACKDROP_TRY(import_tensor(id));
  }
  for (const fb::Operator* op : *subgraph_->operators()) {
    op_ = op;
    node_ = {};
    BACKDROP_TRY(import_operator());
  }
  BACKDROP_TRY(import_output());
  return std::move(graph_);
}

Result<void> Importer::open() {
  const fb::Model& model = file_.model();
  const auto* subgraphs = model.subgraphs();
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
      model.operator_codes() == nullptr) {
    return fail(ErrorCode::kModel, "the model lacks tensors, operations or an end");
  }
  if (subgraph_->operators()->size() > kMaxOperators ||
      subgraph_->tensors()->size() > kMaxTensors) {
    return fail(ErrorCode::kUnsupported,
                "the network is too large: " + std::to_string(subgraph_->operators()->size()) +
                    " operations");
  }
  tensors_.resize(subgraph_->tensors()->size());
  return {};
}

const fb::OperatorCode& Importer::code_of(const fb::Operator& op) const {
  return *file_.model().operator_codes()->Get(op.opcode_index());
}

const Importer::Operation* Importer::find_operation(const fb::Operator& op) const {
  const fb::OperatorCode& code = code_of(op);
  const auto* found = std::ranges::find_if(kOperations, [&](const Operation& operation) {
    return operation.code == builtin(code) &&
           (operation.code != fb::BuiltinOperator::CUSTOM ||
            operation.custom_name == printable(code.custom_code()));
  });
  return found == std::end(kOperations) ? nullptr : found;
}

Result<void> Importer::check_supported() const {
  std::vector<std::string> missing;
  for (const fb::Operator* op : *subgraph_->operators()) {
    if (op->opcode_index() >= file_.model().operator_codes()->size()) {
      return fail(ErrorCode::kModel, "an operation's code is not there");
    }
    const std::string name = name_of(code_of(*op));
    if (find_operation(*op) == nullptr && std::ranges::find(missing, name) == missing.end()) {
      missing.push_back(name);
    }
  }
  if (missing.empty()) return {};
  std::string message = "unsupported operations: ";
  for (const std::string& name : missing) message += (&name == &missing[0] ? "" : ", ") + name;
  return fail(ErrorCode::kUnsupported, message);
}

Result<void> Importer::import_input() {
  if (subgraph_->inputs()->size() != 1 || subgraph_->outputs()->size() != 1) {
    return fail(ErrorCode::kUnsupported,
                "the network has " + std::to_string(subgraph_->inputs()->size()) + " inputs and " +
                    std::to_string(subgraph_->outputs()->size()) +
                    " outputs; one of each is supported");
  }
  graph_.input = subgraph_->inputs()->Get(0);
  graph_.output = subgraph_->outputs()->Get(0);
  if (!is_in_file(graph_.input) || !is_in_file(graph_.output)) {
    return fail(ErrorCode::kModel, "the network's input or output is not among its tensors");
  }
  const fb::Tensor& input = file_tensor(graph_.input);
  if (input.type() != fb::TensorType::FLOAT32) {
    return fail(ErrorCode::kUnsupported, std::string("the network's input is of type ") +
                                             fb::EnumNameTensorType(input.type()) +
                                             "; float32 is supported");
  }
  if (rank(graph_.input) != 4) return {};
  input_is_open_ = is_open(input, 1) || is_open(input, 2);
  if (input_is_open_ && !input_size_) {
    return fail(ErrorCode::kUnsupported, "the network's input has no size of its own (" +
                                             describe_file_shape(input) +
                                             "): an input size is needed");
  }
  return {};
}

Result<Shape> Importer::read_shape(TensorId id) const {
  const fb::Tensor& tensor = file_tensor(id);
  const std::size_t dimensions = rank(id);
  if (dimensions > 4) {
    return fail(ErrorCode::kUnsupported, label(id) + " has " + std::to_string(dimensions) +
                                             " dimensions; up to 4 are supported");
  }
  std::array<int, 4> axes{1, 1, 1, 1};
  for (std::size_t i = 0; i < dimensions; ++i) {
    const auto axis = static_cast<std::size_t>(axis_of(dimensions, i));
    const int dim = tensor.shape()->Get(static_cast<flatbuffers::uoffset_t>(i));
    const bool is_planned = id == graph_.input && input_is_open_ && (axis == 1 || axis == 2);
    axes[axis] = is_planned ? 1 : dim;
    if (axes[axis] < 1) {
      return fail(ErrorCode::kUnsupported,
                  label(id) + " has a dynamic shape, " + describe_file_shape(tensor));
    }
  }
  if (!is_bounded(shape_of(axes))) {
    return fail(ErrorCode::kUnsupported,
                label(id) + " is too large: " + describe_file_shape(tensor));
  }
  return shape_of(axes);
}

Result<void> Importer::import_tensor(TensorId id) {
  TensorState& state = tensors_[static_cast<std::size_t>(id)];
  state.in_file = BACKDROP_TRY(read_shape(id));
  state.shape = state.in_file;
  if (id == graph_.input) {
    if (state.in_file.batch != 1) {
      return fail(ErrorCode::kUnsupported, "the network's input has a batch of more than one");
    }
    if (input_size_) {
      if (rank(id) != 4) return fail(ErrorCode::kUnsupported, "its input is not a picture");
      state.shape.height = input_size_->height;
      state.shape.width = input_size_->width;
    }
    heights_.note(state.in_file.height, state.shape.height);
    widths_.note(state.in_file.width, state.shape.width);
  }
  graph_.at(id).name = printable(file_tensor(id).name());
  graph_.at(id).shape = state.shape;
  graph_.at(id).shape.batch = 1;
  BACKDROP_TRY(import_constant(id));
  if (id != graph_.input) return {};
  if (state.is_readable) return fail(ErrorCode::kModel, "the network's input is a constant");
  state.is_readable = true;
  return {};
}

Result<void> Importer::import_constant(TensorId id) {
  const fb::Tensor& tensor = file_tensor(id);
  const auto data = file_.buffer(tensor.buffer());
  if (!data) return fail(data.error().code, label(id) + ": its " + data.error().message);
  if (data->empty()) return {};

  tensors_[static_cast<std::size_t>(id)].is_readable = true;
  const bool is_half = tensor.type() == fb::TensorType::FLOAT16;
  // Constants of other types are read where an operation asks for them.
  if (!is_half && tensor.type() != fb::TensorType::FLOAT32) return {};
  const std::size_t size = shape_in_file(id).size();
  if (data->size() != size * (is_half ? sizeof(std::uint16_t) : sizeof(float))) {
    return fail(ErrorCode::kModel, label(id) + " has " + std::to_string(data->size()) +
                                       " bytes, which does not fit its shape " +
                                       describe(shape_in_file(id)));
  }
  constants_ += size;
  if (constants_ > kMaxConstants) return fail(ErrorCode::kUnsupported, "the model is too large");
  const auto place = std::bit_cast<std::uintptr_t>(data->data());
  if (weights_ == Weights::kViewed && !is_half && file_.is_in_place() &&
      place % alignof(float) == 0) {
    graph_.at(id).constant =
        Constant::view({reinterpret_cast<const float*>(data->data()), size});  // NOLINT
    return {};
  }
  std::vector<float> values(size);
  if (is_half) {
    floats_from_halves(data->data(), size, values.data());
  } else {
    std::memcpy(values.data(), data->data(), data->size());
  }
  graph_.at(id).constant = std::move(values);
  return {};
}

Result<void> Importer::import_operator() {
  if (op_->outputs() == nullptr || op_->outputs()->size() != 1 || op_->inputs() == nullptr) {
    return reject("it has not one output");
  }
  return (this->*find_operation(*op_)->import)();
}

Result<void> Importer::import_output() {
  const auto writer = std::ranges::find_if(
      graph_.nodes, [&](const Node& node) { return node.output == graph_.output; });
  if (writer == graph_.nodes.end()) {
    return fail(ErrorCode::kModel, "no operation writes the network's output");
  }
  Shape& output = graph_.at(graph_.output).shape;
  if (output.batch != 1) {
    return fail(ErrorCode::kUnsupported, "the network's output has a batch of more than one");
  }
  const bool lacks_channels = rank(graph_.output) == 3 && output.height == 1;
  if (lacks_channels && writer->kind == OpKind::kReshape && &*writer == &graph_.nodes.back()) {
    output = {output.width, output.channels, 1};
  }
  return {};
}

std::size_t Importer::rank(TensorId id) const {
  const auto* shape = file_tensor(id).shape();
  return shape == nullptr ? 0 : shape->size();
}

std::string Importer::label(TensorId id) const {
  const std::string name = printable(file_tensor(id).name());
  return "tensor " + std::to_string(id) + (name.empty() ? "" : " '" + name + "'");
}

std::unexpected<Error> Importer::reject(std::string_view reason) const {
  return fail(ErrorCode::kModel, name_of(code_of(*op_)) + ": " + std::string(reason));
}

std::unexpected<Error> Importer::unsupported(std::string_view reason) const {
  return fail(ErrorCode::kUnsupported, name_of(code_of(*op_)) + ": " + std::string(reason));
}

}  // namespace backdrop
