#include "net/plan/stage_groups.h"

#include "net/graph/op_traits.h"
#include "net/graph/uses.h"

namespace backdrop {
namespace {

// From this size on (128 KB, in floats) a tensor gains from staying in a near cache.
constexpr std::size_t kLargeTensor = std::size_t{1} << 15;

// From this size on (4 MB, in floats) a tensor exceeds a core's own caches. Keeping it out of
// memory then pays for reading any filter again with each band of rows, and makes the arena
// smaller.
constexpr std::size_t kHugeTensor = std::size_t{1} << 20;

bool reads_rows(const Node& node) {
  switch (traits_of(node).reads_rows) {
    case ReadsRows::kNever:
      return false;
    case ReadsRows::kIfPointwise:
      return node.window == Window{};
    case ReadsRows::kAlways:
      return true;
  }
  return false;
}

// Whether this node is the only reader of `id` and a line buffer suffices. The node may also read
// `id` as its residual if the window contains the residual's row.
bool is_private_input(const Graph& graph, const Node& node, TensorId id, int readers) {
  if (graph.is_result(id) || node.inputs[0] != id) return false;
  if (node.residual != id) return readers == 1;
  const bool keeps_rows = graph.shape(id) == graph.shape(node.output) &&
                          node.window.stride_y == 1 && node.window.pad_top < node.window.height;
  return readers == 2 && keeps_rows && node.window.dilation_y == 1;
}

// Whether the node's weights stay in a near cache between bands of rows.
bool has_small_filter(const Graph& graph, const Node& node) {
  return node.filter == kNoTensor || graph.at(node.filter).constant.size() < kLargeTensor;
}

bool can_follow(const Graph& graph, const Uses& uses, const Node& before, const Node& node) {
  const TensorId between = before.output;
  const std::size_t size = graph.shape(between).size();
  const bool has_small_filters = has_small_filter(graph, before) && has_small_filter(graph, node);
  return traits_of(before).writes_rows && reads_rows(node) && size >= kLargeTensor &&
         (has_small_filters || size >= kHugeTensor) &&
         is_private_input(graph, node, between, uses.readers[static_cast<std::size_t>(between)]);
}

}  // namespace

std::vector<StageGroup> group_stages(const Graph& graph) {
  const Uses uses(graph);
  std::vector<StageGroup> groups;
  for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
    const bool has_room = i > 0 && groups.back().count < kLongestGroup;
    if (has_room && can_follow(graph, uses, graph.nodes[i - 1], graph.nodes[i])) {
      ++groups.back().count;
    } else {
      groups.push_back({i, 1});
    }
  }
  return groups;
}

}  // namespace backdrop
