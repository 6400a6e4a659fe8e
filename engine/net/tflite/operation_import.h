// The state and the helpers for importing the operations of a .tflite file.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "net/graph/graph.h"
#include "net/graph/verify.h"
#include "net/tflite/reader.h"
#include "net/tflite/resized_extents.h"
#include "net/tflite/tflite_file.h"

namespace backdrop {

// Node::nudge where halfway is rare.
inline constexpr float kNudge = 1e-5F;

// The importer's state, and the helpers that import functions use. An import function fills `node`
// and ends with emit(), which checks the output shape inferred from the operands against the
// file's. With another input size the inferred shape replaces the file's.
struct OperationImport {
  OperationImport(const TfliteFile& from, std::optional<InputSize> size)
      : file(from), input_size(size) {}

  // Errors that name the operation: of what is not well-formed, and of what this engine can't run.
  std::unexpected<Error> reject(std::initializer_list<TextPart> reason) const;
  std::unexpected<Error> unsupported(std::initializer_list<TextPart> reason) const;
  std::unexpected<Error> reject(const char* reason) const {
    return fail_here(ErrorCode::kModel, {reason});
  }
  std::unexpected<Error> unsupported(const char* reason) const {
    return fail_here(ErrorCode::kUnsupported, {reason});
  }
  bool has_operand(std::size_t index) const;
  Result<TensorId> any_operand(std::size_t index) const;  // of any type
  Result<TensorId> weights(std::size_t index) const;      // of floats, of any batch
  Result<TensorId> operand(std::size_t index) const;      // of floats, of batch 1
  Result<std::vector<int>> integers(std::size_t index) const;
  // Converts axis numbers of a tensor of this rank, which may be negative, to axes of batch,
  // height, width, channels.
  Result<std::vector<int>> axes(const std::vector<int>& numbers, std::size_t rank) const;
  Result<void> set_activation(tflite::ActivationFunctionType type);
  Result<int> resized_height(int written, TensorId in) const;
  Result<int> resized_width(int written, TensorId in) const;
  Result<int> resized(const ResizedExtents& sizes, int written, int size_in_file, int now,
                      const char* axis) const;
  const Constant* constant_of(TensorId id) const;
  // Whether the graph has the tensor as floats: a constant, float32, or quantized with one scale.
  Result<void> check_floats(TensorId id) const;
  // Adds the node, with the operation's output of this index.
  Result<void> emit(const Shape& expected, std::size_t index = 0);

  // The operation's options; kModel if they are missing.
  template <typename Options>
  Result<const Options*> options() const {
    const auto* found = stored->builtin_options_as<Options>();
    if (found == nullptr) return reject("its options are missing");
    return found;
  }
  // The fused activation; NONE if the options are missing.
  template <typename Options>
  tflite::ActivationFunctionType fused() const {
    const auto* found = stored->builtin_options_as<Options>();
    return found == nullptr ? tflite::ActivationFunctionType::NONE
                            : found->fused_activation_function();
  }

  bool is_in_file(TensorId id) const {
    return id >= 0 && id < static_cast<TensorId>(tensors.size());
  }
  const tflite::Tensor& file_tensor(TensorId id) const {
    return *subgraph->tensors()->Get(static_cast<flatbuffers::uoffset_t>(id));
  }
  std::size_t file_rank(TensorId id) const;
  // Of five dimensions the first is 1 and does not count: see Importer::read_shape.
  std::size_t rank(TensorId id) const { return std::min<std::size_t>(file_rank(id), 4); }
  std::string label(TensorId id) const;
  // The shape including a filter's output channels as batch, which the graph's tensors lack.
  const Shape& shape(TensorId id) const { return tensors[static_cast<std::size_t>(id)].shape; }
  const Shape& shape_in_file(TensorId id) const {
    return tensors[static_cast<std::size_t>(id)].in_file;
  }

  struct TensorState {
    Shape in_file;
    Shape shape;
    Grid grid{};
    bool is_readable = false;  // a constant, the input, or written by an imported operation
  };

  const TfliteFile& file;
  std::optional<InputSize> input_size;  // set if it differs from the file's
  const tflite::SubGraph* subgraph = nullptr;
  Graph graph;
  std::vector<TensorState> tensors;  // indexed as in the file
  bool input_is_open = false;        // the input's height or width is dynamic
  ResizedExtents heights, widths;
  const tflite::Operator* stored = nullptr;  // the operation in the file
  Node node;

 private:
  std::unexpected<Error> fail_here(ErrorCode code, std::initializer_list<TextPart> reason) const;
  bool is_on(const Grid& grid) const;
};

// The import function of one TensorFlow Lite operation.
struct OperationRow {
  tflite::BuiltinOperator code;
  Result<void> (*import)(OperationImport& op);
  std::string_view custom_name = {};  // if `code` is CUSTOM
  bool has_outputs = false;           // any number of them, else one
};
std::span<const OperationRow> operations_with_windows();
std::span<const OperationRow> operations_on_values();

// An operation's name for messages: short and printable.
std::string name_of(const tflite::OperatorCode& code);
tflite::BuiltinOperator builtin(const tflite::OperatorCode& code);
// Whether the dimension is dynamic.
bool is_open(const tflite::Tensor& tensor, flatbuffers::uoffset_t dimension);
// A name from a file, shortened and printable.
std::string printable(const flatbuffers::String* name);

// Maps dimension `index` of a tensor to an axis of batch, height, width, channels. The last
// dimension is the channels; the first dimension of a matrix is the batch.
inline int axis_of(std::size_t rank, std::size_t index) {
  return rank == 2 && index == 0 ? 0 : static_cast<int>(4 - rank + index);
}

inline std::array<int, 4> axes_of(const Shape& s) {
  return {s.batch, s.height, s.width, s.channels};
}

inline Shape shape_of(const std::array<int, 4>& axes) {
  return {.height = axes[1], .width = axes[2], .channels = axes[3], .batch = axes[0]};
}

std::string describe(const Shape& shape);

}  // namespace backdrop
