// What is known of the room in a frame, also behind the person.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace backdrop {

// Colours of the room are in 1/kRoomUnit of a frame's level.
inline constexpr int kRoomUnit = 64;

// A pixel of the room is known once it was learned from so many frames.
inline constexpr std::int16_t kKnownCount = 4;

// Planes at half of the frame's size, rounded up. kKnownPadding values beyond a row may be read.
inline constexpr std::size_t kKnownPadding = 16;
struct KnownRoom {
  // Y, U and V, or the first three samples of a pixel as the frame has them.
  std::array<const std::int16_t*, 3> colors{};
  const std::int16_t* counts = nullptr;  // of the frames that each pixel was learned from
  std::ptrdiff_t stride = 0;             // values
  float trust = 0;                       // in what is known, 0 to 1; at 0 there may be no planes

  // The same from another pixel on.
  KnownRoom from(int x, int y) const {
    KnownRoom part = *this;
    const std::ptrdiff_t offset = y * stride + x;
    for (const std::int16_t*& plane : part.colors) plane += offset;
    part.counts += offset;
    return part;
  }
};

}  // namespace backdrop
