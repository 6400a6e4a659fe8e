// One step of the execution plan: a stage group with its kernels and line buffers.
#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <vector>

#include "base/function_ref.h"
#include "net/graph/graph.h"
#include "net/graph/row_dependencies.h"
#include "net/graph/tensor_layout.h"
#include "net/kernels/kernel.h"
#include "net/plan/stage_groups.h"
#include "base/executor.h"

namespace backdrop {

// Called once with each range of a tensor's rows. Several threads may call at the same time.
using RowsReady = FunctionRef<void(RowRange)>;
// Returns the rows of a tensor outside a step's group.
using RowsOf = FunctionRef<Rows(TensorId)>;

class Step {
 public:
  // The graph must outlive the step and keep its nodes and shapes. `halo` is the halo of the
  // group's output.
  Step(const Graph& graph, StageGroup group, Halo halo);

  const StageGroup& group() const { return group_; }

  // Bytes of the packed weights that the kernels hold.
  std::size_t weight_bytes() const;

  // Floats of scratch that one part of the work needs: kernels' scratch and line buffers. The
  // largest number if that overflows.
  std::size_t scratch_size() const;

  // Binds operands to memory. Part p's scratch begins at `scratch + p * scratch_stride`; both are
  // aligned to Buffer::kAlignment.
  void bind(RowsOf place, float* scratch, std::size_t scratch_stride, std::size_t parts);

  // Computes the group's output and zeros its halo. Calls `ready`, unless null, with each range of
  // output rows that has just been written.
  void run(Executor& executor, const RowsReady* ready = nullptr);

 private:
  struct Stage {
    const Node* node;
    std::unique_ptr<Kernel> kernel;
    Shape in;
    Halo halo;                         // of the input
    int buffer_rows = 0;               // rows of the input's line buffer; 0 without one
    std::vector<Operands> operands{};  // for each part of the work
  };

  using Ranges = std::array<RowRange, kLongestGroup>;

  std::size_t rows() const { return stages_.back().kernel->rows(); }
  static std::size_t line_buffer_size(const Stage& stage);  // in floats
  void size_line_buffers();
  void bind_part(RowsOf place, float* scratch);
  void run_part(std::size_t part, RowRange range, const RowsReady* ready);
  void run_band(std::size_t part, RowRange range, Ranges& done);

  const Graph& graph_;
  StageGroup group_;
  Halo halo_;
  std::vector<Stage> stages_;
};

}  // namespace backdrop
