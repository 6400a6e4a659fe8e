// The network's answer for a frame.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "image/region.h"

namespace backdrop {

// In pixels.
struct MaskSize {
  int width = 0, height = 0;

  std::size_t pixels() const {
    return static_cast<std::size_t>(width) * static_cast<std::size_t>(height);
  }
};

// The probability that each pixel shows a person.
struct Mask {
  std::span<const float> values;  // height x width, 0 to 1, without gaps between rows
  int width = 0;
  int height = 0;

  // Which run of the network the values are from. A reused mask keeps its generation; no two runs
  // share one. 0: none, and equal to no other.
  std::uint64_t generation = 0;

  // What the network, or the search for movement, has seen of this very frame. Elsewhere somebody
  // may have come.
  Region seen{};

  // Boxes around people who were made background. Who is there is no part of the room.
  std::span<const Region> dropped{};
};

}  // namespace backdrop
