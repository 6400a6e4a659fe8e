#include "sequences.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace backdrop::quality {
namespace {

double wave(double turns) { return std::sin(2 * std::numbers::pi * turns); }

// From 0 before `begin` to 1 after `end`, without a jump of speed.
double ease(double now, double begin, double end) {
  const double t = std::clamp((now - begin) / (end - begin), 0.0, 1.0);
  return t * t * (3 - 2 * t);
}

// --- People ---

std::vector<Actor> one_person(const Placement& placement) { return {{.placement = placement}}; }

std::vector<Actor> still_person(const Placement& placement) {
  Actor sitting{.placement = placement};
  sitting.placement.sway = 2.0 / 1280;
  sitting.placement.lean = 0.2;
  return {sitting};
}

double leave_and_return(const Moment& moment) {
  const double left = ease(moment.now, moment.measured - 1.5, moment.measured - 0.5);
  const double returned = ease(moment.now, moment.measured + 0.4, moment.measured + 1.2);
  return 1.3 * (left - returned);
}

std::vector<Actor> person_who_leaves(const Placement& placement) {
  return {{.placement = placement, .walk = leave_and_return}};
}

double walk_by(const Moment& moment) {
  const double begin = moment.measured - 0.4;
  return -0.3 + 1.6 * std::clamp((moment.now - begin) / 2.2, 0.0, 1.0);
}

std::vector<Actor> person_and_passer_by(const Placement& placement) {
  const Actor passer_by{.person = 1,
                        .is_mirrored = true,
                        .is_passer_by = true,
                        .placement = {.height = 0.8, .x = 0, .sway = 0, .lean = 1},
                        .walk = walk_by};
  return {passer_by, {.placement = placement}};
}

std::vector<Actor> group_of_five(const Placement&) {
  std::vector<Actor> group;
  for (const auto& [x, height] :
       {std::pair{0.32, 0.6}, {0.68, 0.62}, {0.12, 0.66}, {0.88, 0.68}, {0.5, 0.72}}) {
    const auto index = static_cast<int>(group.size());
    group.push_back({.person = index,
                     .is_mirrored = index % 4 >= 2,
                     .placement = {.height = height, .x = x, .sway = 0.008, .lean = 1.5},
                     .phase = 0.2 * index});
  }
  return group;
}

// --- Cameras ---

Affine panning(const Moment& moment, double width, double) {
  return {.x0 = 0.1 * width * wave(moment.now / 6)};
}

Affine zooming(const Moment& moment, double width, double height) {
  const double scale = 1 + 0.1 * (1 - std::cos(2 * std::numbers::pi * moment.now / 4));
  return Affine::turned(0, scale, width / 2, height / 2, width / 2, height / 2);
}

// As a hand holds it: slow and fast movements that never repeat together.
Affine shaking(const Moment& moment, double width, double height) {
  const double t = moment.now;
  const double dx = 4 * wave(0.9 * t) + 2.5 * wave(2.3 * t + 0.3) + 1 * wave(6.1 * t + 0.7);
  const double dy = 3 * wave(1.1 * t + 0.2) + 2 * wave(2.9 * t + 0.6) + 1 * wave(7.3 * t);
  const double turn = 0.25 * wave(0.7 * t + 0.1) + 0.1 * wave(3.1 * t);
  const double scale = width / 1280;
  return Affine::turned(turn, 1, width / 2, height / 2, width / 2 + dx * scale,
                        height / 2 + dy * scale);
}

// --- Light ---

Light changing(const Moment& moment) {
  const double change = 0.15 * wave(moment.now / 2.5);
  return {1 + change, 1 + 0.8 * change, 1 + 0.5 * change};
}

// An automatic exposure's steps, each within 0.2 s.
Light exposure_steps(const Moment& moment) {
  constexpr double kGains[] = {1, 1.25, 0.85, 1.1};
  constexpr double kSeconds = 0.9;
  const auto step = static_cast<std::size_t>(moment.now / kSeconds);
  const double before = kGains[step == 0 ? 0 : (step - 1) % 4];
  const double after = kGains[step % 4];
  const double begin = static_cast<double>(step) * kSeconds;
  const double gain = before + (after - before) * ease(moment.now, begin, begin + 0.2);
  return {gain, gain, gain};
}

constexpr std::string_view kH264 =
    "-c:v libx264 -preset veryfast -tune zerolatency -b:v 1200k -maxrate 1200k -bufsize 600k "
    "-threads 1";
constexpr std::string_view kMotionJpeg = "-c:v mjpeg -q:v 6 -threads 1";

const Sequence kSequences[] = {
    {.name = "still",
     .description = "a person sways and leans before a still camera",
     .cast = one_person},
    {.name = "panning",
     .description = "the camera pans to and fro",
     .cast = one_person,
     .camera = panning},
    {.name = "zooming",
     .description = "the camera zooms in and out by a fifth",
     .cast = one_person,
     .camera = zooming},
    {.name = "shaking",
     .description = "a hand holds the camera",
     .cast = one_person,
     .camera = shaking},
    {.name = "changing-light",
     .description = "the light grows and fades, and changes its colour",
     .cast = one_person,
     .light = changing},
    {.name = "exposure-steps",
     .description = "the camera's exposure changes in steps",
     .cast = one_person,
     .light = exposure_steps},
    {.name = "motion-jpeg",
     .description = "the camera compresses each frame, as webcams do",
     .cast = one_person,
     .codec = kMotionJpeg},
    {.name = "h264", .description = "a video of 1.2 Mbit/s", .cast = one_person, .codec = kH264},
    {.name = "leaving",
     .description = "the person leaves and comes back",
     .cast = person_who_leaves},
    {.name = "walking-by",
     .description = "a second person walks by behind, and counts as a person",
     .cast = person_and_passer_by},
    {.name = "stranger-behind",
     .description = "a second person walks by behind, and counts as background",
     .cast = person_and_passer_by,
     .count_passers_by = false},
    {.name = "group", .description = "five people on one picture", .cast = group_of_five},
    {.name = "sitting-still",
     .description = "a person who hardly moves for a minute",
     .seconds = 60,
     .cast = still_person},
};

}  // namespace

std::span<const Sequence> sequences() { return kSequences; }

const Placement& placement_of(int take) {
  static constexpr Placement kPlacements[] = {{.height = 0.95, .x = 0.5, .sway = 110.0 / 1280},
                                              {.height = 1.1, .x = 0.45},
                                              {.height = 0.9, .x = 0.4}};
  return kPlacements[static_cast<std::size_t>(take) % std::size(kPlacements)];
}

}  // namespace backdrop::quality
