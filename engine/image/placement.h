// Where a picture behind the person lies in the frame.
#pragma once

#include <array>
#include <cstdint>

#include "base/executor.h"
#include "image/frame.h"

namespace backdrop {

enum class Fit {
  kCover,    // the picture covers the frame, and is cut off
  kContain,  // all of the picture is seen
};

struct Placement {
  Fit fit = Fit::kCover;
  // The picture's point that lies on the same point of the frame, 0 to 1.
  double x = 0.5;
  double y = 0.5;
  bool mirrored = false;  // the picture, with its place
  std::uint32_t rgb = 0;  // 0xRRGGBB: what shows beside the picture, and where it is clear
};

inline std::array<std::uint8_t, 3> bytes_of(std::uint32_t rgb) {
  const auto channel = [&](int shift) { return static_cast<std::uint8_t>(rgb >> shift); };
  return {channel(16), channel(8), channel(0)};
}

// A part of an axis of a picture that is resized to whole pixels of the frame.
struct PlacedAxis {
  double from = 0;    // of the picture; need not be an integer
  double extent = 0;  // of the picture
  int begin = 0;      // of the frame
  int count = 0;      // of the frame, at least 1
};

struct PlacedPicture {
  PlacedAxis columns, rows;
};

// Ignores `mirrored`: whoever draws the picture mirrors the whole frame. Sizes are in pixels.
PlacedPicture place(int width, int height, int frame_width, int frame_height,
                    const Placement& placement);

// Draws the opaque RGBA `picture` in `out`, which is RGBA, resized and not mirrored; the rest of
// `out` gets the placement's colour. False without memory.
[[nodiscard]] bool draw_placed(const ConstFrame& picture, const Placement& placement,
                               const Frame& out, Executor& executor);

}  // namespace backdrop
