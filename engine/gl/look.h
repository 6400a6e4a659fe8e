// How frames are drawn on the GPU.
#pragma once

#include "composite/background_choice.h"
#include "composite/light_wrapping.h"
#include "matte/coverage.h"
#include "matte/refinement.h"

namespace backdrop::gl {

// What is changed is in effect from the next frame on.
struct Look {
  BackgroundChoice background{};
  Coverage coverage{};
  Refinement refinement{};
  LightWrapping light_wrapping{};
};

}  // namespace backdrop::gl
