// Rows of noise for the learned room's kernels.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <random>
#include <vector>

#include "render/cpu/room_kernels.h"

namespace backdrop::test {

inline constexpr std::size_t kSizes[] = {8, 16, 72, 328};
inline constexpr std::size_t kMargin = 16;

// A row of noise with as much before and after it, where nothing may be written.
template <typename T>
class Row {
 public:
  Row(std::size_t n, int least, int most, unsigned seed) : values_(n + 2 * kMargin) {
    std::mt19937 random(seed);
    std::uniform_int_distribution<int> value(least, most);
    std::ranges::generate(values_, [&] { return static_cast<T>(value(random)); });
  }

  T* data() { return values_.data() + kMargin; }
  const T* data() const { return values_.data() + kMargin; }
  T operator[](std::ptrdiff_t i) const { return data()[i]; }
  bool operator==(const Row&) const = default;

 private:
  std::vector<T> values_;
};

using Bytes = Row<std::uint8_t>;
using Words = Row<std::int16_t>;

struct Planes {
  explicit Planes(std::size_t n)
      : frame{Bytes(n, 0, 255, 1), Bytes(n, 0, 255, 2), Bytes(n, 0, 255, 3)},
        room{Words(n, 0, 255 * 64, 4), Words(n, 0, 255 * 64, 5), Words(n, 0, 255 * 64, 6)} {
    // Half of the pixels fit the room but for noise.
    for (std::size_t x = 0; x < n; x += 2) {
      for (std::size_t c = 0; c < 3; ++c) {
        const int color = 64 * frame[c].data()[x] + static_cast<int>(x % 37) * 4 - 74;
        room[c].data()[x] = static_cast<std::int16_t>(std::clamp(color, 0, 255 * 64));
      }
    }
  }

  FrameRows frame_rows() const { return {frame[0].data(), frame[1].data(), frame[2].data()}; }
  RoomRows room_rows() const { return {room[0].data(), room[1].data(), room[2].data()}; }
  int difference(std::size_t c, std::size_t x) const {
    return 64 * frame[c].data()[x] - room[c].data()[x];
  }

  std::array<Bytes, 3> frame;
  std::array<Words, 3> room;
};

inline constexpr ErrorWeights kWeights{1.0F / (3 * 64 * 64 * 4), 1.0F / (3 * 64 * 64 * 9),
                                       1.0F / 12288};

}  // namespace backdrop::test
