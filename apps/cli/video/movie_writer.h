// Encodes frames to a file, with the other streams of the source.
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "av.h"
#include "encoding.h"
#include "source.h"

namespace backdrop::cli {

// copy() and write() may be called from two threads. All throw Failure, without the path.
class MovieWriter {
 public:
  // Writes to `path`, which may be another place than the output's own until the file is complete.
  // `first` is like the frames that will be written.
  MovieWriter(const std::string& path, const OutputChoice& output, const Container& container,
              const Encoding& encoding, const Source& source, const AVFrame& first);
  ~MovieWriter();
  MovieWriter(const MovieWriter&) = delete;
  MovieWriter& operator=(const MovieWriter&) = delete;

  // What of the source is not in the output: a line each, once. copy() may add to them.
  std::vector<std::string> take_notes() { return std::exchange(notes_, {}); }

  // `duration` is in the time base of the source's video, as the frame's time.
  void write(const AVFrame& frame, std::int64_t duration);

  // A packet of the source that is not of its video. Those of streams that are left out are, too.
  void copy(AVPacket& packet);

  // Completes the file.
  void finish();

  std::int64_t bytes() const { return bytes_; }

  // That could not be copied, because they are damaged.
  int lost_packets() const { return lost_packets_; }

 private:
  struct FreeMuxer {
    void operator()(AVFormatContext* muxer) const;
  };

  void open_encoder(const OutputChoice& output, const Encoding& encoding, const AVFrame& first);
  void add_video(const AVFrame& first);
  void add_copies();
  void add_copy(const AVStream& from);
  void leave_out(const AVStream& stream, const std::string& reason);
  void write_head();
  void write_picture(const AVPacket& packet);
  void copy_metadata();
  void receive_packets();
  void mux(AVPacket& packet);
  void check_file() const;

  const Source& source_;
  const std::string path_;
  const Container container_;
  std::unique_ptr<AVFormatContext, FreeMuxer> muxer_;
  CodecPtr codec_;
  AVStream* video_ = nullptr;
  unsigned seen_streams_ = 0;  // of the source
  std::map<int, int> copies_;  // from the source's streams to the output's
  std::vector<std::string> notes_;
  std::map<std::int64_t, std::int64_t> durations_;   // by time
  std::vector<std::optional<std::int64_t>> latest_;  // decoding time of each stream
  std::mutex mutex_;
  int lost_packets_ = 0;
  int pictures_ = 0;  // that are written, one file each
  std::atomic<std::int64_t> bytes_ = 0;
};

}  // namespace backdrop::cli
