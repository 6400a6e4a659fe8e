// The orientation that EXIF tells of a picture.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "picture.h"

namespace backdrop::cli {

// 1 to 8 as EXIF 2.3 numbers them, from data that begins with "Exif\0\0"; none if the data tells
// none of these.
std::optional<int> exif_orientation(std::span<const std::uint8_t> data);

Picture turned_upright(Picture source, int orientation);

}  // namespace backdrop::cli
