// Makes a graph of a .tflite file's network.
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "net/graph/graph.h"
#include "net/tflite/resized_extents.h"
#include "net/tflite/reader.h"
#include "net/tflite/tflite_file.h"

namespace backdrop {

// Goes through the operations in the file's order. `node_` is the one being imported; its members
// end with emit(), which checks the shape that follows from the operands against the file's or,
// where the network is planned for another input size, has it follow.
class Importer {
 public:
  Importer(const TfliteFile& file, std::optional<InputSize> input_size, Weights weights)
      : file_(file), input_size_(input_size), weights_(weights) {}

  Result<Graph> import();

  // After import(): whether the file leaves the input's height or width open.
  bool input_is_open() const { return input_is_open_; }

 private:
  struct Operation;
  static const Operation kOperations[];

  // The frame (importer.cpp)
  Result<void> open();
  Result<void> check_supported() const;
  Result<void> import_tensor(TensorId id);
  Result<void> import_constant(TensorId id);
  Result<void> import_input();
  Result<void> import_operator();
  Result<void> import_output();
  Result<Shape> read_shape(TensorId id) const;
  const Operation* find_operation(const tflite::Operator& op) const;
  const tflite::OperatorCode& code_of(const tflite::Operator& op) const;

  // Operations with a window (convolutions.cpp)
  Result<void> conv2d();
  Result<void> depthwise_conv2d();
  Result<void> fully_connected();
  Result<void> transpose_conv();
  Result<void> transpose_conv_bias();
  Result<void> average_pool();
  Result<void> max_pool();
  Result<void> mean();
  Result<void> sum();
  Result<void> pool(OpKind kind);
  Result<void> reduce(OpKind kind);
  Result<void> set_filter_and_bias(std::size_t bias_index, const Shape& expected);
  Result<void> check_window() const;
  Result<void> slide(tflite::Padding padding);

  // Operations on values and shapes (operations.cpp)
  Result<void> dequantize();
  Result<void> resize_bilinear();
  Result<void> resize_nearest();
  Result<void> resize(OpKind kind, bool align_corners, bool half_pixel_centers);
  Result<void> pad();
  Result<void> add();
  Result<void> sub();
  Result<void> mul();
  Result<void> div();
  Result<void> combine(OpKind kind, TensorId a, TensorId b, tflite::ActivationFunctionType fused);
  Result<void> prelu();
  Result<void> leaky_relu();
  template <Activation kActivation>
  Result<void> activate();
  Result<void> softmax();
  Result<void> arg_max();
  Result<void> concat();
  Result<void> reshape();
  Result<void> reshape_to(TensorId in, const std::vector<int>& sizes);
  Result<void> squeeze();
  Result<void> expand_dims();
  Result<void> transpose();

  // Helpers of the operation being imported (operands.cpp)
  std::unexpected<Error> reject(std::string_view reason) const;
  std::unexpected<Error> unsupported(std::string_view reason) const;
  bool has_operand(std::size_t index) const;
  Result<TensorId> any_operand(std::size_t index) const;  // of any type
  Result<TensorId> weights(std::size_t index) const;      // float, of any batch
  Result<TensorId> operand(std::size_t index) const;      // float, of batch 1
  Result<std::vector<int>> integers(std::size_t index) const;
  // The axes of a tensor that numbers in the file mean, as axes of batch, height, width, channels.
  Result<std::vector<int>> axes(const std::vector<int>& numbers, std::size_t rank) const;
  Result<void> set_activation(tflite::ActivationFunctionType type);
  Result<int> planned_height(int written, TensorId in) const;
  Result<int> planned_width(int written, TensorId in) const;
  Result<int> planned(const ResizedExtents& sizes, int written, int in_file, int now,
                      const char* axis) const;
  const Constant* constant_of(TensorId id) const;
  Result<void> emit(const Shape& expected);
  // An operation's options; an error or, with fused(), its default where there are none.
  template <typename Options>
  Result<const Options*> options() const {
    const auto* found = op_->builtin_options_as<Options>();
    if (found == nullptr) return reject("its options are missing");
    return found;
  }
  template <typename Options>
  tflite::ActivationFunctionType fused() const {
    const auto* found = op_->builtin_options_as<Options>();
    return found == nullptr ? tflite::ActivationFunctionType::NONE
                            : found->fused_activation_function();
  }

  bool is_in_file(TensorId id) const {
    return id >= 0 && id < static_cast<TensorId>(tensors_.size());
  }
  const tflite::Tensor& file_tensor(TensorId id) const {
    return *subgraph_->tensors()->Get(static_cast<flatbuffers::uoffset_t>(id));
  }
  std::size_t rank(TensorId id) const;
  std::string label(TensorId id) const;
  // With the leading dimension of filters, which the graph's tensors lack.
  const Shape& shape(TensorId id) const { return tensors_[static_cast<std::size_t>(id)].shape; }
  const Shape& shape_in_file(TensorId id) const {
    return tensors_[static_cast<std::size_t>(id)].in_file;
  }

  struct TensorState {
    Shape in_file;
    Shape shape;
    bool is_readable = false;  // constant, the input, or written by an operation
  };

  const TfliteFile& file_;
  std::optional<InputSize> input_size_;  // where it is not the file's
  Weights weights_;
  const tflite::SubGraph* subgraph_ = nullptr;
  Graph graph_;
  std::vector<TensorState> tensors_;  // by the file's numbers
  std::size_t constants_ = 0;         // values read so far
  bool input_is_open_ = false;
  ResizedExtents heights_, widths_;
  const tflite::Operator* op_ = nullptr;
  Node node_;
};

// Where dimension `index` of a tensor lies among batch, height, width and channels: the last one
// are the channels, and of a matrix the first one is the batch.
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

// Bounds on what a file may ask for, far above any segmentation network.
inline constexpr std::size_t kMaxTensorSize = std::size_t{1} << 26;
inline constexpr int kMaxWindow = 1 << 16;

// Whether each dimension and their product stay below kMaxTensorSize.
bool is_bounded(const Shape& shape);

}  // namespace backdrop
