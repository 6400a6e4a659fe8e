// A network in XNNPACK, on one thread, to compare with.
#pragma once

#include <memory>
#include <span>

#include "base/error.h"
#include "net/graph/graph.h"

namespace backdrop {

class XnnpackNetwork {
 public:
  // Takes a graph as read_tflite gives it. XNNPACK folds clamping into convolutions by itself.
  // Global pools are taken of the parts of a sum or of joined channels, which leaves only vectors
  // to join; all else runs as the file has it.
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
