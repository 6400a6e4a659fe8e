#include "jpeg.h"

#include <cstdio>  // before jpeglib.h, which uses FILE

#include <jpeglib.h>  // before jerror.h, whose numbers depend on it

#include <jerror.h>

#include <algorithm>
#include <cmath>
#include <csetjmp>
#include <cstdlib>
#include <memory>
#include <string>
#include <utility>

#include "exif.h"
#include "failure.h"

namespace backdrop::cli {
namespace {

constexpr int kQuality = 92;

// libjpeg reports an error by a call that must not return.
struct JpegErrors {
  jpeg_error_mgr manager;
  std::jmp_buf jump;
  char message[JMSG_LENGTH_MAX];
  bool profile_is_damaged;
};

[[noreturn]] void on_error(j_common_ptr codec) {
  auto* errors = reinterpret_cast<JpegErrors*>(codec->err);
  codec->err->format_message(codec, errors->message);
  std::longjmp(errors->jump, 1);
}

// Warnings of missing or wrong picture data are errors here; others leave the picture whole.
void on_message(j_common_ptr codec, int level) {
  const int code = codec->err->msg_code;
  const bool damaged =
      code == JWRN_JPEG_EOF || code == JWRN_HIT_MARKER || code == JWRN_HUFF_BAD_CODE;
  if (level < 0 && damaged) on_error(codec);
  if (code == JWRN_BOGUS_ICC) reinterpret_cast<JpegErrors*>(codec->err)->profile_is_damaged = true;
}

void set_up(JpegErrors& errors) {
  jpeg_std_error(&errors.manager);
  errors.manager.error_exit = on_error;
  errors.manager.emit_message = on_message;
}

// Runs `work` with the jump set. No frame below may hold an object that has a destructor while
// libjpeg runs.
template <typename Work>
void guarded(JpegErrors& errors, const Work& work) {
  if (setjmp(errors.jump) != 0) throw Failure(std::string("JPEG: ") + errors.message);
  work();
}

struct Decoder {
  JpegErrors errors{};
  jpeg_decompress_struct codec{};
  DecodedPicture decoded;
  unsigned char* profile = nullptr;

  Decoder() {
    set_up(errors);
    codec.err = &errors.manager;
  }
  ~Decoder() {
    std::free(profile);
    jpeg_destroy_decompress(&codec);
  }
  Decoder(const Decoder&) = delete;
  Decoder& operator=(const Decoder&) = delete;
};

struct Encoder {
  JpegErrors errors{};
  jpeg_compress_struct codec{};
  unsigned char* buffer = nullptr;
  unsigned long size = 0;

