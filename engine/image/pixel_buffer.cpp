#include "image/pixel_buffer.h"

#include <cstring>
#include <utility>

#include "base/assert.h"
#include "base/saturating.h"

namespace backdrop {

bool PixelBuffer::create(PixelFormat format, int width, int height) {
  const Frame layout{.format = format, .width = width, .height = height};
  const auto bytes_of = [&](int plane) {
    return Size(layout.row_bytes(plane)) * layout.plane_height(plane);
  };
  Size bytes = 0;
  for (int plane = 0; plane < plane_count(format); ++plane) bytes = bytes + bytes_of(plane);
  frame_ = {};
  if (!bytes_.resize(bytes.get())) return false;

  frame_ = layout;
  std::uint8_t* first = bytes_.data();
  for (int plane = 0; plane < plane_count(format); ++plane) {
    const auto p = static_cast<std::size_t>(plane);
    frame_.planes[p] = first;
    frame_.strides[p] = layout.row_bytes(plane);
    first += bytes_of(plane).get();
  }
  return true;
}

void copy_pixels(const ConstFrame& from, const Frame& to) {
  BACKDROP_ASSERT(from.format == to.format && from.width == to.width && from.height == to.height);
  for (int plane = 0; plane < plane_count(from.format); ++plane) {
    for (int y = 0; y < from.plane_height(plane); ++y) {
      std::memmove(to.row(plane, y), from.row(plane, y),
                   static_cast<std::size_t>(from.row_bytes(plane)));
    }
  }
}

void lay_on(const Frame& picture, const std::array<std::uint8_t, 3>& color) {
  BACKDROP_ASSERT(traits_of(picture.format).has_alpha);
  for (int y = 0; y < picture.height; ++y) {
    std::uint8_t* const end = picture.row(0, y) + picture.row_bytes(0);
    for (std::uint8_t* pixel = picture.row(0, y); pixel < end; pixel += 4) {
      const int alpha = std::exchange(pixel[3], std::uint8_t{255});
      if (alpha == 255) continue;
      for (std::size_t c = 0; c < 3; ++c) {
        pixel[c] =
            static_cast<std::uint8_t>((pixel[c] * alpha + color[c] * (255 - alpha) + 127) / 255);
      }
    }
  }
}

}  // namespace backdrop
