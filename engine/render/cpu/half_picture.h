// A frame at half of its size, as three planes of bytes.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "base/buffer.h"
#include "base/executor.h"
#include "image/frame.h"

namespace backdrop {

// A plane of bytes. The outermost sample of a row is repeated kHalfPadding times before it, and
// twice as often after it.
inline constexpr std::size_t kHalfPadding = 16;
class PaddedPlane {
 public:
  // False without memory.
  [[nodiscard]] bool resize(int width, int height);

  std::uint8_t* row(int y) { return bytes_.data() + offset(y); }
  const std::uint8_t* row(int y) const { return bytes_.data() + offset(y); }
  std::ptrdiff_t stride() const { return static_cast<std::ptrdiff_t>(stride_); }

  // Repeats the outermost samples of a row that was written.
  void pad(int y);

 private:
  std::size_t offset(int y) const { return kHalfPadding + stride_ * static_cast<std::size_t>(y); }

  std::size_t width_ = 0;
  std::size_t stride_ = 0;
  Buffer<std::uint8_t> bytes_;
};

// The rounded means of 2x2 samples of two rows of `width`. The last sample of an odd width stands
// for the one that is missing.
void halve_samples(const std::uint8_t* first, const std::uint8_t* second, std::size_t width,
                   std::uint8_t* means);

// Luma and chroma, or three colours in the order in which the frame has them. What is not opaque is
// laid on black.
class HalfPicture {
 public:
  // Prepares for frames of one size, in pixels. False without memory.
  [[nodiscard]] bool prepare(int width, int height, const Executor& executor);

  // Shrinks a frame of the size prepared for. Allocates nothing.
  void shrink(const ConstFrame& frame, Executor& executor);

  int width() const { return width_; }
  int height() const { return height_; }
  bool is_opaque() const { return is_opaque_; }

  const std::uint8_t* row(std::size_t channel, int y) const { return planes_[channel].row(y); }
  std::ptrdiff_t stride() const { return planes_[0].stride(); }

  // The first channel of the frame before, which is there after the second frame.
  const PaddedPlane& before() const { return before_; }

 private:
  bool shrink_row(const ConstFrame& frame, int y, std::uint8_t* on_black);
  bool halve_colors(const std::uint8_t* first, const std::uint8_t* second, int width, int y);

  int width_ = 0;
  int height_ = 0;
  bool is_opaque_ = true;
  std::array<PaddedPlane, 3> planes_;
  PaddedPlane before_;
  Buffer<std::uint8_t> on_black_;  // per thread: two rows of four samples a pixel
};

}  // namespace backdrop
