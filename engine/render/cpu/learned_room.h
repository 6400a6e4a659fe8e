// What is behind the person, learned while the camera stands still.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "base/buffer.h"
#include "base/executor.h"
#include "image/frame.h"
#include "image/region.h"
#include "render/cpu/half_picture.h"
#include "render/cpu/known_room.h"
#include "render/cpu/mask_tiles.h"
#include "render/cpu/matte.h"
#include "render/cpu/nearby_colors.h"
#include "render/cpu/room_kernels.h"
#include "render/cpu/scene_fit.h"

namespace backdrop {

// Keeps a picture of the room at half of the frame's size and, for each pixel, from how many frames
// it was learned: those in which the mask surely takes the pixel for background. Near the mask's
// edge, what is known of the room corrects alpha. A pixel that fits the room is background. One
// that lies between the room's colour and the person's colour near by is that much of the person.
// One that fits neither is the person where the mask says so. Whatever is unknown keeps the mask's
// alpha. Pixels that mix both are looked at once more at the frame's own size. The room is
// forgotten when the camera moves, and when most of it no longer fits.
class LearnedRoom {
 public:
  // Prepares for frames of one size, with nothing learned. False without memory.
  [[nodiscard]] bool prepare(int width, int height, const Executor& executor);

  // The next frame has nothing to do with those before.
  void forget();

  // Corrects the matte of a frame of the size prepared for, which is there at `half` of its size,
  // too, as all frames before. Then learns from the part of the frame that the network has `seen`:
  // elsewhere somebody may have come unnoticed. Where somebody was `dropped` from the mask it
  // neither learns nor corrects. A frame that is not opaque makes it forget. Allocates nothing. The
  // result does not depend on the number of threads.
  void run(const ConstFrame& frame, const HalfPicture& half, const Region& seen,
           std::span<const Region> dropped, Matte& matte, Executor& executor);

  // Whether the room corrects the next frame's matte with all its weight, unless the camera moves.
  bool is_trusted() const { return trust_ >= 1; }

  // What is known of the room in the frame that was learned from last. Valid until the next.
  KnownRoom known() const;

 private:
  // The rows of one thread's memory.
  struct Scratch {
    std::array<std::uint16_t*, 3> errors;
    std::array<std::int16_t*, 3> person;
    std::int16_t* depths;
    std::int16_t* cells;
    std::uint8_t* bytes;
    std::uint8_t* window;
    std::array<std::array<std::uint8_t*, 3>, 2> full;  // channels of two rows of the frame
  };

  // A part of a row of half-size pixels near the mask's edge.
  struct Span {
    int y, begin, end;

    std::size_t size() const { return static_cast<std::size_t>(end - begin); }
  };

  template <typename Run>
  void for_tile_rows(Executor& executor, const Run& run);
  template <typename Run>
  void for_marked(int tile_row, int wanted, const Run& run);
  void keep_alpha(const Matte& matte, Executor& executor);
  void judge_scene(Executor& executor);
  void weigh_noise();
  void gather_points();
  ScenePoint point_at(int x, int y, std::size_t cell) const;
  void begin_anew();
  void relight(Executor& executor);

  void measure_row(const Scratch& scratch, int tile_row);
  void measure_errors(int y, int begin, int end, std::uint16_t* errors) const;
  void add_core(const Span& span, const Scratch& scratch);
  void correct_row(const Scratch& scratch, int tile_row);
  void correct_span(const Span& span, const Scratch& scratch);
  void look_at(const Region& seen);
  void learn_tile_row(const Scratch& scratch, int tile_row);
  void learn_span(const Span& span, const Scratch& scratch);
  void clear_row(const Span& span);
  void apply_row(const Scratch& scratch, int tile_row, const ConstFrame& frame, Matte& matte);
  void unmix_row(const Scratch& scratch, const Span& span, const ConstFrame& frame, Matte& matte);
  void find_near_changes(int tile_row, std::uint8_t* near);

  Scratch scratch_of(std::size_t part);
  ByteRows rows_around(const std::uint8_t* plane, std::ptrdiff_t stride, const Span& span,
                       int radius) const;
  RoomRows person_rows(const Span& span, const Scratch& scratch) const;

  // The index of a pixel in the planes of the room.
  std::size_t at(int x, int y) const {
    return kMargin + stride_ * static_cast<std::size_t>(y) + static_cast<std::size_t>(x);
  }
  FrameRows frame_rows(int y, int begin) const {
    return {half_->row(0, y) + begin, half_->row(1, y) + begin, half_->row(2, y) + begin};
  }
  RoomRows room_rows(int y, int begin) const {
    return {room_[0].data() + at(begin, y), room_[1].data() + at(begin, y),
            room_[2].data() + at(begin, y)};
  }
  LessonRow lesson(int y, int begin) {
    return {.frame = frame_rows(y, begin),
            .room = {room_[0].data() + at(begin, y), room_[1].data() + at(begin, y),
                     room_[2].data() + at(begin, y)},
            .counts = counts_.data() + at(begin, y)};
  }
  // The marks of the tile at pixel x.
  std::uint8_t* marks_of(int tile_row, int x) {
    static_assert(MaskTiles::kTile == kRoomBlock);
    return marks_.data() + tile_row * tiles_.columns() + x / MaskTiles::kTile;
  }

  // Values before and beyond a row of a plane.
  static constexpr std::size_t kMargin = 32;
  static_assert(kMargin >= kKnownPadding);

  int width_ = 0;  // half of the frame's
  int height_ = 0;
  std::size_t stride_ = 0;             // of all planes below
  const HalfPicture* half_ = nullptr;  // of the frame that run() was given
  bool has_before_ = false;            // whether there is a frame before it
  PaddedPlane alpha_;                  // of the matte that run() was given
  MaskTiles tiles_;
  std::array<Buffer<std::int16_t>, 3> room_;
  Buffer<std::int16_t> counts_;
  Buffer<std::int16_t> changes_;  // of a frame's edges; 0 elsewhere
  Buffer<std::uint8_t> misfits_;  // likewise; 255 elsewhere
  Buffer<std::uint8_t> marks_;    // of tiles: sets of BlockMark, none where there is no edge
  NearbyColors person_;
  bool has_person_ = false;  // whether any colour of the person is known
  SceneFit scene_;
  ErrorWeights weights_{};  // by the scene's noise in this frame
  ErrorScales scales_{};    // likewise
  float trust_ = 0;
  int still_frames_ = 0;       // since the room was forgotten
  int patience_ = 0;           // the still frames before the room is trusted
  Region seen_;                // the latest part
  bool is_other_part_ = true;  // than that before
  int learned_left_ = 0, learned_right_ = 0, learned_top_ = 0, learned_bottom_ = 0;  // tiles of it
  Buffer<std::uint16_t> error_scratch_;
  Buffer<std::int16_t> word_scratch_;
  Buffer<std::uint8_t> byte_scratch_;
};

}  // namespace backdrop
