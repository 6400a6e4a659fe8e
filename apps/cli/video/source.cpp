#include "source.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string_view>
#include <thread>
#include <utility>

#include "clock_text.h"
#include "failure.h"
#include "temporary_file.h"

namespace backdrop::cli {
namespace {

// By the brand that its first box names.
bool is_heic(const std::string& path) {
  std::array<char, 12> start{};
  std::ifstream(path, std::ios::binary).read(start.data(), start.size());
  const std::string_view kind(start.data() + 4, 8);
  return kind == "ftypheic" || kind == "ftypheix" || kind == "ftypmif1" || kind == "ftypmsf1";
}

bool is_cover(const AVStream& stream) {
  return (stream.disposition & AV_DISPOSITION_ATTACHED_PIC) != 0;
}

bool is_encrypted(const AVStream& stream) {
  constexpr std::uint32_t kEncv = MKTAG('e', 'n', 'c', 'v');
  return stream.codecpar->codec_tag == kEncv ||
         !side_data(stream, AV_PKT_DATA_ENCRYPTION_INIT_INFO).empty();
}

// Between two looks for a camera's next picture.
constexpr auto kPoll = std::chrono::milliseconds(2);

bool is_encrypted(const AVPacket& packet) {
  return av_packet_get_side_data(&packet, AV_PKT_DATA_ENCRYPTION_INFO, nullptr) != nullptr;
}

}  // namespace

std::int64_t duration_of(const AVFormatContext& file) {
  return file.duration == AV_NOPTS_VALUE ? 0 : std::max<std::int64_t>(file.duration, 0);
}

Source::Source(const std::string& path, const InputFormat& format) {
  std::error_code ignored;
  if (!format.live && std::filesystem::is_directory(path, ignored)) throw Failure("is a folder");
  capture_messages();
  take_message();
  open(path, format);
  check_av(avformat_find_stream_info(file_.get(), nullptr));
  choose_video();
  has_any_clock_ = (file_->iformat->flags & AVFMT_TS_DISCONT) != 0;
  if (has_any_clock_ && file_->start_time != AV_NOPTS_VALUE) shift_ = -file_->start_time;
}

void Source::open(const std::string& path, const InputFormat& format) {
  AVFormatContext* file = avformat_alloc_context();
  if (!file) throw std::bad_alloc();
  is_pipe_ = path == "-";
  is_live_ = format.live.has_value();
  if (is_pipe_ || is_live_) file->interrupt_callback = {is_to_interrupt, this};
  Dictionary options;
  if (is_live_) {
    // A device would wait for a picture for ever. Streams ask whether they are interrupted.
    if (format.name == "v4l2") file->flags |= AVFMT_FLAG_NONBLOCK;
    for (const auto& [name, value] : format.live->options) options.set(name, value);
    expect_more();
  } else {
    options.set("protocol_whitelist", "file,pipe");  // a file may name addresses
  }
  std::string container = format.name;
  if (format.raw) {
    container = "rawvideo";
    options.set("pixel_format", "yuv420p");
    options.set("video_size",
                std::to_string(format.raw->width) + "x" + std::to_string(format.raw->height));
    options.set("framerate", format.raw->rate);
  }
  const AVInputFormat* demuxer =
      container.empty() ? nullptr : av_find_input_format(container.c_str());
  if (!container.empty() && !demuxer) {
    avformat_free_context(file);
    throw WrongCall("--input-format: FFmpeg knows no '" + container + "'");
  }
  const std::string address = is_live_   ? format.live->address
                              : is_pipe_ ? "pipe:0"
                                         : "file:" + path;
  // Frees the context if it fails.
  const int status = avformat_open_input(&file, address.c_str(), demuxer, options.entries());
  file_.reset(file);
  if (status < 0 && is_live_ && is_to_interrupt(this) != 0) throw Failure("does not answer");
  if (status == AVERROR_INVALIDDATA) {
    const std::string message = take_message();
    if (is_heic(path)) throw Failure("is HEIC, which this version of FFmpeg can't read");
    throw Failure(message.empty() ? "is neither a picture nor a video" : message);
  }
  check_av(status);
}

void Source::choose_video() {
  const std::span<AVStream*> streams(file_->streams, file_->nb_streams);
  const int best = av_find_best_stream(file_.get(), AVMEDIA_TYPE_VIDEO, -1, -1, nullptr, 0);
  if (best >= 0) video_ = file_->streams[best];
  if (!video_ || is_cover(*video_)) {
    const auto found = std::ranges::find_if(streams, [](const AVStream* stream) {
      return stream->codecpar->codec_type == AVMEDIA_TYPE_VIDEO && !is_cover(*stream);
    });
    if (found == streams.end()) throw Failure("has no video stream");
    video_ = *found;
  }
  if (is_encrypted(video())) throw Failure("is encrypted");
}

int Source::is_to_interrupt(void* source) {
  const auto& self = *static_cast<const Source*>(source);
  if (EndingSignals::was_asked_to_end()) return 1;
  return self.is_live_ && std::chrono::steady_clock::now() > self.deadline_ ? 1 : 0;
}

PacketPtr Source::read() {
  PacketPtr packet = make_packet();
  expect_more();
  int status = AVERROR(EAGAIN);
  while (status == AVERROR(EAGAIN)) {
    status = av_read_frame(file_.get(), packet.get());
    if (status != AVERROR(EAGAIN) || !is_live_) continue;
    if (is_to_interrupt(this) != 0) status = AVERROR(ETIMEDOUT);
    std::this_thread::sleep_for(kPoll);
  }
  if ((is_pipe_ || is_live_) && EndingSignals::was_asked_to_end()) return nullptr;
  if (status < 0) {
    is_at_end_ = true;
    const bool is_silent = is_live_ && (status == AVERROR_EXIT || status == AVERROR(ETIMEDOUT));
    if (is_silent) {
      failure_ = "says nothing more";
    } else if (status != AVERROR_EOF) {
      failure_ = reason_of(status);
    }
    return nullptr;
  }
  if (is_video(*packet) && is_encrypted(*packet)) throw Failure("is encrypted");
  settle_times(*packet);
  return packet;
}

void Source::settle_times(AVPacket& packet) {
  constexpr std::int64_t kLongestGap = 10 * std::int64_t{AV_TIME_BASE};
  const AVStream& stream = *file_->streams[packet.stream_index];
  const auto microseconds = [&](std::int64_t time) {
    return av_rescale_q(time, stream.time_base, kMicroseconds);
  };
  const bool is_timed = packet.dts != AV_NOPTS_VALUE;
  const bool is_continuous = stream.codecpar->codec_type == AVMEDIA_TYPE_VIDEO ||
                             stream.codecpar->codec_type == AVMEDIA_TYPE_AUDIO;
  if (has_any_clock_ && is_timed && is_continuous) {
    const std::int64_t time = microseconds(packet.dts) + shift_;
    if (expected_ && std::abs(time - *expected_) > kLongestGap) shift_ -= time - *expected_;
    expected_ = microseconds(packet.dts + packet.duration) + shift_;
  }
  const std::int64_t shift = av_rescale_q(shift_, kMicroseconds, stream.time_base);
  if (packet.pts != AV_NOPTS_VALUE) packet.pts += shift;
  if (is_timed) packet.dts += shift;
  if (packet.pts != AV_NOPTS_VALUE) {
    end_ = std::max(end_, microseconds(packet.pts + packet.duration));
  }
}

std::string Source::loss() const {
  constexpr std::int64_t kTolerance = AV_TIME_BASE / 4;
  if (is_live_) return failure_;
  if (!failure_.empty()) return "ends at " + clock_text(end_) + ": " + failure_;
  const std::int64_t end = duration_of(*file_);
  const bool is_stated = file_->duration_estimation_method == AVFMT_DURATION_FROM_STREAM;
  if (has_any_clock_ || !is_stated || end - end_ <= kTolerance) return {};
  return "ends at " + clock_text(end_) + " of " + clock_text(end);
}

}  // namespace backdrop::cli
