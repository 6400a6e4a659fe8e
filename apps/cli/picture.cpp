#include "picture.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <utility>

#include "color_profile.h"
#include "exif.h"
#include "failure.h"
#include "jpeg.h"
#include "output_name.h"
#include "png_file.h"

namespace backdrop::cli {
namespace {

constexpr std::uint64_t kMaxSide = BACKDROP_LARGEST_SIZE;
constexpr std::uint64_t kMaxPixels = std::uint64_t{1} << 28;

bool starts_with(const Bytes& bytes, std::string_view magic) {
  return bytes.size() >= magic.size() &&
         std::equal(magic.begin(), magic.end(), bytes.begin(),
                    [](char c, std::uint8_t byte) { return static_cast<std::uint8_t>(c) == byte; });
}

bool is_png(const Bytes& bytes) { return starts_with(bytes, "\x89PNG\r\n\x1a\n"); }

bool is_jpeg(const Bytes& bytes) { return starts_with(bytes, "\xff\xd8\xff"); }

// Fewer bytes than are looked at if there are no more, or if they can't be read.
Bytes start_of(const std::string& path) {
  std::array<char, 8> start{};
  std::ifstream file(path, std::ios::binary);
  file.read(start.data(), start.size());
  return {start.begin(), start.begin() + file.gcount()};
}

DecodedPicture decode(const std::string& path, DecodeOther other) {
  // A pipe can be read only once.
  std::error_code ignored;
  const bool is_file = std::filesystem::is_regular_file(path, ignored);
  const Bytes start = other && is_file ? start_of(path) : Bytes();
  if (!start.empty() && !is_png(start) && !is_jpeg(start)) return other(path);
  const Bytes bytes = read_file(path);
  if (is_png(bytes)) return decode_png(bytes);
  if (is_jpeg(bytes)) return decode_jpeg(bytes);
  if (!other) throw Failure("is neither PNG nor JPEG");
  return other(path);
}

}  // namespace

void Picture::resize(std::uint64_t new_width, std::uint64_t new_height) {
  if (new_width > kMaxSide || new_height > kMaxSide || new_width * new_height > kMaxPixels) {
    throw Failure("is too large: " + std::to_string(new_width) + "x" + std::to_string(new_height) +
                  " pixels; the most are 32768 a side and 2^28 in all");
  }
  width = static_cast<int>(new_width);
  height = static_cast<int>(new_height);
  rgba.resize(new_width * new_height * 4);
}

backdrop_image Picture::view() {
  backdrop_image image{};
  image.format = BACKDROP_RGBA;
  image.width = width;
  image.height = height;
  image.strides[0] = 4 * width;
  image.planes[0] = rgba.data();
  return image;
}

PictureFormat format_of(const std::string& path) {
  if (std::error_code ignored; std::filesystem::is_directory(path, ignored)) {
    throw Failure(path + ": is a folder");
  }
  const std::string extension = ending_of(path);
  if (extension == ".png") return PictureFormat::kPng;
  if (extension == ".jpg" || extension == ".jpeg") return PictureFormat::kJpeg;
  throw WrongCall(shown(path) +
                  ": the name must end in .png, .jpg or .jpeg, or that of a video in .mp4, .mov, "
                  ".mkv or .webm");
}

bool is_png_or_jpeg(const std::string& path) {
  const Bytes start = start_of(path);
  return is_png(start) || is_jpeg(start);
}

Picture read_picture(const std::string& path, Progress& progress, DecodeOther other) {
  return naming(path, [&] {
    DecodedPicture decoded = decode(path, other);
    const std::string flaw = settle_colors(decoded);
    if (!flaw.empty()) progress.note(path + ": its colour profile is ignored: " + flaw);
    return turned_upright(std::move(decoded.picture), decoded.orientation);
  });
}

void write_picture(const std::string& path, const Picture& picture) {
  naming(path, [&] {
    const bool png = format_of(path) == PictureFormat::kPng;
    write_file(path, png ? encode_png(picture) : encode_jpeg(picture));
  });
}

void write_grey_png(const std::string& path, const Picture& picture,
                    const std::vector<std::uint8_t>& grey) {
  naming(path, [&] { write_file(path, encode_grey_png(picture, grey)); });
}

}  // namespace backdrop::cli
