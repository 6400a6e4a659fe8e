// Views of pictures in somebody else's memory.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace backdrop {

enum class PixelFormat {
  kRgba,  // one plane, 4 bytes a pixel, straight alpha
  kI420,  // planes Y, U, V; U and V at half size, rounded up; BT.601 limited range
};

// Strides are bytes from one row to the next, at least a row's bytes.
template <typename Byte>
struct BasicFrame {
  PixelFormat format = PixelFormat::kRgba;
  int width = 0;
  int height = 0;
  std::array<Byte*, 3> planes{};
  std::array<std::ptrdiff_t, 3> strides{};

  Byte* row(int plane, int y) const {
    const auto p = static_cast<std::size_t>(plane);
    return planes[p] + y * strides[p];
  }
};

using Frame = BasicFrame<std::uint8_t>;
using ConstFrame = BasicFrame<const std::uint8_t>;

}  // namespace backdrop
