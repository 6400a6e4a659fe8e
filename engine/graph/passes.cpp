#include "graph/passes.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <numeric>
#include <optional>
#include <utility>
#include <vector>

#include "kernels/reference.h"

namespace backdrop {
namespace {

// Who writes and who reads each tensor, as indices of nodes.
struct Uses {
  static constexpr int kNobody = -1;
  std::vector<int> producer;
  std::vector<int> readers;  // how many; the graph's output counts as read

  explicit Uses(const Graph& graph)
      : producer(graph.tensors.size(), kNobody), readers(graph.tensors.size(), 0) {
    for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
      const Node& node = graph.nodes[i];
      producer[static_cast<std::size_t>(node.output)] = static_cast<int>(i);
      for_each_operand(node, [&](TensorId id) { ++readers[static_cast<std::size_t>(id)]; });
    }
    ++readers[static_cast<std::size_t>(graph.output)];
  }

  // The node that writes `id`, if one does and only one node reads it.
  Node* sole_source(Graph& graph, TensorId id) const {
    const auto index = static_cast<std::size_t>(id);
    if (producer[index] == kNobody || readers[index] != 1) return nullptr;
    return &graph.nodes[static_cast<std::size_t>(producer[index])];
  }
};

bool is_plain(const Node& node) {
  return node.activation == Activation::kNone && node.residual == kNoTensor &&
         node.gate == kNoTensor;
}

bool is_pointwise_convolution(const Node& node) {
  return node.kind == OpKind::kConv2d && node.window == Window{};
}

bool is_linear_convolution(const Node& node) {
  return (node.kind == OpKind::kConv2d || node.kind == OpKind::kTransposeConv2d) && is_plain(node);
}

// Whether the kernel applies an activation to what it computes.
bool takes_activation(OpKind kind) {
  switch (kind) {
    case OpKind::kConv2d:
    case OpKind::kDepthwiseConv2d:
    case OpKind::kTransposeConv2d:
    case OpKind::kAveragePool:
    case OpKind::kMaxPool:
    case OpKind::kSum:
    case OpKind::kAdd:
    case OpKind::kSub:
    case OpKind::kMul:
    case OpKind::kPrelu:
      return true;
    case OpKind::kDequantize:
    case OpKind::kResizeBilinear:
    case OpKind::kResizeNearest:
    case OpKind::kPad:
    case OpKind::kActivation:
    case OpKind::kSoftmax:
    case OpKind::kArgMax:
    case OpKind::kConcat:
    case OpKind::kReshape:
    case OpKind::kTranspose:
      return false;
  }
  return false;
}

bool is_global_pool(const Graph& graph, const Node& node) {
  const Shape& in = graph.shape(node.inputs[0]);
  return node.kind == OpKind::kAveragePool && graph.shape(node.output).is_vector() &&
         node.window.height >= in.height && node.window.width >= in.width &&
         node.window.pad_top == 0 && node.window.pad_left == 0;
}

// Makes a node that is to be dropped: what it wrote has another writer now, or no reader.
void disconnect(Graph& graph, Node& node) {
  node.output = graph.add_tensor("unused", graph.shape(node.output));
}

Node make_global_pool(Graph& graph, TensorId input) {
  const Shape in = graph.shape(input);
  Node pool;
  pool.kind = OpKind::kAveragePool;
  pool.inputs = {input};
  pool.window = {.height = in.height, .width = in.width};
  pool.output = graph.add_tensor("mean", {1, 1, in.channels});
  return pool;
}

// Whether the node doubles a picture's size in a way that keeps its mean: each source pixel then
// has the same sum of weights, at the borders too.
bool is_doubling(const Graph& graph, const Node& node) {
  if (node.kind != OpKind::kResizeBilinear || !is_plain(node) || !node.half_pixel_centers) {
    return false;
  }
  const Shape& in = graph.shape(node.inputs[0]);
  const Shape& out = graph.shape(node.output);
  return out.height == 2 * in.height && out.width == 2 * in.width;
}

// What `pool` computes of the join: the means of its parts, then their join.
std::vector<Node> pools_of_parts(Graph& graph, const Node& pool, const Node& join) {
  std::vector<Node> nodes;
  Node joined;
  joined.kind = join.kind;
  joined.output = pool.output;
  for (const TensorId part : join.inputs) {
    nodes.push_back(make_global_pool(graph, part));
    joined.inputs.push_back(nodes.back().output);
  }
  nodes.push_back(std::move(joined));
  return nodes;
}

bool can_split(const Graph& graph, const Node& join) {
  if (!is_plain(join)) return false;
  if (join.kind == OpKind::kConcat) return true;
  return join.kind == OpKind::kAdd && graph.shape(join.inputs[0]) == graph.shape(join.inputs[1]);
}

bool can_add_residual(const Node& node) {
  const bool has_epilogue =
      node.kind == OpKind::kConv2d || node.kind == OpKind::kDepthwiseConv2d ||
      (node.kind == OpKind::kResizeBilinear && node.activation == Activation::kNone);
  return has_epilogue && node.residual == kNoTensor;
}

// Adds the other operand of `add` inside the node that writes operand `side`, if that can be.
bool fuse_residual(Graph& graph, const Uses& uses, std::size_t index, std::size_t side) {
  Node& add = graph.nodes[index];
  const TensorId mine = add.inputs[side];
  const TensorId other = add.inputs[1 - side];
  Node* source = uses.sole_source(graph, mine);
  if (source == nullptr || !can_add_residual(*source)) return false;
  // A gate scales the first operand, and only a resize scales what it adds.
  if (add.gate != kNoTensor && (side == 0 || source->kind != OpKind::kResizeBilinear)) return false;
  if (graph.shape(other) != graph.shape(add.output)) return false;
  if (graph.shape(mine) != graph.shape(add.output)) return false;

  Node fused = *source;
  fused.residual = other;
  fused.output = add.output;
  if (add.gate != kNoTensor) fused.gate = add.gate;
  disconnect(graph, *source);
  graph.nodes[index] = std::move(fused);
  return true;
}

// One axis of the windows over a picture.
struct Windows {
  int size;    // of the picture
  int count;   // of windows
  int extent;  // of one, with its gaps
  int stride;
  int padding;

