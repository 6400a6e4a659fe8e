#include "camera_input.h"

extern "C" {
#include <libavdevice/avdevice.h>
}

#include <algorithm>
#include <thread>
#include <utility>

#include "failure.h"
#include "file.h"
#include "temporary_file.h"
#include "v4l2_devices.h"

namespace backdrop::cli {
namespace {

// By an address that can be read from any place, as a file on a server can.
bool is_file(const AVFormatContext& input) {
  return input.pb && (input.pb->seekable & AVIO_SEEKABLE_NORMAL) != 0;
}

// Between two pictures of a file.
constexpr auto kLongestWait = std::chrono::seconds(1);
// A picture of a file that says nothing of how long it lasts.
constexpr std::chrono::microseconds kShortest = std::chrono::milliseconds(10);

bool is_address(const std::string& text) { return text.find("://") != std::string::npos; }

std::string text_of(const std::pair<int, int>& size) {
  return std::to_string(size.first) + "x" + std::to_string(size.second);
}

InputFormat test_source(const CameraRequest& request) {
  const std::string size = text_of(request.size.value_or(std::pair(1280, 720)));
  return {.name = "lavfi",
          .live = InputFormat::Live{
              .address = "testsrc2=size=" + size + ":rate=" + std::to_string(request.rate),
              .options = {}}};
}

// The device chooses what it can't give as asked. MJPEG, since most cameras have high rates for it
// alone, is taken by itself where the size has no other format.
InputFormat camera_device(const CameraRequest& request) {
  InputFormat::Live live{.address = request.from,
                         .options = {{"framerate", std::to_string(request.rate)}}};
  if (request.size) live.options["video_size"] = text_of(*request.size);
  return {.name = "v4l2", .live = std::move(live)};
}

InputFormat network_stream(const CameraRequest& request) {
  const auto limit = std::to_string(std::chrono::microseconds(kLongestSilence).count());
  return {.live = InputFormat::Live{
              .address = request.from,
              .options = {{"timeout", limit}, {"fflags", "nobuffer"}, {"rtsp_transport", "tcp"}}}};
}

}  // namespace

CameraInput::CameraInput(CameraRequest request) : request_(std::move(request)) { open(); }

void CameraInput::open() {
  static const bool is_registered = (avdevice_register_all(), true);
  static_cast<void>(is_registered);
  decoder_.reset();
  source_.reset();
  frames_ = {};
  const std::string& from = request_.from;
  is_device_ = device_number(from) != 0 || from.starts_with("/dev/");
  const bool is_local_file = from != "test" && !is_device_ && !is_address(from);
  if (is_local_file) require_regular_file(from);
  source_.emplace(from, from == "test"     ? test_source(request_)
                        : is_device_       ? camera_device(request_)
                        : is_address(from) ? network_stream(request_)
                                           : InputFormat{});
  is_paced_ = from == "test" || is_local_file || (is_address(from) && is_file(source_->file()));
  decoder_.emplace(source_->file(), source_->video(),
                   is_paced_ ? VideoDecoder::Delay::kAny : VideoDecoder::Delay::kLeast);
  orientation_ = orientation_of(side_data(source_->video(), AV_PKT_DATA_DISPLAYMATRIX))
                     .value_or(Orientation{});
}

FramePtr CameraInput::next() {
  const Clock::time_point begun = Clock::now();
  waited_ = {};
  return frames_.next(*source_, *decoder_, [&] {
    const Clock::time_point asked = Clock::now();
    if (asked - begun > kLongestSilence) throw Failure("gives no pictures");
    PacketPtr packet = source_->read();
    waited_ += Clock::now() - asked;
    // A device has few buffers, and pw-v4l2 unmaps them when its camera goes.
    if (is_device_ && packet) own_data(*packet);
    return packet;
  });
}

FramePtr CameraInput::read() {
  while (true) {
    FramePtr frame = read_next();
    if (is_paced_) {
      wait_for_turn(*frame);
      return frame;
    }
    const auto waited = std::chrono::duration_cast<std::chrono::microseconds>(waited_);
    if (!backlog_.is_behind(waited)) return frame;
  }
}

FramePtr CameraInput::read_next() {
  FramePtr frame = next();
  if (!frame && is_paced_ && decoder_->frames() > 0) {
    begin_again();
    frame = next();
  }
  if (!frame) {
    const std::string loss = source_->loss();
    throw Failure(loss.empty() ? "gives no more pictures" : loss);
  }
  return frame;
}

// The first picture's turn is when the last one has been shown for as long as it lasts.
void CameraInput::begin_again() {
  const std::optional<Clock::time_point> end =
      begun_ ? std::optional(*begun_ + end_) : std::nullopt;
  open();
  begun_.reset();
  if (end) std::this_thread::sleep_until(std::min(*end, Clock::now() + kLongestWait));
}

void CameraInput::wait_for_turn(const AVFrame& frame) {
  const auto microseconds = [&](std::int64_t time) {
    constexpr std::int64_t kMost = 1'000'000'000'000'000;  // what a clock can count
    return std::chrono::microseconds(
        std::clamp(av_rescale_q(time, source_->video().time_base, kMicroseconds), -kMost, kMost));
  };
  const std::chrono::microseconds time = microseconds(frame.pts);
  const Clock::time_point now = Clock::now();
  if (!begun_) begun_ = now - time;
  end_ = time + std::max(microseconds(decoder_->duration(frame)), kShortest);
  const Clock::time_point turn = *begun_ + time;
  std::this_thread::sleep_until(std::min(turn, now + kLongestWait));
  // What was late is not made up for by showing pictures faster, and what is far off not waited
  // for.
  if (std::chrono::abs(now - turn) > kLongestWait) begun_ = Clock::now() - time;
}

}  // namespace backdrop::cli
