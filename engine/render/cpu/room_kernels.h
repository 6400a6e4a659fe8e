// Kernels of the learned room, row by row. Where nothing else is said, n is a multiple of
// kRoomBlock, and nothing is read or written beyond n.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "render/cpu/known_room.h"

namespace backdrop {

inline constexpr std::size_t kRoomBlock = 8;

// Where the counts of the frames that a pixel was learned from end.
inline constexpr std::int16_t kMostCount = 60;

// From so many on the room is known as well as can be.
inline constexpr std::int16_t kFullCount = 9;

using FrameRows = std::array<const std::uint8_t*, 3>;
using RoomRows = std::array<const std::int16_t*, 3>;

// Means of 2x2 pixels of two rows of RGBA or BGRA, without the fourth samples. Returns whether
// these are 255. Any n, the number of means; reads 2n pixels.
bool halve_pixels(const std::uint8_t* first, const std::uint8_t* second, std::size_t n,
                  const std::array<std::uint8_t*, 3>& means);

// Deinterleaves n pairs of bytes, any n.
void split_bytes(const std::uint8_t* pairs, std::size_t n, std::uint8_t* first,
                 std::uint8_t* second);

// sums[i] = the sum of `count` bytes, at most 256, `stride` bytes apart.
void sum_rows(const std::uint8_t* rows, std::ptrdiff_t stride, int count, std::size_t n,
              std::uint16_t* sums);

// What a colour's squared difference weighs: 1 / (3 * variance), in the room's units. An error is
// the sum over three colours, 1 on average where the frame shows the room.
using ErrorWeights = std::array<float, 3>;

// Errors in 1/256, at most 65535, that are as exact as their means have to be. scales[c], in
// 1/32768, is the root of a weight in 1/kRootUnit.
inline constexpr float kRootUnit = 16;
using ErrorScales = std::array<std::int16_t, 3>;
void find_errors(const FrameRows& frame, const RoomRows& room, const ErrorScales& scales,
                 std::size_t n, std::uint16_t* errors);

// The means of 3x3 errors, in 1/kMisfitUnit, at most 255. Reads errors from -1 to n.
inline constexpr float kMisfitUnit = 16;
void find_misfits(const std::array<const std::uint16_t*, 3>& errors, std::size_t n,
                  std::uint8_t* misfits);

// `count` rows, `stride` bytes apart.
struct ByteRows {
  const std::uint8_t* first;
  std::ptrdiff_t stride;
  int count;
};

// The least and the most of all rows and of 2 * radius + 1 neighbours along x. Reads `radius` bytes
// before the rows and beyond n. `work` has room for n + 2 * kRoomBlock; radius <= kMostRadius.
inline constexpr int kMostRadius = 4;
void window_least(const ByteRows& rows, int radius, std::size_t n, std::uint8_t* work,
                  std::uint8_t* least);
void window_most(const ByteRows& rows, int radius, std::size_t n, std::uint8_t* work,
                 std::uint8_t* most);

// What there is in a block of kRoomBlock pixels.
enum BlockMark : std::uint8_t {
  kMarkKnown = 1,      // a known pixel of the room
  kMarkClear = 2,      // a pixel of little alpha
  kMarkDense = 4,      // one of much
  kMarkUnsettled = 8,  // one that does not fit the room or has alpha
  kMarkChanged = 16,   // one whose alpha has to change
  kMarkMixed = 32      // one between the person and the room
};

// Adds to marks[i] those of block i that these tell. Unknown pixels do not fit the room.
void mark_blocks(const std::int16_t* counts, const std::uint8_t* alpha, std::size_t n,
                 std::uint8_t* marks);
void mark_unsettled(const std::uint8_t* misfits, const std::uint8_t* alpha, std::size_t n,
                    std::uint8_t* marks);

// A row of pixels of which some are the person's for certain.
struct CoreRow {
  FrameRows frame;
  const std::int16_t* counts;  // of the room's pixels
  const std::uint8_t* misfits;
  const std::uint8_t* alpha;        // the mask's
  const std::uint8_t* least_alpha;  // around
};

// Adds the colours of these pixels, in the room's units, and their number to a cell of four values
// for each block.
void add_core_colors(const CoreRow& row, std::size_t n, float* cells);

// A row of pixels near the mask's edge.
struct EvidenceRow {
  FrameRows frame;
  RoomRows room;
  RoomRows person;             // the person's colours near by, in the room's units
  const std::int16_t* counts;  // of the room's pixels
  const std::uint8_t* misfits;
  const std::uint8_t* least_misfits;  // around
  const std::uint8_t* alpha;          // the mask's
  const std::int16_t* depths;         // the mean of alpha far around, 0 to 32767
};

// How much alpha has to change, -255 to 255. `trust`, 0 to 1, is that in the room.
void weigh_evidence(const EvidenceRow& row, const ErrorWeights& weights, float trust, std::size_t n,
                    std::int16_t* changes);

// A row of the room and of the frame that it learns from.
struct LessonRow {
  FrameRows frame;
  std::array<std::int16_t*, 3> room;
  std::int16_t* counts;
};

// Learns pixels that are background for certain. A pixel that is further from the room than
// limits[c], in the room's units, begins anew.
void learn_row(const LessonRow& row, const std::array<std::int16_t, 3>& limits, std::size_t n);

// Learns pixels near the mask's edge: those that fit the room, and unknown ones without alpha
// around, of which `most_alpha` is the largest. One without alpha around that does not fit loses
// one of its count.
void learn_edge_row(const LessonRow& row, const std::uint8_t* misfits,
                    const std::uint8_t* most_alpha, std::size_t n);

// colors = gain * colors + offset, in the room's units, 0 to 255 levels. The gain is 0 to 2, the
// offset -32768 to 32767.
void relight_row(float gain, float offset, std::size_t n, std::int16_t* colors);

// Adds changes, enlarged to twice their width, to 2n alphas: 3/4 of the nearer and 1/4 of the other
// of two rows and of two columns. Reads changes from -1 to n.
void add_changes(const std::int16_t* nearer, const std::int16_t* other, std::size_t n,
                 std::uint8_t* alpha);

}  // namespace backdrop
