// PNG, by libpng.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "picture.h"

namespace backdrop::cli {

// Any kind of PNG, with 8 bits a channel. Throws Failure, without a path, for a damaged file.
DecodedPicture decode_png(std::span<const std::uint8_t> bytes);

// RGBA. Throws Failure, without a path.
Bytes encode_png(const Picture& picture);

// `grey` has a byte a pixel, row by row without gaps, and the size and the density of `picture`.
// Throws Failure, without a path.
Bytes encode_grey_png(const Picture& picture, const std::vector<std::uint8_t>& grey);

}  // namespace backdrop::cli
