#include "jpeg.h"

#include <cstdio>  // before jpeglib.h, which uses FILE

#include <jerror.h>
#include <jpeglib.h>

#include <algorithm>
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
  int orientation = 1;
  Picture picture;
  std::vector<std::uint8_t> cmyk_row;

  Decoder() {
    set_up(errors);
    codec.err = &errors.manager;
  }
  ~Decoder() { jpeg_destroy_decompress(&codec); }
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

// Adobe's programs write CMYK inverted, and say that they wrote it.
void cmyk_to_rgba(const std::vector<std::uint8_t>& cmyk, bool inverted, std::uint8_t* rgba) {
  const int flip = inverted ? 0 : 255;
  for (std::size_t i = 0; i < cmyk.size(); i += 4) {
    const int light = cmyk[i + 3] ^ flip;
    for (std::size_t channel = i; channel < i + 3; ++channel) {
      rgba[channel] = static_cast<std::uint8_t>(((cmyk[channel] ^ flip) * light + 127) / 255);
    }
    rgba[i + 3] = 255;
  }
}

void read_rows(Decoder& decoder) {
  jpeg_decompress_struct& codec = decoder.codec;
  const std::size_t stride = std::size_t{codec.output_width} * 4;
  const bool cmyk = codec.out_color_space == JCS_CMYK;
  if (cmyk) decoder.cmyk_row.resize(stride);
  while (codec.output_scanline < codec.output_height) {
    std::uint8_t* row = decoder.picture.rgba.data() + codec.output_scanline * stride;
    JSAMPROW target = cmyk ? decoder.cmyk_row.data() : row;
    jpeg_read_scanlines(&codec, &target, 1);
    if (cmyk) cmyk_to_rgba(decoder.cmyk_row, codec.saw_Adobe_marker != 0, row);
  }
}

int orientation_of(const jpeg_decompress_struct& codec) {
  for (jpeg_saved_marker_ptr marker = codec.marker_list; marker; marker = marker->next) {
    const auto orientation = exif_orientation({marker->data, marker->data_length});
    if (orientation) return *orientation;
  }
  return 1;
}

void decode(Decoder& decoder, std::span<const std::uint8_t> bytes) {
  jpeg_decompress_struct& codec = decoder.codec;
  jpeg_create_decompress(&codec);
  jpeg_save_markers(&codec, JPEG_APP0 + 1, 0xffff);
  jpeg_mem_src(&codec, bytes.data(), bytes.size());
  jpeg_read_header(&codec, TRUE);
  decoder.orientation = orientation_of(codec);
  decoder.picture.resize(codec.image_width, codec.image_height);
  const bool cmyk = codec.jpeg_color_space == JCS_CMYK || codec.jpeg_color_space == JCS_YCCK;
  codec.out_color_space = cmyk ? JCS_CMYK : JCS_EXT_RGBA;
  jpeg_start_decompress(&codec);
  read_rows(decoder);
  jpeg_finish_decompress(&codec);
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
  jpeg_start_compress(&codec, TRUE);
  const std::size_t stride = std::size_t{codec.image_width} * 4;
  while (codec.next_scanline < codec.image_height) {
    // libjpeg takes rows as not const, but only reads them.
    auto* row = const_cast<JSAMPROW>(picture.rgba.data() + codec.next_scanline * stride);
    jpeg_write_scanlines(&codec, &row, 1);
  }
  jpeg_finish_compress(&codec);
}

}  // namespace

Picture decode_jpeg(std::span<const std::uint8_t> bytes) {
  Decoder decoder;
  guarded(decoder.errors, [&] { decode(decoder, bytes); });
  return turned_upright(std::move(decoder.picture), decoder.orientation);
}

Bytes encode_jpeg(const Picture& picture) {
  Encoder encoder;
  guarded(encoder.errors, [&] { encode(encoder, picture); });
  // Only a finished encoder has set the buffer to what it holds.
  const std::unique_ptr<unsigned char, void (*)(void*)> owner(encoder.buffer, std::free);
  return {encoder.buffer, encoder.buffer + encoder.size};
}

}  // namespace backdrop::cli
