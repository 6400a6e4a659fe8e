// A sequence's frames and the truth about them, one at a time.
#pragma once

#include <cstdint>
#include <vector>

#include "image.h"
#include "sequences.h"

namespace backdrop::quality {

// Sizes and lengths of all sequences.
struct Film {
  int width = 1280;     // pixels
  int height = 720;     // pixels
  int fps = 30;         // frames a second
  double seconds = 0;   // 0: the sequence's own length
  double measured = 2;  // seconds at the end that are measured
  double noise = 3;     // standard deviation, levels of 255
  std::uint64_t seed = 1;
};

// A frame of which everything is known.
struct KnownFrame {
  cli::Picture frame;  // what the camera gives
  Image alpha;         // of all people, 0 to 1
  Image foreground;    // colours of the people, premultiplied, with the frame's light
  Image background;    // colours of the room without people, with the frame's light
};

// People before a background. Frames are pure functions of their number.
class Scene {
 public:
  // `people` are premultiplied, four channels, in the take's order: an actor is person number
  // `Actor::person` of them, counted round. `room` is of three channels and any size. The sequence
  // has to outlive the scene.
  Scene(const Sequence& sequence, const Film& film, const Placement& placement,
        const std::vector<Image>& people, const Image& room);

  int frames() const { return frames_; }
  int first_measured() const { return first_measured_; }
  KnownFrame frame(int number) const;
  cli::Picture picture(int number) const;  // KnownFrame::frame alone, which takes half the time

 private:
  // What stands before the camera.
  struct Stage {
    Moment moment;
    Image room;
    std::vector<Image> seen;  // of each actor
  };

  Image seen_room(const Affine& camera) const;
  Image seen_actor(const Actor& actor, const Affine& camera, const Moment& moment) const;
  Moment moment_of(int number) const;
  Stage stage(int number) const;
  cli::Picture picture_of(const Stage& stage, int number) const;
  bool is_background(const Actor& actor) const;
  void light_up(Image& colors, const Moment& moment) const;

  const Sequence& sequence_;
  Film film_;
  std::vector<Actor> actors_;
  std::vector<Image> pictures_;  // of the actors, smoothed for their size
  Image room_;                   // larger than the frame if the camera moves
  int frames_ = 0;
  int first_measured_ = 0;
};

// The composite of the frame's people with `background`: three channels, of the frame's size.
Image true_composite(const KnownFrame& known, const Image& background);

}  // namespace backdrop::quality
