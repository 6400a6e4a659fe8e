// Masks to be drawn on.
#pragma once

#include <cstddef>
#include <vector>

#include "image/mask.h"
#include "segment/person_crop.h"

namespace backdrop::test {

class TestMask {
 public:
  explicit TestMask(MaskSize mask_size) : size(mask_size), values(size.pixels()) {}

  float& at(int x, int y) {
    return values[static_cast<std::size_t>(y) * static_cast<std::size_t>(size.width) +
                  static_cast<std::size_t>(x)];
  }

  TestMask& show(const MaskRect& person, float probability = 1) {
    for (int y = person.y; y < person.bottom(); ++y) {
      for (int x = person.x; x < person.right(); ++x) at(x, y) = probability;
    }
    return *this;
  }

  bool has(int x, int y) const { return x >= 0 && y >= 0 && x < size.width && y < size.height; }

  MaskSize size;
  std::vector<float> values;
};

}  // namespace backdrop::test
