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

constexpr std::size_t kMaxOperators = 4096;
constexpr std::size_t kMaxTensors = std::size_t{1} << 14;

// Whether the dimension is dynamic.
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

const OperationRow* find_operation(const fb::OperatorCode& code) {
  for (const auto rows : {operations_with_windows(), operations_on_values()}) {
    const auto found = std::ranges::find_if(rows, [&](const OperationRow& row) {
      return row.code == builtin(code) && (row.code != fb::BuiltinOperator::CUSTOM ||
                                           row.custom_name == printable(code.custom_code()));
    });
    if (found != rows.end()) return &*found;
  }
  return nullptr;
}

}  // namespace

Result<Graph> Importer::import() {
  BACKDROP_TRY(open());
  BACKDROP_TRY(check_supported());
  op_.graph.tensors.resize(op_.tensors.size());
  BACKDROP_TRY(import_input());
  for (TensorId id = 0; id < static_cast<TensorId>(op_.tensors.size()); ++id) {
    BACKDROP_TRY(import_tensor(id));
  }
  for (const fb::Operator* op : *op_.subgraph->operators()) {
    op_.stored = op;
    op_.node = {};
    BACKDROP_TRY(import_operator());
  }
  BACKDROP_TRY(import_output());
  return std::move(op_.graph);
}

Result<void> Importer::open() {
  const fb::Model& model = op_.file.model();
  const auto* subgraphs = model.subgraphs();
  if (subgraphs == nullptr || subgraphs->size() == 0) {
    return fail(ErrorCode::kModel, "the model contains no network");
  }
  op_.subgraph = subgraphs->Get(0);  // others are called by operations, or by their names
  if (op_.subgraph->tensors() == nullptr || op_.subgraph->operators() == nullptr ||
      op_.subgraph->inputs() == nullptr || op_.subgraph->outputs() == nullptr ||
      model.operator_codes() == nullptr) {
    return fail(ErrorCode::kModel, "the model lacks tensors, operations, inputs or outputs");
  }
  if (op_.subgraph->operators()->size() > kMaxOperators ||
      op_.subgraph->tensors()->size() > kMaxTensors) {
    return fail(ErrorCode::kUnsupported,
                "the network is too large: " + std::to_string(op_.subgraph->operators()->size()) +
                    " operations");
  }
  op_.tensors.resize(op_.subgraph->tensors()->size());
  return {};
}

const fb::OperatorCode& Importer::code_of(const fb::Operator& op) const {
  return *op_.file.model().operator_codes()->Get(op.opcode_index());
}

Result<void> Importer::check_supported() const {
  std::vector<std::string> missing;
  for (const fb::Operator* op : *op_.subgraph->operators()) {
    if (op->opcode_index() >= op_.file.model().operator_codes()->size()) {
      return fail(ErrorCode::kModel, "an operation's code is missing");
    }
    const std::string name = name_of(code_of(*op));
    if (find_operation(code_of(*op)) == nullptr &&
        std::ranges::find(missing, name) == missing.end()) {
      missing.push_back(name);
    }
  }
  if (missing.empty()) return {};
  std::string message = "unsupported operations: ";
  for (const std::string& name : missing) message += (&name == &missing[0] ? "" : ", ") + name;
  return fail(ErrorCode::kUnsupported, message);
}

Result<void> Importer::import_input() {
  if (op_.subgraph->inputs()->size() != 1 || op_.subgraph->outputs()->size() != 1) {
    return fail(ErrorCode::kUnsupported,
                "the network has " + std::to_string(op_.subgraph->inputs()->size()) +
                    " inputs and " + std::to_string(op_.subgraph->outputs()->size()) +
                    " outputs; one of each is supported: convert it with the "
                    "image as its only input and the mask as its only output");
  }
  op_.graph.input = op_.subgraph->inputs()->Get(0);
  op_.graph.output = op_.subgraph->outputs()->Get(0);
  if (!op_.is_in_file(op_.graph.input) || !op_.is_in_file(op_.graph.output)) {
    return fail(ErrorCode::kModel, "the network's input or output is not one of its tensors");
  }
  const fb::Tensor& input = op_.file_tensor(op_.graph.input);
  if (input.type() != fb::TensorType::FLOAT32) {
    return fail(ErrorCode::kUnsupported,
                std::string("the network's input is of type ") +
                    fb::EnumNameTensorType(input.type()) +
                    "; float32 is supported: convert it without integer quantization");
  }
  if (op_.rank(op_.graph.input) != 4) return {};
  op_.input_is_open = is_open(input, 1) || is_open(input, 2);
  if (op_.input_is_open && !op_.input_size) {
    return fail(ErrorCode::kUnsupported, "the network's input has a dynamic size (" +
                                             describe_file_shape(input) +
                                             "): an input size is required");
  }
  return {};
}

