#include "net/tflite/ends.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "net/graph/sides.h"

namespace backdrop {

namespace fb = tflite;

namespace {

constexpr std::size_t kMostListed = 12;
constexpr int kMostChannels = 256;

using Ids = flatbuffers::Vector<std::int32_t>;

bool is_picture(const OperationImport& op, TensorId id, bool is_color) {
  const auto sides = sides_of(op, id);
  if (!sides || op.rank(id) != 4) return false;
  const int channels = has_channels_first(*sides) ? sides->height : sides->channels;
  return is_color ? channels == 3 : channels == 1 || channels == 4;
}

// The output's channels if it can be a mask of `input`, else 0.
int mask_channels(const OperationImport& op, TensorId id, const Shape& input) {
  auto sides = sides_of(op, id);
  if (!sides) return 0;
  if (has_channels_first(input, *sides)) sides = with_channels_last(*sides);
  if (sides->is_vector() || !is_in_proportion(input, *sides)) return 0;
  return sides->channels <= kMostChannels ? sides->channels : 0;
}

// The name of output `index` in a signature, or empty.
std::string signed_name(const OperationImport& op, std::size_t index) {
  const auto* signatures = op.file.model().signature_defs();
  if (signatures == nullptr) return {};
  const auto id = op.subgraph->outputs()->Get(static_cast<flatbuffers::uoffset_t>(index));
  for (const fb::SignatureDef* signature : *signatures) {
    if (signature->outputs() == nullptr ||
        op.file.model().subgraphs()->Get(signature->subgraph_index()) != op.subgraph) {
      continue;
    }
    for (const fb::TensorMap* entry : *signature->outputs()) {
      if (static_cast<TensorId>(entry->tensor_index()) == id) return printable(entry->name());
    }
  }
  return {};
}

// An end by name, shape and type.
std::string describe_end(const OperationImport& op, TensorId id, const std::string& name) {
  if (!op.is_in_file(id)) return "none";
  const fb::Tensor& tensor = op.file_tensor(id);
  std::string text = "'";
  text.append(name).append("' ");
  for (std::size_t i = 0; i < op.file_rank(id); ++i) {
    if (i > 0) text += 'x';
    text += std::to_string(tensor.shape()->Get(static_cast<flatbuffers::uoffset_t>(i)));
  }
  return text + " " + fb::EnumNameTensorType(tensor.type());
}

template <typename Name>
std::string list(const OperationImport& op, const Ids& ids, Name name) {
  std::string text;
  for (std::size_t i = 0; i < ids.size(); ++i) {
    if (i == kMostListed) return text + ", and " + std::to_string(ids.size() - i) + " more";
    const TensorId id = ids.Get(static_cast<flatbuffers::uoffset_t>(i));
    text += (i == 0 ? "" : ", ") + describe_end(op, id, op.is_in_file(id) ? name(i) : "");
  }
  return text;
}

bool has_shape_of(const OperationImport& op, TensorId a, TensorId b) {
  const auto sides = [&](TensorId id) { return op.file_tensor(id).shape(); };
  return op.file_rank(a) == op.file_rank(b) &&
         (op.file_rank(a) == 0 || std::ranges::equal(*sides(a), *sides(b)));
}

std::string input_name(const OperationImport& op, std::size_t index) {
  const TensorId id = op.subgraph->inputs()->Get(static_cast<flatbuffers::uoffset_t>(index));
  return printable(op.file_tensor(id).name());
}

}  // namespace

std::optional<Shape> sides_of(const OperationImport& op, TensorId id) {
  constexpr int kOpen = 1000;
  const fb::Tensor& tensor = op.file_tensor(id);
  const std::size_t rank = op.file_rank(id);
  if (rank != 3 && rank != 4) return std::nullopt;
  std::array<int, 4> axes{1, 1, 1, 1};
  for (std::size_t i = 0; i < rank; ++i) {
    const auto index = static_cast<flatbuffers::uoffset_t>(i);
    axes[4 - rank + i] = is_open(tensor, index) ? kOpen : tensor.shape()->Get(index);
  }
  const Shape sides = shape_of(axes);
  return is_bounded(sides) && sides.batch == 1 ? std::optional(sides) : std::nullopt;
}

const fb::SubGraph* main_network(const fb::Model& model) {
  const auto& networks = *model.subgraphs();
  if (model.signature_defs() == nullptr) return networks.Get(0);
  for (const fb::SignatureDef* signature : *model.signature_defs()) {
    if (signature->subgraph_index() >= networks.size()) continue;
    const auto* key = signature->signature_key();
    if (key != nullptr && key->string_view() == "serving_default") {
      return networks.Get(signature->subgraph_index());
    }
  }
  return networks.Get(0);
}

std::string output_name(const OperationImport& op, std::size_t index) {
  std::string name = signed_name(op, index);
  if (!name.empty()) return name;
  const TensorId id = op.subgraph->outputs()->Get(static_cast<flatbuffers::uoffset_t>(index));
  return printable(op.file_tensor(id).name());
}

std::string list_ends(const OperationImport& op) {
  return "its inputs are " +
         list(op, *op.subgraph->inputs(), [&](std::size_t i) { return input_name(op, i); }) +
         "; its outputs are " +
         list(op, *op.subgraph->outputs(), [&](std::size_t i) { return output_name(op, i); });
}

std::size_t find_picture(const OperationImport& op) {
  const Ids& inputs = *op.subgraph->inputs();
  for (const bool is_color : {true, false}) {
    const auto found = std::ranges::find_if(
        inputs, [&](TensorId id) { return op.is_in_file(id) && is_picture(op, id, is_color); });
    if (found != inputs.end()) return static_cast<std::size_t>(found - inputs.begin());
  }
  return 0;
}

Result<std::size_t> find_mask(const OperationImport& op, const Shape& input,
                              std::string_view name) {
  const Ids& outputs = *op.subgraph->outputs();
  std::optional<std::size_t> best;
  int fewest = kMostChannels + 1;
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    const TensorId id = outputs.Get(static_cast<flatbuffers::uoffset_t>(i));
    if (!op.is_in_file(id)) continue;
    if (!name.empty()) {
      if (name == output_name(op, i) || name == printable(op.file_tensor(id).name())) return i;
      continue;
    }
    const int channels = mask_channels(op, id, input);
    if (channels > 0 && channels < fewest) {
      fewest = channels;
      best = i;
    }
  }
  if (best) return *best;
  if (!name.empty()) {
    return fail(ErrorCode::kArgument,
                "the network has no output '" + std::string(name) + "': " + list_ends(op));
  }
  if (outputs.size() == 1) return std::size_t{0};
  return fail(ErrorCode::kUnsupported,
              "none of the network's outputs is a mask of its input: " + list_ends(op));
}

