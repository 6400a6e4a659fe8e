#include "png_file.h"

#include <png.h>

#include <cstring>
#include <string>
#include <utility>

#include "exif.h"
#include "failure.h"

namespace backdrop::cli {
namespace {

// libpng's simplified interface, which reports errors in the structure.
struct PngImage : png_image {
  PngImage() : png_image{} { version = PNG_IMAGE_VERSION; }
  ~PngImage() { png_image_free(this); }
  PngImage(const PngImage&) = delete;
  PngImage& operator=(const PngImage&) = delete;

  void check(int succeeded) const {
    if (!succeeded) throw Failure(std::string("PNG: ") + message);
  }
};

// 1, upright, without a chunk eXIf.
int orientation_of(std::span<const std::uint8_t> png) {
  constexpr std::size_t kSignature = 8, kHead = 8, kCheck = 4;
  for (std::size_t at = kSignature; png.size() - at >= kHead + kCheck;) {
    const std::size_t size = png_get_uint_32(png.data() + at);
    if (size > png.size() - at - kHead - kCheck) break;
    const auto chunk = png.subspan(at + kHead, size);
    if (std::memcmp(png.data() + at + 4, "eXIf", 4) == 0) {
      Bytes exif{'E', 'x', 'i', 'f', 0, 0};
      exif.insert(exif.end(), chunk.begin(), chunk.end());
      return exif_orientation(exif).value_or(1);
    }
    at += kHead + size + kCheck;
  }
  return 1;
}

}  // namespace

Picture decode_png(std::span<const std::uint8_t> bytes) {
  PngImage image;
  image.check(png_image_begin_read_from_memory(&image, bytes.data(), bytes.size()));
  image.format = PNG_FORMAT_RGBA;
  image.flags |= PNG_IMAGE_FLAG_16BIT_sRGB;
  Picture picture;
  picture.resize(image.width, image.height);
  image.check(png_image_finish_read(&image, nullptr, picture.rgba.data(), 0, nullptr));
  return turned_upright(std::move(picture), orientation_of(bytes));
}

Bytes encode_png(std::span<const std::uint8_t> pixels, int width, int height, PngColor color) {
  PngImage image;
  image.width = static_cast<png_uint_32>(width);
  image.height = static_cast<png_uint_32>(height);
  image.format = color == PngColor::kGrey ? PNG_FORMAT_GRAY : PNG_FORMAT_RGBA;
  png_alloc_size_t size = PNG_IMAGE_PNG_SIZE_MAX(image);
  Bytes bytes(size);
  image.check(png_image_write_to_memory(&image, bytes.data(), &size, 0, pixels.data(), 0, nullptr));
  bytes.resize(size);
  return bytes;
}

}  // namespace backdrop::cli
