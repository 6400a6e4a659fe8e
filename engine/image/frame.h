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
  int plane_width(int plane) const { return backdrop::plane_width(format, width, plane); }
  int plane_height(int plane) const { return backdrop::plane_height(format, height, plane); }
  int row_bytes(int plane) const { return channels_of(format, plane) * plane_width(plane); }
};

using Frame = BasicFrame<std::uint8_t>;
using ConstFrame = BasicFrame<const std::uint8_t>;

inline ConstFrame read_only(const Frame& frame) {
  const auto [first, second, third] = frame.planes;
  return {frame.format,  frame.width,       frame.height,     {first, second, third},
          frame.strides, frame.color_space, frame.orientation};
}

// Whether a byte of a plane of `a` is one of a plane of `b`, unless both are the same plane.
// Pictures side by side in one larger picture do not overlap.
template <typename A, typename B>
bool overlaps_in_part(const BasicFrame<A>& a, const BasicFrame<B>& b) {
  for (int p = 0; p < plane_count(a.format); ++p) {
    for (int q = 0; q < plane_count(b.format); ++q) {
      const std::ptrdiff_t stride = a.strides[static_cast<std::size_t>(p)];
      const bool same_stride = stride == b.strides[static_cast<std::size_t>(q)];
      const auto a_begin = reinterpret_cast<std::uintptr_t>(a.row(p, 0));
      const auto b_begin = reinterpret_cast<std::uintptr_t>(b.row(q, 0));
      if (p == q && a_begin == b_begin && same_stride) continue;
      const auto bytes = [](const auto& frame, int plane) {
        return static_cast<std::uintptr_t>(frame.row(plane, frame.plane_height(plane) - 1) -
                                           frame.row(plane, 0)) +
               static_cast<std::uintptr_t>(frame.row_bytes(plane));
      };
      if (a_begin + bytes(a, p) <= b_begin || b_begin + bytes(b, q) <= a_begin) continue;
      const bool a_first = a_begin < b_begin;
      const auto apart =
          static_cast<std::ptrdiff_t>(a_first ? b_begin - a_begin : a_begin - b_begin);
      const int left = a_first ? a.row_bytes(p) : b.row_bytes(q);
      const int right = a_first ? b.row_bytes(q) : a.row_bytes(p);
      const bool beside = apart % stride >= left && apart % stride + right <= stride;
      if (!same_stride || !beside) return true;
    }
  }
  return false;
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
