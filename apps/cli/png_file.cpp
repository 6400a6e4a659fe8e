#include "png_file.h"

#include <png.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <csetjmp>
#include <new>
#include <string>
#include <string_view>
#include <utility>

#include "color_profile.h"
#include "exif.h"
#include "failure.h"

namespace backdrop::cli {
namespace {

// libpng reports an error by a call that must not return.
struct PngErrors {
  std::jmp_buf jump;
  std::array<char, 128> message;
  std::array<char, 128> profile_warning;
};

template <std::size_t N>
void keep(std::array<char, N>& text, std::string_view message) {
  message = message.substr(0, N - 1);
  *std::ranges::copy(message, text.begin()).out = '\0';
}

[[noreturn]] void on_error(png_structp codec, png_const_charp message) {
  auto* errors = static_cast<PngErrors*>(png_get_error_ptr(codec));
  keep(errors->message, message);
  std::longjmp(errors->jump, 1);
}

void on_warning(png_structp codec, png_const_charp message) {
  auto* errors = static_cast<PngErrors*>(png_get_error_ptr(codec));
  if (std::string_view(message).starts_with("iCCP")) keep(errors->profile_warning, message);
}

// Runs `work` with the jump set. No frame below may hold an object that has a destructor while
// libpng runs.
template <typename Work>
void guarded(PngErrors& errors, const Work& work) {
  if (setjmp(errors.jump) != 0) throw Failure(std::string("PNG: ") + errors.message.data());
  work();
}

// --- Reading ---

struct Decoder {
  PngErrors errors{};
  png_structp codec = png_create_read_struct(PNG_LIBPNG_VER_STRING, &errors, on_error, on_warning);
  png_infop info = png_create_info_struct(codec);
  std::span<const std::uint8_t> unread;
  DecodedPicture decoded;
  std::vector<png_bytep> rows;

  explicit Decoder(std::span<const std::uint8_t> bytes) : unread(bytes) {
    if (!info) throw std::bad_alloc();
  }
  ~Decoder() { png_destroy_read_struct(&codec, &info, nullptr); }
  Decoder(const Decoder&) = delete;
  Decoder& operator=(const Decoder&) = delete;
};

void read_bytes(png_structp codec, png_bytep target, std::size_t size) {
  auto& unread = *static_cast<std::span<const std::uint8_t>*>(png_get_io_ptr(codec));
  if (size > unread.size()) png_error(codec, "the file is cut off");
  std::copy_n(unread.data(), size, target);
  unread = unread.subspan(size);
}

// RGBA of 8 bits, whatever is stored.
void set_pixel_format(png_structp codec) {
  png_set_expand(codec);
  png_set_scale_16(codec);
  png_set_gray_to_rgb(codec);
  png_set_add_alpha(codec, 255, PNG_FILLER_AFTER);
}

void read_pixels(Decoder& decoder) {
  Picture& picture = decoder.decoded.picture;
  decoder.rows.resize(static_cast<std::size_t>(picture.height));
  const std::size_t stride = static_cast<std::size_t>(picture.width) * 4;
  for (std::size_t y = 0; y < decoder.rows.size(); ++y) {
    decoder.rows[y] = picture.rgba.data() + y * stride;
  }
  png_set_interlace_handling(decoder.codec);
  png_read_update_info(decoder.codec, decoder.info);
  png_read_image(decoder.codec, decoder.rows.data());
}

// Of a file without a profile: empty for sRGB, which a gamma alone that is near does not change.
Bytes profile_of_chunks(png_structp codec, png_infop info) {
  constexpr double kGammaOfSrgb = 1 / 2.2;
  double gamma = kGammaOfSrgb;
  std::array<Chromaticity, 4> places = {{{.x = 0.3127, .y = 0.3290},
                                         {.x = 0.64, .y = 0.33},
                                         {.x = 0.30, .y = 0.60},
                                         {.x = 0.15, .y = 0.06}}};
  const auto of_srgb = places;
  if (png_get_valid(codec, info, PNG_INFO_sRGB)) return {};
  png_get_gAMA(codec, info, &gamma);
  auto& [white, red, green, blue] = places;
  png_get_cHRM(codec, info, &white.x, &white.y, &red.x, &red.y, &green.x, &green.y, &blue.x,
               &blue.y);
  const auto is_near = [](const Chromaticity& a, const Chromaticity& b) {
    return std::abs(a.x - b.x) < 0.002 && std::abs(a.y - b.y) < 0.002;
  };
  const bool srgb =
      std::abs(gamma / kGammaOfSrgb - 1) < 0.03 && std::ranges::equal(places, of_srgb, is_near);
  return srgb || gamma <= 0 ? Bytes{} : make_profile(white, {red, green, blue}, 1 / gamma);
}

void read_profile(Decoder& decoder) {
  png_charp name = nullptr;
  png_bytep bytes = nullptr;
  png_uint_32 size = 0;
  int compression = 0;
  if (png_get_iCCP(decoder.codec, decoder.info, &name, &compression, &bytes, &size) != 0) {
    decoder.decoded.profile.assign(bytes, bytes + size);
  } else {
    decoder.decoded.profile_flaw = decoder.errors.profile_warning.data();
    decoder.decoded.profile = profile_of_chunks(decoder.codec, decoder.info);
  }
}

void read_density(Decoder& decoder) {
  png_uint_32 across = 0;
  png_uint_32 down = 0;
  int unit = PNG_RESOLUTION_UNKNOWN;
  png_get_pHYs(decoder.codec, decoder.info, &across, &down, &unit);
  if (unit == PNG_RESOLUTION_METER) {
    decoder.decoded.picture.density = {static_cast<double>(across), static_cast<double>(down)};
  }
}

// The chunk may stand behind the pixels.
void read_orientation(Decoder& decoder) {
  png_bytep bytes = nullptr;
  png_uint_32 size = 0;
  if (png_get_eXIf_1(decoder.codec, decoder.info, &size, &bytes) == 0) return;
  Bytes exif{'E', 'x', 'i', 'f', 0, 0};
  exif.insert(exif.end(), bytes, bytes + size);
  decoder.decoded.orientation = read_exif(exif).orientation.value_or(1);
}

void read_head(Decoder& decoder) {
  png_structp codec = decoder.codec;
  png_set_user_limits(codec, PNG_UINT_31_MAX, PNG_UINT_31_MAX);  // Picture::resize has its own
  png_set_read_fn(codec, &decoder.unread, read_bytes);
  png_read_info(codec, decoder.info);
  const bool has_color = (png_get_color_type(codec, decoder.info) & PNG_COLOR_MASK_COLOR) != 0;
  decoder.decoded.model = has_color ? ColorModel::kRgb : ColorModel::kGrey;
  decoder.decoded.picture.resize(png_get_image_width(codec, decoder.info),
                                 png_get_image_height(codec, decoder.info));
}

// --- Writing ---

struct Encoder {
  PngErrors errors{};
  png_structp codec = png_create_write_struct(PNG_LIBPNG_VER_STRING, &errors, on_error, on_warning);
  png_infop info = png_create_info_struct(codec);
  Bytes written;

