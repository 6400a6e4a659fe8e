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
  // Makes room for a picture without contents; false, and then empty, when there is no memory.
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

// Both are of one format and size, and may be the same.
void copy_pixels(const ConstFrame& from, const Frame& to);

// Fills `out`, RGBA, with the centred part of `picture`, RGBA, that has its aspect ratio, resized.
// `out` is opaque. False when there is no memory.
[[nodiscard]] bool fit_to_cover(const ConstFrame& picture, const Frame& out, Executor& executor);

}  // namespace backdrop
