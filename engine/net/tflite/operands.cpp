// What every operation needs: its operands, and the end of its import.
#include <algorithm>

#include "net/tflite/importer.h"

namespace backdrop {

namespace fb = tflite;

bool Importer::has_operand(std::size_t index) const {
  return index < op_->inputs()->size() &&
         op_->inputs()->Get(static_cast<flatbuffers::uoffset_t>(index)) >= 0;
}

Result<TensorId> Importer::any_operand(std::size_t index) const {
  if (!has_operand(index)) return reject("an operand is missing");
  const TensorId id = op_->inputs()->Get(static_cast<flatbuffers::uoffset_t>(index));
  if (!is_in_file(id)) return reject("an operand is not among the tensors");
  if (tensors_[static_cast<std::size_t>(id)].is_readable) return id;
  const bool is_written_later = std::ranges::any_of(*subgraph_->operators(), [&](const auto* op) {
    return op->outputs() != nullptr &&
           std::ranges::find(*op->outputs(), id) != op->outputs()->end();
  });
  return reject("it reads " + label(id) +
                (is_written_later ? " before anything writes it" : ", which nothing writes"));
}

Result<TensorId> Importer::weights(std::size_t index) const {
  const TensorId id = BACKDROP_TRY(any_operand(index));
  const fb::TensorType type = file_tensor(id).type();
  const bool is_half = type == fb::TensorType::FLOAT16 && graph_.is_constant(id);
  if (type != fb::TensorType::FLOAT32 && !is_half) {
    return unsupported(std::string("operands of type ") + fb::EnumNameTensorType(type));
  }
  return id;
}

Result<TensorId> Importer::operand(std::size_t index) const {
  const TensorId id = BACKDROP_TRY(weights(index));
  if (shape(id).batch != 1) return unsupported("a batch of more than one");
  return id;
}

Result<std::vector<int>> Importer::integers(std::size_t index) const {
  const TensorId id = BACKDROP_TRY(any_operand(index));
  const auto data = BACKDROP_TRY(file_.buffer(file_tensor(id).buffer()));
  if (file_tensor(id).type() != fb::TensorType::INT32 || data.empty()) {
    return unsupported("an operand that is not a constant of int32");
  }
  std::vector<int> values(shape_in_file(id).size());
  if (data.size() != values.size() * sizeof(std::int32_t)) {
    return reject("an operand's bytes do not fit its shape");
  }
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = load<std::int32_t>(data.data(), i);
  return values;
}

Result<std::vector<int>> Importer::axes(const std::vector<int>& numbers, std::size_t rank) const {
  std::vector<int> found;
  for (const int number : numbers) {
    const int index = number < 0 ? number + static_cast<int>(rank) : number;
    if (index < 0 || index >= static_cast<int>(rank)) return reject("an axis is out of range");
    const int axis = axis_of(rank, static_cast<std::size_t>(index));
    if (std::ranges::find(found, axis) != found.end()) return reject("an axis is there twice");
    found.push_back(axis);
  }
  return found;
}

const Constant* Importer::constant_of(TensorId id) const {
  if (graph_.is_constant(id)) return &graph_.at(id).constant;
  const auto found = std::ranges::find_if(graph_.nodes, [&](const Node& node) {
    return node.kind == OpKind::kDequantize && node.output == id;
  });
  return found == graph_.nodes.end() ? nullptr : &graph_.at(found->inputs[0]).constant;
}

Result<void> Importer::set_activation(fb::ActivationFunctionType type) {
  switch (type) {
    case fb::ActivationFunctionType::NONE:
      return {};
    case fb::ActivationFunctionType::RELU:
      node_.activation = Activation::kRelu;
      return {};
    case fb::ActivationFunctionType::RELU6:
      node_.activation = Activation::kRelu6;
      return {};
    default:
      return unsupported(std::string("the activation ") + fb::EnumNameActivationFunctionType(type));
  }
}

Result<int> Importer::planned_height(int written, TensorId in) const {
  return planned(heights_, written, shape_in_file(in).height, shape(in).height, "height");
}

Result<int> Importer::planned_width(int written, TensorId in) const {
  return planned(widths_, written, shape_in_file(in).width, shape(in).width, "width");
}

Result<int> Importer::planned(const ResizedExtents& sizes, int written, int in_file, int now,
                              const char* axis) const {
  // Where the file leaves its input's size open, what it does write down holds for any.
  if (!input_size_ || input_is_open_) return written;
  const auto found = sizes.find(written);
  if (found && *found != ResizedExtents::kAmbiguous) return *found;
  const std::string fixed = std::string("its ") + axis + " of " + std::to_string(written);
  if (found) return unsupported(fixed + " is that of tensors whose sizes differ now");
  if (written % in_file != 0 || static_cast<std::size_t>(written / in_file) >
                                    kMaxTensorSize / static_cast<std::size_t>(now)) {
    return unsupported(fixed + " is fixed");
  }
  return written / in_file * now;
}

Result<void> Importer::emit(const Shape& expected) {
  const TensorId id = op_->outputs()->Get(0);
  if (!is_in_file(id)) return reject("its output is not among the tensors");
  TensorState& state = tensors_[static_cast<std::size_t>(id)];
  if (state.is_readable) return reject("it writes " + label(id) + ", which is written already");
  const fb::TensorType type = file_tensor(id).type();
  const bool is_index = type == fb::TensorType::INT32 || type == fb::TensorType::INT64;
  if (type != fb::TensorType::FLOAT32 && !(node_.kind == OpKind::kArgMax && is_index)) {
    return unsupported(std::string("an output of type ") + fb::EnumNameTensorType(type));
  }
  if (node_.kind == OpKind::kArgMax && rank(id) == 3) {  // the file leaves out the channels
    const Shape& s = state.in_file;
    state.in_file = {.height = s.width, .width = s.channels, .channels = 1, .batch = s.height};
  }
  if (!is_bounded(expected)) return unsupported("its output is too large");
  if (!input_size_ && state.in_file != expected) {
    return reject("its output is " + describe(state.in_file) + " where " + describe(expected) +
                  " fits");
  }
  if (state.in_file.channels != expected.channels || state.in_file.batch != expected.batch) {
    return unsupported("its channels depend on the input's size");
  }
  state.shape = expected;
  state.is_readable = true;
  node_.output = id;
  graph_.at(id).shape = expected;
  if (node_.kind == OpKind::kDequantize) {
    graph_.at(id).shape.batch = 1;  // a filter
  } else {
    heights_.note(state.in_file.height, expected.height);
    widths_.note(state.in_file.width, expected.width);
  }
  graph_.nodes.push_back(node_);
  return {};
}

}  // namespace backdrop
