// One operation of a network, prepared for its shapes and bound to its memory.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <vector>

#include "graph/graph.h"

namespace backdrop {

// Where a kernel finds its operands: pictures in NHWC float32. Null where the node has none.
struct Operands {
  std::vector<const float*> inputs;
  const float* gate = nullptr;
  const float* residual = nullptr;
  float* output = nullptr;
};

class Kernel {
 public:
  virtual ~Kernel() = default;

  // The output's rows, the unit in which work is divided.
  virtual std::size_t rows() const = 0;

  // Multiply-accumulates, or elements, of one run: whether dividing it pays.
  virtual std::size_t work() const = 0;

  // Floats that run_rows needs as scratch.
  virtual std::size_t scratch_size() const { return 0; }

  // What has to be done once a frame before any row.
  virtual void begin() {}

  // Computes rows [first, last). Distinct rows may be computed at the same time, each with a
  // scratch of its own.
  virtual void run_rows(std::size_t first, std::size_t last, float* scratch) = 0;
};

// What a kernel is made from: a node with its constants and the shapes around it.
struct KernelSpec {
  const Node& node;
  std::vector<Shape> inputs;
  Shape output;
  std::span<const float> filter;
  std::span<const float> bias;
  Operands operands;
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
