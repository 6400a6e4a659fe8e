// How frames are drawn.
#pragma once

#include "render/background_choice.h"
#include "render/light_wrapping.h"
#include "render/coverage.h"
#include "render/refinement.h"

namespace backdrop {

struct Look {
  BackgroundChoice background{};
  Coverage coverage{};
  Refinement refinement{};
  LightWrapping light_wrapping{};
};

}  // namespace backdrop
