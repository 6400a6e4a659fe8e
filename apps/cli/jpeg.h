// JPEG, by libjpeg-turbo.
#pragma once

#include <cstdint>
#include <span>

#include "picture.h"

namespace backdrop::cli {

// Colour, grey, CMYK or YCCK. Throws Failure, without a path, for a damaged file.
DecodedPicture decode_jpeg(std::span<const std::uint8_t> bytes);

// Quality 92; alpha is dropped. Throws Failure, without a path.
Bytes encode_jpeg(const Picture& picture);

}  // namespace backdrop::cli
