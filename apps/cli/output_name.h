// What a file's name says of what is in it.
#pragma once

#include <filesystem>
#include <string>

namespace backdrop::cli {

// In small letters, with its dot.
std::string ending_of(const std::filesystem::path& path);

// Whether it is a PNG's name with a number to be filled in, like out-%05d.png.
bool is_picture_pattern(const std::string& path);

// Whether an output's name is that of a video.
bool is_video_output(const std::string& path);

}  // namespace backdrop::cli
