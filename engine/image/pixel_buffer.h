// A picture that owns its pixels.
#pragma once

#include <cstdint>
#include <span>

#include "base/buffer.h"
#include "image/frame.h"
#include "base/executor.h"

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

// Lays an RGBA or BGRA picture on black: it becomes opaque.
void lay_on_black(const Frame& picture);

// Crops the RGBA `picture` to the aspect ratio of `out`, centred, and resizes it to `out`, which is
// RGBA and becomes opaque. False without memory.
[[nodiscard]] bool fit_to_cover(const ConstFrame& picture, const Frame& out, Executor& executor);

}  // namespace backdrop
