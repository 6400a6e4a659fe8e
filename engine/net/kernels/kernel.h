// The interface of kernels, and the memory that kernels work on.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <vector>

#include "base/assert.h"
#include "base/buffer.h"
#include "net/graph/graph.h"
#include "net/graph/row_dependencies.h"
#include "net/graph/tensor_layout.h"

namespace backdrop {

// The rows of a tensor in memory, NHWC float32. Rows are `stride` floats apart. With `count` less
// than the height the rows are a line buffer: row y is stored in slot y % count.
struct Rows {
  float* data = nullptr;   // the first pixel of the first row; null: no tensor
  std::size_t stride = 0;  // floats from row to row
  std::size_t count = 0;   // rows that are stored

  float* row(std::size_t y) const {
    BACKDROP_ASSERT(data != nullptr && count > 0);
    return data + y % count * stride;
  }

  // Whether the whole tensor is stored contiguously.
  bool is_dense(const Shape& shape) const {
    const auto width = static_cast<std::size_t>(shape.width);
    return stride == width * static_cast<std::size_t>(shape.channels) &&
           count == static_cast<std::size_t>(shape.height);
  }
};

// Zeros the halos of rows [range.first, range.last) of a tensor of this shape.
void clear_halos(const Rows& rows, const Shape& shape, const Halo& halo, RowRange range);

// The rows of a contiguous tensor.
inline Rows dense_rows(float* data, const Shape& shape) {
  const auto width = static_cast<std::size_t>(shape.width);
  return {data, width * static_cast<std::size_t>(shape.channels),
          static_cast<std::size_t>(shape.height)};
}

// The memory of a kernel's operands. Absent operands are null.
struct Operands {
  std::vector<Rows> inputs;
  const float* gate = nullptr;
  Rows residual;
  Rows output;
  float* scratch = nullptr;  // scratch_size() floats, aligned to Buffer::kAlignment
};

// One operation of a network, prepared for its shapes.
class Kernel {
 public:
  virtual ~Kernel() = default;

  // The number of rows of work; OpTraits::work_rows says what a row of work is.
  virtual std::size_t rows() const = 0;

  // The duration of one run, in multiply-accumulates. It decides whether threads pay.
  virtual std::size_t work() const = 0;

  // Bytes of the packed weights that the kernel holds.
  virtual std::size_t weight_bytes() const { return 0; }

  // Floats of scratch that each part of the work needs.
  virtual std::size_t scratch_size() const { return 0; }

  // Called once a frame for each part of the work, before the part's rows. The kernel may prepare
  // data for the rows in the part's scratch.
  virtual void begin(const Operands&) {}

  // Computes rows of work [first, last). Several threads may compute distinct rows at the same
  // time, each with its own scratch.
  void run_rows(std::size_t first, std::size_t last, const Operands& operands) {
    BACKDROP_ASSERT(first <= last && last <= rows());
    BACKDROP_ASSERT(BACKDROP_IS_ALIGNED(operands.scratch, Buffer<float>::kAlignment));
    compute_rows(first, last, operands);
  }

  // Called once a frame, after all rows are computed.
  virtual void finish(const Operands&) {}

 private:
  virtual void compute_rows(std::size_t first, std::size_t last, const Operands& operands) = 0;
};

// The cost of reading, changing and writing one element without weights, in multiply-accumulates.
inline constexpr std::size_t kElementWork = 8;

// The input of make_kernel(): a node, the shapes of its tensors and the values of its weights.
struct KernelSpec {
  const Node& node;
  std::vector<Shape> inputs;
  Shape output;
  std::span<const float> filter{};
  std::span<const float> bias{};
  std::span<const float> mean{};
};

// Declares make_<kernel>() for each operation; several operations may share a kernel.
#define OPERATION(kind, kernel, ...) std::unique_ptr<Kernel> make_##kernel(const KernelSpec& spec);
#include "net/graph/operations.def"
#undef OPERATION

// Whether an instruction of this processor multiplies integers faster than floats.
bool has_integer_products();

// Whether kIntegerConv2d pays: there is such an instruction, and its results are right.
bool has_integer_kernels();

// Makes the kernel of a node of any kind.
std::unique_ptr<Kernel> make_kernel(const KernelSpec& spec);

}  // namespace backdrop
