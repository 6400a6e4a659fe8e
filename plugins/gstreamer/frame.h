// Frames of GStreamer's as the engine sees them.
#pragma once

#include <cstdint>
#include <string>

#include <gst/video/video.h>

#include "backdrop/backdrop.h"
#include "orientation.h"

namespace backdrop::gstreamer {

// The caps of all formats that the engine takes, and of those with alpha.
inline constexpr char kAllCaps[] =
    GST_VIDEO_CAPS_MAKE("{ I420, NV12, YUY2, RGBA, BGRA, RGBx, BGRx }");
inline constexpr char kAlphaCaps[] = GST_VIDEO_CAPS_MAKE("{ RGBA, BGRA }");

// Why frames of these caps can't be processed, in one line; empty if they can.
std::string find_refusal(const GstVideoInfo& info);

backdrop_color_space color_space_of(const GstVideoInfo& info);

inline bool has_alpha(const GstVideoInfo& info) { return GST_VIDEO_INFO_HAS_ALPHA(&info) != 0; }

// A buffer's frame, mapped while this exists.
class MappedFrame {
 public:
  // `info` is what the caps say: strides and offsets are the buffer's own.
  MappedFrame(const GstVideoInfo& info, GstBuffer* buffer, GstMapFlags flags);
  ~MappedFrame();
  MappedFrame(const MappedFrame&) = delete;
  MappedFrame& operator=(const MappedFrame&) = delete;

  // Whether there is memory for a whole frame of the format and size of the caps.
  bool is_whole() const { return is_whole_; }

  backdrop_image image(const Orientation& orientation) const;

  // Makes the frame black, or clear.
  void blank(bool clear) const;

 private:
  bool has_all_memory() const;
  void fill_plane(int plane, const std::uint8_t (&pattern)[4]) const;

  const GstVideoInfo& info_;
  GstVideoFrame frame_;
  bool is_mapped_ = false;
  bool is_whole_ = false;
};

}  // namespace backdrop::gstreamer
