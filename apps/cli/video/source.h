// A file with a video, packet by packet.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "av.h"

namespace backdrop::cli {

// What an input does not say of itself.
struct InputFormat {
  struct Raw {
    int width = 0;
    int height = 0;
    std::string rate;  // frames a second
  };
  std::string name{};        // FFmpeg's of the container; empty: it is found out
  std::optional<Raw> raw{};  // frames of yuv420p, one after the other
  // A camera or a stream: what FFmpeg opens, and its options. A read that takes longer than
  // kLongestSilence fails.
  struct Live {
    std::string address;
    std::map<std::string, std::string> options;
  };
  std::optional<Live> live{};
};

inline constexpr auto kLongestSilence = std::chrono::seconds(5);

class Source {
 public:
  // "-" is the standard input; a live input's path is only shown. Throws Failure, without the path.
  explicit Source(const std::string& path, const InputFormat& format = {});

  AVFormatContext& file() const { return *file_; }
  // The one that is decoded: not a cover.
  AVStream& video() const { return *video_; }
  bool is_video(const AVPacket& packet) const { return packet.stream_index == video_->index; }

  // The next packet; null after the last one. Times of containers whose clock begins anywhere begin
  // at 0, and jumps of this clock are closed.
  PacketPtr read();

  // Whether all packets were read.
  bool is_at_end() const { return is_at_end_; }

  // Why the packets ended before the file should; empty if they did not.
  std::string loss() const;

 private:
  void open(const std::string& path, const InputFormat& format);
  void expect_more() { deadline_ = std::chrono::steady_clock::now() + kLongestSilence; }
  static int is_to_interrupt(void* source);
  void choose_video();
  void settle_times(AVPacket& packet);

  std::unique_ptr<AVFormatContext, AvFree<avformat_close_input>> file_;
  AVStream* video_ = nullptr;  // stays where it is when streams are added
  bool is_pipe_ = false;
  bool is_live_ = false;
  std::chrono::steady_clock::time_point deadline_;
  bool is_at_end_ = false;
  bool has_any_clock_ = false;  // its times begin anywhere and may jump
  std::int64_t shift_ = 0;      // microseconds
  std::optional<std::int64_t> expected_;
  std::int64_t end_ = 0;  // of what was read, microseconds
  std::string failure_;
};

// The container's duration in microseconds; 0 if it is not known.
std::int64_t duration_of(const AVFormatContext& file);

}  // namespace backdrop::cli
