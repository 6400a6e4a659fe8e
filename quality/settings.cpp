#include "settings.h"

#include "failure.h"

namespace backdrop::quality {
namespace {

void set_unrefined(Setup& setup) {
  setup.call(backdrop_set_refinement, BACKDROP_REFINEMENT_NONE, BACKDROP_SIGMA_SPACE_DEFAULT,
             BACKDROP_SIGMA_COLOR_DEFAULT);
}

// The original: Volcomix's virtual-background demo. It squeezes the whole frame into the network's
// shape, learns and steadies nothing, and its smoothstep of the coverage goes from 0.5 to 0.75.
void set_original(Setup& setup) {
  setup.call(backdrop_set_person_crop, 0);
  setup.call(backdrop_set_learned_room, 0);
  setup.call(backdrop_set_steadying, 0.0F);
  setup.call(backdrop_set_coverage, 0.5F, 0.75F);
}

constexpr Setting kSettings[] = {
    {"ours", "the engine's defaults", [](Setup&) {}},
    {"ours-i420", "the defaults on frames in I420, as cameras give them", [](Setup&) {}, false,
     true, BACKDROP_PRECISION_AUTO, true},
    {"ours-unsteadied", "the defaults without steadying",
     [](Setup& setup) { setup.call(backdrop_set_steadying, 0.0F); }},
    {"ours-uncropped", "the defaults without the crop that follows the people",
     [](Setup& setup) { setup.call(backdrop_set_person_crop, 0); }},
    {"ours-only-front", "the defaults with only the person in front",
     [](Setup& setup) { setup.call(backdrop_set_only_front, 1); }},
    {"ours-speckled", "the defaults with small holes and islands",
     [](Setup& setup) { setup.call(backdrop_set_despeckling, 0); }},
    {"ours-float", "the defaults without integers", [](Setup&) {}, false, true,
     BACKDROP_PRECISION_FLOAT},
    {"ours-unrefined", "the defaults without the guided filter", set_unrefined},
    {"ours-roomless", "the defaults without the learned room",
     [](Setup& setup) { setup.call(backdrop_set_learned_room, 0); }},
    {"ours-plain", "the defaults without the crop, the learned room and the guided filter",
     [](Setup& setup) {
       setup.call(backdrop_set_person_crop, 0);
       setup.call(backdrop_set_learned_room, 0);
       set_unrefined(setup);
     }},
    {"original-bilinear",
     "the original without its filter: the mask enlarged, coverage 0.5 to 0.75, no steadying",
     [](Setup& setup) {
       set_original(setup);
       set_unrefined(setup);
     },
     false, false, BACKDROP_PRECISION_FLOAT},
    {"original-webgl2",
     "the original's WebGL 2 pipeline: joint bilateral filter 1 and 0.1 (rational weights), "
     "coverage 0.5 to 0.75, light wrapping 0.3, no steadying",
     [](Setup& setup) {
       set_original(setup);
       setup.call(backdrop_set_refinement, BACKDROP_REFINEMENT_BILATERAL_RATIONAL, 1.0F, 0.1F);
       setup.call(backdrop_set_light_wrapping, 0.3F, BACKDROP_BLEND_SCREEN);
     },
     true, false, BACKDROP_PRECISION_FLOAT},
};

}  // namespace

void Setup::check(backdrop_status status) const {
  if (status != BACKDROP_OK) throw cli::Failure(backdrop_last_error(engine_));
}

std::span<const Setting> settings() { return kSettings; }

}  // namespace backdrop::quality
