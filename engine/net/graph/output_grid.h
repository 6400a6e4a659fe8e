// Where the cells of a network's output lie on its input.
#pragma once

#include <optional>

#include "net/graph/graph.h"

namespace backdrop {

// Along one axis: cell i is centred at `first + i * step`, in pixels of the input, whose pixel 0 is
// centred at 0.
struct GridAxis {
  float first = 0;
  float step = 1;
};

struct OutputGrid {
  GridAxis y, x;
};

// Follows windows, strides and resizes from the input to the output. A network that shrinks its
// input by strides leaves its cells where the windows' centres are, which is seldom the middle of
// an equal share of the picture. None where ways of different layout meet, as in networks with skip
// connections: those were trained to make up for it.
std::optional<OutputGrid> output_grid(const Graph& graph);

}  // namespace backdrop
