#include "scene.h"

#include <algorithm>
#include <array>

namespace backdrop::gstreamer::test {
namespace {

// Maps a buffer's frame; the tests' own buffers can be mapped.
class Mapped {
 public:
  Mapped(const GstVideoInfo& info, GstBuffer* buffer, GstMapFlags flags = GST_MAP_READ) {
    g_assert_true(gst_video_frame_map(&frame_, &info, buffer, flags));
  }
  ~Mapped() { gst_video_frame_unmap(&frame_); }
  Mapped(const Mapped&) = delete;
  Mapped& operator=(const Mapped&) = delete;

  int components() const { return static_cast<int>(GST_VIDEO_FRAME_N_COMPONENTS(&frame_)); }
  int width(int c) const { return GST_VIDEO_FRAME_COMP_WIDTH(&frame_, c); }
  int height(int c) const { return GST_VIDEO_FRAME_COMP_HEIGHT(&frame_, c); }
  int columns(int c) const { return 1 << GST_VIDEO_FORMAT_INFO_W_SUB(frame_.info.finfo, c); }
  int rows(int c) const { return 1 << GST_VIDEO_FORMAT_INFO_H_SUB(frame_.info.finfo, c); }
  std::uint8_t& at(int c, int x, int y) const {
    return GST_VIDEO_FRAME_COMP_DATA(&frame_, c)[y * GST_VIDEO_FRAME_COMP_STRIDE(&frame_, c) +
                                                 x * GST_VIDEO_FRAME_COMP_PSTRIDE(&frame_, c)];
  }
  // Of the component's plane: all of its bytes, those that are of no component included.
  void fill_row(int c, int y, std::uint8_t value) const {
    const bool is_packed = GST_VIDEO_FRAME_N_PLANES(&frame_) == 1;
    const int pixels = columns(1) * width(1);  // a whole group
    const int bytes =
        GST_VIDEO_FRAME_COMP_PSTRIDE(&frame_, is_packed ? 0 : c) * (is_packed ? pixels : width(c));
    auto* row = static_cast<std::uint8_t*>(GST_VIDEO_FRAME_COMP_DATA(&frame_, c)) -
                GST_VIDEO_FRAME_COMP_POFFSET(&frame_, c) +
                y * GST_VIDEO_FRAME_COMP_STRIDE(&frame_, c);
    std::fill_n(row, bytes, value);
  }

