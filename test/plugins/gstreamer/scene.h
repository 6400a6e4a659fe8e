// Frames whose room is a pattern that no blurred, replaced or blank frame has: where it is found in
// what leaves, the room was shown.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <gst/video/video.h>

namespace backdrop::gstreamer::test {

inline constexpr GstVideoFormat kFormats[] = {
    GST_VIDEO_FORMAT_I420, GST_VIDEO_FORMAT_NV12, GST_VIDEO_FORMAT_YUY2, GST_VIDEO_FORMAT_RGBA,
    GST_VIDEO_FORMAT_BGRA, GST_VIDEO_FORMAT_RGBx, GST_VIDEO_FORMAT_BGRx};

// Red is a person, in pixels of the frame. The room is blue, each second pixel a darker one.
struct Scene {
  int left = 0, top = 0, right = 0, bottom = 0;

  static Scene in_the_middle(int width, int height) {
    return {width / 3, height / 3, 2 * width / 3, height};
  }
  bool has(int x, int y) const { return x >= left && x < right && y >= top && y < bottom; }
};

GstVideoInfo info_of(GstVideoFormat format, int width, int height);
std::string caps_of(GstVideoFormat format, int width, int height, const std::string& more = "");

// A buffer of the scene. With `padding` it has a GstVideoMeta: rows are that much longer, each
// plane begins later, and what is beside the rows is kGuard.
inline constexpr std::uint8_t kGuard = 0xa5;
GstBuffer* make_buffer(const GstVideoInfo& info, const Scene& scene, int padding = 0);

// An empty buffer of this layout, all kGuard.
GstBuffer* make_empty_buffer(const GstVideoInfo& info, int padding);

// Whether all bytes beside the rows of `info`'s frame are kGuard.
bool is_padding_untouched(const GstVideoInfo& info, GstBuffer* buffer);

// The frame's samples, component by component, row by row.
std::vector<std::uint8_t> samples_of(const GstVideoInfo& info, GstBuffer* buffer);

// Of the pixels that are clearly of the room, how many are as they came in: of `room`.
struct RoomCount {
  int shown = 0, room = 0;
};
RoomCount count_room(const GstVideoInfo& info, const Scene& scene, GstBuffer* buffer);

// Whether the frame is black, or with `alpha` of 0 clear.
bool is_blank(const GstVideoInfo& info, GstBuffer* buffer, int alpha = 255);

}  // namespace backdrop::gstreamer::test
