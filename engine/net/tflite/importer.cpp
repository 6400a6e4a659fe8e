#include "net/tflite/importer.h"

#include <algorithm>
#include <bit>
#include <cstdint>
#include <cstring>
#include <string>
#include <utility>

#include "base/half.h"
#include "net/graph/sides.h"
#include "net/tflite/quantization.h"

namespace backdrop {

namespace fb = tflite;

namespace {

constexpr std::size_t kMaxOperators = 4096;
constexpr std::size_t kMaxTensors = std::size_t{1} << 14;
constexpr std::size_t kMaxEnds = 256;
constexpr std::size_t kMaxOperands = std::size_t{1} << 16;  // of all operations of the file

// The operands of all operations. Vectors of a small file may be shared.
std::size_t count_operands(const fb::SubGraph& network) {
  std::size_t count = 0;
  for (const fb::Operator* op : *network.operators()) {
    if (op->inputs() != nullptr) count += op->inputs()->size();
    if (op->outputs() != nullptr) count += op->outputs()->size();
  }
  return count;
}

std::string describe_file_shape(const fb::Tensor& tensor) {
  std::string text;
  for (flatbuffers::uoffset_t i = 0; i < tensor.shape()->size(); ++i) {
    text += join({i > 0 ? "x" : "", is_open(tensor, i) ? -1 : tensor.shape()->Get(i)});
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
  BACKDROP_TRY(choose_ends());
  BACKDROP_TRY(check_supported());
  op_.graph.tensors.resize(op_.tensors.size());
  for (TensorId id = 0; id < static_cast<TensorId>(op_.tensors.size()); ++id) {
    if (needed_.tensors[static_cast<std::size_t>(id)]) BACKDROP_TRY(import_tensor(id));
  }
  for (std::size_t i = 0; i < needed_.operations.size(); ++i) {
    if (!needed_.operations[i]) continue;
    op_.stored = op_.subgraph->operators()->Get(static_cast<flatbuffers::uoffset_t>(i));
    op_.node = {};
    BACKDROP_TRY(import_operator());
  }
  BACKDROP_TRY(import_output());
  fit_input();
  return std::move(op_.graph);
}

Result<void> Importer::open() {
  const fb::Model& model = op_.file.model();
  const auto* subgraphs = model.subgraphs();
  if (subgraphs == nullptr || subgraphs->size() == 0) {
    return fail(ErrorCode::kModel, "the model contains no network");
  }
  op_.subgraph = main_network(model);
  if (op_.subgraph->tensors() == nullptr || op_.subgraph->operators() == nullptr ||
      op_.subgraph->inputs() == nullptr || op_.subgraph->outputs() == nullptr ||
      model.operator_codes() == nullptr) {
    return fail(ErrorCode::kModel, "the model lacks tensors, operations, inputs or outputs");
  }
  if (op_.subgraph->operators()->size() > kMaxOperators ||
      op_.subgraph->tensors()->size() > kMaxTensors) {
    return fail(ErrorCode::kUnsupported,
                {"the network is too large: ", op_.subgraph->operators()->size(), " operations"});
  }
  // What follows walks over all of them, and for states again and again.
  if (count_operands(*op_.subgraph) > kMaxOperands) {
    return fail(ErrorCode::kUnsupported, "the network is too large: it has too many operands");
  }
  op_.tensors.resize(op_.subgraph->tensors()->size());
  return {};
}

const fb::OperatorCode& Importer::code_of(const fb::Operator& op) const {
  return *op_.file.model().operator_codes()->Get(op.opcode_index());
}

Result<void> Importer::check_supported() const {
  std::vector<std::string> missing;
  for (std::size_t i = 0; i < needed_.operations.size(); ++i) {
    if (!needed_.operations[i]) continue;
    const auto* op = op_.subgraph->operators()->Get(static_cast<flatbuffers::uoffset_t>(i));
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
  std::string names;
  for (const std::string& name : missing) names += join({names.empty() ? "" : ", ", name});
  return fail(ErrorCode::kUnsupported, {"unsupported operations: ", names});
}

Result<void> Importer::choose_ends() {
  const auto& inputs = *op_.subgraph->inputs();
  const auto& outputs = *op_.subgraph->outputs();
  if (inputs.size() == 0 || outputs.size() == 0 ||
      std::max(inputs.size(), outputs.size()) > kMaxEnds) {
    return fail(ErrorCode::kUnsupported,
                {"the network has ", inputs.size(), " inputs and ", outputs.size(), " outputs"});
  }
  op_.graph.input_index = find_picture(op_);
  op_.graph.input = inputs.Get(static_cast<flatbuffers::uoffset_t>(op_.graph.input_index));
  if (!op_.is_in_file(op_.graph.input)) return missing_end();
  const auto sides = sides_of(op_, op_.graph.input);
  channels_first_ = sides && op_.rank(op_.graph.input) == 4 && has_channels_first(*sides);
  BACKDROP_TRY(check_open_input());
  const Shape picture = sides.value_or(Shape{});
  const std::size_t mask = BACKDROP_TRY(
      find_mask(op_, channels_first_ ? with_channels_last(picture) : picture, output_name_));
  op_.graph.output = outputs.Get(static_cast<flatbuffers::uoffset_t>(mask));
  if (!op_.is_in_file(op_.graph.output)) return missing_end();
  if (outputs.size() > 1) op_.graph.output_name = output_name(op_, mask);
  op_.graph.output_index = mask;
  op_.graph.states = BACKDROP_TRY(find_states(op_, op_.graph.input, op_.graph.output));
  if (!op_.graph.states.empty() && op_.input_size) {
    return fail(ErrorCode::kUnsupported, "a network that keeps states can't be resized");
  }
  std::vector<TensorId> results{op_.graph.input, op_.graph.output};
  for (const State& state : op_.graph.states) {
    results.insert(results.end(), {state.input, state.output});
  }
  needed_ = find_needed(op_, results);
  return {};
}

std::unexpected<Error> Importer::missing_end() {
  return fail(ErrorCode::kModel, "the network's input or output is not one of its tensors");
}

// Whether an input of a dynamic size has got one.
Result<void> Importer::check_open_input() {
  if (op_.rank(op_.graph.input) != 4) return {};
  const fb::Tensor& input = op_.file_tensor(op_.graph.input);
  const flatbuffers::uoffset_t height = channels_first_ ? 2 : 1;
  op_.input_is_open = is_open(input, height) || is_open(input, height + 1);
  if (op_.input_is_open && !op_.input_size) {
    return fail(ErrorCode::kUnsupported,
                {"the network's input has a dynamic size (", describe_file_shape(input),
                 "): an input size is required"});
  }
  return {};
}

Result<Shape> Importer::read_shape(TensorId id) const {
  const fb::Tensor& tensor = op_.file_tensor(id);
  const std::size_t dimensions = op_.rank(id);
  const std::size_t omitted = op_.file_rank(id) - dimensions;
  if (omitted > 1 || (omitted == 1 && tensor.shape()->Get(0) != 1)) {
    return fail(ErrorCode::kUnsupported,
                {op_.label(id), " has ", op_.file_rank(id), " dimensions; up to 4 are supported"});
  }
  std::array<int, 4> axes{1, 1, 1, 1};
  for (std::size_t i = 0; i < dimensions; ++i) {
    const auto axis = static_cast<std::size_t>(axis_of(dimensions, i));
    const int dim = tensor.shape()->Get(static_cast<flatbuffers::uoffset_t>(omitted + i));
    const std::size_t height = channels_first_ ? 2 : 1;
    const bool is_replaced =
        id == op_.graph.input && op_.input_is_open && (axis == height || axis == height + 1);
    axes[axis] = is_replaced ? 1 : dim;
    if (axes[axis] < 1) {
      return fail(ErrorCode::kUnsupported,
                  {op_.label(id), " has a dynamic shape, ", describe_file_shape(tensor)});
    }
  }
  if (!is_bounded(shape_of(axes))) {
    return fail(ErrorCode::kUnsupported,
                {op_.label(id), " is too large: ", describe_file_shape(tensor)});
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
      (channels_first_ ? state.shape.width : state.shape.height) = op_.input_size->height;
      (channels_first_ ? state.shape.channels : state.shape.width) = op_.input_size->width;
    }
    if (!channels_first_) {  // else the transposition's output is noted
      op_.heights.note(state.in_file.height, state.shape.height);
      op_.widths.note(state.in_file.width, state.shape.width);
    }
  }
  op_.graph.at(id).name = printable(op_.file_tensor(id).name());
  op_.graph.at(id).shape = state.shape;
  op_.graph.at(id).shape.batch = 1;
  if (is_quantized(op_.file_tensor(id))) {
    BACKDROP_TRY(check_quantization(op_.file_tensor(id), op_.label(id)));
    state.grid = grid_of(op_.file_tensor(id));
  }
  BACKDROP_TRY(import_constant(id));
  if (id != op_.graph.input &&
      std::ranges::find(op_.graph.states, id, &State::input) == op_.graph.states.end()) {
    return {};
  }
  op_.graph.at(id).shape = state.shape;
  if (state.is_readable) return fail(ErrorCode::kModel, "the network's input is a constant");
  state.is_readable = true;
  return op_.check_floats(id);
}

Result<void> Importer::import_constant(TensorId id) {
  const fb::Tensor& tensor = op_.file_tensor(id);
  const auto data = op_.file.buffer(tensor.buffer());
  if (!data) return fail(data.error().code(), {op_.label(id), ": its ", data.error().message()});
  if (data->empty()) return {};

  op_.tensors[static_cast<std::size_t>(id)].is_readable = true;
  const bool is_float = tensor.type() == fb::TensorType::FLOAT32;
  const bool is_half = tensor.type() == fb::TensorType::FLOAT16;
  // Constants of other types are read by the operations that use them.
  if (!is_float && !is_half && !is_quantized(tensor)) return {};
  const std::size_t size = op_.shape_in_file(id).size();
  const std::size_t size_of_each = is_float  ? sizeof(float)
                                   : is_half ? sizeof(std::uint16_t)
                                             : integer_size(tensor);
  if (data->size() != size * size_of_each) {
    return fail(ErrorCode::kModel,
                {op_.label(id), " has ", data->size(), " bytes, which does not fit its shape ",
                 describe(op_.shape_in_file(id))});
  }
  const auto address = std::bit_cast<std::uintptr_t>(data->data());
  if (weights_ == Weights::kViewed && is_float && op_.file.is_in_place() &&
      address % alignof(float) == 0) {
    op_.graph.at(id).constant =
        Constant::view({reinterpret_cast<const float*>(data->data()), size});  // NOLINT
    return {};
  }
  if (!op_.graph.budget.take_floats(size)) return LoadBudget::exceeded();
  std::vector<float> values(size);
  if (is_half) {
    floats_from_halves(data->data(), size, values.data());
  } else if (!is_float) {
    dequantize(tensor, *data, values.data());
  } else {
    std::memcpy(values.data(), data->data(), data->size());
  }
  op_.graph.at(id).constant = std::move(values);
  return {};
}

Result<void> Importer::import_operator() {
  const OperationRow& row = *find_operation(code_of(*op_.stored));
  if (op_.stored->inputs() == nullptr || (op_.stored->outputs()->size() != 1 && !row.has_outputs)) {
    return op_.reject("it must have exactly one output");
  }
  if (!op_.graph.budget.take_operands(op_.stored->inputs()->size()) ||
      !op_.graph.budget.take_operands(op_.stored->outputs()->size())) {
    return op_.unsupported("the network has too many operands");
  }
  return row.import(op_);
}

// Makes the input one of floats with the channels last: the caller's. It is rounded first: the grid
// is then where Network looks for it, and passes remove transpositions that undo each other.
void Importer::fit_input() {
  Graph& graph = op_.graph;
  const auto precede = [&](Node node, const Shape& shape) {
    const TensorId before = graph.add_tensor(graph.at(graph.input).name, shape);
    node.inputs = {before};
    node.output = std::exchange(graph.input, before);
    graph.nodes.insert(graph.nodes.begin(), std::move(node));
  };
  const Shape shape = graph.shape(graph.input);
  const Grid grid = op_.tensors[static_cast<std::size_t>(graph.input)].grid;
  if (channels_first_) {
    precede({.kind = OpKind::kTranspose, .permutation = {0, 3, 1, 2}}, with_channels_last(shape));
  }
  if (grid) {
    precede({.kind = OpKind::kQuantize, .grid = grid, .nudge = kNudge}, graph.shape(graph.input));
  }
}

Result<void> Importer::import_output() {
  Graph& graph = op_.graph;
  const bool is_written = std::ranges::any_of(
      graph.nodes, [&](const Node& node) { return node.output == graph.output; });
  if (!is_written) return fail(ErrorCode::kModel, "no operation writes the network's output");
  const Shape output = graph.shape(graph.output);
  if (output.batch != 1) {
    return fail(ErrorCode::kUnsupported, "the network's output has a batch of more than one");
  }
  const Shape input = graph.shape(graph.input);
  if (has_channels_first(channels_first_ ? with_channels_last(input) : input, output)) {
    Node node{.kind = OpKind::kTranspose, .inputs = {graph.output}, .permutation = {0, 2, 3, 1}};
    node.output = graph.output =
        graph.add_tensor(graph.at(graph.output).name, with_channels_last(output));
    graph.nodes.push_back(std::move(node));
  }
  return {};
}

}  // namespace backdrop