Result<Shape> Importer::read_shape(TensorId id) const {
  const fb::Tensor& tensor = op_.file_tensor(id);
  const std::size_t dimensions = op_.rank(id);
  if (dimensions > 4) {
    return fail(ErrorCode::kUnsupported, op_.label(id) + " has " + std::to_string(dimensions) +
                                             " dimensions; up to 4 are supported");
  }
  std::array<int, 4> axes{1, 1, 1, 1};
  for (std::size_t i = 0; i < dimensions; ++i) {
    const auto axis = static_cast<std::size_t>(axis_of(dimensions, i));
    const int dim = tensor.shape()->Get(static_cast<flatbuffers::uoffset_t>(i));
    const bool is_replaced = id == op_.graph.input && op_.input_is_open && (axis == 1 || axis == 2);
    axes[axis] = is_replaced ? 1 : dim;
    if (axes[axis] < 1) {
      return fail(ErrorCode::kUnsupported,
                  op_.label(id) + " has a dynamic shape, " + describe_file_shape(tensor));
    }
  }
  if (!is_bounded(shape_of(axes))) {
    return fail(ErrorCode::kUnsupported,
                op_.label(id) + " is too large: " + describe_file_shape(tensor));
  }
  return shape_of(axes);
}

Result<void> Importer::import_tensor(TensorId id) {
  OperationImport::TensorState& state = op_.tensors[static_cast<std::size_t>(id)];
  state.in_file = BACKDROP_TRY(read_shape(id));
  state.shape = state.in_file;
  if (id == op_.graph.input) {
    if (state.in_file.batch != 1) {
      return fail(ErrorCode::kUnsupported, "the network's input has a batch of more than one");
    }
    if (op_.input_size) {
      if (op_.rank(id) != 4) return fail(ErrorCode::kUnsupported, "its input is not a picture");
      state.shape.height = op_.input_size->height;
      state.shape.width = op_.input_size->width;
    }
    op_.heights.note(state.in_file.height, state.shape.height);
    op_.widths.note(state.in_file.width, state.shape.width);
  }
  op_.graph.at(id).name = printable(op_.file_tensor(id).name());
  op_.graph.at(id).shape = state.shape;
  op_.graph.at(id).shape.batch = 1;
  BACKDROP_TRY(import_constant(id));
  if (id != op_.graph.input) return {};
  if (state.is_readable) return fail(ErrorCode::kModel, "the network's input is a constant");
  state.is_readable = true;
  return {};
}

Result<void> Importer::import_constant(TensorId id) {
  const fb::Tensor& tensor = op_.file_tensor(id);
  const auto data = op_.file.buffer(tensor.buffer());
  if (!data) return fail(data.error().code, op_.label(id) + ": its " + data.error().message);
  if (data->empty()) return {};

  op_.tensors[static_cast<std::size_t>(id)].is_readable = true;
  const bool is_half = tensor.type() == fb::TensorType::FLOAT16;
  // Constants of other types are read by the operations that use them.
  if (!is_half && tensor.type() != fb::TensorType::FLOAT32) return {};
  const std::size_t size = op_.shape_in_file(id).size();
  if (data->size() != size * (is_half ? sizeof(std::uint16_t) : sizeof(float))) {
    return fail(ErrorCode::kModel, op_.label(id) + " has " + std::to_string(data->size()) +
                                       " bytes, which does not fit its shape " +
                                       describe(op_.shape_in_file(id)));
  }
  const auto address = std::bit_cast<std::uintptr_t>(data->data());
  if (weights_ == Weights::kViewed && !is_half && op_.file.is_in_place() &&
      address % alignof(float) == 0) {
    op_.graph.at(id).constant =
        Constant::view({reinterpret_cast<const float*>(data->data()), size});  // NOLINT
    return {};
  }
  if (!op_.graph.budget.take_floats(size)) return LoadBudget::exceeded();
  std::vector<float> values(size);
  if (is_half) {
    floats_from_halves(data->data(), size, values.data());
  } else {
    std::memcpy(values.data(), data->data(), data->size());
  }
  op_.graph.at(id).constant = std::move(values);
  return {};
}

Result<void> Importer::import_operator() {
  if (op_.stored->outputs() == nullptr || op_.stored->outputs()->size() != 1 ||
      op_.stored->inputs() == nullptr) {
    return op_.reject("it must have exactly one output");
  }
  if (!op_.graph.budget.take_operands(op_.stored->inputs()->size())) {
    return op_.unsupported("the network has too many operands");
  }
  return find_operation(code_of(*op_.stored))->import(op_);
}

Result<void> Importer::import_output() {
  const auto writer = std::ranges::find_if(
      op_.graph.nodes, [&](const Node& node) { return node.output == op_.graph.output; });
  if (writer == op_.graph.nodes.end()) {
    return fail(ErrorCode::kModel, "no operation writes the network's output");
  }
  // An output that is transposed at the end to have its channels first is taken before.
  if (writer->kind == OpKind::kTranspose && writer->permutation == std::array{0, 3, 1, 2} &&
      writer->inputs[0] != op_.graph.input) {
    op_.graph.output = writer->inputs[0];
  }
  Shape& output = op_.graph.at(op_.graph.output).shape;
  if (output.batch != 1) {
    return fail(ErrorCode::kUnsupported, "the network's output has a batch of more than one");
  }
  const bool lacks_channels = op_.rank(op_.graph.output) == 3 && output.height == 1;
  if (lacks_channels && writer->kind == OpKind::kReshape && &*writer == &op_.graph.nodes.back()) {
    output = {output.width, output.channels, 1};
  }
  return {};
}

}  // namespace backdrop
