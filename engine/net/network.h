// A segmentation network: planned once, run for each frame.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>

#include "base/error.h"
#include "net/graph/graph.h"
#include "net/graph/output_grid.h"
#include "net/graph/output_head.h"
#include "net/tflite/reader.h"
#include "base/executor.h"
#include "net/plan/step.h"

namespace backdrop {

// What a network computes in: kAuto computes wide convolutions in integers (see choose_integers).
enum class Precision { kAuto, kFloat };

class Network {
 public:
  // Reads, optimizes and plans a model. With an `input_size` the network is resized; `output_name`
  // chooses one of several outputs (see read_tflite). `tflite` may be freed afterwards; `executor`
  // must outlive the network.
  static Result<std::unique_ptr<Network>> create(std::span<const std::uint8_t> tflite,
                                                 Executor& executor,
                                                 std::optional<InputSize> input_size = {},
                                                 std::string_view output_name = {},
                                                 Precision precision = Precision::kFloat);
  static Result<std::unique_ptr<Network>> create(Graph graph, Executor& executor,
                                                 Precision precision = Precision::kFloat);

  // The same without memory for tensors, which bind() allocates. In between `tflite` can be freed:
  // where memory that a program has once had is never given back, as in WebAssembly, the tensors
  // then take its place.
  static Result<std::unique_ptr<Network>> plan(std::span<const std::uint8_t> tflite,
                                               Executor& executor,
                                               std::optional<InputSize> input_size = {},
                                               std::string_view output_name = {},
                                               Precision precision = Precision::kFloat);
  static Result<std::unique_ptr<Network>> plan(Graph graph, Executor& executor,
                                               Precision precision);
  // Needed before any use of the tensors. Does nothing if it was called before. kMemory.
  Result<void> bind();
  ~Network();

  // Bytes of weights and constants, and of the tensors that bind() allocates.
  std::size_t bytes() const;

  Shape input_shape() const;
  Shape output_shape() const;

  OutputHead output_head() const;

  // What the input's values are rounded to, if the network quantizes them.
  Grid input_quantization() const;

  // The output grid's alignment with the input, or nothing if it is unknown (see output_grid.h).
  const std::optional<OutputGrid>& output_grid() const;

  // The input tensor, NHWC. The caller fills it before each run(), which may overwrite it.
  std::span<float> input();

  // The output tensor, NHWC. Its values are valid from one run() to the next.
  std::span<const float> output() const;

  // Whether the network keeps states from one run to the next.
  bool has_states() const { return !graph().states.empty(); }

  // Makes all states zero, as they are at first.
  void reset();

  // Runs the network and returns the output tensor. Allocates nothing.
  std::span<const float> run();

  // The same, and calls `ready` with each range of output rows right after it is written, while the
  // rows are still in a near cache.
  void run(const RowsReady& ready);

  // The execution plan, for benchmarks: run() runs the steps in order, and keeps the states. A step
  // computes one or more nodes of graph(), the optimized graph.
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
