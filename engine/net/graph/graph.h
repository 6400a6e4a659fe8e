// A network as tensors and operations, in execution order.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <string>
#include <vector>

#include "net/graph/constant.h"
#include "net/graph/load_budget.h"
#include "net/graph/op_kind.h"

namespace backdrop {

// NHWC. Vectors are 1 x 1 x channels. Only kReshape and kTranspose support a batch other than 1.
struct Shape {
  int height = 1;
  int width = 1;
  int channels = 1;
  int batch = 1;

  std::size_t size() const {
    return static_cast<std::size_t>(batch) * static_cast<std::size_t>(height) *
           static_cast<std::size_t>(width) * static_cast<std::size_t>(channels);
  }
  std::size_t pixels() const {
    return static_cast<std::size_t>(height) * static_cast<std::size_t>(width);
  }
  bool is_vector() const { return height == 1 && width == 1; }
  bool operator==(const Shape&) const = default;
};

using TensorId = int;
inline constexpr TensorId kNoTensor = -1;

struct Tensor {
  std::string name;
  // For a filter, the shape of one output channel's weights; `constant` holds all channels.
  Shape shape;
  // Empty if the network computes the tensor, or if the weights are packed (`is_packed`): a packed
  // tensor is still a constant, but its values are released.
  Constant constant;
  bool is_packed = false;
};

enum class Activation { kNone, kRelu, kRelu6, kHardSwish, kSigmoid };

// The geometry of a sliding window. Only the padding above and to the left is stored; the padding
// below and to the right follows from the output's size.
struct Window {
  int height = 1, width = 1;
  int stride_y = 1, stride_x = 1;
  int dilation_y = 1, dilation_x = 1;
  int pad_top = 0, pad_left = 0;

  // Whether the window in its first position covers the whole picture.
  bool covers(const Shape& in) const {
    return pad_top == 0 && pad_left == 0 && height >= in.height && width >= in.width;
  }
  bool operator==(const Window&) const = default;
};

// The values of a quantized tensor: step * (integer - zero), for the integers from `first` to
// `last`.
struct Grid {
  float step = 0;  // 0: the tensor is not quantized
  float zero = 0;
  float first = 0, last = 0;

  explicit operator bool() const { return step > 0; }
  bool operator==(const Grid&) const = default;
};

// The input's channels from `first` on, each so often.
struct Selection {
  int first = 0;
  int times = 1;
};

// output = activation(operation(inputs)) + residual
//
// `inputs` is one tensor; any number for kConcat; two for kAdd, kSub, kMul and kPrelu, where axes
// of length 1 of the second input broadcast. Absent operands are kNoTensor.
struct Node {
  OpKind kind{};
  std::vector<TensorId> inputs{};
  TensorId filter = kNoTensor;
  // A constant vector by which the filter's channels are multiplied when the weights are read
  // (weights_of()): until then that spares a copy of the filter.
  TensorId scale = kNoTensor;
  TensorId bias = kNoTensor;
  TensorId mean = kNoTensor;  // kIntegerConv2d: a constant, what its input channels are to be about
  // A vector that scales channels: the input's for kConv2d, the first input's for kAdd, the
  // residual's for kResizeBilinear.
  TensorId gate = kNoTensor;
  TensorId residual = kNoTensor;
  TensorId output = kNoTensor;
  Activation activation = Activation::kNone;
  Window window{};
  bool align_corners = false;        // kResizeBilinear and kResizeNearest
  bool half_pixel_centers = false;   // kResizeBilinear and kResizeNearest
  std::array<int, 4> permutation{};  // kTranspose
  Grid grid{};                       // kQuantize
  float nudge = 0;                   // kQuantize
  Selection selection{};             // kSelect
  float value = 0;                   // kPad
};

// What a network keeps from one run to the next: the output of a run is the next one's input. Both
// have one shape.
struct State {
  TensorId input = kNoTensor;
  TensorId output = kNoTensor;
};

struct Graph {
  std::vector<Tensor> tensors;
  std::vector<Node> nodes;
  TensorId input = kNoTensor;
  TensorId output = kNoTensor;
  std::vector<State> states;
  std::size_t input_index = 0;   // among the file's inputs
  std::size_t output_index = 0;  // among the file's outputs
  std::string output_name;       // if the file has several
  LoadBudget budget;

  Tensor& at(TensorId id) { return tensors[static_cast<std::size_t>(id)]; }
  const Tensor& at(TensorId id) const { return tensors[static_cast<std::size_t>(id)]; }
  const Shape& shape(TensorId id) const { return at(id).shape; }
  bool is_constant(TensorId id) const { return !at(id).constant.empty() || at(id).is_packed; }

  // Whether the tensor is needed after a run.
  bool is_result(TensorId id) const {
    return id == output || std::ranges::find(states, id, &State::output) != states.end();
  }

  TensorId add_tensor(std::string name, Shape shape, Constant constant = {}) {
    tensors.push_back({std::move(name), shape, std::move(constant)});
    return static_cast<TensorId>(tensors.size()) - 1;
  }
};

// Calls `visit(id)` for every tensor that a node reads. With a TensorId& `visit` may replace the
// id.
template <typename NodeType, typename Visit>
void for_each_operand(NodeType& node, Visit visit) {
  for (auto& id : node.inputs) visit(id);
  static constexpr std::array kOthers{&Node::filter, &Node::scale, &Node::bias,
                                      &Node::mean,   &Node::gate,  &Node::residual};
  for (const auto id : kOthers) {
    if (node.*id != kNoTensor) visit(node.*id);
  }
}

}  // namespace backdrop