  int last() const { return (count - 1) * stride - padding; }  // where the last one begins
  bool lie_inside() const { return padding == 0 && last() + extent <= size; }
  bool all_touch() const { return padding < extent && last() < size; }
};

std::array<Windows, 2> windows_of(const Graph& graph, const Node& node) {
  const Window& w = node.window;
  const Shape& in = graph.shape(node.inputs[0]);
  const Shape& out = graph.shape(node.output);
  return {{{in.height, out.height, (w.height - 1) * w.dilation_y + 1, w.stride_y, w.pad_top},
           {in.width, out.width, (w.width - 1) * w.dilation_x + 1, w.stride_x, w.pad_left}}};
}

// Whether `id` is a constant that goes for all pixels.
bool is_constant_vector(const Graph& graph, TensorId id) {
  return graph.is_constant(id) && graph.shape(id).is_vector();
}

// output = scale * input + shift, by channels.
struct Scale {
  std::vector<float> scale, shift;
};

// Of a node that does no more than that.
std::optional<Scale> scale_of(const Graph& graph, const Node& node) {
  if (!is_plain(node)) return std::nullopt;
  const auto channels = static_cast<std::size_t>(graph.shape(node.output).channels);
  const auto values = [&](TensorId id) {
    const std::vector<float>& constant = graph.at(id).constant;
    return constant.size() == channels ? constant : std::vector<float>(channels, constant[0]);
  };
  if (node.kind == OpKind::kDepthwiseConv2d) {
    if (node.window != Window{} || !graph.is_constant(node.filter)) return std::nullopt;
    if (!graph.is_constant(node.bias)) return std::nullopt;
    return Scale{values(node.filter), values(node.bias)};
  }
  if (node.kind != OpKind::kMul && node.kind != OpKind::kAdd) return std::nullopt;
  if (!is_constant_vector(graph, node.inputs[1])) return std::nullopt;
  const std::vector<float> operand = values(node.inputs[1]);
  if (node.kind == OpKind::kAdd) return Scale{std::vector<float>(channels, 1.0F), operand};
  return Scale{operand, std::vector<float>(channels, 0.0F)};
}

// Whether the node is a convolution of `input`, and reads it nowhere else, with constant weights.
bool is_fixed_convolution(const Graph& graph, const Node& node, TensorId input) {
  return node.kind == OpKind::kConv2d && node.inputs[0] == input && node.gate == kNoTensor &&
         node.residual != input && graph.is_constant(node.filter) && graph.is_constant(node.bias);
}

// The nodes that read `id`, or none where there is one that `suits` does not allow, or where `id`
// is the output.
template <typename Suits>
std::vector<Node*> readers_that(Graph& graph, TensorId id, Suits suits) {
  std::vector<Node*> readers;
  if (id == graph.output) return readers;
  for (Node& node : graph.nodes) {
    bool reads = false;
    for_each_operand(node, [&](TensorId operand) { reads = reads || operand == id; });
    if (!reads) continue;
    if (!suits(node)) return {};
    readers.push_back(&node);
  }
  return readers;
}

// Makes `conv` apply the scale itself.
void take_scale(Graph& graph, Node& conv, const Scale& scale) {
  Tensor filter = graph.at(conv.filter);
  Tensor bias = graph.at(conv.bias);
  const std::size_t channels = scale.scale.size();
  const std::size_t depth = filter.constant.size() / bias.constant.size();
  for (std::size_t o = 0; o < bias.constant.size(); ++o) {
    double shift = 0;
    for (std::size_t k = 0; k < depth; ++k) {
      float& weight = filter.constant[o * depth + k];
      shift += static_cast<double>(weight) * static_cast<double>(scale.shift[k % channels]);
      weight *= scale.scale[k % channels];
    }
    bias.constant[o] += static_cast<float>(shift);
  }
  conv.filter = graph.add_tensor(filter.name, filter.shape, std::move(filter.constant));
  conv.bias = graph.add_tensor(bias.name, bias.shape, std::move(bias.constant));
}

// Multiply-accumulates of a dense convolution, were it to have so many output channels.
std::size_t work_of(const Graph& graph, const Node& conv, int channels) {
  const TensorId each = conv.kind == OpKind::kConv2d ? conv.output : conv.inputs[0];
  return graph.shape(each).pixels() * graph.shape(conv.filter).size() *
         static_cast<std::size_t>(channels);
}

// Makes `second`, a pointwise convolution of what `first` computes, compute it all.
void merge(Graph& graph, const Node& first, Node& second) {
  const std::size_t depth = graph.shape(first.filter).size();
  const auto middle = static_cast<std::size_t>(graph.shape(first.output).channels);
  const auto channels = static_cast<std::size_t>(graph.shape(second.output).channels);
  const std::vector<float>& inner = graph.at(first.filter).constant;
  std::vector<float> filter(channels * depth);
  std::vector<float> bias = graph.at(second.bias).constant;
  std::vector<double> sums(depth + 1);
  for (std::size_t o = 0; o < channels; ++o) {
    std::ranges::fill(sums, 0.0);
    for (std::size_t m = 0; m < middle; ++m) {
      const double weight = static_cast<double>(graph.at(second.filter).constant[o * middle + m]);
      for (std::size_t k = 0; k < depth; ++k) {
        sums[k] += weight * static_cast<double>(inner[m * depth + k]);
      }
      sums[depth] += weight * static_cast<double>(graph.at(first.bias).constant[m]);
    }
    for (std::size_t k = 0; k < depth; ++k) filter[o * depth + k] = static_cast<float>(sums[k]);
    bias[o] += static_cast<float>(sums[depth]);
  }
  const Shape window = graph.shape(first.filter);
  second.filter = graph.add_tensor("merged filter", window, std::move(filter));
  second.bias = graph.add_tensor("merged bias", graph.shape(second.bias), std::move(bias));
  second.kind = first.kind;
  second.window = first.window;
  second.inputs = first.inputs;
}

}  // namespace

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

