// A video that runs behind the person, again and again.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "av.h"
#include "frame_reader.h"
#include "orientation.h"
#include "scaler.h"
#include "source.h"
#include "video_decoder.h"

namespace backdrop::cli {

class BackgroundClip {
 public:
  // `width` and `height` are those of the frames that it has to cover. Throws Failure with the
  // path.
  BackgroundClip(std::string path, int width, int height);

  // The picture that shows `time` microseconds after the beginning, RGBA and upright; null if it is
  // the one that was returned before. Times rise from call to call.
  const AVFrame* at(std::int64_t time);

 private:
  void begin();
  FramePtr read();
  void advance();
  std::int64_t time_of(const AVFrame& frame) const;
  std::int64_t end_of_current() const;
  FramePtr drawn(const AVFrame& frame);

  std::string path_;
  int width_;
  int height_;
  std::unique_ptr<Source> source_;
  std::unique_ptr<VideoDecoder> decoder_;
  Orientation orientation_;
  FrameReader frames_;
  std::int64_t first_ = 0;  // time of the first frame
  std::int64_t begun_ = 0;  // when this turn began
  std::int64_t end_ = 0;    // when it ends
  FramePtr current_, next_;
  FramePtr picture_;  // of the current frame, once it was asked for
  Scaler scaler_;
};

}  // namespace backdrop::cli
