// The frames of a video stream.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <optional>

#include "av.h"

namespace backdrop::cli {

class VideoDecoder {
 public:
  using Take = std::function<void(FramePtr)>;

  // Of a picture after its packet: kAny is faster, as several pictures are decoded at a time.
  enum class Delay { kAny, kLeast };

  // Throws Failure for a codec that FFmpeg can't decode.
  VideoDecoder(AVFormatContext& file, AVStream& stream, Delay delay = Delay::kAny);
  VideoDecoder(const VideoDecoder&) = delete;
  VideoDecoder& operator=(const VideoDecoder&) = delete;

  // Hands the frames that `packet`, or the end (null), completes to `take`. Their `pts`, in the
  // stream's time base, rises from frame to frame.
  void decode(const AVPacket* packet, const Take& take);

  // In the stream's time base.
  std::int64_t duration(const AVFrame& frame) const;

  std::int64_t frames() const { return frames_; }
  // Frames and packets that are damaged.
  std::int64_t damaged() const;

 private:
  void settle_time(AVFrame& frame);

  std::atomic<int> errors_ = 0;  // that the codec has reported
  CodecPtr codec_;
  std::int64_t usual_duration_ = 1;
  std::optional<std::int64_t> last_;
  std::int64_t next_ = 0;
  std::int64_t frames_ = 0;
  std::int64_t damaged_ = 0;
};

}  // namespace backdrop::cli
