#include "exif.h"

#include <libexif/exif-data.h>

#include <algorithm>
#include <cstddef>
#include <memory>

namespace backdrop::cli {

std::optional<int> exif_orientation(std::span<const std::uint8_t> data) {
  const std::unique_ptr<ExifData, void (*)(ExifData*)> exif(
      exif_data_new_from_data(data.data(), static_cast<unsigned>(data.size())), exif_data_unref);
  if (!exif) return std::nullopt;
  const ExifEntry* entry = exif_content_get_entry(exif->ifd[EXIF_IFD_0], EXIF_TAG_ORIENTATION);
  if (!entry || entry->format != EXIF_FORMAT_SHORT || entry->components != 1) return std::nullopt;
  const int orientation = exif_get_short(entry->data, exif_data_get_byte_order(exif.get()));
  if (orientation < 1 || orientation > 8) return std::nullopt;
  return orientation;
}

Picture turned_upright(Picture source, int orientation) {
  if (orientation == 1) return source;
  const bool transposed = orientation >= 5;
  const bool flip_x = orientation == 2 || orientation == 3 || orientation == 7 || orientation == 8;
  const bool flip_y = orientation == 3 || orientation == 4 || orientation == 6 || orientation == 7;
  const auto width = static_cast<std::size_t>(source.width);
  const auto height = static_cast<std::size_t>(source.height);
  Picture upright;
  upright.resize(transposed ? height : width, transposed ? width : height);
  std::uint8_t* target = upright.rgba.data();
  for (std::size_t y = 0; y < static_cast<std::size_t>(upright.height); ++y) {
    for (std::size_t x = 0; x < static_cast<std::size_t>(upright.width); ++x, target += 4) {
      const std::size_t along_x = transposed ? y : x;
      const std::size_t along_y = transposed ? x : y;
      const std::size_t source_x = flip_x ? width - 1 - along_x : along_x;
      const std::size_t source_y = flip_y ? height - 1 - along_y : along_y;
      std::copy_n(source.rgba.data() + (source_y * width + source_x) * 4, 4, target);
    }
  }
  return upright;
}

}  // namespace backdrop::cli
