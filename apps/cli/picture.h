// A picture in memory, upright, and its ways in and out of files.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "backdrop/backdrop.h"
#include "file.h"

namespace backdrop::cli {

// RGBA, straight alpha, 4 bytes a pixel, row by row without gaps.
struct Picture {
  int width = 0;
  int height = 0;
  std::vector<std::uint8_t> rgba;

  // Throws Failure for a size that the engine does not take or that no honest photo has.
  void resize(std::uint64_t new_width, std::uint64_t new_height);
  backdrop_image view();
};

enum class PictureFormat { kPng, kJpeg };

// The format of the file name's extension, ignoring case. Throws WrongCall for an unknown extension
// and Failure for a folder.
PictureFormat format_of(const std::string& path);

// Reads a PNG or JPEG of any colour model and depth, recognized by its first bytes. The picture is
// rotated upright by its EXIF orientation; alpha stays. Throws Failure with the path.
Picture read_picture(const std::string& path);

// Composites transparent parts on white.
void lay_on_white(Picture& picture);

// Writes in the format of the extension. Throws Failure with the path.
void write_picture(const std::string& path, const Picture& picture);

// Writes a PNG of 8-bit grey, width * height bytes. Throws Failure with the path.
void write_grey_png(const std::string& path, int width, int height,
                    const std::vector<std::uint8_t>& grey);

}  // namespace backdrop::cli
