// Rotated and mirrored pictures.
#pragma once

#include <algorithm>
#include <cstddef>

#include "base/assert.h"

namespace backdrop {

// How to display a stored picture: rotate it clockwise by `rotation` degrees (0, 90, 180 or 270),
// then mirror it horizontally if `flip`. As VideoFrame of WebCodecs.
struct Orientation {
  int rotation = 0;
  bool flip = false;

  bool operator==(const Orientation&) const = default;

  // Whether width and height of the displayed picture are height and width of the stored one.
  bool swaps_sides() const { return rotation % 180 != 0; }

  // From the displayed picture to the stored one. A rotation followed by a mirroring is its own
  // inverse.
  Orientation inverse() const { return flip ? *this : Orientation{(360 - rotation) % 360, false}; }
};

// Applies an orientation to a picture of kChannels samples a pixel without gaps between rows. `out`
// is another picture of width x height pixels, or height x width if the sides are swapped.
template <int kChannels, typename Sample>
void rotate(const Sample* in, int width, int height, const Orientation& orientation, Sample* out) {
  BACKDROP_ASSERT(in != out && orientation.rotation % 90 == 0);
  BACKDROP_ASSERT(orientation.rotation >= 0 && orientation.rotation < 360);
  const auto w = static_cast<std::ptrdiff_t>(width);
  const auto h = static_cast<std::ptrdiff_t>(height);
  // Offsets in `in`: of the first output pixel, from an output pixel to the one right of it, and to
  // the one below it.
  std::ptrdiff_t first = 0, right = 1, below = w;
  if (orientation.rotation == 90) first = (h - 1) * w, right = -w, below = 1;
  if (orientation.rotation == 180) first = h * w - 1, right = -1, below = -w;
  if (orientation.rotation == 270) first = w - 1, right = w, below = -1;
  const std::ptrdiff_t columns = orientation.swaps_sides() ? h : w;
  if (orientation.flip) first += right * (columns - 1), right = -right;

  for (std::ptrdiff_t y = 0; y < h * w / columns; ++y) {
    for (std::ptrdiff_t x = 0; x < columns; ++x) {
      out = std::copy_n(in + kChannels * (first + y * below + x * right), kChannels, out);
    }
  }
}

}  // namespace backdrop
