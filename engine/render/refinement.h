// How the mask's edges are brought to those of the frame.
#pragma once

#include <algorithm>
#include <cmath>

namespace backdrop {

enum class RefinementKind {
  kNone,
  // Fast guided filter: He, Sun, "Fast Guided Filter", arXiv:1505.00996, 2015.
  kGuided,
  // Joint bilateral filter: Kopf, Cohen, Lischinski, Uyttendaele, "Joint Bilateral Upsampling",
  // SIGGRAPH 2007. The step and the radius are those of MediaPipe's bilateral filter, so that
  // settings carry over.
  kBilateral,
  kBilateralRational,   // the same with rational functions for weights, which need no exp
  kBilateralSeparable,  // along the rows first, then along the columns
};

struct Refinement {
  RefinementKind kind = RefinementKind::kNone;
  float sigma_space = 1;     // in pixels of the mask
  float sigma_color = 0.1f;  // of colours whose parts are 0 to 1

  bool operator==(const Refinement&) const = default;
};

// Of the guided filter's windows, in pixels of the mask. Means of means reach twice as far, as the
// bilateral filter's Gaussian does.
inline int guided_radius(const Refinement& refinement) {
  return std::max(1, static_cast<int>(std::lround(refinement.sigma_space)));
}

// The variance of luma below which the guided filter takes a window for flat.
inline float guided_epsilon(const Refinement& refinement) {
  return refinement.sigma_color * refinement.sigma_color;
}

}  // namespace backdrop
