// What a network makes of a picture without edges.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "net/graph/graph.h"

namespace backdrop {

// The channels of each tensor, as one pixel, where the input is 0 everywhere and no border is near.
// Those of what is no convolution, no sum, and does not only move values are taken for 0.
class FlatPicture {
 public:
  // Draws from the graph's budget. Empty, or with more of 0, where that does not suffice.
  explicit FlatPicture(Graph& graph);

  bool is_empty() const { return values_.empty(); }
  std::span<float> at(TensorId id);

 private:
  void compute(Graph& graph, const Node& node);

  std::vector<std::size_t> first_;  // of each tensor's values
  std::vector<float> values_;
};

}  // namespace backdrop
