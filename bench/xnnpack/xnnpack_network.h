// A network in XNNPACK, on one thread: the native peer of the benchmarks.
#pragma once

#include <memory>
#include <span>

#include "base/error.h"
#include "net/graph/graph.h"

namespace backdrop {

class XnnpackNetwork {
 public:
  // Takes an unoptimized graph from read_tflite(). XNNPACK itself fuses clamping activations into
  // convolutions. Global pools are computed from the parts of a sum or of concatenated channels, so
  // that only vectors are concatenated; everything else runs as in the file.
  static Result<std::unique_ptr<XnnpackNetwork>> create(Graph graph);
  ~XnnpackNetwork();

  std::span<float> input();
  std::span<const float> run();

 private:
  struct Plan;
  explicit XnnpackNetwork(std::unique_ptr<Plan> plan);
  std::unique_ptr<Plan> plan_;
};

}  // namespace backdrop
