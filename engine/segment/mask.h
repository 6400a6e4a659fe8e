// What the network says, as everything after it wants it.
#pragma once

#include <span>

namespace backdrop {

// Probabilities of a person, 0 to 1, row by row without gaps.
struct Mask {
  std::span<const float> values;
  int width = 0;
  int height = 0;
};

}  // namespace backdrop
