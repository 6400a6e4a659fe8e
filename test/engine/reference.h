// Every operation, written plainly: what the fast kernels are tested against.
#pragma once

#include <span>
#include <vector>

#include "net/graph/graph.h"

namespace backdrop::reference {

// What the node computes, its operands being constants of the graph.
std::vector<float> evaluate(const Graph& graph, const Node& node);

// What the network computes, one plain operation after the other.
std::vector<float> run(Graph graph, std::span<const float> input);

}  // namespace backdrop::reference
