// Bringing the output of a network that shrinks its input to an even grid over the picture.
#pragma once

#include <span>
#include <vector>

#include "base/buffer.h"
#include "net/graph/output_grid.h"
#include "image/interpolation.h"

namespace backdrop {

// Interpolates a coarse output bilinearly on a grid of four times as many cells along each axis, or
// as many as the input has pixels, each in the middle of its equal share of the picture, as masks
// are. It is meant for logits: what crosses zero between two cells then does so as sharply as the
// network says, as in TensorFlow.js's BodyPix.
class GridResampler {
 public:
  // Whether cells, `output` on a picture of `input`, lie further than an eighth of a cell from the
  // middle of their share.
  static bool is_needed(const OutputGrid& layout, const Shape& input, const Shape& output);

  // False when there is no memory.
  [[nodiscard]] bool prepare(const OutputGrid& layout, const Shape& input, const Shape& output);

  // The grid's, with the output's channels.
  const Shape& shape() const { return shape_; }

  // The grid's values, valid until the next run. `cells` is of the output's shape. Allocates
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
