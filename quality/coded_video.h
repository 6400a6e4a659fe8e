// Video compression, by the command ffmpeg.
#pragma once

#include <cstdio>
#include <filesystem>
#include <functional>
#include <memory>
#include <string_view>

#include "picture.h"

namespace backdrop::quality {

struct VideoFormat {
  int width = 0;   // pixels, even
  int height = 0;  // pixels, even
  int fps = 0;
};

// A video that was encoded to a file of its own, and is decoded frame by frame.
class CodedVideo {
 public:
  // Encodes the frames 0 to `frames` - 1 with FFmpeg's arguments `codec`. Throws Failure where
  // there is no ffmpeg or the encoder is missing.
  CodedVideo(std::string_view codec, const VideoFormat& format, int frames,
             const std::function<cli::Picture(int)>& frame);
  ~CodedVideo();
  CodedVideo(const CodedVideo&) = delete;
  CodedVideo& operator=(const CodedVideo&) = delete;

  // The next frame. Throws Failure after the last one.
  cli::Picture next();

 private:
  using Pipe = std::unique_ptr<std::FILE, int (*)(std::FILE*)>;

  void encode(std::string_view codec, int frames, const std::function<cli::Picture(int)>& frame);

  VideoFormat format_;
  std::filesystem::path folder_;
  Pipe decoder_;
};

}  // namespace backdrop::quality
