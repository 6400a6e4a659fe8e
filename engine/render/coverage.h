// Which probabilities are person.
#pragma once

namespace backdrop {

// Alpha is 0 up to the probability `low`, 255 from `high` on, and a smoothstep between. The default
// leans towards the background: on portraits, lower thresholds leave a rim of the room around hair,
// higher ones eat into it, and a narrower ramp shows the mask's own pixels.
struct Coverage {
  float low = 0.4f;
  float high = 0.8f;
};

}  // namespace backdrop
