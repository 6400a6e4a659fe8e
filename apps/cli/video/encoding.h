// Which container, codec and pixels an output has.
#pragma once

#include <optional>
#include <string>

#include "av.h"
#include "orientation.h"

namespace backdrop::cli {

struct OutputChoice {
  std::string path;                   // "-" is the standard output
  std::optional<std::string> format;  // FFmpeg's of the container, or yuv420p: raw frames
  std::optional<std::string> codec;   // ours or FFmpeg's
  std::optional<int> quality;         // as the codec counts
  bool is_transparent = false;
  bool is_grey = false;  // of grey alone
};

struct Container {
  const char* muxer = nullptr;     // FFmpeg's
  bool keeps_orientation = false;  // else pixels are turned
  bool is_pictures = false;        // one file a frame
  bool is_raw = false;             // nothing but pixels

  bool has_other_streams() const { return !is_pictures && !is_raw; }
};

// By the ending. Throws WrongCall for an unknown one.
Container container_of(const OutputChoice& output);

struct Encoding {
  const AVCodec* codec = nullptr;
  AVPixelFormat format = AV_PIX_FMT_NONE;
};

// Of frames of the format `source`. Throws WrongCall for what can't be, such as H.264 in WebM.
Encoding choose_encoding(const OutputChoice& output, const Container& container,
                         AVPixelFormat source, const Orientation& turning);

// The quality, the speed and what else a codec has to be told.
void set_up(AVCodecContext& codec, Dictionary& options, const OutputChoice& output);

}  // namespace backdrop::cli
