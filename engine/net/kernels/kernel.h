// One operation of a network, prepared for its shapes and bound to its memory.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <vector>

#include "net/graph/graph.h"
#include "net/graph/row_dependencies.h"
#include "net/graph/tensor_layout.h"

namespace backdrop {

// The rows of a tensor in memory: NHWC float32. Rows are `stride` floats apart. With `count` less
// than the height they are a line buffer: row y is stored in slot y % count.
struct Rows {
  float* data = nullptr;   // the first pixel of the first row; null: no tensor
  std::size_t stride = 0;  // floats from row to row
  std::size_t count = 0;   // rows that are stored

  float* row(std::size_t y) const { return data + y % count * stride; }

  // Whether the tensor is one stretch of floats.
  bool is_dense(const Shape& shape) const {
    const auto width = static_cast<std::size_t>(shape.width);
    return stride == width * static_cast<std::size_t>(shape.channels) &&
           count == static_cast<std::size_t>(shape.height);
  }
};

// Writes zeros to the halo of these rows of a tensor of this shape.
void clear_halos(const Rows& rows, const Shape& shape, const Halo& halo, RowRange range);

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

  // In how many rows the work is divided; OpTraits::work_rows says what one is.
  virtual std::size_t rows() const = 0;

  // How many multiply-accumulates take about as long as one run. It decides whether threads pay.
  virtual std::size_t work() const = 0;

  // Floats of scratch that a thread needs.
  virtual std::size_t scratch_size() const { return 0; }

  // Each thread calls this once a frame, before its rows. The kernel may leave in the thread's
  // scratch what the rows need.
  virtual void begin(const Operands&) {}

  // Computes rows [first, last). Distinct rows may be computed at the same time, each with a
  // scratch of its own.
  virtual void run_rows(std::size_t first, std::size_t last, const Operands& operands) = 0;

  // Called once all rows are computed.
  virtual void finish(const Operands&) {}
};

// The work of an element that is read, changed and written, without weights.
inline constexpr std::size_t kElementWork = 8;

// What a kernel is made from: a node with its constants and the shapes around it.
struct KernelSpec {
  const Node& node;
  std::vector<Shape> inputs;
  Shape output;
  std::span<const float> filter;
  std::span<const float> bias;
};

// make_<kernel>() of each operation; those of one kernel are declared more than once.
#define OPERATION(kind, kernel, ...) std::unique_ptr<Kernel> make_##kernel(const KernelSpec& spec);
#include "net/graph/operations.def"
#undef OPERATION

// The kernel of any node.
std::unique_ptr<Kernel> make_kernel(const KernelSpec& spec);

}  // namespace backdrop
