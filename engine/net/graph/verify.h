// What every graph must satisfy before kernels run it.
#pragma once

#include <cstddef>

#include "base/error.h"
#include "net/graph/graph.h"

namespace backdrop {

// Limits on sizes in a graph, far above any segmentation network.
inline constexpr std::size_t kMaxTensorSize = std::size_t{1} << 26;  // elements
inline constexpr int kMaxWindow = 1 << 16;                           // pixels, dilation included

// What kIntegerConv2d needs: so many output channels, so many pixels in a row of the output, input
// channels in multiples. The limits keep sums of products within 32 bits and scratch small.
inline constexpr int kLeastIntegerColumns = 32;
inline constexpr int kLeastIntegerWidth = 8;
inline constexpr int kIntegerDepth = 16;
inline constexpr int kMostIntegerDepth = 4096;
inline constexpr int kLargestIntegerWindow = 16;  // strides, too

// Whether kIntegerConv2d can compute what kConv2d computes. It has no dilation.
bool fits_integers(const Window& window, const Shape& in, const Shape& out);

// Whether every dimension is at least 1 and their product at most kMaxTensorSize.
bool is_bounded(const Shape& shape);

// Checks that shapes are bounded, that constants have as many values as their shapes, that each
// node reads what is there before it runs, that nothing is written twice, and that a node's shapes,
// window and weights fit its operation: no kernel then reads or writes beside its operands. kModel,
// with the first node that does not fit.
Result<void> verify(const Graph& graph);

}  // namespace backdrop
