// How frames are drawn.
#pragma once

#include "composite/background_choice.h"
#include "composite/light_wrapping.h"
#include "matte/coverage.h"
#include "matte/refinement.h"

namespace backdrop {

struct Look {
  BackgroundChoice background;
  Coverage coverage;
  Refinement refinement;
  LightWrapping light_wrapping;
};

}  // namespace backdrop
