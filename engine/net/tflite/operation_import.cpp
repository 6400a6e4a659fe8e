// The helpers that all import functions share.
#include <algorithm>

#include "net/graph/op_traits.h"
#include "net/tflite/operation_import.h"

namespace backdrop {

namespace fb = tflite;

namespace {

// Means of a few integers are often halfway between two, where float's errors must not decide.
constexpr float kNudgeOfMeans = 1e-3F;

}  // namespace

bool OperationImport::has_operand(std::size_t index) const {
  return index < stored->inputs()->size() &&
         stored->inputs()->Get(static_cast<flatbuffers::uoffset_t>(index)) >= 0;
}

Result<TensorId> OperationImport::any_operand(std::size_t index) const {
  if (!has_operand(index)) return reject("an operand is missing");
  const TensorId id = stored->inputs()->Get(static_cast<flatbuffers::uoffset_t>(index));
  if (!is_in_file(id)) return reject("an operand is not one of the network's tensors");
  if (tensors[static_cast<std::size_t>(id)].is_readable) return id;
  const bool is_written_later = std::ranges::any_of(*subgraph->operators(), [&](const auto* op) {
    return op->outputs() != nullptr &&
           std::ranges::find(*op->outputs(), id) != op->outputs()->end();
  });
  return reject({"it reads ", label(id),
                 (is_written_later ? " before anything writes it" : ", which nothing writes")});
}

Result<TensorId> OperationImport::weights(std::size_t index) const {
  const TensorId id = BACKDROP_TRY(any_operand(index));
  BACKDROP_TRY(check_floats(id));
  return id;
}

Result<void> OperationImport::check_floats(TensorId id) const {
  const fb::TensorType type = file_tensor(id).type();
  const bool is_quantized = static_cast<bool>(tensors[static_cast<std::size_t>(id)].grid);
  if (type == fb::TensorType::FLOAT32 || is_quantized || graph.is_constant(id)) return {};
  return fail(ErrorCode::kUnsupported, {label(id), " is of type ", fb::EnumNameTensorType(type),
                                        ", where float32, or integers with one scale, are read"});
}

Result<TensorId> OperationImport::operand(std::size_t index) const {
  const TensorId id = BACKDROP_TRY(weights(index));
  if (shape(id).batch != 1) return unsupported("a batch of more than one");
  if (file_rank(id) > 4) return unsupported("more than 4 dimensions");
  return id;
}

Result<std::vector<int>> OperationImport::integers(std::size_t index) const {
  const TensorId id = BACKDROP_TRY(any_operand(index));
  const auto data = BACKDROP_TRY(file.buffer(file_tensor(id).buffer()));
  if (file_tensor(id).type() != fb::TensorType::INT32 || data.empty()) {
    return unsupported("an operand that is not a constant of int32");
  }
  const std::size_t size = shape_in_file(id).size();
  if (data.size() != size * sizeof(std::int32_t)) {
    return reject("an operand's bytes do not fit its shape");
  }
  std::vector<int> values(size);
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = load<std::int32_t>(data.data(), i);
  return values;
}

Result<std::vector<int>> OperationImport::axes(const std::vector<int>& numbers,
                                               std::size_t rank) const {
  std::vector<int> found;
  for (const int number : numbers) {
    const int index = number < 0 ? number + static_cast<int>(rank) : number;
    if (index < 0 || index >= static_cast<int>(rank)) return reject("an axis is out of range");
    const int axis = axis_of(rank, static_cast<std::size_t>(index));
    if (std::ranges::find(found, axis) != found.end()) return reject("an axis is repeated");
    found.push_back(axis);
  }
  return found;
}

const Constant* OperationImport::constant_of(TensorId id) const {
  if (graph.is_constant(id)) return &graph.at(id).constant;
  const auto found = std::ranges::find_if(graph.nodes, [&](const Node& other) {
    return other.kind == OpKind::kDequantize && other.output == id;
  });
  if (found == graph.nodes.end() || !graph.is_constant(found->inputs[0])) return nullptr;
  return &graph.at(found->inputs[0]).constant;
}

Result<void> OperationImport::set_activation(fb::ActivationFunctionType type) {
  switch (type) {
    case fb::ActivationFunctionType::NONE:
      return {};
    case fb::ActivationFunctionType::RELU:
      node.activation = Activation::kRelu;
      return {};
    case fb::ActivationFunctionType::RELU6:
      node.activation = Activation::kRelu6;
      return {};
    default:
      return unsupported({"the activation ", fb::EnumNameActivationFunctionType(type)});
  }
}

Result<int> OperationImport::resized_height(int written, TensorId in) const {
  return resized(heights, written, shape_in_file(in).height, shape(in).height, "height");
}

Result<int> OperationImport::resized_width(int written, TensorId in) const {
  return resized(widths, written, shape_in_file(in).width, shape(in).width, "width");
}

Result<int> OperationImport::resized(const ResizedExtents& sizes, int written, int size_in_file,
                                     int now, const char* axis) const {
  // If the file leaves its input's size open, the sizes that it states hold for every input size.
  if (!input_size || input_is_open) return written;
  const auto found = sizes.find(written);
  if (found && *found != ResizedExtents::kAmbiguous) return *found;
  const bool is_whole = written % size_in_file == 0;
  if (found || !is_whole ||
      static_cast<std::size_t>(written / size_in_file) >
          kMaxTensorSize / static_cast<std::size_t>(now)) {
    return unsupported(
        {"its ", axis, " of ", written,
         found ? " is ambiguous: tensors of this size are resized differently" : " is fixed"});
  }
  return written / size_in_file * now;
}

Result<void> OperationImport::emit(const Shape& expected, std::size_t index) {
  const TensorId id = stored->outputs()->Get(static_cast<flatbuffers::uoffset_t>(index));
  if (!is_in_file(id)) return reject("its output is not one of the network's tensors");
  TensorState& state = tensors[static_cast<std::size_t>(id)];
  if (state.is_readable) return reject({"it writes ", label(id), ", which is written already"});
  const fb::TensorType type = file_tensor(id).type();
  const bool is_index = type == fb::TensorType::INT32 || type == fb::TensorType::INT64;
  if (node.kind != OpKind::kArgMax || !is_index) BACKDROP_TRY(check_floats(id));
  if (node.kind == OpKind::kArgMax && rank(id) == 3) {  // the file omits the channels
    const Shape& s = state.in_file;
    state.in_file = {.height = s.width, .width = s.channels, .channels = 1, .batch = s.height};
  }
  if (!is_bounded(expected)) return unsupported("its output is too large");
  if (!input_size && state.in_file != expected) {
    return reject({"its output is ", describe(state.in_file), " instead of ", describe(expected)});
  }
  if (node.kind != OpKind::kTranspose &&
      (state.in_file.channels != expected.channels || state.in_file.batch != expected.batch)) {
    return unsupported("its channels depend on the input's size");
  }
  state.shape = expected;
  state.is_readable = true;
  graph.at(id).shape = expected;
  if (node.kind == OpKind::kDequantize && graph.is_constant(node.inputs[0])) {
    graph.at(id).shape.batch = 1;  // a filter
  } else {
    heights.note(state.in_file.height, expected.height);
    widths.note(state.in_file.width, expected.width);
  }
  const bool rounds = state.grid && !is_on(state.grid);
  node.output = rounds ? graph.add_tensor(graph.at(id).name, expected) : id;
  graph.nodes.push_back(node);
  if (rounds) {
    graph.nodes.push_back({.kind = OpKind::kQuantize,
                           .inputs = {node.output},
                           .output = id,
                           .grid = state.grid,
                           .nudge = traits_of(node).is_mean ? kNudgeOfMeans : kNudge});
  }
  return {};
}

// Whether the node's output lies on this grid by itself.
bool OperationImport::is_on(const Grid& grid) const {
  return traits_of(node).keeps_grid && node.activation == Activation::kNone &&
         std::ranges::all_of(node.inputs, [&](TensorId input) {
           return is_in_file(input) && tensors[static_cast<std::size_t>(input)].grid == grid;
         });
}

fb::BuiltinOperator builtin(const fb::OperatorCode& code) {
  // Newer files keep small codes in both fields; older ones only in the deprecated one.
  return static_cast<fb::BuiltinOperator>(std::max(
      static_cast<int>(code.builtin_code()), static_cast<int>(code.deprecated_builtin_code())));
}

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
  const std::string_view name = fb::EnumNameBuiltinOperator(builtin(code));
  return name.empty() ? join({"operation ", static_cast<int>(builtin(code))}) : std::string(name);
}

