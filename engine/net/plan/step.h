// A group of a network's operations, prepared to run.
#pragma once

#include <array>
#include <cstddef>
#include <functional>
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

// Called with each of a tensor's rows once, in ranges: on any thread, at the same time as with
// others.
using RowsReady = FunctionRef<RowRange>;

class Step {
 public:
  // The graph stays as it is for as long as the step is used. `halo` is that of the group's
  // output.
  Step(const Graph& graph, StageGroup group, Halo halo);

  const StageGroup& group() const { return group_; }

  // Floats of scratch that each part of the work needs.
  std::size_t scratch_size() const;

  // Says where tensors lie, but for those within the group, and where each part's scratch does:
  // aligned, one after the other.
  void bind(const std::function<Rows(TensorId)>& place, float* scratch, std::size_t scratch_stride,
            std::size_t parts);

  // Computes the last operation's output, with zeros in its halo, and calls `ready`, unless it is
  // null, with rows of it that have just been written.
  void run(Executor& executor, const RowsReady* ready = nullptr);

 private:
  struct Stage {
    const Node* node;
    std::unique_ptr<Kernel> kernel;
    Shape in;
    Halo halo;                         // of the input
    int buffer_rows = 0;               // of the input that are kept; 0 where all are there
    std::vector<Operands> operands{};  // of each part
  };

  // A group is no longer than this.
  using Ranges = std::array<RowRange, kLongestGroup>;

  std::size_t rows() const { return stages_.back().kernel->rows(); }
  static std::size_t line_buffer_size(const Stage& stage);  // in floats
  void size_line_buffers();
  void bind_part(const std::function<Rows(TensorId)>& place, float* scratch);
  void run_part(std::size_t part, RowRange range, const RowsReady* ready);
  void run_band(std::size_t part, RowRange range, Ranges& done);

  const Graph& graph_;
  StageGroup group_;
  Halo halo_;
  std::vector<Stage> stages_;
};

}  // namespace backdrop
