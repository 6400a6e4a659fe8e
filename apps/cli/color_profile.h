// Colour profiles of pictures (ICC), by Little CMS.
#pragma once

#include <array>
#include <string>

#include "picture.h"

namespace backdrop::cli {

// Makes RGBA of a decoded picture's pixels, and the picture's own what its file says of colours. A
// profile stays if colours can be converted to it, too, and if its middle tones are near those of
// sRGB, as networks know them; else the pixels are converted to sRGB. Returns why the file's
// profile is ignored, which leaves the values as they are; empty if it isn't.
std::string settle_colors(DecodedPicture& decoded);

// Converts the picture from its own profile to `profile`, which is another picture's.
void convert_colors(Picture& picture, const Bytes& profile);

struct Chromaticity {
  double x = 0;
  double y = 0;
};

// The profile of an RGB space of one gamma, as 2.2.
Bytes make_profile(const Chromaticity& white, const std::array<Chromaticity, 3>& primaries,
                   double gamma);

}  // namespace backdrop::cli
