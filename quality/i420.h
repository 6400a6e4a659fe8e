// Frames as cameras and decoders give them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "backdrop/backdrop.h"
#include "picture.h"

namespace backdrop::quality {

// BT.601, limited range. A chroma sample is the mean of 2x2 pixels, at an odd end of what is there.
class I420 {
 public:
  explicit I420(const cli::Picture& picture);

  backdrop_image view();

  // Opaque. The pixels of a chroma sample share it.
  cli::Picture picture() const;

 private:
  int chroma_width() const { return (width_ + 1) / 2; }
  int chroma_height() const { return (height_ + 1) / 2; }
  std::size_t pixels() const;
  std::size_t chroma_pixels() const;
  std::size_t chroma_of(std::size_t pixel) const;

  int width_;
  int height_;
  std::vector<std::uint8_t> samples_;  // Y, then U, then V
};

}  // namespace backdrop::quality
