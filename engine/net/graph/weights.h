// The weights of a node.
#pragma once

#include "net/graph/constant.h"
#include "net/graph/graph.h"

namespace backdrop {

// The node's filter, if it has one, each weight times the scale of its channel. A copy if there is
// a scale, to be kept no longer than it is read; else a view.
Constant weights_of(const Graph& graph, const Node& node);

}  // namespace backdrop
