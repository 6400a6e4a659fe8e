#include "net/graph/output_grid.h"

#include <cmath>
#include <variant>
#include <vector>

#include "net/graph/op_traits.h"

namespace backdrop {
namespace {

struct Anywhere {};  // the same for every pixel: constants, vectors
struct Nowhere {};   // paths with different grids have met
using Position = std::variant<Anywhere, Nowhere, OutputGrid>;

// Whether cells lie apart from each other, and somewhere near the input. One row that is resized
// with aligned corners has a step of 0.
bool is_usable(const GridAxis& axis) {
  constexpr float kMost = 1e5F;
  return axis.step > 1 / kMost && axis.step < kMost && std::abs(axis.first) < kMost;
}

bool is_same(const GridAxis& a, const GridAxis& b) {
  const float tolerance = 1e-3F * a.step;
  return std::abs(a.first - b.first) <= tolerance && std::abs(a.step - b.step) <= tolerance;
}

Position meet(const Position& a, const Position& b) {
  if (std::holds_alternative<Anywhere>(a)) return b;
  if (std::holds_alternative<Anywhere>(b)) return a;
  const auto* left = std::get_if<OutputGrid>(&a);
  const auto* right = std::get_if<OutputGrid>(&b);
  if (left == nullptr || right == nullptr) return Nowhere{};
  return is_same(left->y, right->y) && is_same(left->x, right->x) ? a : Nowhere{};
}

// The axis whose cell i lies at cell `first + i * step` of `axis`.
GridAxis compose(const GridAxis& axis, float first, float step) {
  return {axis.first + first * axis.step, step * axis.step};
}

GridAxis slide(const GridAxis& axis, int window, int stride, int dilation, int pad) {
  const float center = static_cast<float>((window - 1) * dilation) / 2;
  return compose(axis, center - static_cast<float>(pad), static_cast<float>(stride));
}

GridAxis spread(const GridAxis& axis, int window, int stride, int pad) {
  const float center = static_cast<float>(window - 1) / 2 - static_cast<float>(pad);
  const float step = 1 / static_cast<float>(stride);
  return compose(axis, -center * step, step);
}

GridAxis resize(const GridAxis& axis, int from, int to, const Node& node) {
  if (node.align_corners && to > 1) {
    return compose(axis, 0, static_cast<float>(from - 1) / static_cast<float>(to - 1));
  }
  const float step = static_cast<float>(from) / static_cast<float>(to);
  return compose(axis, node.half_pixel_centers ? step / 2 - 0.5F : 0, step);
}

OutputGrid follow(const OutputGrid& grid, const Node& node, const Shape& in, const Shape& out) {
  const Window& w = node.window;
  switch (traits_of(node).place) {
    case Place::kWindow:
      return {slide(grid.y, w.height, w.stride_y, w.dilation_y, w.pad_top),
              slide(grid.x, w.width, w.stride_x, w.dilation_x, w.pad_left)};
    case Place::kTransposedWindow:
      return {spread(grid.y, w.height, w.stride_y, w.pad_top),
              spread(grid.x, w.width, w.stride_x, w.pad_left)};
    case Place::kResized:
      return {resize(grid.y, in.height, out.height, node),
              resize(grid.x, in.width, out.width, node)};
    case Place::kSame:
    case Place::kUnknown:
      return grid;
  }
  return grid;
}

Position position_of(const Graph& graph, const Node& node, const std::vector<Position>& positions) {
  if (graph.shape(node.output).is_vector()) return Anywhere{};
  if (traits_of(node).place == Place::kUnknown) return Nowhere{};
  Position position;
  for_each_operand(node, [&](TensorId id) {
    position = meet(position, positions[static_cast<std::size_t>(id)]);
  });
  if (const auto* grid = std::get_if<OutputGrid>(&position)) {
    const OutputGrid next =
        follow(*grid, node, graph.shape(node.inputs[0]), graph.shape(node.output));
    return is_usable(next.y) && is_usable(next.x) ? Position{next} : Nowhere{};
  }
  return position;
}

}  // namespace

std::optional<OutputGrid> output_grid(const Graph& graph) {
  std::vector<Position> positions(graph.tensors.size());
  positions[static_cast<std::size_t>(graph.input)] = OutputGrid{};
  for (const Node& node : graph.nodes) {
    positions[static_cast<std::size_t>(node.output)] = position_of(graph, node, positions);
  }
  const auto* grid = std::get_if<OutputGrid>(&positions[static_cast<std::size_t>(graph.output)]);
  return grid == nullptr ? std::nullopt : std::optional(*grid);
}

}  // namespace backdrop