void fold_constants(Graph& graph) {
  // What would take much memory is left alone: the graph may be anybody's.
  std::size_t budget = std::size_t{1} << 26;
  const auto is_foldable = [&](const Node& node) {
    if (!reference::is_foldable(node.kind) || node.residual != kNoTensor) return false;
    bool constant = node.output != graph.output;
    for_each_operand(node, [&](TensorId id) { constant = constant && graph.is_constant(id); });
    return constant && reference::output_size(graph, node) <= budget;
  };
  std::erase_if(graph.nodes, [&](const Node& node) {
    if (!is_foldable(node)) return false;
    std::vector<float> values = reference::fold(graph, node);
    budget -= values.size();
    graph.at(node.output).constant = std::move(values);
    return true;
  });
}

void remove_dead_nodes(Graph& graph) {
  std::vector<bool> needed(graph.tensors.size(), false);
  needed[static_cast<std::size_t>(graph.output)] = true;
  for (auto node = graph.nodes.rbegin(); node != graph.nodes.rend(); ++node) {
    if (!needed[static_cast<std::size_t>(node->output)]) continue;
    for_each_operand(*node, [&](TensorId id) { needed[static_cast<std::size_t>(id)] = true; });
  }
  std::erase_if(graph.nodes,
                [&](const Node& node) { return !needed[static_cast<std::size_t>(node.output)]; });
}

