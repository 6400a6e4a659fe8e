// Measures the engine's outputs frame by frame.
#pragma once

#include <optional>
#include <utility>

#include "engine_run.h"
#include "image.h"
#include "metrics/edge.h"
#include "metrics/temporal_metrics.h"
#include "scene.h"
#include "scores.h"

namespace backdrop::quality {

// The metrics of a single alpha: all but those of colours and of the change from frame to frame.
// `edge` is the true alpha's edge_band().
Scores score_alpha(const Image& alpha, const Image& truth, const PixelSet& edge);

class Meter {
 public:
  // The composites are with `new_background`, three channels of the frames' size.
  explicit Meter(Image new_background) : new_background_(std::move(new_background)) {}

  // Frames that follow each other.
  void add(const Output& output, const KnownFrame& known);

  // The means over all frames, and the lag.
  Scores scores() const;

 private:
  Image new_background_;
  std::optional<AlphaPair> before_;
  MeanScores means_;
  Lag lag_;
};

}  // namespace backdrop::quality
