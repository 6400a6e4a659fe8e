// How the mask's edges are brought to those of the frame.
#pragma once

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

}  // namespace backdrop
