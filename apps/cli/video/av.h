// FFmpeg's libraries: owners for their objects, errors as Failures, and what their versions 5.1 to
// 7.1 name differently.
#pragma once

extern "C" {
#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <libavutil/avutil.h>
#include <libavutil/dict.h>
#include <libavutil/pixdesc.h>
#include <libswscale/swscale.h>
}

#include <atomic>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace backdrop::cli {

inline constexpr AVRational kMicroseconds{1, AV_TIME_BASE};

template <auto kFree>
struct AvFree {
  template <typename T>
  void operator()(T* object) const {
    kFree(&object);
  }
};
using FramePtr = std::unique_ptr<AVFrame, AvFree<av_frame_free>>;
using PacketPtr = std::unique_ptr<AVPacket, AvFree<av_packet_free>>;
using CodecPtr = std::unique_ptr<AVCodecContext, AvFree<avcodec_free_context>>;

FramePtr make_frame();
PacketPtr make_packet();

// Copies a packet's data to memory of its own, and gives back what it was in. Throws Failure
// without memory; the packet is then only to be freed.
void own_data(AVPacket& packet);

// A frame with pixels of its own, which are not set.
FramePtr make_frame(AVPixelFormat format, int width, int height);

// Copies what describes the picture, without what belongs to its coded form.
void copy_properties(const AVFrame& from, AVFrame& to);

// Copies the pixels of an RGBA frame to memory without gaps, or from there.
void copy_rows(const AVFrame& rgba, std::vector<std::uint8_t>& to);
void copy_rows(const std::vector<std::uint8_t>& from, AVFrame& rgba);

// A reference to the same pixels.
FramePtr share(const AVFrame& frame);

// Options of FFmpeg, by name.
class Dictionary {
 public:
  Dictionary() = default;
  ~Dictionary() { av_dict_free(&entries_); }
  Dictionary(const Dictionary&) = delete;
  Dictionary& operator=(const Dictionary&) = delete;

  void set(const std::string& name, const std::string& value);
  AVDictionary** entries() { return &entries_; }

 private:
  AVDictionary* entries_ = nullptr;
};

// Keeps FFmpeg's messages from the standard error and remembers them. The errors of a decoder are
// counted where its `opaque` points, a std::atomic<int>.
void capture_messages();
// Of the latest error that was reported since the last call; empty if there is none.
std::string take_message();

// What a negative result of FFmpeg means: the latest message if `code` says little itself.
std::string reason_of(int code);

// Throws Failure for a negative result.
int check_av(int code);

inline std::string name_of(AVPixelFormat format) {
  const char* name = av_get_pix_fmt_name(format);
  return name ? name : "unknown";
}

// A stream's side data of a kind; empty if there is none.
std::span<const std::uint8_t> side_data(const AVStream& stream, AVPacketSideDataType type);
void copy_side_data(const AVStream& from, AVStream& to);
void set_side_data(AVStream& stream, AVPacketSideDataType type, std::span<const std::uint8_t> data);

std::int64_t duration_of(const AVFrame& frame);
bool is_interlaced(const AVFrame& frame);
bool has_top_field_first(const AVFrame& frame);

}  // namespace backdrop::cli
