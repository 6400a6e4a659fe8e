// Alpha at the frame's own size where its pixels mix the person's colour with the room's.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "render/cpu/room_kernels.h"

namespace backdrop {

// A row of half-size pixels, with the rows above and below it. From -1 to n is read of the three
// rows, and as much as n of the others.
struct MixedRow {
  std::array<FrameRows, 3> frame;
  std::array<const std::uint8_t*, 3> alpha;    // the mask's
  std::array<const std::int16_t*, 3> changes;  // of it, which leave it 0 to 255
  RoomRows room;
  RoomRows person;             // the person's colours near by, in the room's units
  const std::int16_t* counts;  // of the room's pixels
};

// How many channels a frame has at its own size: the others are those of the half-size picture.
enum class FullChannels : std::uint8_t { kLuma = 1, kColors = 3 };

// The rows of the frame that a half-size row stands for, of 2n pixels. In the last row of an odd
// height both are the same.
struct FullRows {
  std::array<FrameRows, 2> frame;  // the channels that there are
  std::array<std::uint8_t*, 2> alpha;
};

// Deinterleaves n pixels of four bytes, any n, without the fourth ones.
void split_pixels(const std::uint8_t* pixels, std::size_t n,
                  const std::array<std::uint8_t*, 3>& channels);

// Adds kMarkChanged and kMarkMixed to marks[i] if block i has such pixels. n is a multiple of
// kRoomBlock.
void mark_changes(const std::uint8_t* alpha, const std::int16_t* changes, std::size_t n,
                  std::uint8_t* marks);

// Replaces alpha by the share of the person's colour in a mixture with the room's, as far as the
// room is known and differs. The person's colour is that of the opaque pixels around: it changes
// too much along an edge to come from farther away. `trust`, 0 to 1, is that in the room; n is a
// multiple of kRoomBlock.
void unmix(const MixedRow& row, const ErrorWeights& weights, float trust, FullChannels channels,
           std::size_t n, const FullRows& full);

}  // namespace backdrop