  Encoder() {
    set_up(errors);
    codec.err = &errors.manager;
  }
  ~Encoder() { jpeg_destroy_compress(&codec); }
  Encoder(const Encoder&) = delete;
  Encoder& operator=(const Encoder&) = delete;
};

void read_rows(Decoder& decoder) {
  jpeg_decompress_struct& codec = decoder.codec;
  std::vector<std::uint8_t>& pixels = decoder.decoded.picture.rgba;
  const std::size_t stride = std::size_t{codec.output_width} * 4;
  while (codec.output_scanline < codec.output_height) {
    JSAMPROW row = pixels.data() + codec.output_scanline * stride;
    jpeg_read_scanlines(&codec, &row, 1);
  }
  // Adobe's programs write CMYK inverted, and say that they wrote it.
  if (codec.out_color_space == JCS_CMYK && codec.saw_Adobe_marker) {
    for (std::uint8_t& value : pixels) value ^= 255;
  }
}

ColorModel model_of(const jpeg_decompress_struct& codec) {
  switch (codec.jpeg_color_space) {
    case JCS_CMYK:
    case JCS_YCCK:
      return ColorModel::kCmyk;
    case JCS_GRAYSCALE:
      return ColorModel::kGrey;
    default:
      return ColorModel::kRgb;
  }
}

void read_profile(Decoder& decoder) {
  unsigned size = 0;
  if (jpeg_read_icc_profile(&decoder.codec, &decoder.profile, &size)) {
    decoder.decoded.profile.assign(decoder.profile, decoder.profile + size);
  } else if (decoder.errors.profile_is_damaged) {
    decoder.decoded.profile_flaw = "its parts do not fit together";
  }
}

Density density_of(const jpeg_decompress_struct& codec) {
  constexpr int kPerInch = 1, kPerCentimetre = 2;
  double per_metre = 0;
  if (codec.density_unit == kPerInch) per_metre = 1 / kMetresPerInch;
  if (codec.density_unit == kPerCentimetre) per_metre = 100;
  return {codec.X_density * per_metre, codec.Y_density * per_metre};
}

// The density is JFIF's, else EXIF's.
void read_metadata(Decoder& decoder) {
  const jpeg_decompress_struct& codec = decoder.codec;
  Density& density = decoder.decoded.picture.density;
  density = density_of(codec);
  for (jpeg_saved_marker_ptr marker = codec.marker_list; marker; marker = marker->next) {
    if (marker->marker != JPEG_APP0 + 1) continue;
    const Exif exif = read_exif({marker->data, marker->data_length});
    decoder.decoded.orientation = exif.orientation.value_or(decoder.decoded.orientation);
    if (density.across <= 0) density = exif.density;
  }
}

void decode(Decoder& decoder, std::span<const std::uint8_t> bytes) {
  jpeg_decompress_struct& codec = decoder.codec;
  DecodedPicture& decoded = decoder.decoded;
  jpeg_create_decompress(&codec);
  jpeg_save_markers(&codec, JPEG_APP0 + 1, 0xffff);
  jpeg_save_markers(&codec, JPEG_APP0 + 2, 0xffff);
  jpeg_mem_src(&codec, bytes.data(), bytes.size());
  jpeg_read_header(&codec, TRUE);
  decoded.model = model_of(codec);
  read_metadata(decoder);
  read_profile(decoder);
  decoded.picture.resize(codec.image_width, codec.image_height);
  codec.out_color_space = decoded.model == ColorModel::kCmyk ? JCS_CMYK : JCS_EXT_RGBA;
  jpeg_start_decompress(&codec);
  read_rows(decoder);
  jpeg_finish_decompress(&codec);
}

void set_density(jpeg_compress_struct& codec, const Density& density) {
  if (density.across <= 0 || density.down <= 0) return;
  const auto per_inch = [](double per_metre) {
    return static_cast<UINT16>(std::lround(std::clamp(per_metre * kMetresPerInch, 1.0, 65535.0)));
  };
  codec.density_unit = 1;
  codec.X_density = per_inch(density.across);
  codec.Y_density = per_inch(density.down);
}

void encode(Encoder& encoder, const Picture& picture) {
  jpeg_compress_struct& codec = encoder.codec;
  jpeg_create_compress(&codec);
  jpeg_mem_dest(&codec, &encoder.buffer, &encoder.size);
  codec.image_width = static_cast<JDIMENSION>(picture.width);
  codec.image_height = static_cast<JDIMENSION>(picture.height);
  codec.input_components = 4;
  codec.in_color_space = JCS_EXT_RGBA;
  jpeg_set_defaults(&codec);
  jpeg_set_quality(&codec, kQuality, TRUE);
  set_density(codec, picture.density);
  jpeg_start_compress(&codec, TRUE);
  if (!picture.profile.empty()) {
    jpeg_write_icc_profile(&codec, picture.profile.data(),
                           static_cast<unsigned>(picture.profile.size()));
  }
  const std::size_t stride = std::size_t{codec.image_width} * 4;
  while (codec.next_scanline < codec.image_height) {
    // libjpeg takes rows as not const, but only reads them.
    auto* row = const_cast<JSAMPROW>(picture.rgba.data() + codec.next_scanline * stride);
    jpeg_write_scanlines(&codec, &row, 1);
  }
  jpeg_finish_compress(&codec);
}

}  // namespace

DecodedPicture decode_jpeg(std::span<const std::uint8_t> bytes) {
  Decoder decoder;
  guarded(decoder.errors, [&] { decode(decoder, bytes); });
  return std::move(decoder.decoded);
}

Bytes encode_jpeg(const Picture& picture) {
  Encoder encoder;
  guarded(encoder.errors, [&] { encode(encoder, picture); });
  // Only a finished encoder has set the buffer to what it holds.
  const std::unique_ptr<unsigned char, void (*)(void*)> owner(encoder.buffer, std::free);
  return {encoder.buffer, encoder.buffer + encoder.size};
}

}  // namespace backdrop::cli
