// Where the edge of a person is.
#pragma once

#include <cstdint>
#include <vector>

#include "image.h"

namespace backdrop::quality {

// A byte a pixel, row by row: 1 where the pixel is in the set.
struct PixelSet {
  int width = 0;
  int height = 0;
  std::vector<std::uint8_t> bits{};

  PixelSet(int w, int h) : width(w), height(h), bits(Image::size(w, h, 1)) {}
  bool has(std::size_t i) const { return bits[i] != 0; }
  bool has(int x, int y) const {
    return bits[Image::size(width, y, 1) + static_cast<std::size_t>(x)];
  }
  void add(int x, int y) { bits[Image::size(width, y, 1) + static_cast<std::size_t>(x)] = 1; }
  std::size_t count() const;
};

// Pixels of which one and not another neighbour (of the 3x3, itself included) has an alpha of one
// half or more: a line two pixels wide.
PixelSet outline(const Image& alpha);

// The outline and all pixels with an alpha of 0.02 to 0.98.
PixelSet soft_edge(const Image& alpha);

// Pixels whose centre is at most `reach` pixels from the centre of a pixel of `set`.
PixelSet grown(const PixelSet& set, int reach);

}  // namespace backdrop::quality
