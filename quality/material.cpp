#include "material.h"

#include <algorithm>
#include <cctype>

#include "failure.h"
#include "progress.h"

namespace backdrop::quality {
namespace {

namespace fs = std::filesystem;

bool has_extension(const fs::path& path, std::initializer_list<std::string_view> extensions) {
  std::string extension = path.extension().string();
  std::ranges::transform(extension, extension.begin(),
                         [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return std::ranges::find(extensions, extension) != extensions.end();
}

std::vector<fs::path> files_in(const fs::path& folder,
                               std::initializer_list<std::string_view> extensions) {
  std::error_code error;
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(folder, error)) {
    if (has_extension(entry.path(), extensions)) files.push_back(entry.path());
  }
  if (error) throw cli::Failure(folder.string() + ": " + error.message());
  std::ranges::sort(files);
  return files;
}

std::vector<Image> read_all(const fs::path& folder, std::size_t fewest, const char* what,
                            Image (*convert)(const cli::Picture&)) {
  std::vector<Image> images;
  for (const fs::path& file : files_in(folder, {".png", ".jpg", ".jpeg"})) {
    images.push_back(convert(read_quietly(file.string())));
  }
  if (images.size() < fewest) {
    throw cli::Failure(folder.string() + ": has " + std::to_string(images.size()) +
                       " pictures of " + what + ", and " + std::to_string(fewest) + " are needed");
  }
  return images;
}

}  // namespace

Material read_material(const fs::path& people, const fs::path& backgrounds) {
  return {.people = read_all(people, 1, "people", premultiplied),
          .backgrounds = read_all(backgrounds, 2, "backgrounds", colors_of)};
}

std::vector<PhotoWithMask> find_photos(const fs::path& folder) {
  std::vector<PhotoWithMask> photos;
  for (const fs::path& photo : files_in(folder, {".jpg", ".jpeg"})) {
    fs::path mask = photo;
    mask.replace_extension(".png");
    if (fs::exists(mask)) photos.push_back({photo.string(), mask.string()});
  }
  if (photos.empty()) {
    throw cli::Failure(folder.string() + ": has no photo STEM.jpg with a mask STEM.png");
  }
  return photos;
}

Image read_mask(const std::string& path) {
  const cli::Picture picture = read_quietly(path);
  bool is_opaque = true;
  for (std::size_t i = 3; i < picture.rgba.size(); i += 4) is_opaque &= picture.rgba[i] == 255;
  Image mask(picture.width, picture.height, 1);
  for (std::size_t i = 0; i < mask.values.size(); ++i) {
    mask.values[i] = static_cast<float>(picture.rgba[4 * i + (is_opaque ? 0 : 3)]) / 255;
  }
  return mask;
}

cli::Picture read_quietly(const std::string& path) {
  cli::Progress progress;
  return cli::read_picture(path, progress);
}

}  // namespace backdrop::quality