void fuse_activations(Graph& graph) {
  const Uses uses(graph);
  for (Node& node : graph.nodes) {
    if (node.kind != OpKind::kActivation) continue;
    Node* source = uses.sole_source(graph, node.inputs[0]);
    if (source == nullptr || !is_plain(*source)) continue;
    if (!takes_activation(source->kind)) continue;
    source->activation = node.activation;
    source->output = std::exchange(node.output, source->output);
  }
  // What is left of each fused activation reads and writes one tensor that nobody else knows.
  remove_dead_nodes(graph);
}

void simplify_reshapes(Graph& graph) {
  // By the order of the nodes, whose operands are renamed before they are looked at.
  std::vector<TensorId> same(graph.tensors.size());
  std::iota(same.begin(), same.end(), TensorId{0});
  std::vector<TensorId> unshaped = same;  // what a reshape has read
  for (Node& node : graph.nodes) {
    for_each_operand(node, [&](TensorId& id) { id = same[static_cast<std::size_t>(id)]; });
    const auto output = static_cast<std::size_t>(node.output);
    if (node.kind == OpKind::kReshape) {
      node.inputs[0] = unshaped[static_cast<std::size_t>(node.inputs[0])];
      unshaped[output] = node.inputs[0];
    }
    const bool changes_nothing =
        (node.kind == OpKind::kReshape &&
         graph.shape(node.inputs[0]) == graph.shape(node.output)) ||
        (node.kind == OpKind::kTranspose && node.permutation == std::array{0, 1, 2, 3});
    if (changes_nothing && is_plain(node)) same[output] = node.inputs[0];
  }
  remove_dead_nodes(graph);
}

void fuse_padding(Graph& graph) {
  const Uses uses(graph);
  for (Node& node : graph.nodes) {
    if (node.kind != OpKind::kConv2d && node.kind != OpKind::kDepthwiseConv2d) continue;
    const int source = uses.producer[static_cast<std::size_t>(node.inputs[0])];
    if (source == Uses::kNobody) continue;
    const Node& pad = graph.nodes[static_cast<std::size_t>(source)];
    if (pad.kind != OpKind::kPad || !is_plain(pad)) continue;
    Node fused = node;
    fused.inputs[0] = pad.inputs[0];
    fused.window.pad_top += pad.window.pad_top;
    fused.window.pad_left += pad.window.pad_left;
    // The kernels know no window that lies beside the picture.
    if (std::ranges::all_of(windows_of(graph, fused), &Windows::all_touch)) node = fused;
  }
  remove_dead_nodes(graph);
}

void fold_scales(Graph& graph) {
  // From the last to the first: a product behind which a sum has gone can go too.
  for (std::size_t i = graph.nodes.size(); i-- > 0;) {
    const Node node = graph.nodes[i];
    const auto scale = scale_of(graph, node);
    if (!scale) continue;
    // Around the picture there are zeros, which are not scaled: no window may reach there.
    const auto readers = readers_that(graph, node.output, [&](const Node& reader) {
      return is_fixed_convolution(graph, reader, node.output) &&
             std::ranges::all_of(windows_of(graph, reader), &Windows::lie_inside);
    });
    if (readers.empty()) continue;
    for (Node* conv : readers) {
      take_scale(graph, *conv, *scale);
      conv->inputs[0] = node.inputs[0];
    }
    graph.nodes.erase(graph.nodes.begin() + static_cast<std::ptrdiff_t>(i));
  }
}

