#include "av.h"

#include <algorithm>
#include <array>
#include <cstdarg>
#include <cstddef>
#include <cstdio>
#include <cstring>
#include <mutex>
#include <new>
#include <string_view>
#include <utility>

#include "failure.h"

namespace backdrop::cli {
namespace {

std::mutex message_mutex;
std::string latest_message;

// Where the errors of the decoder that reports are counted; null if they are not.
std::atomic<int>* error_count(void* object) {
  if (!object) return nullptr;
  const AVClass* kind = *static_cast<const AVClass**>(object);
  if (!kind || !kind->class_name || std::string_view(kind->class_name) != "AVCodecContext") {
    return nullptr;
  }
  const auto& codec = *static_cast<const AVCodecContext*>(object);
  return av_codec_is_decoder(codec.codec) != 0 ? static_cast<std::atomic<int>*>(codec.opaque)
                                               : nullptr;
}

void on_message(void* object, int level, const char* format, std::va_list arguments) {
  if (level > AV_LOG_ERROR) return;
  if (std::atomic<int>* errors = error_count(object)) ++*errors;
  std::array<char, 256> text{};
  std::vsnprintf(text.data(), text.size(), format, arguments);
  std::string message = text.data();
  while (!message.empty() && (message.back() == '\n' || message.back() == '.')) message.pop_back();
  const std::lock_guard lock(message_mutex);
  if (!message.empty()) latest_message = message;
}

}  // namespace

FramePtr make_frame() {
  FramePtr frame(av_frame_alloc());
  if (!frame) throw std::bad_alloc();
  return frame;
}

PacketPtr make_packet() {
  PacketPtr packet(av_packet_alloc());
  if (!packet) throw std::bad_alloc();
  return packet;
}

void own_data(AVPacket& packet) {
  AVBufferRef* lent = std::exchange(packet.buf, nullptr);
  const int code = av_packet_make_refcounted(&packet);
  av_buffer_unref(&lent);
  check_av(code);
}

FramePtr make_frame(AVPixelFormat format, int width, int height) {
  FramePtr frame = make_frame();
  frame->format = format;
  frame->width = width;
  frame->height = height;
  check_av(av_frame_get_buffer(frame.get(), 0));
  return frame;
}

void copy_properties(const AVFrame& from, AVFrame& to) {
  check_av(av_frame_copy_props(&to, &from));
  av_frame_remove_side_data(&to, AV_FRAME_DATA_DISPLAYMATRIX);
  to.pict_type = AV_PICTURE_TYPE_NONE;
  to.quality = 0;
}

void copy_rows(const AVFrame& rgba, std::vector<std::uint8_t>& to) {
  const auto row = std::size_t{4} * static_cast<std::size_t>(rgba.width);
  for (int y = 0; y < rgba.height; ++y) {
    std::memcpy(to.data() + row * static_cast<std::size_t>(y),
                rgba.data[0] + std::ptrdiff_t{y} * rgba.linesize[0], row);
  }
}

void copy_rows(const std::vector<std::uint8_t>& from, AVFrame& rgba) {
  const auto row = std::size_t{4} * static_cast<std::size_t>(rgba.width);
  for (int y = 0; y < rgba.height; ++y) {
    std::memcpy(rgba.data[0] + std::ptrdiff_t{y} * rgba.linesize[0],
                from.data() + row * static_cast<std::size_t>(y), row);
  }
}

FramePtr share(const AVFrame& frame) {
  FramePtr other(av_frame_clone(&frame));
  if (!other) throw std::bad_alloc();
  return other;
}

void Dictionary::set(const std::string& name, const std::string& value) {
  check_av(av_dict_set(&entries_, name.c_str(), value.c_str(), 0));
}

void capture_messages() { av_log_set_callback(on_message); }

std::string take_message() {
  const std::lock_guard lock(message_mutex);
  return std::exchange(latest_message, {});
}

std::string reason_of(int code) {
  std::string message = take_message();
  const bool says_little = code == AVERROR_INVALIDDATA || code == AVERROR_EXTERNAL ||
                           code == AVERROR(EINVAL) || code == AVERROR_UNKNOWN;
  if (says_little && !message.empty()) return message;
  if (code == AVERROR(ENOMEM)) throw std::bad_alloc();
  std::array<char, AV_ERROR_MAX_STRING_SIZE> text{};
  av_strerror(code, text.data(), text.size());
  return text.data();
}

int check_av(int code) {
  if (code < 0) throw Failure(reason_of(code));
  return code;
}

#if LIBAVFORMAT_VERSION_INT >= AV_VERSION_INT(60, 15, 100)

std::span<const std::uint8_t> side_data(const AVStream& stream, AVPacketSideDataType type) {
  const AVPacketSideData* found = av_packet_side_data_get(
      stream.codecpar->coded_side_data, stream.codecpar->nb_coded_side_data, type);
  return found ? std::span<const std::uint8_t>(found->data, found->size)
               : std::span<const std::uint8_t>();
}

// avcodec_parameters_copy() does.
void copy_side_data(const AVStream& /*from*/, AVStream& /*to*/) {}

void set_side_data(AVStream& stream, AVPacketSideDataType type,
                   std::span<const std::uint8_t> data) {
  AVPacketSideData* made =
      av_packet_side_data_new(&stream.codecpar->coded_side_data,
                              &stream.codecpar->nb_coded_side_data, type, data.size(), 0);
  if (!made) throw std::bad_alloc();
  std::copy(data.begin(), data.end(), made->data);
}

#else

std::span<const std::uint8_t> side_data(const AVStream& stream, AVPacketSideDataType type) {
  for (int i = 0; i < stream.nb_side_data; ++i) {
    const AVPacketSideData& entry = stream.side_data[i];
    if (entry.type == type) return {entry.data, entry.size};
  }
  return {};
}

void copy_side_data(const AVStream& from, AVStream& to) {
  for (int i = 0; i < from.nb_side_data; ++i) {
    const AVPacketSideData& entry = from.side_data[i];
    set_side_data(to, entry.type, {entry.data, entry.size});
  }
}

void set_side_data(AVStream& stream, AVPacketSideDataType type,
                   std::span<const std::uint8_t> data) {
  std::uint8_t* made = av_stream_new_side_data(&stream, type, data.size());
  if (!made) throw std::bad_alloc();
  std::copy(data.begin(), data.end(), made);
}

#endif

#if LIBAVUTIL_VERSION_INT >= AV_VERSION_INT(57, 30, 100)
std::int64_t duration_of(const AVFrame& frame) { return frame.duration; }
#else
std::int64_t duration_of(const AVFrame& frame) { return frame.pkt_duration; }
#endif

#if LIBAVUTIL_VERSION_INT >= AV_VERSION_INT(58, 7, 100)
bool is_interlaced(const AVFrame& frame) { return (frame.flags & AV_FRAME_FLAG_INTERLACED) != 0; }
bool has_top_field_first(const AVFrame& frame) {
  return (frame.flags & AV_FRAME_FLAG_TOP_FIELD_FIRST) != 0;
}
#else
bool is_interlaced(const AVFrame& frame) { return frame.interlaced_frame != 0; }
bool has_top_field_first(const AVFrame& frame) { return frame.top_field_first != 0; }
#endif

}  // namespace backdrop::cli