 private:
  GstVideoFrame frame_;
};

struct Color {
  std::array<int, 4> rgba, yuva;
};
constexpr Color kPerson{{255, 0, 0, 255}, {81, 90, 240, 255}};
constexpr Color kRoom{{0, 0, 255, 255}, {41, 220, 110, 255}};
constexpr Color kDarkRoom{{0, 0, 120, 255}, {90, 220, 110, 255}};

const Color& color_at(const Scene& scene, int x, int y) {
  if (scene.has(x, y)) return kPerson;
  return (x + y) % 2 == 0 ? kRoom : kDarkRoom;
}

std::uint8_t sample_at(const GstVideoInfo& info, const Scene& scene, int c, int x, int y) {
  const Color& color = color_at(scene, x, y);
  const auto& samples = GST_VIDEO_INFO_IS_YUV(&info) ? color.yuva : color.rgba;
  return static_cast<std::uint8_t>(samples[static_cast<std::size_t>(c)]);
}

// The component in which the room's two colours differ.
int telling_component(const GstVideoInfo& info) { return GST_VIDEO_INFO_IS_YUV(&info) ? 0 : 2; }

}  // namespace

GstVideoInfo info_of(GstVideoFormat format, int width, int height) {
  GstVideoInfo info;
  gst_video_info_set_format(&info, format, static_cast<guint>(width), static_cast<guint>(height));
  return info;
}

std::string caps_of(GstVideoFormat format, int width, int height, const std::string& more) {
  return std::string("video/x-raw,format=") + gst_video_format_to_string(format) +
         ",width=" + std::to_string(width) + ",height=" + std::to_string(height) +
         ",framerate=30/1" + more;
}

GstBuffer* make_empty_buffer(const GstVideoInfo& info, int padding) {
  const auto room = static_cast<gsize>(padding);
  gsize size = 0;
  std::array<gsize, GST_VIDEO_MAX_PLANES> offsets{};
  std::array<gint, GST_VIDEO_MAX_PLANES> strides{};
  const guint planes = GST_VIDEO_INFO_N_PLANES(&info);
  for (guint p = 0; p < planes; ++p) {
    const auto rows = static_cast<gsize>(info.height);  // more than a plane of chroma has
    strides[p] = GST_VIDEO_INFO_PLANE_STRIDE(&info, p) + padding;
    offsets[p] = size + room;
    size = offsets[p] + rows * static_cast<gsize>(strides[p]);
  }
  GstBuffer* buffer = gst_buffer_new_allocate(nullptr, padding == 0 ? info.size : size, nullptr);
  gst_buffer_memset(buffer, 0, kGuard, gst_buffer_get_size(buffer));
  if (padding != 0) {
    gst_buffer_add_video_meta_full(buffer, GST_VIDEO_FRAME_FLAG_NONE, GST_VIDEO_INFO_FORMAT(&info),
                                   static_cast<guint>(info.width), static_cast<guint>(info.height),
                                   planes, offsets.data(), strides.data());
  }
  return buffer;
}

GstBuffer* make_buffer(const GstVideoInfo& info, const Scene& scene, int padding) {
  GstBuffer* buffer = make_empty_buffer(info, padding);
  const Mapped frame(info, buffer, GST_MAP_WRITE);
  for (int c = 0; c < frame.components(); ++c) {
    for (int y = 0; y < frame.height(c); ++y) {
      for (int x = 0; x < frame.width(c); ++x) {
        frame.at(c, x, y) = sample_at(info, scene, c, x * frame.columns(c), y * frame.rows(c));
      }
    }
  }
  return buffer;
}

bool is_padding_untouched(const GstVideoInfo& info, GstBuffer* buffer) {
  GstBuffer* copy = gst_buffer_copy_deep(buffer);
  {
    const Mapped frame(info, copy, GST_MAP_READWRITE);
    for (int c = 0; c < frame.components(); ++c) {
      for (int y = 0; y < frame.height(c); ++y) frame.fill_row(c, y, kGuard);
    }
  }
  const std::vector<std::uint8_t> guards(gst_buffer_get_size(copy), kGuard);
  const bool same = gst_buffer_memcmp(copy, 0, guards.data(), guards.size()) == 0;
  gst_buffer_unref(copy);
  return same;
}

std::vector<std::uint8_t> samples_of(const GstVideoInfo& info, GstBuffer* buffer) {
  const Mapped frame(info, buffer);
  std::vector<std::uint8_t> samples;
  for (int c = 0; c < frame.components(); ++c) {
    for (int y = 0; y < frame.height(c); ++y) {
      for (int x = 0; x < frame.width(c); ++x) samples.push_back(frame.at(c, x, y));
    }
  }
  return samples;
}

RoomCount count_room(const GstVideoInfo& info, const Scene& scene, GstBuffer* buffer) {
  const Mapped frame(info, buffer);
  const int c = telling_component(info);
  const int margin = info.width / 8 + 2;  // of the mask's soft edge
  const Scene near{scene.left - margin, scene.top - margin, scene.right + margin,
                   scene.bottom + margin};
  RoomCount count;
  for (int y = 0; y < info.height; ++y) {
    for (int x = 0; x < info.width; ++x) {
      if (near.has(x, y)) continue;
      ++count.room;
      count.shown += frame.at(c, x, y) == sample_at(info, scene, c, x, y) ? 1 : 0;
    }
  }
  return count;
}

bool is_blank(const GstVideoInfo& info, GstBuffer* buffer, int alpha) {
  const Mapped frame(info, buffer);
  const bool is_yuv = GST_VIDEO_INFO_IS_YUV(&info);
  const int black = info.colorimetry.range == GST_VIDEO_COLOR_RANGE_0_255 ? 0 : 16;
  for (int c = 0; c < frame.components(); ++c) {
    const int chroma = c == 0 ? black : 128;
    const int expected = is_yuv ? chroma : c == 3 ? alpha : 0;
    for (int y = 0; y < frame.height(c); ++y) {
      for (int x = 0; x < frame.width(c); ++x) {
        if (frame.at(c, x, y) != expected) return false;
      }
    }
  }
  return true;
}

}  // namespace backdrop::gstreamer::test
