#include "exif.h"

#include <libexif/exif-data.h>

#include <algorithm>
#include <cstddef>
#include <memory>
#include <utility>

namespace backdrop::cli {

namespace {

using Data = std::unique_ptr<ExifData, void (*)(ExifData*)>;

// Null unless the first directory has one value of this format there.
const ExifEntry* find(const Data& exif, ExifTag tag, ExifFormat format) {
  const ExifEntry* entry = exif_content_get_entry(exif->ifd[EXIF_IFD_0], tag);
  return entry && entry->format == format && entry->components == 1 ? entry : nullptr;
}

std::optional<int> short_of(const Data& exif, ExifTag tag) {
  const ExifEntry* entry = find(exif, tag, EXIF_FORMAT_SHORT);
  if (!entry) return std::nullopt;
  return exif_get_short(entry->data, exif_data_get_byte_order(exif.get()));
}

// 0 if there is none.
double rational_of(const Data& exif, ExifTag tag) {
  const ExifEntry* entry = find(exif, tag, EXIF_FORMAT_RATIONAL);
  if (!entry) return 0;
  const ExifRational value = exif_get_rational(entry->data, exif_data_get_byte_order(exif.get()));
  return value.denominator == 0 ? 0 : double{1} * value.numerator / value.denominator;
}

Density density_of(const Data& exif) {
  constexpr int kCentimetres = 3;
  const int unit = short_of(exif, EXIF_TAG_RESOLUTION_UNIT).value_or(0);
  const double per_metre = unit == kCentimetres ? 100 : 1 / kMetresPerInch;
  return {rational_of(exif, EXIF_TAG_X_RESOLUTION) * per_metre,
          rational_of(exif, EXIF_TAG_Y_RESOLUTION) * per_metre};
}

}  // namespace

Exif read_exif(std::span<const std::uint8_t> bytes) {
  const Data exif(exif_data_new_from_data(bytes.data(), static_cast<unsigned>(bytes.size())),
                  exif_data_unref);
  if (!exif) return {};
  std::optional<int> orientation = short_of(exif, EXIF_TAG_ORIENTATION);
  if (orientation && (*orientation < 1 || *orientation > 8)) orientation.reset();
  return {orientation, density_of(exif)};
}

Picture turned_upright(Picture source, int orientation) {
  if (orientation == 1) return source;
  const bool transposed = orientation >= 5;
  const bool flip_x = orientation == 2 || orientation == 3 || orientation == 7 || orientation == 8;
  const bool flip_y = orientation == 3 || orientation == 4 || orientation == 6 || orientation == 7;
  const auto width = static_cast<std::size_t>(source.width);
  const auto height = static_cast<std::size_t>(source.height);
  Picture upright;
  upright.profile = std::move(source.profile);
  upright.density = source.density;
  if (transposed) std::swap(upright.density.across, upright.density.down);
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
