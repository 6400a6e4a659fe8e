// What the plugins' properties say of the matte: all plugins give all of it to the engine.
#pragma once

#include "backdrop/backdrop.h"

namespace backdrop::plugins {

struct MatteSettings {
  backdrop_refinement refinement = BACKDROP_REFINEMENT_GUIDED;
  float steadying = BACKDROP_STEADYING_DEFAULT;
  bool learned_room = BACKDROP_LEARNED_ROOM_DEFAULT != 0;
  bool person_crop = BACKDROP_PERSON_CROP_DEFAULT != 0;
  bool only_front = BACKDROP_ONLY_FRONT_DEFAULT != 0;
  bool despeckling = BACKDROP_DESPECKLING_DEFAULT != 0;

  bool operator==(const MatteSettings&) const = default;
};

// Calls check(status) after each of the engine's functions.
template <typename Check>
void apply(backdrop_engine* engine, const MatteSettings& matte, const Check& check) {
  check(backdrop_set_refinement(engine, matte.refinement, BACKDROP_SIGMA_SPACE_DEFAULT,
                                BACKDROP_SIGMA_COLOR_DEFAULT));
  check(backdrop_set_steadying(engine, matte.steadying));
  check(backdrop_set_learned_room(engine, matte.learned_room));
  check(backdrop_set_person_crop(engine, matte.person_crop));
  check(backdrop_set_only_front(engine, matte.only_front));
  check(backdrop_set_despeckling(engine, matte.despeckling));
}

}  // namespace backdrop::plugins
