// How the rows of tensors lie in memory.
#pragma once

#include <cstddef>
#include <vector>

#include "net/graph/graph.h"

namespace backdrop {

// Pixels of zeros before and after each row of a tensor, for windows that reach over its edges.
struct Halo {
  int left = 0, right = 0;
  bool operator==(const Halo&) const = default;
};

// Where a tensor with a halo lies in memory, in floats.
struct RowLayout {
  std::size_t first;   // the first pixel
  std::size_t stride;  // from row to row
  std::size_t size;    // of all
};
RowLayout layout_of(const Shape& shape, const Halo& halo);

// The halo of its first input that the node's kernel reads.
Halo halo_of(const Node& node, const Shape& in, const Shape& out);

// The halo of each tensor: the widest that a reader needs. Who writes a row writes its halo, too.
std::vector<Halo> find_halos(const Graph& graph);

// Which tensors are one stretch of floats, and so have no halo: the network's input and output,
// constants, and what dense operations (OpTraits::is_dense) read and write.
std::vector<bool> find_dense_tensors(const Graph& graph);

}  // namespace backdrop
