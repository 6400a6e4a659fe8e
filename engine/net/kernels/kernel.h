// One operation of a network, prepared for its shapes and bound to its memory.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <vector>

#include "net/graph/graph.h"
#include "net/plan/row_layout.h"

namespace backdrop {

// The rows of a tensor in memory: NHWC float32, a row's pixels without gaps. Between rows there may
// be room, and there may be memory for some rows only, each of which is many rows in turn.
struct Rows {
  float* data = nullptr;   // the first pixel of the first row; null: no tensor
  std::size_t stride = 0;  // floats from row to row
  std::size_t count = 0;   // row y lies where row y - count did

  float* row(std::size_t y) const { return data + y % count * stride; }

  // Whether the tensor is one stretch of floats.
  bool is_dense(const Shape& shape) const {
    const auto width = static_cast<std::size_t>(shape.width);
    return stride == width * static_cast<std::size_t>(shape.channels) &&
           count == static_cast<std::size_t>(shape.height);
  }
};

// Writes zeros beside these rows of a tensor of this shape.
void clear_margins(const Rows& rows, const Shape& shape, const Margin& margin, RowRange range);

// A tensor that is one stretch of floats.
inline Rows dense_rows(float* data, const Shape& shape) {
  const auto width = static_cast<std::size_t>(shape.width);
  return {data, width * static_cast<std::size_t>(shape.channels),
          static_cast<std::size_t>(shape.height)};
}

// Where a kernel finds its operands. Null where the node has none.
struct Operands {
  std::vector<Rows> inputs;
  const float* gate = nullptr;
  Rows residual;
  Rows output;
  float* scratch = nullptr;  // scratch_size() floats, aligned
};

class Kernel {
 public:
  virtual ~Kernel() = default;

  // The rows in which work is divided: the output's, unless rows_written() says otherwise.
  virtual std::size_t rows() const = 0;

  // How many multiply-accumulates take about as long as one run: whether dividing it pays.
  virtual std::size_t work() const = 0;

  // Floats of scratch that a thread needs.
  virtual std::size_t scratch_size() const { return 0; }

  // What a thread has to do once a frame before any of its rows: it may leave in its scratch what
  // they need.
  virtual void begin(const Operands&) {}

  // Computes rows [first, last). Distinct rows may be computed at the same time, each with a
  // scratch of its own.
  virtual void run_rows(std::size_t first, std::size_t last, const Operands& operands) = 0;

  // What is left to do once all rows are computed.
  virtual void finish(const Operands&) {}
};

// The work of an element that is not multiplied with weights, but read, changed and written.
inline constexpr std::size_t kElementWork = 8;

// What a kernel is made from: a node with its constants and the shapes around it.
struct KernelSpec {
  const Node& node;
  std::vector<Shape> inputs;
  Shape output;
  std::span<const float> filter;
  std::span<const float> bias;
};

std::unique_ptr<Kernel> make_conv2d(const KernelSpec& spec);
std::unique_ptr<Kernel> make_depthwise_conv2d(const KernelSpec& spec);
std::unique_ptr<Kernel> make_transpose_conv2d(const KernelSpec& spec);
std::unique_ptr<Kernel> make_pool(const KernelSpec& spec);
std::unique_ptr<Kernel> make_resize_bilinear(const KernelSpec& spec);
std::unique_ptr<Kernel> make_resize_nearest(const KernelSpec& spec);
std::unique_ptr<Kernel> make_pad(const KernelSpec& spec);
std::unique_ptr<Kernel> make_elementwise(const KernelSpec& spec);
std::unique_ptr<Kernel> make_softmax(const KernelSpec& spec);
std::unique_ptr<Kernel> make_arg_max(const KernelSpec& spec);
std::unique_ptr<Kernel> make_concat(const KernelSpec& spec);
std::unique_ptr<Kernel> make_reshape(const KernelSpec& spec);
std::unique_ptr<Kernel> make_transpose(const KernelSpec& spec);

// The kernel of any node.
std::unique_ptr<Kernel> make_kernel(const KernelSpec& spec);

}  // namespace backdrop
