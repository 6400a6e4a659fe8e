#include "output_name.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <cstddef>
#include <string_view>

namespace backdrop::cli {

std::string ending_of(const std::filesystem::path& path) {
  std::string ending = path.extension().string();
  std::ranges::transform(ending, ending.begin(),
                         [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return ending;
}

bool is_picture_pattern(const std::string& path) {
  constexpr std::size_t kLongest = 7;  // from % up to d
  const std::string file = std::filesystem::path(path).filename().string();
  const std::size_t percent = file.find('%');
  if (ending_of(path) != ".png" || percent == std::string::npos) return false;
  std::size_t end = percent + 1;
  while (end < file.size() && std::isdigit(static_cast<unsigned char>(file[end])) != 0) ++end;
  return end < file.size() && file[end] == 'd' && end - percent <= kLongest &&
         file.find('%', end) == std::string::npos;
}

bool is_video_output(const std::string& path) {
  constexpr std::array<std::string_view, 5> kEndings = {".m4v", ".mkv", ".mov", ".mp4", ".webm"};
  return path == "-" || is_picture_pattern(path) ||
         std::ranges::find(kEndings, ending_of(path)) != kEndings.end();
}

}  // namespace backdrop::cli
