// How the rows of tensors lie in memory, and which rows are made from which.
#pragma once

#include <cstddef>
#include <vector>

#include "net/graph/graph.h"

namespace backdrop {

// Pixels of zeros before and after each row of a tensor, for windows that reach over its edges.
struct Margin {
  int left = 0, right = 0;
  bool operator==(const Margin&) const = default;
};

// Where a tensor with a margin lies in memory, in floats.
struct RowLayout {
  std::size_t first;   // the first pixel
  std::size_t stride;  // from row to row
  std::size_t size;    // of all
};
RowLayout layout_of(const Shape& shape, const Margin& margin);

// What the node's kernel needs beside the rows of its first input: depthwise convolutions do.
Margin margin_of(const Node& node, const Shape& in, const Shape& out);

// The margin of each tensor: what those that read it need.
std::vector<Margin> find_margins(const Graph& graph);

// Copies what needs a margin and can't have one: the network's input and output, and what kReshape
// and kTranspose read and write, are one stretch of floats.
void separate_dense_tensors(Graph& graph);

// Rows [first, last).
struct RowRange {
  int first = 0, last = 0;
};

// The rows of a node's first input that these rows of its output are made from. The node is a
// convolution of any kind; a transposed one's rows are strips as high as its stride.
RowRange rows_read(const Graph& graph, const Node& node, RowRange output);

// The rows of a node's output that its kernel's are: strips of a transposed convolution, all of a
// reshaped tensor, which is one, and the first of a pool of the whole picture, which has its
// input's.
RowRange rows_written(const Graph& graph, const Node& node, RowRange rows);

// Some nodes in a row, each but the first reading only what the one before it writes, and that by
// rows: they can be run side by side, some rows of each at a time, so that what flows between them
// stays in a cache.
inline constexpr std::size_t kLongestChain = 8;
struct Chain {
  std::size_t first = 0;
  std::size_t count = 1;
};

// The graph's nodes, in order. What is small is left apart: it stays in a cache as it is, and
// threads would do some rows twice.
std::vector<Chain> find_chains(const Graph& graph);

}  // namespace backdrop
