// Rewrites of a graph that keep what it computes (but for rounding) and make it cheaper.
#pragma once

#include "net/graph/graph.h"

namespace backdrop {

// Everything below, in an order in which each finds what the others leave for it.
void optimize(Graph& graph);

// Computes what depends on constants alone, such as float16 weights behind DEQUANTIZE.
void fold_constants(Graph& graph);

// Drops operations and constants that nobody reads.
void remove_dead_nodes(Graph& graph);

// activation(operation(x)) becomes one operation.
void fuse_activations(Graph& graph);

// reshape(reshape(x)) becomes one; reshapes and transpositions that change nothing go.
void simplify_reshapes(Graph& graph);

// conv(pad(x)) becomes a convolution that pads more.
void fuse_padding(Graph& graph);

// conv(x * scale + shift) becomes one operation, where the two are constants: a batch normalization
// that could not be part of the convolution before it.
void fold_scales(Graph& graph);

// conv1x1(conv(x)) becomes one convolution where that is less work, also for several conv1x1, and
// for a transposed convolution: all are linear.
void merge_convolutions(Graph& graph);

// conv1x1(resize(x)) becomes resize(conv1x1(x)) where that is fewer pixels to convolve: both are
// linear, and the weights of a bilinear sample sum to one.
void sink_resize_below_convolution(Graph& graph);

// The mean over all pixels is linear: that of a sum or of joined channels is taken of the parts,
// and that of a picture doubled in size is taken before doubling, so that sum and concatenation
// need not be there.
void split_global_pools(Graph& graph);

// conv1x1(x * gate) becomes one operation that scales the weights; x * gate + y becomes one too.
void fuse_gates(Graph& graph);

// Copies tensors that a reader needs with a halo and that cannot have one (find_dense_tensors()).
// No part of optimize(): the execution plan calls it last.
void insert_layout_copies(Graph& graph);

// operation(x) + y becomes one operation that adds while it writes.
void fuse_residuals(Graph& graph);

}  // namespace backdrop
