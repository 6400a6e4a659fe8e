// A frame of video in memory of our own: a copy of one of OBS's, or what becomes of it.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include <obs.h>

#include "backdrop/backdrop.h"

namespace backdrop::obs {

// How OBS makes RGB of 0 to 1 of YUV of 0 to 1.
struct YuvColors {
  std::array<float, 16> matrix{};  // three rows of four for R, G and B of Y, U, V and 1
  std::array<float, 3> least{};    // YUV is clamped to these before
  std::array<float, 3> most{};
};

class Frame {
 public:
  // A plane's rows, and the bytes of one.
  struct PlaneSize {
    std::size_t row_bytes;
    std::size_t rows;
  };

  // The planes of an 8-bit format; none for another format.
  static std::vector<PlaneSize> planes_of(video_format format, int width, int height);

  // Copies OBS's frame, whose memory is not kept. Returns why the frame can't be used, or "".
  std::string copy(const obs_source_frame& frame);

  // Makes room for another frame, whose pixels are undefined.
  void reshape(video_format format, int width, int height);

  // Whether the engine takes the frame's format as it is.
  bool is_native() const;

  // For the engine. The frame has to be native.
  backdrop_image view();

  // The same picture as BGRA, where `to` takes over everything but the pixels.
  void convert_to_bgra(Frame& to) const;

  // BGRX becomes BGRA. The frame is one of them, or RGBA.
  void make_opaque();

  video_format format() const { return format_; }
  int width() const { return width_; }
  int height() const { return height_; }
  bool is_flipped() const { return flipped_; }  // upside down
  const YuvColors& colors() const { return colors_; }
  std::size_t plane_count() const { return planes_.size(); }
  std::uint8_t* plane(std::size_t index) { return bytes_.data() + offsets_[index]; }
  const std::uint8_t* plane(std::size_t index) const { return bytes_.data() + offsets_[index]; }
  std::size_t row_bytes(std::size_t index) const { return planes_[index].row_bytes; }

 private:
  backdrop_color_space color_space() const;

  video_format format_ = VIDEO_FORMAT_NONE;
  int width_ = 0;
  int height_ = 0;
  bool flipped_ = false;
  bool full_range_ = false;
  YuvColors colors_;
  std::vector<PlaneSize> planes_;
  std::array<std::size_t, 4> offsets_{};
  std::vector<std::uint8_t> bytes_;
};

// Overwrites all pixels of OBS's frame, black or grey. False, and nothing done, for a format that
// Frame::planes_of does not know.
bool blank(obs_source_frame& frame);

}  // namespace backdrop::obs
