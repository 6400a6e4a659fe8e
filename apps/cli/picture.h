// A picture in memory, upright, and its ways in and out of files.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "backdrop/backdrop.h"
#include "file.h"
#include "progress.h"

namespace backdrop::cli {

inline constexpr double kMetresPerInch = 0.0254;

// Pixels per metre, across and down; 0 where that is not known.
struct Density {
  double across = 0;
  double down = 0;
};

// RGBA, straight alpha, 4 bytes a pixel, row by row without gaps.
struct Picture {
  int width = 0;
  int height = 0;
  std::vector<std::uint8_t> rgba;
  Bytes profile{};  // ICC, of RGB; empty for sRGB
  Density density{};

  // Throws Failure for a size that the engine does not take or that no honest photo has.
  void resize(std::uint64_t new_width, std::uint64_t new_height);
  backdrop_image view();
};

// What the four bytes of a decoded pixel are: grey three times and alpha, RGBA, or CMYK, where 255
// is full of ink.
enum class ColorModel { kGrey, kRgb, kCmyk };

// What a file holds.
struct DecodedPicture {
  Picture picture;  // as stored, with pixels of `model`
  ColorModel model = ColorModel::kRgb;
  Bytes profile;             // as in the file; empty if there is none
  std::string profile_flaw;  // why the file's profile could not be read
  int orientation = 1;       // of EXIF
};

enum class PictureFormat { kPng, kJpeg };

// The format of the file name's extension, ignoring case. Throws WrongCall for an unknown extension
// and Failure for a folder.
PictureFormat format_of(const std::string& path);

bool is_png_or_jpeg(const std::string& path);

// Decodes what is neither PNG nor JPEG. Throws Failure.
using DecodeOther = DecodedPicture (*)(const std::string& path);

// Reads a PNG or JPEG of any colour model and depth, recognized by its first bytes. The picture is
// rotated upright by its EXIF orientation; alpha stays. A colour profile that has to be ignored is
// noted. Throws Failure with the path.
Picture read_picture(const std::string& path, Progress& progress, DecodeOther other = nullptr);

// Writes in the format of the extension, with the picture's profile and density. Throws Failure
// with the path.
void write_picture(const std::string& path, const Picture& picture);

// Writes a PNG of 8-bit grey, width * height bytes, of the picture's size and density. Throws
// Failure with the path.
void write_grey_png(const std::string& path, const Picture& picture,
                    const std::vector<std::uint8_t>& grey);

}  // namespace backdrop::cli
