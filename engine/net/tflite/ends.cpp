#include "net/tflite/ends.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "net/graph/sides.h"

namespace backdrop {

namespace fb = tflite;

namespace {

constexpr std::size_t kMostListed = 12;     // ends, and dimensions of one
constexpr std::size_t kMostDimensions = 5;  // of a tensor that the engine reads
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

TensorId output_at(const OperationImport& op, std::size_t index) {
  return op.subgraph->outputs()->Get(static_cast<flatbuffers::uoffset_t>(index));
}

bool is_of(const fb::SignatureDef& signature, const OperationImport& op) {
  const auto& networks = *op.file.model().subgraphs();
  return signature.subgraph_index() < networks.size() &&
         networks.Get(signature.subgraph_index()) == op.subgraph;
}

// The name of output `index` in a signature, or null.
const flatbuffers::String* signed_name(const OperationImport& op, std::size_t index) {
  const auto* signatures = op.file.model().signature_defs();
  if (signatures == nullptr) return nullptr;
  for (const fb::SignatureDef* signature : *signatures) {
    if (signature->outputs() == nullptr || !is_of(*signature, op)) continue;
    for (const fb::TensorMap* entry : *signature->outputs()) {
      if (static_cast<TensorId>(entry->tensor_index()) == output_at(op, index)) {
        return entry->name();
      }
    }
  }
  return nullptr;
}

const flatbuffers::String* stored_name(const OperationImport& op, std::size_t index) {
  return op.file_tensor(output_at(op, index)).name();
}

// Whether `name` is the stored one, or what messages show of it.
bool is_called(const flatbuffers::String* stored, std::string_view name) {
  return stored != nullptr && (stored->string_view() == name || printable(stored) == name);
}

// The output of this name. A signature's names come first: they are what its author has chosen.
std::optional<std::size_t> find_called(const OperationImport& op, std::string_view name) {
  for (const auto find_name : {&signed_name, &stored_name}) {
    for (std::size_t i = 0; i < op.subgraph->outputs()->size(); ++i) {
      if (op.is_in_file(output_at(op, i)) && is_called(find_name(op, i), name)) return i;
    }
  }
  return std::nullopt;
}

// An end by name, shape and type.
std::string describe_end(const OperationImport& op, TensorId id, const std::string& name) {
  if (!op.is_in_file(id)) return "none";
  const fb::Tensor& tensor = op.file_tensor(id);
  std::string text = join({"'", name, "' "});
  for (std::size_t i = 0; i < op.file_rank(id); ++i) {
    if (i == kMostListed) return join({text, "x..."});
    text += join({i > 0 ? "x" : "", tensor.shape()->Get(static_cast<flatbuffers::uoffset_t>(i))});
  }
  return join({text, " ", fb::EnumNameTensorType(tensor.type())});
}

template <typename Name>
std::string list(const OperationImport& op, const Ids& ids, Name name) {
  std::string text;
  for (std::size_t i = 0; i < ids.size(); ++i) {
    if (i == kMostListed) return join({text, ", and ", ids.size() - i, " more"});
    const TensorId id = ids.Get(static_cast<flatbuffers::uoffset_t>(i));
    text += join({i == 0 ? "" : ", ", describe_end(op, id, op.is_in_file(id) ? name(i) : "")});
  }
  return text;
}

// Whether the output of a run can be this input of the next one.
bool can_keep(const OperationImport& op, TensorId output, TensorId input) {
  const fb::Tensor &to = op.file_tensor(output), &from = op.file_tensor(input);
  const std::size_t rank = op.file_rank(output);
  return rank == op.file_rank(input) && rank <= kMostDimensions && to.type() == from.type() &&
         (rank == 0 || std::ranges::equal(*to.shape(), *from.shape()));
}

// For each input, the output that would keep it, or kNoTensor: the n-th input of a shape is kept by
// the n-th output of that shape. Neither picture nor mask counts, nor inputs without effect.
std::vector<TensorId> find_keepers(const OperationImport& op, TensorId picture, TensorId mask) {
  const Ids& inputs = *op.subgraph->inputs();
  const Ids& outputs = *op.subgraph->outputs();
  const Needed used = find_needed(op, std::vector<TensorId>(outputs.begin(), outputs.end()));
  std::vector<TensorId> keepers(inputs.size(), kNoTensor);
  for (std::size_t i = 0; i < keepers.size(); ++i) {
    const TensorId id = inputs.Get(static_cast<flatbuffers::uoffset_t>(i));
    if (!op.is_in_file(id) || id == picture || !used.tensors[static_cast<std::size_t>(id)]) {
      continue;
    }
    const auto found = std::ranges::find_if(outputs, [&](TensorId output) {
      return op.is_in_file(output) && output != mask &&
             std::ranges::find(keepers, output) == keepers.end() && can_keep(op, output, id);
    });
    if (found != outputs.end()) keepers[i] = *found;
  }
  return keepers;
}

std::string input_name(const OperationImport& op, std::size_t index) {
  const TensorId id = op.subgraph->inputs()->Get(static_cast<flatbuffers::uoffset_t>(index));
  return printable(op.file_tensor(id).name());
}

std::unexpected<Error> not_kept(const OperationImport& op, std::size_t index) {
  return fail(ErrorCode::kUnsupported,
              {"the network's input '", input_name(op, index),
               "' is neither the picture nor a state, which an output of its shape would keep: ",
               list_ends(op)});
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
  // A batch is as stated, open or not. It is the first of three sides if they lack the channels.
  const bool has_batch = rank == 4 || !is_open(tensor, 1);
  if (has_batch) axes[4 - rank] = tensor.shape()->Get(0);
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
  const std::string name = printable(signed_name(op, index));
  return name.empty() ? printable(stored_name(op, index)) : name;
}

std::string list_ends(const OperationImport& op) {
  const auto input = [&](std::size_t i) { return input_name(op, i); };
  const auto output = [&](std::size_t i) { return output_name(op, i); };
  return join({"its inputs are ", list(op, *op.subgraph->inputs(), input), "; its outputs are ",
               list(op, *op.subgraph->outputs(), output)});
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
  if (!name.empty()) {
    if (const auto called = find_called(op, name)) return *called;
    return fail(ErrorCode::kArgument, {"the network has no output '", name, "': ", list_ends(op)});
  }
  const std::size_t count = op.subgraph->outputs()->size();
  std::optional<std::size_t> best;
  int fewest = kMostChannels + 1;
  for (std::size_t i = 0; i < count; ++i) {
    const TensorId id = output_at(op, i);
    const int channels = op.is_in_file(id) ? mask_channels(op, id, input) : 0;
    if (channels > 0 && channels < fewest) {
      fewest = channels;
      best = i;
    }
  }
  if (best) return *best;
  if (count == 1) return std::size_t{0};
  return fail(ErrorCode::kUnsupported,
              {"none of the network's outputs is a mask of its input: ", list_ends(op)});
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
  const std::vector<TensorId> keepers = find_keepers(op, picture, mask);
  std::vector<State> states;
  std::vector<TensorId> results{mask};
  const auto has = [&](auto field, TensorId id) {
    return std::ranges::find(states, id, field) != states.end();
  };
  // What is kept may itself need further states.
  for (std::size_t known = 0; known != results.size();) {
    known = results.size();
    const Needed needed = find_needed(op, results);
    for (std::size_t i = 0; i < inputs.size(); ++i) {
      const TensorId id = inputs.Get(static_cast<flatbuffers::uoffset_t>(i));
      if (!op.is_in_file(id) || id == picture || !needed.tensors[static_cast<std::size_t>(id)] ||
          has(&State::input, id)) {
        continue;
      }
      const TensorId keeper = keepers[i] == kNoTensor ? mask : keepers[i];
      if (has(&State::output, keeper) || !can_keep(op, keeper, id)) return not_kept(op, i);
      states.push_back({id, keeper});
      results.push_back(keeper);
    }
  }
  return states;
}

}  // namespace backdrop
