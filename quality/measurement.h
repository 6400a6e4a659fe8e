// One measurement: an engine with a model and a setting on a take of a sequence, or on photos.
#pragma once

#include <array>
#include <span>
#include <string_view>
#include <vector>

#include "contact_sheet.h"
#include "material.h"
#include "model_store.h"
#include "scene.h"
#include "scores.h"
#include "settings.h"

namespace backdrop::quality {

struct Measurement {
  Scores scores;
  std::size_t frames = 0;           // that were measured
  std::vector<ContactRow> crops{};  // of the frame in the middle of those
};

// Take number `take` of a sequence: the people and backgrounds in turn, the placements in turn, and
// a seed of its own. Throws Failure.
Measurement measure_take(const Sequence& sequence, int take, const Film& film,
                         const Material& material, const cli::Model& model, const Setting& setting);

// All photos, one after the other, as pictures that have nothing to do with each other. Throws
// Failure.
Measurement measure_photos(std::span<const PhotoWithMask> photos, const cli::Model& model,
                           const Setting& setting);

}  // namespace backdrop::quality
