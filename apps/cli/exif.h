// What EXIF tells of a picture.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "picture.h"

namespace backdrop::cli {

struct Exif {
  std::optional<int> orientation;  // 1 to 8 as EXIF 2.3 numbers them
  Density density;
};

// From data that begins with "Exif\0\0"; nothing is known from other data.
Exif read_exif(std::span<const std::uint8_t> data);

Picture turned_upright(Picture source, int orientation);

}  // namespace backdrop::cli
