#include "net/passes/passes.h"

namespace backdrop {

void optimize(Graph& graph) {
  fold_constants(graph);
  simplify_reshapes(graph);
  fuse_padding(graph);
  fuse_activations(graph);
  fold_scales(graph);
  merge_convolutions(graph);
  sink_resize_below_convolution(graph);
  split_global_pools(graph);
  remove_dead_nodes(graph);
  fuse_gates(graph);
  fuse_residuals(graph);
  remove_dead_nodes(graph);
}

}  // namespace backdrop
