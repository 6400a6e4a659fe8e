// Composites a frame over a background, on the CPU.
#pragma once

#include <cstddef>
#include <cstdint>

#include "image/frame.h"
#include "render/cpu/known_room.h"
#include "render/cpu/matte.h"
#include "render/cpu/person_colors.h"
#include "base/executor.h"

namespace backdrop {

// A background in the frame's format and size, opaque, that is read row by row.
class BackgroundSource {
 public:
  virtual ~BackgroundSource() = default;

  // Returns the samples of the pixels [begin, end) of a plane's row: in the background's own
  // memory, or in `scratch`, which has room for them. `part` selects the calling thread's scratch
  // memory. A thread asks for rows from top to bottom.
  virtual const std::uint8_t* samples(std::size_t part, int plane, int y, int begin, int end,
                                      std::uint8_t* scratch) = 0;
};

// A picture of the frame's format and size. With strides of 0, all rows are the same.
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

// `frame` and `out` have one format and size; they may be the same picture. The matte is limited to
// the frame's own alpha where it is above 0. Along the person's edge what is known of the room is
// taken out of the frame's colours.
void composite(const ConstFrame& frame, Matte& matte, const KnownRoom& room,
               BackgroundSource& background, const Frame& out, Executor& executor);

// The same for a cut-out: writes the person's colours, straight, and the matte as alpha. See
// TransparentBackground. The format has alpha.
void cut_out(const ConstFrame& frame, Matte& matte, const PersonColors& colors, const Frame& out,
             Executor& executor);

}  // namespace backdrop
