// Which rows of a tensor an operation makes from which.
#pragma once

#include "net/graph/graph.h"

namespace backdrop {

// Rows [first, last).
struct RowRange {
  int first = 0, last = 0;
};

// The rows of the first input that a convolution of any kind makes these rows of work from.
RowRange rows_read(const Graph& graph, const Node& node, RowRange work);

// Maps a kernel's rows of work (WorkRows) to output rows. The two are the same except:
// TRANSPOSE_CONV (a row of work is `stride` output rows), RESHAPE (it is the whole tensor), and
// pools of the whole picture (rows of work are input rows; the output is row 0).
RowRange rows_written(const Graph& graph, const Node& node, RowRange work);

}  // namespace backdrop
