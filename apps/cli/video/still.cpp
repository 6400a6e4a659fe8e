// Photos in formats of FFmpeg's.
#include <cstdlib>
#include <string>
#include <string_view>

#include "av.h"
#include "colors.h"
#include "encoding.h"
#include "failure.h"
#include "job.h"
#include "orientation.h"
#include "scaler.h"
#include "source.h"
#include "video_decoder.h"

namespace backdrop::cli {
namespace {

// Whether the video has a second picture.
bool moves(Source& source) {
  int pictures = 0;
  while (const PacketPtr packet = source.read()) {
    if (source.is_video(*packet) && ++pictures > 1) return true;
  }
  return false;
}

bool is_animation(const Source& source) {
  const std::string_view container = source.file().iformat->name;
  return container == "gif" || container == "apng";
}

FramePtr first_frame(Source& source) {
  VideoDecoder decoder(source.file(), source.video());
  FramePtr first;
  bool is_end = false;
  while (!first && !is_end) {
    const PacketPtr packet = source.read();
    is_end = !packet;
    if (packet && !source.is_video(*packet)) continue;
    decoder.decode(packet.get(), [&](FramePtr frame) {
      if (!first) first = std::move(frame);
    });
  }
  if (!first) {
    const std::string message = take_message();
    throw Failure("FFmpeg can't decode it" + (message.empty() ? "" : ": " + message));
  }
  return first;
}

// WebP's, by EXIF; 0 if there is none.
int stated_orientation(const AVFrame& frame) {
  const AVDictionaryEntry* entry = av_dict_get(frame.metadata, "Orientation", nullptr, 0);
  const long orientation = entry ? std::strtol(entry->value, nullptr, 10) : 0;
  return orientation >= 1 && orientation <= 8 ? static_cast<int>(orientation) : 0;
}

int exif_orientation(const Orientation& orientation) {
  constexpr int kUpright[] = {1, 6, 3, 8};
  constexpr int kMirrored[] = {2, 5, 4, 7};
  const int quarter = orientation.rotation / 90;
  return orientation.is_mirrored ? kMirrored[quarter] : kUpright[quarter];
}

}  // namespace

bool is_video(const std::string& path) {
  if (is_png_or_jpeg(path)) return false;
  return naming(path, [&] {
    Source source(path);
    return moves(source);
  });
}

DecodedPicture decode_other_picture(const std::string& path) {
  if (Source source(path); !is_animation(source) && moves(source)) {
    throw Failure(
        "is a video; write it to a .mp4, .mov, .mkv or .webm, or to pictures like out-%05d.png");
  }
  Source source(path);
  const FramePtr frame = first_frame(source);
  DecodedPicture decoded;
  decoded.picture.resize(static_cast<std::uint64_t>(frame->width),
                         static_cast<std::uint64_t>(frame->height));
  const FramePtr rgba = make_frame(AV_PIX_FMT_RGBA, frame->width, frame->height);
  Scaler scaler;
  scaler.convert(*frame, colors_of(*frame), *rgba, {});
  copy_rows(*rgba, decoded.picture.rgba);
  const AVFrameSideData* profile = av_frame_get_side_data(frame.get(), AV_FRAME_DATA_ICC_PROFILE);
  if (profile) decoded.profile.assign(profile->data, profile->data + profile->size);
  const auto orientation = orientation_of(side_data(source.video(), AV_PKT_DATA_DISPLAYMATRIX));
  const int stated = stated_orientation(*frame);
  decoded.orientation =
      stated != 0 ? stated : exif_orientation(orientation.value_or(Orientation{}));
  return decoded;
}

}  // namespace backdrop::cli
