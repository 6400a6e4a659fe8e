// Light of the background that falls on the person's edge.
#pragma once

namespace backdrop {

enum class BlendMode { kScreen, kLinearDodge };

struct LightWrapping {
  float strength = 0;  // 0 (none) to 1
  BlendMode mode = BlendMode::kScreen;
};

}  // namespace backdrop
