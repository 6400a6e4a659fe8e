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

// A head with hair, eyes and a mouth on shoulders; straight alpha, soft by a pixel.
inline cli::Picture drawn_person(int side) {
  cli::Picture person;
  person.resize(static_cast<std::uint64_t>(side), static_cast<std::uint64_t>(side));
  for (int row = 0; row < side; ++row) {
    for (int column = 0; column < side; ++column) {
      const double x = (column + 0.5) / side - 0.5;
      const double y = (row + 0.5) / side;
      const auto from_ellipse = [&](double cx, double cy, double across, double down) {
        return std::hypot((x - cx) / across, (y - cy) / down) - 1;
      };
      const double from_head = 0.17 * from_ellipse(0, 0.32, 0.15, 0.2);
      const double from_body = 0.42 * from_ellipse(0, 1.05, 0.42, 0.57);
      const bool is_feature = from_ellipse(-0.055, 0.3, 0.025, 0.015) < 0 ||
                              from_ellipse(0.055, 0.3, 0.025, 0.015) < 0 ||
                              from_ellipse(0, 0.43, 0.05, 0.012) < 0;
      const bool is_hair = from_head < 0 && y < 0.22;
      std::uint32_t rgb = from_head < 0 ? 0xdcaa8c : 0x28468c;
      if (is_feature || is_hair) rgb = 0x32231c;
      std::uint8_t* to = person.rgba.data() + 4 * (row * side + column);
      for (int c = 0; c < 3; ++c) to[c] = static_cast<std::uint8_t>(rgb >> (16 - 8 * c));
      const double outside = std::fmin(from_head, from_body) * side;
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
