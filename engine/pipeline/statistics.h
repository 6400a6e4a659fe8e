// What the engine reports of its frames.
#pragma once

#include "segment/segmenter.h"

namespace backdrop {

struct Statistics {
  double frames = 0;      // processed so far
  double inferences = 0;  // frames on which the network ran so far
  ReuseReason reuse = ReuseReason::kNone;
  // Milliseconds that the latest frame spent in each stage; 0 if it was skipped.
  double sample = 0;
  double infer = 0;
  double matte = 0;
  double composite = 0;
};

}  // namespace backdrop
