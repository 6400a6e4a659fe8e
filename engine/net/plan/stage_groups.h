// Which operations run side by side, line-buffered (depth-first fusion).
#pragma once

#include <cstddef>
#include <vector>

#include "net/graph/graph.h"

namespace backdrop {

// Consecutive nodes, each but the first reading only the output of the one before, row by row. They
// run side by side, some rows of each at a time, so that the tensors between them are line buffers
// that stay in a near cache.
inline constexpr std::size_t kLongestGroup = 8;
struct StageGroup {
  std::size_t first = 0;
  std::size_t count = 1;
};

// All of the graph's nodes, in order. Operations on small tensors stay alone: such a tensor stays
// in a cache anyway, and threads would compute some rows twice.
std::vector<StageGroup> group_stages(const Graph& graph);

}  // namespace backdrop
