// A segmentation network, planned once and run per frame.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>

#include "base/error.h"
#include "net/graph/graph.h"
#include "net/graph/output_grid.h"
#include "net/graph/output_head.h"
#include "net/tflite/reader.h"
#include "base/executor.h"
#include "net/plan/step.h"

namespace backdrop {

class Network {
 public:
  // Reads, optimizes and plans the model, for `input_size` where there is one (see read_tflite);
  // `tflite` is not needed afterwards. `executor` outlives the network. The network has one input
  // and one output, both float32 of batch 1.
  static Result<std::unique_ptr<Network>> create(std::span<const std::uint8_t> tflite,
                                                 Executor& executor,
                                                 std::optional<InputSize> input_size = {});
  static Result<std::unique_ptr<Network>> create(Graph graph, Executor& executor);
  ~Network();

  Shape input_shape() const;
  Shape output_shape() const;

  OutputHead output_head() const;

  // Where the output's cells lie on the input, if that is known.
  const std::optional<OutputGrid>& output_grid() const;

  // The input tensor, NHWC, to be filled before run(). run() may overwrite it.
  std::span<float> input();

  // The output tensor, NHWC: what it holds after run() is valid until the next.
  std::span<const float> output() const;

  // Runs the network and returns the output tensor. Allocates nothing.
  std::span<const float> run();

  // The same, and calls `ready` with the output's rows as they are written, while they are in a
  // near cache.
  void run(const RowsReady& ready);

  // What run() consists of, for measuring: steps, run in order, each of which computes one or
  // several nodes of graph(), the optimized graph.
  const Graph& graph() const;
  std::size_t step_count() const;
  std::span<const Node> step(std::size_t index) const;
  void run_step(std::size_t index);

 private:
  struct Plan;
  explicit Network(std::unique_ptr<Plan> plan);
  std::unique_ptr<Plan> plan_;
};

}  // namespace backdrop
