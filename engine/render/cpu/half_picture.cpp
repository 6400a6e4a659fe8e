#include "render/cpu/half_picture.h"

#include <algorithm>
#include <atomic>
#include <cstring>

#include "base/assert.h"
#include "base/parallel_for.h"
#include "image/pixel_buffer.h"
#include "render/cpu/alpha.h"
#include "render/cpu/room_kernels.h"

namespace backdrop {

bool PaddedPlane::resize(int width, int height) {
  width_ = static_cast<std::size_t>(width);
  stride_ = (width_ + kHalfPadding - 1) / kHalfPadding * kHalfPadding + 3 * kHalfPadding;
  return bytes_.resize(stride_ * static_cast<std::size_t>(height));
}

void PaddedPlane::pad(int y) {
  // Constant sizes become vectors: a call to fill a few bytes takes long in WebAssembly.
  std::uint8_t* const samples = row(y);
  std::memset(samples - kHalfPadding, samples[0], kHalfPadding);
  std::memset(samples + width_, samples[width_ - 1], 2 * kHalfPadding);
}

void halve_samples(const std::uint8_t* first, const std::uint8_t* second, std::size_t width,
                   std::uint8_t* means) {
  std::size_t x = width / 64 * 32;  // halve_rows() wants whole vectors
  halve_rows(first, second, x, means);
  for (; x < (width + 1) / 2; ++x) {
    const std::size_t right = std::min(2 * x + 1, width - 1);
    const int sum = first[2 * x] + first[right] + second[2 * x] + second[right];
    means[x] = static_cast<std::uint8_t>((sum + 2) >> 2);
  }
}

bool HalfPicture::prepare(int width, int height, const Executor& executor) {
  width_ = (width + 1) / 2;
  height_ = (height + 1) / 2;
  return before_.resize(width_, height_) &&
         on_black_.resize(2 * 4 * static_cast<std::size_t>(width) * executor.concurrency()) &&
         std::ranges::all_of(planes_,
                             [&](PaddedPlane& plane) { return plane.resize(width_, height_); });
}

void HalfPicture::shrink(const ConstFrame& frame, Executor& executor) {
  BACKDROP_ASSERT((frame.width + 1) / 2 == width_ && (frame.height + 1) / 2 == height_);
  std::swap(planes_[0], before_);
  std::atomic is_opaque = true;
  for_bands(executor, height_, [&](std::size_t part, int begin, int end) {
    std::uint8_t* const on_black =
        on_black_.data() + 2 * 4 * static_cast<std::size_t>(frame.width) * part;
    for (int y = begin; y < end; ++y) {
      if (!shrink_row(frame, y, on_black)) is_opaque.store(false, std::memory_order_relaxed);
      for (PaddedPlane& plane : planes_) plane.pad(y);
    }
  });
  is_opaque_ = is_opaque;
}

// Returns whether the pixels are opaque.
bool HalfPicture::shrink_row(const ConstFrame& frame, int y, std::uint8_t* on_black) {
  const std::uint8_t* const first = frame.row(0, 2 * y);
  const std::uint8_t* const second = frame.row(0, std::min(2 * y + 1, frame.height - 1));
  if (!is_yuv(frame.format)) {
    const bool are_opaque = halve_colors(first, second, frame.width, y);
    if (are_opaque || !traits_of(frame.format).has_alpha) return true;
    Frame laid{.format = frame.format, .width = frame.width, .height = 2};
    laid.planes[0] = on_black;
    laid.strides[0] = frame.row_bytes(0);
    std::copy_n(first, frame.row_bytes(0), laid.row(0, 0));
    std::copy_n(second, frame.row_bytes(0), laid.row(0, 1));
    lay_on(laid, {0, 0, 0});
    halve_colors(laid.row(0, 0), laid.row(0, 1), frame.width, y);
    return false;
  }
  const auto width = static_cast<std::size_t>(width_);
  halve_samples(first, second, static_cast<std::size_t>(frame.width), planes_[0].row(y));
  if (channels_of(frame.format, 1) == 2) {
    split_bytes(frame.row(1, y), width, planes_[1].row(y), planes_[2].row(y));
  } else {
    std::memcpy(planes_[1].row(y), frame.row(1, y), width);
    std::memcpy(planes_[2].row(y), frame.row(2, y), width);
  }
  return true;
}

// Of two rows with four samples a pixel. Returns whether the fourth samples are 255.
bool HalfPicture::halve_colors(const std::uint8_t* first, const std::uint8_t* second, int width,
                               int y) {
  const std::array rows{planes_[0].row(y), planes_[1].row(y), planes_[2].row(y)};
  const bool are_opaque = halve_pixels(first, second, static_cast<std::size_t>(width / 2), rows);
  if (width % 2 == 0) return are_opaque;
  const auto last = static_cast<std::size_t>(width / 2);
  for (std::size_t c = 0; c < 3; ++c) {
    const std::size_t at = 8 * last + c;
    rows[c][last] = static_cast<std::uint8_t>((first[at] + second[at] + 1) >> 1);
  }
  const std::size_t alpha = 8 * last + 3;
  return are_opaque && (first[alpha] & second[alpha]) == 255;
}

}  // namespace backdrop