void merge_convolutions(Graph& graph) {
  for (const Node& first : graph.nodes) {
    if (!is_linear_convolution(first)) continue;
    if (!graph.is_constant(first.filter) || !graph.is_constant(first.bias)) continue;
    const auto readers = readers_that(graph, first.output, [&](const Node& reader) {
      const bool can_become = first.kind == OpKind::kConv2d || reader.residual == kNoTensor;
      return is_fixed_convolution(graph, reader, first.output) &&
             is_pointwise_convolution(reader) && can_become;
    });
    std::size_t apart = work_of(graph, first, graph.shape(first.output).channels);
    std::size_t together = 0;
    for (const Node* second : readers) {
      const int channels = graph.shape(second->output).channels;
      apart += work_of(graph, *second, channels);
      together += work_of(graph, first, channels);
    }
    if (together >= apart) continue;
    for (Node* second : readers) merge(graph, first, *second);
  }
  remove_dead_nodes(graph);
}

void sink_resize_below_convolution(Graph& graph) {
  const Uses uses(graph);
  for (Node& conv : graph.nodes) {
    if (!is_pointwise_convolution(conv) || !is_plain(conv)) continue;
    Node* resize = uses.sole_source(graph, conv.inputs[0]);
    if (resize == nullptr || resize->kind != OpKind::kResizeBilinear || !is_plain(*resize))
      continue;
    const Shape small = graph.shape(resize->inputs[0]);
    const Shape large = graph.shape(conv.output);
    if (small.pixels() >= large.pixels()) continue;

    const TensorId narrow = graph.add_tensor(graph.at(conv.output).name + " before resize",
                                             {small.height, small.width, large.channels});
    conv.inputs[0] = std::exchange(resize->inputs[0], narrow);
    resize->output = std::exchange(conv.output, narrow);
    std::swap(conv, *resize);
  }
}

void split_global_pools(Graph& graph) {
  // Parts may themselves be sums: repeat until nothing splits.
  for (std::size_t i = 0; i < graph.nodes.size();) {
    const Node pool = graph.nodes[i];
    if (!is_global_pool(graph, pool) || !is_plain(pool)) {
      ++i;
      continue;
    }
    const Uses uses(graph);
    const int source = uses.producer[static_cast<std::size_t>(pool.inputs[0])];
    if (source == Uses::kNobody) {
      ++i;
      continue;
    }
    const Node producer = graph.nodes[static_cast<std::size_t>(source)];
    if (is_doubling(graph, producer)) {
      Node smaller = make_global_pool(graph, producer.inputs[0]);
      smaller.output = pool.output;
      graph.nodes[i] = std::move(smaller);
    } else if (uses.sole_source(graph, pool.inputs[0]) != nullptr && can_split(graph, producer)) {
      std::vector<Node> parts = pools_of_parts(graph, pool, producer);
      const auto at = graph.nodes.erase(graph.nodes.begin() + static_cast<std::ptrdiff_t>(i));
      graph.nodes.insert(at, parts.begin(), parts.end());
    } else {
      ++i;
    }
  }
}

void fuse_gates(Graph& graph) {
  const Uses uses(graph);
  for (Node& node : graph.nodes) {
    const bool takes_gate = is_pointwise_convolution(node) || node.kind == OpKind::kAdd;
    if (!takes_gate || node.gate != kNoTensor) continue;
    for (std::size_t side = 0; side < node.inputs.size(); ++side) {
      Node* mul = uses.sole_source(graph, node.inputs[side]);
      if (mul == nullptr || mul->kind != OpKind::kMul || !is_plain(*mul)) continue;
      const Shape& scaled = graph.shape(mul->inputs[0]);
      const Shape& gate = graph.shape(mul->inputs[1]);
      if (!gate.is_vector() || gate.channels != scaled.channels) continue;
      if (node.kind == OpKind::kAdd && scaled != graph.shape(node.output)) continue;
      if (side == 1) std::swap(node.inputs[0], node.inputs[1]);
      node.inputs[0] = mul->inputs[0];
      node.gate = mul->inputs[1];
      disconnect(graph, *mul);
      break;
    }
  }
  remove_dead_nodes(graph);
}

void fuse_residuals(Graph& graph) {
  const Uses uses(graph);
  for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
    const Node& add = graph.nodes[i];
    if (add.kind != OpKind::kAdd || add.activation != Activation::kNone) continue;
    if (add.inputs[0] == add.inputs[1]) continue;
    if (!fuse_residual(graph, uses, i, 1)) fuse_residual(graph, uses, i, 0);
  }
  remove_dead_nodes(graph);
}

}  // namespace backdrop
