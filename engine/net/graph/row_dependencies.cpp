#include "net/graph/row_dependencies.h"

#include <algorithm>

#include "net/graph/op_traits.h"

namespace backdrop {
namespace {

RowRange clamp(RowRange rows, int height) {
  return {std::clamp(rows.first, 0, height), std::clamp(rows.last, 0, height)};
}

}  // namespace

RowRange rows_read(const Graph& graph, const Node& node, RowRange work) {
  const Window& w = node.window;
  const int height = graph.shape(node.inputs[0]).height;
  if (traits_of(node).work_rows == WorkRows::kRowGroups) {
    const int groups = (w.height + w.stride_y - 1) / w.stride_y;
    return clamp({work.first - groups + 1, work.last}, height);
  }
  return clamp({work.first * w.stride_y - w.pad_top,
                (work.last - 1) * w.stride_y - w.pad_top + (w.height - 1) * w.dilation_y + 1},
               height);
}

RowRange rows_written(const Graph& graph, const Node& node, RowRange work) {
  const Window& w = node.window;
  const int height = graph.shape(node.output).height;
  switch (traits_of(node).work_rows) {
    case WorkRows::kOutputRows:
      return {std::min(work.first, height), std::min(work.last, height)};
    case WorkRows::kRowGroups:
      return clamp({work.first * w.stride_y - w.pad_top, work.last * w.stride_y - w.pad_top},
                   height);
    case WorkRows::kWholeTensor:
      return {0, height};
  }
  return {0, height};
}

}  // namespace backdrop
