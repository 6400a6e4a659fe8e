// Views of pictures in the caller's memory.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "image/orientation.h"
#include "image/pixel_format.h"

namespace backdrop {

// The conversion between RGB and YUV: ITU-R BT.601 or BT.709; limited range (Y 16 to 235, U and V
// 16 to 240) or full range (0 to 255).
enum class ColorSpace { kBt601Limited, kBt601Full, kBt709Limited, kBt709Full };

// Strides are in bytes and at least as long as a row.
template <typename Byte>
struct BasicFrame {
  PixelFormat format = PixelFormat::kRgba;
  int width = 0;
  int height = 0;
  std::array<Byte*, 3> planes{};
  std::array<std::ptrdiff_t, 3> strides{};
  ColorSpace color_space = ColorSpace::kBt601Limited;  // of YUV
  Orientation orientation{};

  Byte* row(int plane, int y) const {
    const auto p = static_cast<std::size_t>(plane);
    return planes[p] + y * strides[p];
  }
  int plane_width(int plane) const { return plane_extent(format, width, plane); }
  int plane_height(int plane) const { return plane_extent(format, height, plane); }
  int row_bytes(int plane) const { return channels_of(format, plane) * plane_width(plane); }
};

using Frame = BasicFrame<std::uint8_t>;
using ConstFrame = BasicFrame<const std::uint8_t>;

inline ConstFrame read_only(const Frame& frame) {
  const auto [first, second, third] = frame.planes;
  return {frame.format,  frame.width,       frame.height,     {first, second, third},
          frame.strides, frame.color_space, frame.orientation};
}

// All of a frame but its pixels: what memory is prepared for.
struct FrameKind {
  PixelFormat format = PixelFormat::kRgba;
  int width = 0;
  int height = 0;
  ColorSpace color_space = ColorSpace::kBt601Limited;
  Orientation orientation;

  bool operator==(const FrameKind&) const = default;
};

template <typename Byte>
FrameKind kind_of(const BasicFrame<Byte>& frame) {
  return {frame.format, frame.width, frame.height, frame.color_space, frame.orientation};
}

}  // namespace backdrop
