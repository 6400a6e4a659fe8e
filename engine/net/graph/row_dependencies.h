// Which input rows an operation reads for which output rows.
#pragma once

#include "net/graph/graph.h"

namespace backdrop {

// Rows [first, last).
struct RowRange {
  int first = 0, last = 0;
};

// The rows of the first input that these rows of work depend on. `node` must be a convolution:
// dense, depthwise or transposed.
RowRange rows_read(const Graph& graph, const Node& node, RowRange work);

// Maps a kernel's rows of work (WorkRows) to output rows. The two are the same except for
// TRANSPOSE_CONV (a row of work is `stride` output rows), RESHAPE (a row of work is the whole
// tensor) and global pooling (rows of work are input rows; the output is row 0).
RowRange rows_written(const Graph& graph, const Node& node, RowRange work);

}  // namespace backdrop
