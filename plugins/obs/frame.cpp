#include "frame.h"

#include <algorithm>
#include <cstring>

#include "rows.h"

namespace backdrop::obs {
namespace {

bool is_rgb(video_format format) {
  return format == VIDEO_FORMAT_RGBA || format == VIDEO_FORMAT_BGRA ||
         format == VIDEO_FORMAT_BGRX || format == VIDEO_FORMAT_BGR3;
}

bool is_grey(video_format format) { return format == VIDEO_FORMAT_Y800; }

std::string refusal(const obs_source_frame& frame) {
  if (frame.trc == VIDEO_TRC_PQ || frame.trc == VIDEO_TRC_HLG) {
    return "video of high dynamic range (HDR) is not supported";
  }
  if (frame.width < 1 || frame.height < 1 || frame.width > BACKDROP_LARGEST_SIZE ||
      frame.height > BACKDROP_LARGEST_SIZE) {
    return "the video's size is not supported: " + std::to_string(frame.width) + "x" +
           std::to_string(frame.height);
  }
  const auto planes =
      Frame::planes_of(frame.format, static_cast<int>(frame.width), static_cast<int>(frame.height));
  if (planes.empty()) {
    const char* name = get_video_format_name(frame.format);
    return std::string("the video's format is not supported: ") + (name ? name : "unknown");
  }
  for (std::size_t i = 0; i < planes.size(); ++i) {
    if (!frame.data[i] || frame.linesize[i] < planes[i].row_bytes) {
      return "the video's frames are incomplete";
    }
  }
  return "";
}

}  // namespace

std::vector<Frame::PlaneSize> Frame::planes_of(video_format format, int width, int height) {
  const auto w = static_cast<std::size_t>(width);
  const auto h = static_cast<std::size_t>(height);
  const std::size_t half_w = (w + 1) / 2;
  const std::size_t half_h = (h + 1) / 2;
  const PlaneSize full{w, h};
  switch (format) {
    case VIDEO_FORMAT_I420:
      return {full, {half_w, half_h}, {half_w, half_h}};
    case VIDEO_FORMAT_NV12:
      return {full, {2 * half_w, half_h}};
    case VIDEO_FORMAT_YVYU:
    case VIDEO_FORMAT_YUY2:
    case VIDEO_FORMAT_UYVY:
      return {{4 * half_w, h}};
    case VIDEO_FORMAT_RGBA:
    case VIDEO_FORMAT_BGRA:
    case VIDEO_FORMAT_BGRX:
    case VIDEO_FORMAT_AYUV:
      return {{4 * w, h}};
    case VIDEO_FORMAT_Y800:
      return {full};
    case VIDEO_FORMAT_BGR3:
      return {{3 * w, h}};
    case VIDEO_FORMAT_I444:
      return {full, full, full};
    case VIDEO_FORMAT_I422:
      return {full, {half_w, h}, {half_w, h}};
    case VIDEO_FORMAT_I40A:
      return {full, {half_w, half_h}, {half_w, half_h}, full};
    case VIDEO_FORMAT_I42A:
      return {full, {half_w, h}, {half_w, h}, full};
    case VIDEO_FORMAT_YUVA:
      return {full, full, full, full};
    default:
      return {};
  }
}

std::string Frame::copy(const obs_source_frame& frame) {
  std::string reason = refusal(frame);
  if (!reason.empty()) return reason;
  reshape(frame.format, static_cast<int>(frame.width), static_cast<int>(frame.height));
  flipped_ = frame.flip;
  full_range_ = frame.full_range;
  std::ranges::copy(frame.color_matrix, colors_.matrix.begin());
  colors_.least = {0, 0, 0};
  colors_.most = {1, 1, 1};
  if (!full_range_) {
    std::ranges::copy(frame.color_range_min, colors_.least.begin());
    std::ranges::copy(frame.color_range_max, colors_.most.begin());
  }
  for (std::size_t i = 0; i < planes_.size(); ++i) {
    const auto [row_bytes, rows] = planes_[i];
    if (frame.linesize[i] == row_bytes) {
      std::memcpy(plane(i), frame.data[i], row_bytes * rows);
      continue;
    }
    for (std::size_t y = 0; y < rows; ++y) {
      std::memcpy(plane(i) + y * row_bytes, frame.data[i] + y * frame.linesize[i], row_bytes);
    }
  }
  return "";
}

void Frame::reshape(video_format format, int width, int height) {
  if (format == format_ && width == width_ && height == height_) return;
  format_ = format;
  width_ = width;
  height_ = height;
  planes_ = planes_of(format, width, height);
  std::size_t size = 0;
  for (std::size_t i = 0; i < planes_.size(); ++i) {
    offsets_[i] = size;
    size += planes_[i].row_bytes * planes_[i].rows;
  }
  if (size > bytes_.size()) bytes_.resize(size);  // it never shrinks: sizes may take turns
}

bool Frame::is_native() const {
  switch (format_) {
    case VIDEO_FORMAT_I420:
    case VIDEO_FORMAT_NV12:
    case VIDEO_FORMAT_YUY2:
      return true;
    case VIDEO_FORMAT_RGBA:
    case VIDEO_FORMAT_BGRA:
    case VIDEO_FORMAT_BGRX:
      return full_range_;
    default:
      return false;
  }
}

backdrop_image Frame::view() {
  backdrop_image image{};
  image.format = format_ == VIDEO_FORMAT_I420   ? BACKDROP_I420
                 : format_ == VIDEO_FORMAT_NV12 ? BACKDROP_NV12
                 : format_ == VIDEO_FORMAT_YUY2 ? BACKDROP_YUY2
                 : format_ == VIDEO_FORMAT_RGBA ? BACKDROP_RGBA
                 : format_ == VIDEO_FORMAT_BGRX ? BACKDROP_BGRX
                                                : BACKDROP_BGRA;
  image.width = width_;
  image.height = height_;
  image.color_space = color_space();
  for (std::size_t i = 0; i < planes_.size(); ++i) {
    image.planes[i] = plane(i);
    image.strides[i] = static_cast<std::int32_t>(planes_[i].row_bytes);
  }
  if (flipped_) {  // half a turn and a mirror
    image.rotation = 180;
    image.flip = 1;
  }
  return image;
}

// OBS gives the matrix alone. What V adds to R is 1.402 in BT.601 and 1.5748 in BT.709, and in
// limited range 255/224 of that.
backdrop_color_space Frame::color_space() const {
  if (is_rgb(format_)) return BACKDROP_BT601_FULL;
  const float v_in_red = colors_.matrix[2] * (full_range_ ? 1 : 224.0f / 255);
  const bool is_601 = v_in_red < (1.402f + 1.5748f) / 2;
  if (full_range_) return is_601 ? BACKDROP_BT601_FULL : BACKDROP_BT709_FULL;
  return is_601 ? BACKDROP_BT601_LIMITED : BACKDROP_BT709_LIMITED;
}

void Frame::convert_to_bgra(Frame& to) const {
  to.reshape(VIDEO_FORMAT_BGRA, width_, height_);
  to.flipped_ = flipped_;
  to.full_range_ = true;
  const auto width = static_cast<std::size_t>(width_);
  const RowColors colors(colors_.matrix, colors_.least, colors_.most);
  YuvaRow row(width);
  for (std::size_t y = 0; y < static_cast<std::size_t>(height_); ++y) {
    std::uint8_t* out = to.plane(0) + y * to.row_bytes(0);
    if (is_rgb(format_)) {
      read_rgb_row(*this, y, out);
    } else {
      read_yuv_row(*this, y, row);
    }
    if (is_grey(format_)) {
      write_grey_row(row, width, out);
    } else if (!is_rgb(format_)) {
      colors.write_bgra(row, width, out);
    }
    if (!full_range_ && (is_rgb(format_) || is_grey(format_))) expand_range(out, width);
  }
}

void Frame::make_opaque() {
  if (format_ != VIDEO_FORMAT_BGRX) return;
  const std::size_t size = planes_[0].row_bytes * planes_[0].rows;
  for (std::size_t i = 3; i < size; i += 4) bytes_[i] = 255;
  format_ = VIDEO_FORMAT_BGRA;
}

bool blank(obs_source_frame& frame) {
  const auto planes =
      Frame::planes_of(frame.format, static_cast<int>(frame.width), static_cast<int>(frame.height));
  const bool packed_yuv = frame.format == VIDEO_FORMAT_YVYU || frame.format == VIDEO_FORMAT_YUY2 ||
                          frame.format == VIDEO_FORMAT_UYVY;
  for (std::size_t i = 0; i < planes.size(); ++i) {
    const int value = packed_yuv || i == 1 || i == 2 ? 128 : 0;
    if (frame.data[i]) std::memset(frame.data[i], value, planes[i].rows * frame.linesize[i]);
  }
  return !planes.empty();
}

}  // namespace backdrop::obs
