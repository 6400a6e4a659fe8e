#include "net/graph/output_grid.h"

#include <cmath>
#include <variant>
#include <vector>

namespace backdrop {
namespace {

struct Anywhere {};  // the same for every pixel: constants, vectors
struct Nowhere {};   // ways of different layout have met
using Place = std::variant<Anywhere, Nowhere, CellLayout>;

bool is_same(const CellAxis& a, const CellAxis& b) {
  const float tolerance = 1e-3F * a.step;
  return std::abs(a.first - b.first) <= tolerance && std::abs(a.step - b.step) <= tolerance;
}

Place meet(const Place& a, const Place& b) {
  if (std::holds_alternative<Anywhere>(a)) return b;
  if (std::holds_alternative<Anywhere>(b)) return a;
  const auto* left = std::get_if<CellLayout>(&a);
  const auto* right = std::get_if<CellLayout>(&b);
  if (left == nullptr || right == nullptr) return Nowhere{};
  return is_same(left->y, right->y) && is_same(left->x, right->x) ? a : Nowhere{};
}

// The axis whose cell i lies where cell `first + i * step` of the one before does.
CellAxis compose(const CellAxis& axis, float first, float step) {
  return {axis.first + first * axis.step, step * axis.step};
}

CellAxis slide(const CellAxis& axis, int window, int stride, int dilation, int pad) {
  const float center = static_cast<float>((window - 1) * dilation) / 2;
  return compose(axis, center - static_cast<float>(pad), static_cast<float>(stride));
}

CellAxis spread(const CellAxis& axis, int window, int stride, int pad) {
  const float center = static_cast<float>(window - 1) / 2 - static_cast<float>(pad);
  const float step = 1 / static_cast<float>(stride);
  return compose(axis, -center * step, step);
}

CellAxis resize(const CellAxis& axis, int from, int to, const Node& node) {
  if (node.align_corners && to > 1) {
    return compose(axis, 0, static_cast<float>(from - 1) / static_cast<float>(to - 1));
  }
  const float step = static_cast<float>(from) / static_cast<float>(to);
  return compose(axis, node.half_pixel_centers ? step / 2 - 0.5F : 0, step);
}

CellLayout follow(const CellLayout& layout, const Node& node, const Shape& in, const Shape& out) {
  const Window& w = node.window;
  switch (node.kind) {
    case OpKind::kConv2d:
    case OpKind::kDepthwiseConv2d:
    case OpKind::kAveragePool:
    case OpKind::kMaxPool:
    case OpKind::kSum:
    case OpKind::kPad:
      return {slide(layout.y, w.height, w.stride_y, w.dilation_y, w.pad_top),
              slide(layout.x, w.width, w.stride_x, w.dilation_x, w.pad_left)};
    case OpKind::kTransposeConv2d:
      return {spread(layout.y, w.height, w.stride_y, w.pad_top),
              spread(layout.x, w.width, w.stride_x, w.pad_left)};
    case OpKind::kResizeBilinear:
    case OpKind::kResizeNearest:
      return {resize(layout.y, in.height, out.height, node),
              resize(layout.x, in.width, out.width, node)};
    default:
      return layout;
  }
}

Place place_of(const Graph& graph, const Node& node, const std::vector<Place>& places) {
  if (graph.shape(node.output).is_vector()) return Anywhere{};
  if (node.kind == OpKind::kReshape || node.kind == OpKind::kTranspose) return Nowhere{};
  Place place;
  for_each_operand(node,
                   [&](TensorId id) { place = meet(place, places[static_cast<std::size_t>(id)]); });
  if (const auto* layout = std::get_if<CellLayout>(&place)) {
    return follow(*layout, node, graph.shape(node.inputs[0]), graph.shape(node.output));
  }
  return place;
}

}  // namespace

std::optional<CellLayout> cell_layout(const Graph& graph) {
  std::vector<Place> places(graph.tensors.size());
  places[static_cast<std::size_t>(graph.input)] = CellLayout{};
  for (const Node& node : graph.nodes) {
    places[static_cast<std::size_t>(node.output)] = place_of(graph, node, places);
  }
  const auto* layout = std::get_if<CellLayout>(&places[static_cast<std::size_t>(graph.output)]);
  return layout == nullptr ? std::nullopt : std::optional(*layout);
}

}  // namespace backdrop
