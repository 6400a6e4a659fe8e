// Where a virtual camera's pictures come from.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "backlog.h"
#include "frame_reader.h"
#include "orientation.h"
#include "source.h"
#include "video_decoder.h"

namespace backdrop::cli {

// What a wanted source is opened with.
struct CameraRequest {
  std::string from;  // "test", an address such as rtsp://HOST, a device, or a file
  std::optional<std::pair<int, int>> size{};
  int rate = 30;
};

class CameraInput {
 public:
  // Throws Failure, without the name: what is neither a device nor an address has to be a file.
  explicit CameraInput(CameraRequest request);

  // Waits for the next picture: a camera's when it is there, a file's when it is its turn; after
  // its last one a file begins again. Of a live source, pictures that others have overtaken are
  // left out. Throws Failure when the source has gone, or has no picture for kLongestSilence.
  FramePtr read();

  // How its pictures are turned to be upright.
  const Orientation& orientation() const { return orientation_; }

 private:
  using Clock = std::chrono::steady_clock;

  void open();
  FramePtr next();
  FramePtr read_next();
  void begin_again();
  void wait_for_turn(const AVFrame& frame);

  CameraRequest request_;
  bool is_device_ = false;
  bool is_paced_ = false;  // a file, which has no pace of its own: by the times of its pictures
  std::optional<Source> source_;
  std::optional<VideoDecoder> decoder_;
  Orientation orientation_;
  FrameReader frames_;
  Backlog backlog_;
  Clock::duration waited_{};                // for the packets of the latest picture
  std::optional<Clock::time_point> begun_;  // when the picture of time 0 had its turn
  std::chrono::microseconds end_{};         // of the latest picture
};

}  // namespace backdrop::cli