std::string describe(const Shape& shape) {
  return join({shape.batch, "x", shape.height, "x", shape.width, "x", shape.channels});
}

bool is_open(const fb::Tensor& tensor, flatbuffers::uoffset_t dimension) {
  const auto* signature = tensor.shape_signature();
  return tensor.shape()->Get(dimension) < 0 ||
         (signature != nullptr && dimension < signature->size() && signature->Get(dimension) < 0);
}

std::size_t OperationImport::file_rank(TensorId id) const {
  const auto* shape = file_tensor(id).shape();
  return shape == nullptr ? 0 : shape->size();
}

std::string OperationImport::label(TensorId id) const {
  const std::string name = printable(file_tensor(id).name());
  return name.empty() ? join({"tensor ", id}) : join({"tensor ", id, " '", name, "'"});
}

std::unexpected<Error> OperationImport::fail_here(ErrorCode code,
                                                  std::initializer_list<TextPart> reason) const {
  const auto& operation = *file.model().operator_codes()->Get(stored->opcode_index());
  return fail(code, {name_of(operation), ": ", join(reason)});
}

std::unexpected<Error> OperationImport::reject(std::initializer_list<TextPart> reason) const {
  return fail_here(ErrorCode::kModel, reason);
}

std::unexpected<Error> OperationImport::unsupported(std::initializer_list<TextPart> reason) const {
  return fail_here(ErrorCode::kUnsupported, reason);
}

}  // namespace backdrop
