// Every operation, written plainly: what the fast kernels are tested against.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "graph/graph.h"

namespace backdrop::reference {

// How many values evaluate() and fold() return.
std::size_t output_size(const Graph& graph, const Node& node);

// What the node computes, its operands being constants of the graph.
std::vector<float> evaluate(const Graph& graph, const Node& node);

// Whether the operation has no window, so that fold() knows it.
bool is_foldable(OpKind kind);

// The same for a foldable operation without a residual, apart so that a program that only folds
// constants need not hold the rest.
std::vector<float> fold(const Graph& graph, const Node& node);

// What the network computes, one plain operation after the other.
std::vector<float> run(Graph graph, std::span<const float> input);

}  // namespace backdrop::reference
