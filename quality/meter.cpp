#include "meter.h"

#include <algorithm>
#include <utility>

#include "metrics/edge_metrics.h"
#include "metrics/mask_metrics.h"
#include "metrics/matting_metrics.h"

namespace backdrop::quality {
namespace {

// The background blur's standard deviation in pixels.
double blur_sigma(const Image& picture) {
  return std::min(picture.width, picture.height) * static_cast<double>(kBlurStrength) / 100;
}

}  // namespace

Scores score_alpha(const Image& alpha, const Image& truth, const PixelSet& edge) {
  Scores scores;
  scores[Metric::kIou] = iou(alpha, truth);
  scores[Metric::kBoundaryF] = boundary_f_score(alpha, truth);
  scores[Metric::kEdge] = edge_error(alpha, truth, edge);
  scores[Metric::kMad] = mad(alpha, truth);
  scores[Metric::kMse] = mse(alpha, truth);
  scores[Metric::kSad] = sad(alpha, truth);
  scores[Metric::kGrad] = gradient_error(alpha, truth);
  scores[Metric::kConn] = connectivity_error(alpha, truth);
  return scores;
}

void Meter::add(const Output& output, const KnownFrame& known) {
  const PixelSet edge = edge_band(known.alpha);
  Scores scores = score_alpha(output.alpha, known.alpha, edge);
  scores[Metric::kComposite] =
      color_error(output.composite, true_composite(known, new_background_), edge);
  scores[Metric::kHalo] = color_error(
      output.blurred, wide_gaussian_blur(known.background, blur_sigma(known.background)),
      halo_band(known.alpha));
  AlphaPair now{output.alpha, known.alpha};
  if (before_) {
    scores[Metric::kFlicker] = flicker(*before_, now, edge);
    scores[Metric::kDtssd] = dtssd(*before_, now);
  }
  lag_.add(now);
  means_.add(scores);
  before_ = std::move(now);
}

Scores Meter::scores() const {
  Scores scores = means_.mean();
  scores[Metric::kLag] = lag_.frames();
  return scores;
}

}  // namespace backdrop::quality
