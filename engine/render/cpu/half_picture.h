// A frame at half of its size, as three planes of bytes.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <utility>

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

// Luma and chroma, or three colours in the order in which the frame has them.
class HalfPicture {
 public:
  // Prepares for frames of one size, in pixels. False without memory.
  [[nodiscard]] bool prepare(int width, int height);

  // Shrinks a frame of the size prepared for. Returns whether it is opaque. Allocates nothing.
  bool shrink(const ConstFrame& frame, Executor& executor);

  const std::uint8_t* row(std::size_t channel, int y) const { return planes_[channel].row(y); }

  // Exchanges the first channel's plane for another of its size.
  void swap_first(PaddedPlane& other) { std::swap(planes_[0], other); }

 private:
  bool shrink_row(const ConstFrame& frame, int y);

  int width_ = 0;
  int height_ = 0;
  std::array<PaddedPlane, 3> planes_;
};

}  // namespace backdrop
