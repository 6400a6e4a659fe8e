// A picture that owns its pixels.
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "base/buffer.h"
#include "image/frame.h"

namespace backdrop {

class PixelBuffer {
 public:
  // Allocates an uninitialized picture. False without memory; the buffer is then empty.
  [[nodiscard]] bool create(PixelFormat format, int width, int height);

  bool empty() const { return frame_.width == 0; }
  const Frame& frame() { return frame_; }
  ConstFrame view() const { return read_only(frame_); }
  // All planes, one after the other, without gaps between rows.
  std::span<std::uint8_t> bytes() { return {bytes_.data(), bytes_.size()}; }

 private:
  Buffer<std::uint8_t> bytes_;
  Frame frame_;
};

// Both have one format and size. They may be the same picture.
void copy_pixels(const ConstFrame& from, const Frame& to);

// Lays an RGBA or BGRA picture on a colour, whose channels are in the picture's order: the picture
// becomes opaque.
void lay_on(const Frame& picture, const std::array<std::uint8_t, 3>& color);

}  // namespace backdrop
