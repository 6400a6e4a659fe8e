// Drawn pictures with a known alpha.
#pragma once

#include <cmath>
#include <cstdint>

#include "image.h"
#include "picture.h"

namespace backdrop::quality::test {

// Alpha 1 in columns `begin` to `end` - 1 of all rows.
inline Image stripe(int width, int height, int begin, int end) {
  Image alpha(width, height, 1);
  for (int y = 0; y < height; ++y) {
    for (int x = begin; x < end; ++x) alpha.at(x, y) = 1;
  }
  return alpha;
}

// Alpha 1 in a rectangle, its last column and row excluded.
inline Image rectangle(int width, int height, int left, int top, int right, int bottom) {
  Image alpha(width, height, 1);
  for (int y = top; y < bottom; ++y) {
    for (int x = left; x < right; ++x) alpha.at(x, y) = 1;
  }
  return alpha;
}

// A head on shoulders, in colours that no wall has; straight alpha, soft by a pixel.
inline cli::Picture drawn_person(int side) {
  cli::Picture person;
  person.resize(static_cast<std::uint64_t>(side), static_cast<std::uint64_t>(side));
  for (int y = 0; y < side; ++y) {
    for (int x = 0; x < side; ++x) {
      const double from_head = std::hypot(x - side * 0.5, y - side * 0.3) - side * 0.17;
      const double from_body = std::hypot((x - side * 0.5) * 0.9, y - side * 1.0) - side * 0.42;
      const double outside = std::fmin(from_head, from_body);
      std::uint8_t* to = person.rgba.data() + 4 * (y * side + x);
      const bool is_head = from_head < from_body;
      to[0] = is_head ? 224 : 40;
      to[1] = is_head ? 172 : 60;
      to[2] = is_head ? 140 : 150;
      to[3] = static_cast<std::uint8_t>(255 * std::fmin(1, std::fmax(0, 0.5 - outside)));
    }
  }
  return person;
}

// Bright and dark squares, so that blurring changes them.
inline Image drawn_room(int width, int height, int size, float bright) {
  Image room(width, height, 3);
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      for (int c = 0; c < 3; ++c) {
        room.at(x, y, c) = (x / size + y / size) % 2 ? bright : 60 + 20.0F * static_cast<float>(c);
      }
    }
  }
  return room;
}

}  // namespace backdrop::quality::test
