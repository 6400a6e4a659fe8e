// A chain of a network's operations, prepared to run.
#pragma once

#include <array>
#include <cstddef>
#include <functional>
#include <memory>
#include <vector>

#include "base/function_ref.h"
#include "net/graph/graph.h"
#include "net/plan/row_layout.h"
#include "net/kernels/kernel.h"
#include "base/executor.h"

namespace backdrop {

// Called with each of a tensor's rows once, in ranges: on any thread, at the same time as with
// others.
using RowsReady = FunctionRef<RowRange>;

class Step {
 public:
  // The graph stays as it is for as long as the step is used. `margin` is that of the chain's
  // output.
  Step(const Graph& graph, Chain chain, Margin margin);

  const Chain& chain() const { return chain_; }

  // Floats of scratch that each part of the work needs.
  std::size_t scratch_size() const;

  // Says where tensors lie, but for those within the chain, and where each part's scratch does:
  // aligned, one after the other.
  void bind(const std::function<Rows(TensorId)>& place, float* scratch, std::size_t scratch_stride,
            std::size_t parts);

  // Computes the last operation's output, with zeros in its margin, and calls `ready`, unless it is
  // null, with rows of it that have just been written.
  void run(Executor& executor, const RowsReady* ready = nullptr);

 private:
  struct Stage {
    const Node* node;
    std::unique_ptr<Kernel> kernel;
    Shape in;
    Margin margin;                     // of the input
    int ring_rows = 0;                 // of the input that are kept; 0 where all are there
    std::vector<Operands> operands{};  // of each part
  };

  // A chain is no longer than this.
  using Ranges = std::array<RowRange, kLongestChain>;

  std::size_t rows() const { return stages_.back().kernel->rows(); }
  static std::size_t ring_size(const Stage& stage);  // in floats
  void size_rings();
  void bind_part(const std::function<Rows(TensorId)>& place, float* scratch);
  void run_part(std::size_t part, RowRange range, const RowsReady* ready);
  void run_band(std::size_t part, RowRange range, Ranges& done);

  const Graph& graph_;
  Chain chain_;
  Margin margin_;
  std::vector<Stage> stages_;
};

}  // namespace backdrop
