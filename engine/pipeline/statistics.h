// What the latest frame took.
#pragma once

namespace backdrop {

// Why the latest frame has the mask of the one before.
enum class Kept {
  kNot,     // it has a new one, or none
  kStill,   // nothing moved
  kBudget,  // the network runs on every second or third frame only
};

// Milliseconds that the latest frame spent in each stage; 0 where it was skipped.
struct Statistics {
  double frames = 0;      // processed so far
  double inferences = 0;  // frames on which the network ran so far
  Kept kept = Kept::kNot;
  double sample = 0;
  double infer = 0;
  double matte = 0;
  double composite = 0;
};

}  // namespace backdrop
