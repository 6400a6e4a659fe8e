#include "net/plan/row_layout.h"

#include <algorithm>

namespace backdrop {
namespace {

// Floats that are worth keeping in a near cache (128 KB).
constexpr std::size_t kLargeTensor = std::size_t{1} << 15;

bool is_dense_kind(OpKind kind) { return kind == OpKind::kReshape || kind == OpKind::kTranspose; }

std::vector<bool> find_dense_tensors(const Graph& graph) {
  std::vector<bool> dense(graph.tensors.size(), false);
  const auto mark = [&](TensorId id) { dense[static_cast<std::size_t>(id)] = true; };
  mark(graph.input);
  mark(graph.output);
  for (const Node& node : graph.nodes) {
    if (!is_dense_kind(node.kind)) continue;
    mark(node.output);
    for_each_operand(node, mark);
  }
  return dense;
}

// How often each tensor is read, and twice more if it is the output.
std::vector<int> count_readers(const Graph& graph) {
  std::vector<int> readers(graph.tensors.size(), 0);
  for (const Node& node : graph.nodes) {
    for_each_operand(node, [&](TensorId id) { ++readers[static_cast<std::size_t>(id)]; });
  }
  readers[static_cast<std::size_t>(graph.output)] += 2;
  return readers;
}

// Whether the node's kernel writes a row at a time.
bool writes_rows(const Node& node) {
  switch (node.kind) {
    case OpKind::kConv2d:
    case OpKind::kDepthwiseConv2d:
    case OpKind::kResizeBilinear:
    case OpKind::kAdd:
    case OpKind::kMul:
    case OpKind::kActivation:
      return true;
    default:
      return false;
  }
}

// Whether the node's kernel reads rows of its first input wherever each of them lies.
bool reads_rows(const Node& node) {
  switch (node.kind) {
    case OpKind::kConv2d:
      return node.window == Window{};
    case OpKind::kDepthwiseConv2d:
    case OpKind::kTransposeConv2d:
      return true;
    default:
      return false;
  }
}

// Whether `id` is needed by this node alone, row by row: as its input, or as the residual, too,
// where the window has the residual's row.
bool is_private_input(const Graph& graph, const Node& node, TensorId id, int readers) {
  if (node.inputs[0] != id) return false;
  if (node.residual != id) return readers == 1;
  const bool keeps_rows = graph.shape(id) == graph.shape(node.output) &&
                          node.window.stride_y == 1 && node.window.pad_top < node.window.height;
  return readers == 2 && keeps_rows && node.window.dilation_y == 1;
}

// Whether the node's weights stay in a near cache from one band of rows to the next.
bool has_small_filter(const Graph& graph, const Node& node) {
  return node.filter == kNoTensor || graph.at(node.filter).constant.size() < kLargeTensor;
}

bool can_follow(const Graph& graph, const std::vector<int>& readers, const Node& before,
                const Node& node) {
  const TensorId between = before.output;
  return writes_rows(before) && reads_rows(node) && graph.shape(between).size() >= kLargeTensor &&
         has_small_filter(graph, before) && has_small_filter(graph, node) &&
         is_private_input(graph, node, between, readers[static_cast<std::size_t>(between)]);
}

}  // namespace

RowLayout layout_of(const Shape& shape, const Margin& margin) {
  const auto channels = static_cast<std::size_t>(shape.channels);
  const std::size_t stride =
      static_cast<std::size_t>(shape.width + margin.left + margin.right) * channels;
  const auto rows = static_cast<std::size_t>(shape.batch * shape.height);
  return {static_cast<std::size_t>(margin.left) * channels, stride, stride * rows};
}

Margin margin_of(const Node& node, const Shape& in, const Shape& out) {
  if (node.kind != OpKind::kDepthwiseConv2d) return {};
  const Window& w = node.window;
  const int end = (out.width - 1) * w.stride_x - w.pad_left + (w.width - 1) * w.dilation_x + 1;
  return {w.pad_left, std::max(end - in.width, 0)};
}

std::vector<Margin> find_margins(const Graph& graph) {
  std::vector<Margin> margins(graph.tensors.size());
  for (const Node& node : graph.nodes) {
    const TensorId input = node.inputs[0];
    const Margin needed = margin_of(node, graph.shape(input), graph.shape(node.output));
    Margin& margin = margins[static_cast<std::size_t>(input)];
    margin.left = std::max(margin.left, needed.left);
    margin.right = std::max(margin.right, needed.right);
  }
  return margins;
}

void separate_dense_tensors(Graph& graph) {
  const std::vector<bool> dense = find_dense_tensors(graph);
  for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
    const TensorId input = graph.nodes[i].inputs[0];
    const Shape shape = graph.shape(input);
    if (!dense[static_cast<std::size_t>(input)]) continue;
    if (margin_of(graph.nodes[i], shape, graph.shape(graph.nodes[i].output)) == Margin{}) continue;
    Node copy;
    copy.kind = OpKind::kDequantize;
    copy.inputs = {input};
    copy.output = graph.nodes[i].inputs[0] = graph.add_tensor("copy", shape);
    graph.nodes.insert(graph.nodes.begin() + static_cast<std::ptrdiff_t>(i++), std::move(copy));
  }
}

RowRange rows_read(const Graph& graph, const Node& node, RowRange output) {
  const Window& w = node.window;
  const int height = graph.shape(node.inputs[0]).height;
  RowRange rows;
  if (node.kind == OpKind::kTransposeConv2d) {
    const int parts = (w.height + w.stride_y - 1) / w.stride_y;
    rows = {output.first - parts + 1, output.last};
  } else {
    rows = {output.first * w.stride_y - w.pad_top,
            (output.last - 1) * w.stride_y - w.pad_top + (w.height - 1) * w.dilation_y + 1};
  }
  return {std::clamp(rows.first, 0, height), std::clamp(rows.last, 0, height)};
}

RowRange rows_written(const Graph& graph, const Node& node, RowRange rows) {
  const Window& w = node.window;
  const int height = graph.shape(node.output).height;
  if (node.kind == OpKind::kReshape) return {0, height};
  if (node.kind != OpKind::kTransposeConv2d) {
    return {std::min(rows.first, height), std::min(rows.last, height)};
  }
  return {std::clamp(rows.first * w.stride_y - w.pad_top, 0, height),
          std::clamp(rows.last * w.stride_y - w.pad_top, 0, height)};
}

std::vector<Chain> find_chains(const Graph& graph) {
  const std::vector<int> readers = count_readers(graph);
  std::vector<Chain> chains;
  for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
    const bool has_room = i > 0 && chains.back().count < kLongestChain;
    if (has_room && can_follow(graph, readers, graph.nodes[i - 1], graph.nodes[i])) {
      ++chains.back().count;
    } else {
      chains.push_back({i, 1});
    }
  }
  return chains;
}

}  // namespace backdrop
