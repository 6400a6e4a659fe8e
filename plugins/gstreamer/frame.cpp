#include "frame.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>

namespace backdrop::gstreamer {
namespace {

// How a plane's samples lie: `bytes` for each group of `columns` x `rows` pixels.
struct PlaneLayout {
  int bytes = 0, columns = 1, rows = 1;
};

PlaneLayout layout_of(GstVideoFormat format, int plane) {
  switch (format) {
    case GST_VIDEO_FORMAT_I420:
      return plane == 0 ? PlaneLayout{1, 1, 1} : PlaneLayout{1, 2, 2};
    case GST_VIDEO_FORMAT_NV12:
      return plane == 0 ? PlaneLayout{1, 1, 1} : PlaneLayout{2, 2, 2};
    case GST_VIDEO_FORMAT_YUY2:
      return {4, 2, 1};
    default:
      return {4, 1, 1};
  }
}

int format_of(GstVideoFormat format) {
  switch (format) {
    case GST_VIDEO_FORMAT_I420:
      return BACKDROP_I420;
    case GST_VIDEO_FORMAT_NV12:
      return BACKDROP_NV12;
    case GST_VIDEO_FORMAT_YUY2:
      return BACKDROP_YUY2;
    case GST_VIDEO_FORMAT_BGRA:
      return BACKDROP_BGRA;
    case GST_VIDEO_FORMAT_RGBx:
      return BACKDROP_RGBX;
    case GST_VIDEO_FORMAT_BGRx:
      return BACKDROP_BGRX;
    default:
      return BACKDROP_RGBA;
  }
}

int groups(int pixels, int size) { return (pixels + size - 1) / size; }

bool is_full_range(const GstVideoInfo& info) {
  return info.colorimetry.range == GST_VIDEO_COLOR_RANGE_0_255;
}

bool is_bt709(const GstVideoInfo& info) {
  switch (info.colorimetry.matrix) {
    case GST_VIDEO_COLOR_MATRIX_BT709:
    case GST_VIDEO_COLOR_MATRIX_SMPTE240M:  // nearly the same
      return true;
    case GST_VIDEO_COLOR_MATRIX_BT601:
    case GST_VIDEO_COLOR_MATRIX_FCC:  // nearly the same
      return false;
    default:
      return info.height > 576;  // as GStreamer takes what is not stated
  }
}

bool is_one_view(const GstVideoInfo& info) {
  switch (GST_VIDEO_INFO_MULTIVIEW_MODE(&info)) {
    case GST_VIDEO_MULTIVIEW_MODE_NONE:
    case GST_VIDEO_MULTIVIEW_MODE_MONO:
    case GST_VIDEO_MULTIVIEW_MODE_LEFT:
    case GST_VIDEO_MULTIVIEW_MODE_RIGHT:
      return info.views == 1;
    default:
      return false;
  }
}

bool is_bt2020(const GstVideoColorimetry& color) {
  return color.matrix == GST_VIDEO_COLOR_MATRIX_BT2020 ||
         color.primaries == GST_VIDEO_COLOR_PRIMARIES_BT2020;
}

bool is_hdr(const GstVideoColorimetry& color) {
  return color.transfer == GST_VIDEO_TRANSFER_SMPTE2084 ||
         color.transfer == GST_VIDEO_TRANSFER_ARIB_STD_B67;
}

// Whether a buffer's own layout, if there is one, has the frame of the caps. That may be a part
// (findings/gstreamer-frame-size.sh).
bool fits(const GstVideoInfo& info, const GstVideoMeta* meta) {
  return !meta || (meta->format == GST_VIDEO_INFO_FORMAT(&info) &&
                   std::cmp_greater_equal(meta->width, info.width) &&
                   std::cmp_greater_equal(meta->height, info.height));
}

}  // namespace

std::string find_refusal(const GstVideoInfo& info) {
  if (GST_VIDEO_INFO_IS_INTERLACED(&info)) {
    return "interlaced video is not supported: put deinterlace before backdrop";
  }
  if (!is_one_view(info)) return "video of several views is not supported";
  if (is_hdr(info.colorimetry)) {
    return "HDR video (PQ, HLG) is not supported: convert it to BT.709 before backdrop";
  }
  if (is_bt2020(info.colorimetry)) {
    return "BT.2020 video is not supported: convert it to BT.709 before backdrop";
  }
  if (GST_VIDEO_INFO_IS_RGB(&info) && info.colorimetry.range == GST_VIDEO_COLOR_RANGE_16_235) {
    return "RGB of the range 16 to 235 is not supported: put videoconvert and "
           "video/x-raw,colorimetry=sRGB before backdrop";
  }
  return {};
}

backdrop_color_space color_space_of(const GstVideoInfo& info) {
  if (is_bt709(info)) return is_full_range(info) ? BACKDROP_BT709_FULL : BACKDROP_BT709_LIMITED;
  return is_full_range(info) ? BACKDROP_BT601_FULL : BACKDROP_BT601_LIMITED;
}

MappedFrame::MappedFrame(const GstVideoInfo& info, GstBuffer* buffer, GstMapFlags flags)
    : info_(info) {
  if (!fits(info, gst_buffer_get_video_meta(buffer))) return;
  // The buffer outlives the frame, so that the frame need not hold it.
  const int all_flags = static_cast<int>(flags) | GST_VIDEO_FRAME_MAP_FLAG_NO_REF;
  is_mapped_ = gst_video_frame_map(&frame_, &info, buffer, static_cast<GstMapFlags>(all_flags));
  is_whole_ = is_mapped_ && has_all_memory();
}

MappedFrame::~MappedFrame() {
  if (is_mapped_) gst_video_frame_unmap(&frame_);
}

// A buffer's GstVideoMeta is taken on trust when it is mapped: rows may end beyond the memory.
bool MappedFrame::has_all_memory() const {
  const GstVideoFormat format = GST_VIDEO_INFO_FORMAT(&info_);
  const auto planes = static_cast<int>(GST_VIDEO_INFO_N_PLANES(&info_));
  for (int plane = 0; plane < planes; ++plane) {
    const PlaneLayout layout = layout_of(format, plane);
    const std::ptrdiff_t row = layout.bytes * groups(info_.width, layout.columns);
    const std::ptrdiff_t stride = GST_VIDEO_FRAME_PLANE_STRIDE(&frame_, plane);
    if (stride < row) return false;
    const GstMapInfo& map = frame_.map[frame_.meta ? plane : 0];
    const auto* first = static_cast<const std::uint8_t*>(frame_.data[plane]);
    const std::ptrdiff_t room = map.data + map.size - first;
    if (stride * (groups(info_.height, layout.rows) - 1) + row > room) return false;
  }
  return true;
}

backdrop_image MappedFrame::image(const Orientation& orientation) const {
  backdrop_image image{};
  image.format = format_of(GST_VIDEO_INFO_FORMAT(&info_));
  image.width = info_.width;
  image.height = info_.height;
  image.color_space = color_space_of(info_);
  image.rotation = orientation.rotation;
  image.flip = orientation.flip;
  const unsigned planes = GST_VIDEO_INFO_N_PLANES(&info_);
  for (unsigned plane = 0; plane < std::min(planes, 3U); ++plane) {
    image.planes[plane] = static_cast<std::uint8_t*>(frame_.data[plane]);
    image.strides[plane] = GST_VIDEO_FRAME_PLANE_STRIDE(&frame_, plane);
  }
  return image;
}

void MappedFrame::blank(bool clear) const {
  const std::uint8_t alpha = clear ? 0 : 255;
  const std::uint8_t black = is_full_range(info_) ? 0 : 16;
  switch (GST_VIDEO_INFO_FORMAT(&info_)) {
    case GST_VIDEO_FORMAT_I420:
      fill_plane(2, {128, 128, 128, 128});
      [[fallthrough]];
    case GST_VIDEO_FORMAT_NV12:
      fill_plane(1, {128, 128, 128, 128});
      return fill_plane(0, {black, black, black, black});
    case GST_VIDEO_FORMAT_YUY2:
      return fill_plane(0, {black, 128, black, 128});
    default:
      return fill_plane(0, {0, 0, 0, alpha});
  }
}

// Repeats four bytes along each row.
void MappedFrame::fill_plane(int plane, const std::uint8_t (&pattern)[4]) const {
  const PlaneLayout layout = layout_of(GST_VIDEO_INFO_FORMAT(&info_), plane);
  const int bytes = layout.bytes * groups(info_.width, layout.columns);
  const std::ptrdiff_t stride = GST_VIDEO_FRAME_PLANE_STRIDE(&frame_, plane);
  auto* row = static_cast<std::uint8_t*>(frame_.data[plane]);
  for (int y = 0; y < groups(info_.height, layout.rows); ++y, row += stride) {
    for (int i = 0; i < bytes; ++i) row[i] = pattern[i % 4];
  }
}

}  // namespace backdrop::gstreamer
