// Passes: rewrites of a graph that make it cheaper and keep its result, except for rounding.
#pragma once

#include "net/graph/graph.h"

namespace backdrop {

// Runs the passes below, in an order in which each pass creates opportunities for the next.
void optimize(Graph& graph);

// Evaluates nodes whose operands are all constants, such as float16 weights behind DEQUANTIZE.
void fold_constants(Graph& graph);

// Removes nodes whose output is not used, and releases constants that are not used.
void remove_dead_nodes(Graph& graph);

// activation(operation(x)) becomes one operation.
void fuse_activations(Graph& graph);

// reshape(reshape(x)) becomes one reshape, transpose(transpose(x)) one transposition, and a
// transposition of sides of 1 a reshape; reshapes and copies without effect are removed.
void simplify_reshapes(Graph& graph);

// conv(pad(x)) becomes a convolution with more padding, and so does a maximum of what is padded
// with the lowest number.
void fuse_padding(Graph& graph);

// conv(x * scale + shift) becomes one convolution if scale and shift are constants. These are batch
// normalizations that could not be folded into the convolution before.
void fold_scales(Graph& graph);

// conv1x1(conv(x)) becomes one convolution if that is less work. Both are linear. Also merges
// several conv1x1 that read one convolution, and a conv1x1 behind a transposed convolution.
void merge_convolutions(Graph& graph);

// conv1x1(resize(x)) becomes resize(conv1x1(x)) if that leaves fewer pixels to convolve. The two
// commute: both are linear, and the weights of a bilinear sample sum to 1.
void sink_resize_below_convolution(Graph& graph);

// mean(x + y) becomes mean(x) + mean(y), and mean(concat(x, y)) becomes concat(mean(x), mean(y)),
// so that the full-size sum or concatenation is not needed. mean(resize(x)) becomes mean(x) if the
// resize doubles the size.
void split_global_pools(Graph& graph);

// conv1x1(x * gate) becomes one operation that scales the weights; x * gate + y becomes one gated
// sum.
void fuse_gates(Graph& graph);

// Makes wide convolutions kIntegerConv2d. Not part of optimize(): the caller may want floats, and
// not every processor gains.
void choose_integers(Graph& graph);

// Inserts copies of tensors that need a halo for a reader but must be contiguous
// (find_dense_tensors()). Not part of optimize(): the execution plan runs this pass last.
void insert_layout_copies(Graph& graph);

// operation(x) + y becomes one operation that adds while it writes.
void fuse_residuals(Graph& graph);

}  // namespace backdrop
