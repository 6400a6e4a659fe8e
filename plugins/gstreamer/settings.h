// What the element's properties say.
#pragma once

#include <cstdint>
#include <string>

#include "backdrop/backdrop.h"
#include "matte_settings.h"

namespace backdrop::gstreamer {

enum class BackgroundKind { kNone, kBlur, kColor, kImage, kTransparent };

struct Background {
  BackgroundKind kind = BackgroundKind::kBlur;
  float blur = BACKDROP_BLUR_STRENGTH_DEFAULT;
  std::uint32_t color = 0;  // 0xRRGGBB; of kImage, what is beside the picture
  std::string image;        // a path
  backdrop_fit fit = BACKDROP_FIT_COVER;
  float x = 0.5f, y = 0.5f;  // as backdrop_set_placement's

  bool operator==(const Background&) const = default;
};

using plugins::MatteSettings;

// Takes effect on the next frame.
struct Settings {
  Background background;
  MatteSettings matte;
};

// Takes effect when the element starts.
struct EngineChoice {
  std::string model;  // a catalogue id or a path; empty: the first of the catalogue installed
  int threads = 0;    // 0: half of the processors, at most 4
};

}  // namespace backdrop::gstreamer
