// Small holes and islands of a mask.
#pragma once

#include <cstddef>
#include <span>

#include "base/buffer.h"
#include "image/mask.h"
#include "segment/mask_components.h"

namespace backdrop {

// Fills small holes in people, and drops small islands beside them. Islands and holes are connected
// components with their soft edges; a hole touches no border of the mask. Both are small if they
// are small against the largest island. Those near the limit are filled or dropped in part, so that
// nothing blinks whose size wavers.
class Despeckle {
 public:
  // Prepares for masks of this size. False without memory.
  [[nodiscard]] bool prepare(MaskSize size);

  // Allocates nothing.
  void run(std::span<float> mask);

 private:
  void fade(std::span<float> mask, int largest, float limit, float target);
  int count_pixels();
  void close_at_borders();
  int& pixels_of(const MaskComponents::Run& run) {
    return pixels_.data()[static_cast<std::size_t>(run.component)];
  }

  MaskSize size_;
  MaskComponents components_;
  Buffer<int> pixels_;       // of each component
  Buffer<float> opposites_;  // of the mask's values: 1 - value
};

}  // namespace backdrop
