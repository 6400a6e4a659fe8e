// Frames as cameras and decoders give them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "backdrop/backdrop.h"
#include "picture.h"

namespace backdrop::quality {

// BT.601, limited range. Sides are even. A chroma sample is the mean of 2x2 pixels.
class I420 {
 public:
  explicit I420(const cli::Picture& picture);

  backdrop_image view();

  // Opaque. The four pixels of a chroma sample share it.
  cli::Picture picture() const;

 private:
  std::size_t pixels() const { return 2 * 2 * chroma_pixels(); }
  std::size_t chroma_pixels() const { return samples_.size() / 6; }

  int width_;
  int height_;
  std::vector<std::uint8_t> samples_;  // Y, then U, then V
};

}  // namespace backdrop::quality
