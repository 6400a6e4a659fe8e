// Resamples an output whose cells are not evenly spaced over the input.
#pragma once

#include <span>
#include <vector>

#include "base/buffer.h"
#include "net/graph/output_grid.h"
#include "image/interpolation.h"

namespace backdrop {

// Interpolates a coarse output bilinearly to an even grid with four times as many cells along each
// axis, at most one a pixel of the input. Each cell of the grid is in the middle of an equal share
// of the picture, as masks are. For logits: an edge between two cells then is as sharp as the
// network's, as in BodyPix of TensorFlow.js.
class GridResampler {
 public:
  // Whether a cell of `output` is further than an eighth of a cell from the middle of its share of
  // `input`.
  static bool is_needed(const OutputGrid& layout, const Shape& input, const Shape& output);

  // False without memory.
  [[nodiscard]] bool prepare(const OutputGrid& layout, const Shape& input, const Shape& output);

  // The grid's height and width and the output's channels.
  const Shape& shape() const { return shape_; }

  // Returns the grid's values, valid until the next run. `cells` has the output's shape. Allocates
  // nothing.
  std::span<const float> run(const float* cells);

 private:
  void blend_rows(const float* above, const float* below, float weight);
  float* blend_columns(float* to) const;

  Shape cells_;
  Shape shape_;
  std::vector<LinearSample> rows_, columns_;
  Buffer<float> row_;
  Buffer<float> grid_;
};

}  // namespace backdrop
