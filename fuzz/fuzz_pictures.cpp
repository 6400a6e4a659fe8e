// A PNG or a JPEG of any content: read, brought to other colours, and written again.
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>

#include "color_profile.h"
#include "exif.h"
#include "failure.h"
#include "jpeg.h"
#include "png_file.h"

namespace {

using namespace backdrop::cli;

constexpr std::size_t kLargest = std::size_t{4} << 16;  // bytes of pixels; larger ones take long

void read_and_write(std::span<const std::uint8_t> file) {
  DecodedPicture decoded = file[0] == 0x89 ? decode_png(file) : decode_jpeg(file);
  if (decoded.picture.rgba.size() > kLargest) return;
  settle_colors(decoded);
  Picture picture = turned_upright(std::move(decoded.picture), decoded.orientation);
  encode_png(picture);
  encode_jpeg(picture);
  Picture behind;
  behind.resize(2, 2);
  convert_colors(behind, picture.profile);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  try {
    read_and_write({data, size});
  } catch (const Failure&) {
    return 0;
  }
  return 0;
}
