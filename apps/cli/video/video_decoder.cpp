#include "video_decoder.h"

#include <algorithm>
#include <string>
#include <thread>
#include <utility>

#include "failure.h"

namespace backdrop::cli {
namespace {

// More would only hold more frames in memory.
constexpr unsigned kMostThreads = 4;

// FFmpeg's own decoders of VP8 and VP9 drop alpha.
const AVCodec* find_decoder(const AVStream& stream) {
  const AVCodecID id = stream.codecpar->codec_id;
  const AVDictionaryEntry* alpha = av_dict_get(stream.metadata, "alpha_mode", nullptr, 0);
  const AVCodec* decoder = nullptr;
  if (alpha && std::string(alpha->value) == "1") {
    if (id == AV_CODEC_ID_VP8) decoder = avcodec_find_decoder_by_name("libvpx");
    if (id == AV_CODEC_ID_VP9) decoder = avcodec_find_decoder_by_name("libvpx-vp9");
    if (!decoder) throw Failure("has alpha, which this FFmpeg can't decode: it lacks libvpx");
  }
  if (!decoder) decoder = avcodec_find_decoder(id);
  if (!decoder) {
    throw Failure(std::string("has video that this FFmpeg can't decode: ") + avcodec_get_name(id));
  }
  return decoder;
}

}  // namespace

VideoDecoder::VideoDecoder(AVFormatContext& file, AVStream& stream, Delay delay) {
  const AVCodec* decoder = find_decoder(stream);
  codec_.reset(avcodec_alloc_context3(decoder));
  if (!codec_) throw std::bad_alloc();
  check_av(avcodec_parameters_to_context(codec_.get(), stream.codecpar));
  codec_->opaque = &errors_;
  codec_->pkt_timebase = stream.time_base;
  codec_->thread_count =
      static_cast<int>(std::clamp(std::thread::hardware_concurrency(), 1U, kMostThreads));
  if (delay == Delay::kLeast) codec_->thread_type = FF_THREAD_SLICE;
  check_av(avcodec_open2(codec_.get(), decoder, nullptr));
  const AVRational rate = av_guess_frame_rate(&file, &stream, nullptr);
  if (rate.num > 0 && rate.den > 0) {
    usual_duration_ = std::max<std::int64_t>(av_rescale_q(1, av_inv_q(rate), stream.time_base), 1);
  }
}

void VideoDecoder::decode(const AVPacket* packet, const Take& take) {
  const int sent = avcodec_send_packet(codec_.get(), packet);
  if (sent == AVERROR(ENOMEM)) check_av(sent);
  if (sent < 0 && sent != AVERROR_EOF) ++damaged_;
  while (true) {
    FramePtr frame = make_frame();
    const int received = avcodec_receive_frame(codec_.get(), frame.get());
    if (received == AVERROR(EAGAIN) || received == AVERROR_EOF) return;
    if (received < 0) {
      ++damaged_;
      if (!packet) return;
      continue;
    }
    if ((frame->flags & AV_FRAME_FLAG_CORRUPT) != 0 || frame->decode_error_flags != 0) ++damaged_;
    ++frames_;
    settle_time(*frame);
    take(std::move(frame));
  }
}

void VideoDecoder::settle_time(AVFrame& frame) {
  std::int64_t time = frame.best_effort_timestamp;
  if (time == AV_NOPTS_VALUE) time = next_;
  if (last_ && time <= *last_) time = *last_ + 1;
  frame.pts = time;
  last_ = time;
  next_ = time + duration(frame);
}

std::int64_t VideoDecoder::duration(const AVFrame& frame) const {
  const std::int64_t stated = duration_of(frame);
  return stated > 0 ? stated : usual_duration_;
}

std::int64_t VideoDecoder::damaged() const {
  // Some damage is reported in no other way.
  return damaged_ == 0 && errors_ > 0 ? 1 : damaged_;
}

}  // namespace backdrop::cli
