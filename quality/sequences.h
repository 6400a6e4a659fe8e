// What happens in the sequences: a table of people, cameras and light.
#pragma once

#include <array>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "image.h"

namespace backdrop::quality {

// A time in a sequence, seconds. What has to be seen by the metrics happens after `measured`.
struct Moment {
  double now = 0;
  double measured = 0;  // from when on the frames are measured
};

// Where a person stands when nothing else is said: the feet are below the frame.
struct Placement {
  double height = 0.95;       // of the picture, of the frame's height
  double x = 0.5;             // of the picture's centre, of the frame's width
  double sway = 70.0 / 1280;  // of the frame's width, to each side
  double lean = 3;            // degrees, to each side
};

// One of the people on the picture.
struct Actor {
  int person = 0;  // added to the take's number
  bool is_mirrored = false;
  bool is_passer_by = false;  // part of the background, if passers-by don't count
  Placement placement{};
  double phase = 0;                                // of swaying and leaning, turns
  double (*walk)(const Moment& moment) = nullptr;  // added to x
};

// Factors for R, G and B.
using Light = std::array<double, 3>;

struct Sequence {
  std::string_view name;
  std::string_view description;  // one line
  double seconds = 6;
  // From the one who is farthest away to the nearest one. `placement` is the take's.
  std::vector<Actor> (*cast)(const Placement& placement) = nullptr;
  // From the room, as the camera that stands still sees it, to the frame; sizes in pixels.
  Affine (*camera)(const Moment& moment, double width, double height) = nullptr;  // else still
  Light (*light)(const Moment& moment) = nullptr;                                 // else 1
  bool count_passers_by = true;
  std::string_view codec{};  // FFmpeg's arguments of an encoder, else uncompressed
};

std::span<const Sequence> sequences();

// The take's placement: three of them in turn.
const Placement& placement_of(int take);

}  // namespace backdrop::quality
