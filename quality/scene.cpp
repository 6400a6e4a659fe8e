#include "scene.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <utility>

#include "noise.h"

namespace backdrop::quality {
namespace {

constexpr double kFeet = 1.02;        // of the frame's height
constexpr double kRoomBeyond = 1.25;  // so much of the room a moving camera has to see

Image mirror(const Image& image) {
  return warp(image, {.xx = -1, .x0 = image.width - 1.0}, image.width, image.height,
              Beyond::kClear);
}

double scale_of(const Actor& actor, const Image& person, const Film& film) {
  return actor.placement.height * film.height / person.height;
}

// Sampling at the frame's pixels would otherwise skip some of the person's.
Image smoothed_for(double scale, const Image& person) {
  return scale < 0.8 ? gaussian_blur(person, 0.45 / scale) : person;
}

// From the actor's picture to the room.
Affine place(const Actor& actor, const Image& picture, const Moment& moment, const Film& film) {
  constexpr double kStillSeconds = 1;
  const double t = moment.now - kStillSeconds;
  const double moving = std::clamp(t / 0.3, 0.0, 1.0);
  const auto wave = [&](double seconds) {
    return moving * std::sin(2 * std::numbers::pi * (t / seconds + actor.phase));
  };
  const Placement& placement = actor.placement;
  const double walked = actor.walk ? actor.walk(moment) : 0;
  const double x = placement.x + placement.sway * wave(2.2) + walked;
  return Affine::turned(placement.lean * wave(1.7), scale_of(actor, picture, film),
                        picture.width / 2.0, picture.height, x * film.width, kFeet * film.height);
}

int frames_of(const Sequence& sequence, const Film& film) {
  const double seconds = film.seconds > 0 ? film.seconds : sequence.seconds;
  return std::max(1, static_cast<int>(std::lround(seconds * film.fps)));
}

}  // namespace

Scene::Scene(const Sequence& sequence, const Film& film, const Placement& placement,
             const std::vector<Image>& people, const Image& room)
    : sequence_(sequence), film_(film), actors_(sequence.cast(placement)) {
  for (const Actor& actor : actors_) {
    const Image& person = people[static_cast<std::size_t>(actor.person) % people.size()];
    const Image picture = actor.is_mirrored ? mirror(person) : person;
    pictures_.push_back(smoothed_for(scale_of(actor, picture, film), picture));
  }
  const double beyond = sequence.camera ? kRoomBeyond : 1;
  room_ =
      covering(room, static_cast<int>(film.width * beyond), static_cast<int>(film.height * beyond));
  frames_ = frames_of(sequence, film);
  first_measured_ = std::max(0, frames_ - static_cast<int>(std::lround(film.measured * film.fps)));
}

Moment Scene::moment_of(int number) const {
  return {static_cast<double>(number) / film_.fps,
          static_cast<double>(first_measured_) / film_.fps};
}

Image Scene::seen_room(const Affine& camera) const {
  if (!sequence_.camera) return room_;
  const Affine to_room{.x0 = (room_.width - film_.width) / 2.0,
                       .y0 = (room_.height - film_.height) / 2.0};
  return warp(room_, to_room.after(camera.inverse()), film_.width, film_.height, Beyond::kMirrored);
}

Image Scene::seen_actor(const Actor& actor, const Affine& camera, const Moment& moment) const {
  const Image& picture = pictures_[static_cast<std::size_t>(&actor - actors_.data())];
  const Affine to_frame = camera.after(place(actor, picture, moment, film_));
  return warp(picture, to_frame.inverse(), film_.width, film_.height, Beyond::kClear);
}

bool Scene::is_background(const Actor& actor) const {
  return actor.is_passer_by && !sequence_.count_passers_by;
}

// Colours in the light, at most white, as a sensor clips them.
void Scene::light_up(Image& colors, const Moment& moment) const {
  if (!sequence_.light) return;
  const Light light = sequence_.light(moment);
  for (std::size_t i = 0; i < colors.values.size(); ++i) {
    colors.values[i] = std::min(255.0F, colors.values[i] * static_cast<float>(light[i % 3]));
  }
}

Scene::Stage Scene::stage(int number) const {
  const Moment moment = moment_of(number);
  const Affine camera =
      sequence_.camera ? sequence_.camera(moment, film_.width, film_.height) : Affine{};
  Stage stage{.moment = moment, .room = seen_room(camera), .seen = {}};
  for (const Actor& actor : actors_) stage.seen.push_back(seen_actor(actor, camera, moment));
  return stage;
}

cli::Picture Scene::picture_of(const Stage& stage, int number) const {
  Image colors = stage.room;
  for (const Image& seen : stage.seen) lay_over(colors, seen);
  light_up(colors, stage.moment);
  add_noise(colors, film_.noise, film_.seed * 1'000'003 + static_cast<std::uint64_t>(number));
  return to_picture(colors);
}

cli::Picture Scene::picture(int number) const { return picture_of(stage(number), number); }

KnownFrame Scene::frame(int number) const {
  const Stage stage = this->stage(number);
  KnownFrame known{.frame = picture_of(stage, number),
                   .alpha = Image(film_.width, film_.height, 1),
                   .foreground = Image(film_.width, film_.height, 3),
                   .background = stage.room};
  for (std::size_t i = 0; i < actors_.size(); ++i) {
    if (is_background(actors_[i])) {
      lay_over(known.background, stage.seen[i]);
      continue;
    }
    lay_over(known.alpha, stage.seen[i]);
    lay_over(known.foreground, stage.seen[i]);
  }
  light_up(known.foreground, stage.moment);
  light_up(known.background, stage.moment);
  return known;
}

Image true_composite(const KnownFrame& known, const Image& background) {
  Image colors = known.foreground;
  for (std::size_t i = 0; i < colors.values.size(); ++i) {
    colors.values[i] += (1 - known.alpha.values[i / 3]) * background.values[i];
  }
  return colors;
}

}  // namespace backdrop::quality
