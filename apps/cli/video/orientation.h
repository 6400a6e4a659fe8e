// How a video's pictures are turned to be displayed.
#pragma once

#include <optional>

#include "av.h"

namespace backdrop::cli {

// As in backdrop_image: first turned clockwise, then mirrored.
struct Orientation {
  int rotation = 0;  // 0, 90, 180 or 270 degrees
  bool is_mirrored = false;

  bool is_upright() const { return rotation == 0 && !is_mirrored; }
  bool swaps_sides() const { return rotation == 90 || rotation == 270; }
  bool operator==(const Orientation&) const = default;
};

// Of a display matrix; none if it turns by another angle or shears.
std::optional<Orientation> orientation_of(std::span<const std::uint8_t> matrix);

// The frame as it is displayed: the same pixels if it is upright. Its chroma has to be subsampled
// alike in both directions where sides are swapped.
FramePtr turned(const AVFrame& frame, const Orientation& orientation);

}  // namespace backdrop::cli
