// Puts the person of a frame before a background.
#pragma once

#include <cstddef>
#include <cstdint>

#include "image/frame.h"
#include "render/cpu/matte.h"
#include "base/executor.h"

namespace backdrop {

// What stands behind the person, in the frame's format and size, opaque.
class BackgroundSource {
 public:
  virtual ~BackgroundSource() = default;

  // The samples of the pixels [begin, end) of a plane's row: either in the background's own memory,
  // or written to `scratch`, which has room for them. `part` names the calling thread's scratch
  // memory; a thread asks for rows from top to bottom.
  virtual const std::uint8_t* samples(std::size_t part, int plane, int y, int begin, int end,
                                      std::uint8_t* scratch) = 0;
};

// A picture of the frame's format and size; with strides of 0, one row for all.
class StoredBackground final : public BackgroundSource {
 public:
  explicit StoredBackground(const ConstFrame& picture) : picture_(picture) {}

  const std::uint8_t* samples(std::size_t, int plane, int y, int begin, int,
                              std::uint8_t*) override {
    return picture_.row(plane, y) + begin * channels_of(picture_.format, plane);
  }

 private:
  ConstFrame picture_;
};

// Frame and output have one format and size, and may be the same picture.
void composite(const ConstFrame& frame, const Matte& matte, BackgroundSource& background,
               const Frame& out, Executor& executor);

// RGBA or BGRA only: the frame's colours with the matte as their alpha.
void write_alpha(const ConstFrame& frame, const Matte& matte, const Frame& out, Executor& executor);

}  // namespace backdrop
