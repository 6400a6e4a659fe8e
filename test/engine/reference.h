// A plain reference of every operation, with which the tests compare the kernels.
#pragma once

#include <span>
#include <vector>

#include "net/graph/graph.h"

namespace backdrop::reference {

// The node's output. The operands are constants of the graph.
std::vector<float> evaluate(const Graph& graph, const Node& node);

// The network's output, computed node by node.
std::vector<float> run(Graph graph, std::span<const float> input);

}  // namespace backdrop::reference
