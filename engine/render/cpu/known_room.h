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

// Sums `rows` rows of a room along y: three colours, in 1/kKnownSumUnit of a level, and the number
// of pixels, of those that are known. Writes up to kKnownPadding sums beyond n.
inline constexpr int kMostKnownRows = 8;  // sums of so many fit 16 bits
inline constexpr int kKnownSumUnit = kRoomUnit / 2;
void sum_known_rows(const KnownRoom& room, int rows, std::size_t n,
                    const std::array<std::uint16_t*, 4>& sums);

// The room in a plane of a frame. The plane's samples take the room's colours in turn, from the
// first one on; a fourth sample has none.
struct RoomPlane {
  KnownRoom room;
  std::size_t channels;  // of the plane: 1, 2 or 4
  bool is_halved;        // along both axes each pixel of the room is two of the plane's
};

// Writes n samples of a plane without what is known of the room in them: the inverse of blending.
// `from` is pixel (x, y) of the plane; x is even. What solves `from = alpha * color + (1 - alpha) *
// room`, which tells little where alpha is low, has the weight 1 - (1 - alpha)^4; `from` itself has
// the rest. Colours are clamped. Reads alpha, and writes samples, up to a multiple of
// kKnownPadding.
inline constexpr std::size_t kMostUnblended = 128;  // pixels
void unblend(const RoomPlane& plane, int x, int y, const std::uint8_t* from,
             const std::uint8_t* alpha, std::size_t n, std::uint8_t* samples);

}  // namespace backdrop
