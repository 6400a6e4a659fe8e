// What stands behind the person.
#pragma once

#include <cstdint>
#include <variant>

namespace backdrop {

// The frame as it came: the one choice that shows the room.
struct NoBackground {};

// A Gaussian with a standard deviation of `strength` percent of the frame's shorter side.
struct BlurredBackground {
  float strength = 2;
};

// 0xRRGGBB.
struct PlainBackground {
  std::uint32_t rgb = 0;
};

// A picture that was set beside, scaled to cover the frame, and centred.
struct PicturedBackground {};

// The matte becomes the frame's alpha.
struct TransparentBackground {};

using BackgroundChoice = std::variant<BlurredBackground, NoBackground, PlainBackground,
                                      PicturedBackground, TransparentBackground>;

}  // namespace backdrop
