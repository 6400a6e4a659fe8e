// The output grid: where the pixels of a network's output (cells) lie on its input.
#pragma once

#include <optional>

#include "net/graph/graph.h"

namespace backdrop {

// One axis of the grid: cell i is centred at `first + i * step`, in input pixels. Input pixel 0 is
// centred at 0.
struct GridAxis {
  float first = 0;
  float step = 1;
};

struct OutputGrid {
  GridAxis y, x;
};

// Follows windows, strides and resizes from the input to the output. Cells lie at the windows'
// centres, which are rarely the centres of equal shares of the picture. Returns nothing if paths
// with different grids meet, as in networks with skip connections: training compensates for the
// difference there.
std::optional<OutputGrid> output_grid(const Graph& graph);

}  // namespace backdrop
