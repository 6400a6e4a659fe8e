// PNG, by libpng.
#pragma once

#include <cstdint>
#include <span>

#include "picture.h"

namespace backdrop::cli {

enum class PngColor { kGrey, kRgba };

// Any kind of PNG, upright, as sRGB of 8 bits. Throws Failure, without a path, for a damaged file.
Picture decode_png(std::span<const std::uint8_t> bytes);

// 1 or 4 bytes a pixel, row by row without gaps. Throws Failure, without a path.
Bytes encode_png(std::span<const std::uint8_t> pixels, int width, int height, PngColor color);

}  // namespace backdrop::cli
