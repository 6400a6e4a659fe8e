// Stage groups: operations that run line-buffered (depth-first fusion).
#pragma once

#include <cstddef>
#include <vector>

#include "net/graph/graph.h"

namespace backdrop {

// Consecutive nodes of which each reads the output of the one before, row by row, and nobody else
// does. The group runs a few rows of every node in turn, so that the tensors between the nodes are
// line buffers that stay in a near cache.
inline constexpr std::size_t kLongestGroup = 8;
struct StageGroup {
  std::size_t first = 0;
  std::size_t count = 1;
};

// Divides all nodes into groups, in order. Operations on small tensors are not grouped: a small
// tensor stays in a cache anyway, and threads compute some rows of a group twice.
std::vector<StageGroup> group_stages(const Graph& graph);

}  // namespace backdrop