Needed find_needed(const OperationImport& op, std::span<const TensorId> results) {
  const auto& operators = *op.subgraph->operators();
  Needed needed{std::vector<bool>(operators.size()), std::vector<bool>(op.tensors.size())};
  const auto need = [&](TensorId id) {
    if (op.is_in_file(id)) needed.tensors[static_cast<std::size_t>(id)] = true;
  };
  std::ranges::for_each(results, need);
  for (flatbuffers::uoffset_t i = operators.size(); i-- > 0;) {
    const fb::Operator& stored = *operators.Get(i);
    const auto* outputs = stored.outputs();
    const auto is_needed = [&](TensorId id) {
      return op.is_in_file(id) && needed.tensors[static_cast<std::size_t>(id)];
    };
    if (outputs == nullptr || std::ranges::none_of(*outputs, is_needed)) continue;
    needed.operations[i] = true;
    std::ranges::for_each(*outputs, need);
    if (stored.inputs() != nullptr) std::ranges::for_each(*stored.inputs(), need);
  }
  return needed;
}

Result<std::vector<State>> find_states(const OperationImport& op, TensorId picture, TensorId mask) {
  const Ids& inputs = *op.subgraph->inputs();
  const Ids& outputs = *op.subgraph->outputs();
  std::vector<State> states;
  std::vector<TensorId> results{mask};
  const auto is_taken = [&](TensorId id) {
    return id != mask && std::ranges::find(results, id) != results.end();
  };
  // What is kept may itself need further states.
  for (std::size_t known = 0; known != results.size();) {
    known = results.size();
    const Needed needed = find_needed(op, results);
    for (std::size_t i = 0; i < inputs.size(); ++i) {
      const TensorId id = inputs.Get(static_cast<flatbuffers::uoffset_t>(i));
      if (!op.is_in_file(id) || id == picture || !needed.tensors[static_cast<std::size_t>(id)] ||
          std::ranges::find(states, id, &State::input) != states.end()) {
        continue;
      }
      const auto fits = [&](TensorId output) {
        return op.is_in_file(output) && !is_taken(output) && has_shape_of(op, output, id);
      };
      auto found = std::ranges::find_if(
          outputs, [&](TensorId output) { return output != mask && fits(output); });
      if (found == outputs.end()) found = std::ranges::find_if(outputs, fits);
      if (found == outputs.end()) {
        return fail(ErrorCode::kUnsupported,
                    "the network's input '" + input_name(op, i) +
                        "' is neither the picture nor a state, which an output of its shape would "
                        "keep: " +
                        list_ends(op));
      }
      states.push_back({id, *found});
      results.push_back(*found);
    }
  }
  return states;
}

}  // namespace backdrop
