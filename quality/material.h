// The pictures that sequences are made of, and photos with masks.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "image.h"

namespace backdrop::quality {

struct Material {
  std::vector<Image> people;  // premultiplied, four channels, in the order of their files' names
  std::vector<Image> backgrounds;  // three channels, in the order of their files' names
};

// Reads all PNG and JPEG files of both folders. Throws Failure where a folder is missing, where
// there is no person, or fewer than two backgrounds: the room, and the picture that replaces the
// room.
Material read_material(const std::filesystem::path& people,
                       const std::filesystem::path& backgrounds);

struct PhotoWithMask {
  std::string photo;  // paths
  std::string mask;
};

// Pairs of a photo, STEM.jpg or STEM.jpeg, and its mask, STEM.png, in the order of their names.
// Throws Failure where the folder is missing or has no pair.
std::vector<PhotoWithMask> find_photos(const std::filesystem::path& folder);

// The mask of one channel, 0 to 1: the file's first colour, or its alpha where one is not opaque.
// Throws Failure.
Image read_mask(const std::string& path);

cli::Picture read_quietly(const std::string& path);

}  // namespace backdrop::quality
