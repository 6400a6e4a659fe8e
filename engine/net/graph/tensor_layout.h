// The memory layout of tensors.
#pragma once

#include <cstddef>
#include <vector>

#include "net/graph/graph.h"

namespace backdrop {

// Pixels of zeros before and after each row of a tensor, for windows that extend past its edges.
struct Halo {
  int left = 0, right = 0;
  bool operator==(const Halo&) const = default;
};

// The layout of a tensor with a halo, in floats. The size is the largest number if it overflows.
struct RowLayout {
  std::size_t first;   // offset of the first pixel
  std::size_t stride;  // between rows
  std::size_t size;    // of the whole tensor, halos included
};
RowLayout layout_of(const Shape& shape, const Halo& halo);

// The halo that the node's kernel reads around its first input.
Halo halo_of(const Node& node, const Shape& in, const Shape& out);

// The halo of each tensor: the widest that any reader needs. The step that writes a row also zeros
// its halo.
std::vector<Halo> find_halos(const Graph& graph);

// Which tensors must be contiguous, and therefore have no halo: the network's input, output and
// states, constants, and the operands and outputs of dense operations (OpTraits::is_dense).
std::vector<bool> find_dense_tensors(const Graph& graph);

}  // namespace backdrop