  Encoder() {
    if (!info) throw std::bad_alloc();
    png_set_benign_errors(codec, 1);
  }
  ~Encoder() { png_destroy_write_struct(&codec, &info); }
  Encoder(const Encoder&) = delete;
  Encoder& operator=(const Encoder&) = delete;

  // After the header is set. False where libpng does not take the profile: it is stricter than
  // Little CMS.
  bool set_profile(const Bytes& profile) {
    png_set_iCCP(codec, info, "profile", PNG_COMPRESSION_TYPE_BASE, profile.data(),
                 static_cast<png_uint_32>(profile.size()));
    return png_get_valid(codec, info, PNG_INFO_iCCP) != 0;
  }
};

void write_bytes(png_structp codec, png_bytep bytes, std::size_t size) {
  auto& written = *static_cast<Bytes*>(png_get_io_ptr(codec));
  bool is_kept = true;
  try {
    written.insert(written.end(), bytes, bytes + size);
  } catch (const std::bad_alloc&) {
    is_kept = false;
  }
  if (!is_kept) png_error(codec, "there is not enough memory");
}

void set_density(Encoder& encoder, const Density& density) {
  if (density.across <= 0 || density.down <= 0) return;
  const auto whole = [](double value) {
    return static_cast<png_uint_32>(std::lround(std::min(value, 1e9)));
  };
  png_set_pHYs(encoder.codec, encoder.info, whole(density.across), whole(density.down),
               PNG_RESOLUTION_METER);
}

void set_head(Encoder& encoder, const Picture& picture, int color_type) {
  png_set_write_fn(encoder.codec, &encoder.written, write_bytes, nullptr);
  png_set_IHDR(encoder.codec, encoder.info, static_cast<png_uint_32>(picture.width),
               static_cast<png_uint_32>(picture.height), 8, color_type, PNG_INTERLACE_NONE,
               PNG_COMPRESSION_TYPE_BASE, PNG_FILTER_TYPE_BASE);
  set_density(encoder, picture.density);
}

void write_image(Encoder& encoder, const std::vector<std::uint8_t>& pixels) {
  png_write_info(encoder.codec, encoder.info);
  const std::size_t stride = png_get_rowbytes(encoder.codec, encoder.info);
  for (std::size_t at = 0; at < pixels.size(); at += stride) {
    png_write_row(encoder.codec, pixels.data() + at);
  }
  png_write_end(encoder.codec, encoder.info);
}

}  // namespace

DecodedPicture decode_png(std::span<const std::uint8_t> bytes) {
  Decoder decoder(bytes);
  guarded(decoder.errors, [&] {
    read_head(decoder);
    set_pixel_format(decoder.codec);
    read_profile(decoder);
    read_density(decoder);
    read_pixels(decoder);
    png_read_end(decoder.codec, decoder.info);
    read_orientation(decoder);
  });
  return std::move(decoder.decoded);
}

Bytes encode_png(const Picture& picture) {
  Encoder encoder;
  bool takes_profile = true;
  guarded(encoder.errors, [&] {
    set_head(encoder, picture, PNG_COLOR_TYPE_RGBA);
    if (picture.profile.empty()) {
      png_set_sRGB_gAMA_and_cHRM(encoder.codec, encoder.info, PNG_sRGB_INTENT_PERCEPTUAL);
    } else {
      takes_profile = encoder.set_profile(picture.profile);
    }
    if (takes_profile) write_image(encoder, picture.rgba);
  });
  if (takes_profile) return std::move(encoder.written);
  Picture of_srgb = picture;
  convert_colors(of_srgb, {});
  return encode_png(of_srgb);
}

Bytes encode_grey_png(const Picture& picture, const std::vector<std::uint8_t>& grey) {
  Encoder encoder;
  guarded(encoder.errors, [&] {
    set_head(encoder, picture, PNG_COLOR_TYPE_GRAY);
    write_image(encoder, grey);
  });
  return std::move(encoder.written);
}

}  // namespace backdrop::cli
