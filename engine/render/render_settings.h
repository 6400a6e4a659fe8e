// How frames are drawn: one struct that both renderers read.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <variant>

#include "image/frame.h"
#include "image/placement.h"

namespace backdrop {

// The frame as it came: the only background that shows the room.
struct NoBackground {
  bool operator==(const NoBackground&) const = default;
};

// Gaussian blur of the frame; the standard deviation is `strength` percent of its shorter side.
struct BlurBackground {
  float strength = 2;  // 0.1 to 20

  bool operator==(const BlurBackground&) const = default;
};

struct ColorBackground {
  std::uint32_t rgb = 0;  // 0xRRGGBB

  bool operator==(const ColorBackground&) const = default;
};

// An opaque RGBA image.
struct ImageBackground {
  ConstFrame image{};            // valid while it is the background; empty: none is set
  std::uint64_t generation = 0;  // another one for other pixels or another placement, never
                                 // reused; 0: none is set
  Placement placement{};

  bool operator==(const ImageBackground& other) const { return generation == other.generation; }
};

// The matte, limited to the frame's own alpha, becomes the frame's alpha, straight. Alpha is
// dropped by many: so no pixel's colour is the room's. Where alpha is 0 the colour is 0; along the
// edge it is an estimate of the person's, which becomes the frame's own as the matte's alpha rises
// from three quarters to 1.
struct TransparentBackground {
  bool operator==(const TransparentBackground&) const = default;
};

// The estimate is a mean under a Gaussian with this standard deviation, in pixels: it reaches
// across the soft edge of an enlarged mask.
inline double person_color_sigma(int width, int height) { return 0.015 * std::min(width, height); }

// How much of a mean's weight has to be the person's; below, the estimate turns black.
inline constexpr float kLeastPersonWeight = 1.0f / 256;

// Each renderer has one overload for each alternative, so that the compiler names what is missing.
using BackgroundChoice = std::variant<BlurBackground, NoBackground, ColorBackground,
                                      ImageBackground, TransparentBackground>;

// Alpha is 0 up to the probability `low`, 255 from `high` on, and a smoothstep between. The default
// leans towards the background: on portraits, lower thresholds leave a rim of the room around hair,
// higher ones eat into it, and a narrower ramp shows the mask's own pixels.
struct Coverage {
  float low = 0.4f;
  float high = 0.8f;

  bool operator==(const Coverage&) const = default;
};

// How the mask's edges are aligned with the frame's.
enum class RefinementKind {
  kNone,
  // Fast guided filter: He, Sun, "Fast Guided Filter", arXiv:1505.00996, 2015.
  kGuided,
  // Joint bilateral filter: Kopf, Cohen, Lischinski, Uyttendaele, "Joint Bilateral Upsampling",
  // SIGGRAPH 2007. The step and the radius are those of MediaPipe's bilateral filter, so that
  // settings carry over.
  kBilateral,
  kBilateralRational,   // the same with rational functions for weights, which need no exp
  kBilateralSeparable,  // along the rows first, then along the columns
};

// The CPU's renderer runs the guided filter for every kind but kNone, while no learned room tells
// where the edge is.
struct Refinement {
  RefinementKind kind = RefinementKind::kGuided;
  float sigma_space = 1;     // in pixels of the mask
  float sigma_color = 0.1f;  // of colours whose channels are 0 to 1

  bool operator==(const Refinement&) const = default;
};

// Radius of the guided filter's windows, in pixels of the mask. Means of means reach twice as far,
// as the bilateral filter's Gaussian does.
inline int guided_radius(const Refinement& refinement) {
  return std::max(1, static_cast<int>(std::lround(refinement.sigma_space)));
}

// The variance of luma below which the guided filter takes a window for flat.
inline float guided_epsilon(const Refinement& refinement) {
  return refinement.sigma_color * refinement.sigma_color;
}

enum class BlendMode { kScreen, kLinearDodge };

// Light of the background that falls on the person's edge. The GPU's renderer only.
struct LightWrapping {
  float strength = 0;  // 0 (none) to 1
  BlendMode mode = BlendMode::kScreen;
};

struct RenderSettings {
  BackgroundChoice background{};
  Coverage coverage{};
  Refinement refinement{};
  LightWrapping light_wrapping{};
  bool learns_room = true;  // the CPU's renderer only: see LearnedRoom
};

inline bool shows_room(const RenderSettings& settings) {
  return std::holds_alternative<NoBackground>(settings.background);
}

inline bool refines(const RenderSettings& settings) {
  return settings.refinement.kind != RefinementKind::kNone;
}

// Whether the matte depends on each frame, not on the mask alone.
inline bool follows_frame(const RenderSettings& settings) {
  return settings.learns_room || refines(settings);
}

}  // namespace backdrop
