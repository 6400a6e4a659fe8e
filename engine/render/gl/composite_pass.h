// Composites the person over a background, in one pass.
#pragma once

#include "render/render_settings.h"
#include "render/gl/blur_pass.h"
#include "render/gl/resources.h"

namespace backdrop::gl {

class CompositePass {
 public:
  // Compiles the shader for these settings. kUnsupported: OpenGL refuses it.
  static Result<CompositePass> create(const Functions& gl, const RenderSettings& settings);

  // Whether the shader is the one for these settings.
  bool draws(const RenderSettings& settings) const;

  // The settings decide which of these are read.
  struct Layers {
    TextureView frame;       // RGBA, straight
    TextureView mask;        // red: the probability of a person
    TextureView background;  // a picture that covers the frame, or the sums of a BlurPass
    TextureView light;       // of the picture; covers the frame
    BlurPass::Place place;
  };

  // The row of the frame that is the surface's first.
  enum class Rows { kFirstFirst, kLastFirst };

  // alpha = smoothstep(coverage.low, coverage.high, mask), but at most the frame's. Light wrapping,
  // for images and colours, is that of Volcomix' virtual-background: the background's colour *
  // strength * (1 - max(0, mask - high) / (1 - high)), added to the person's colour by the blend
  // mode. The result is opaque; TransparentBackground writes the person's colour and alpha,
  // straight.
  void run(const RenderSettings& settings, const Layers& layers, const Surface& surface,
           Rows rows) const;

 private:
  // What of the settings selects the shader.
  struct Variant {
    std::size_t background = 0;  // the index of the choice
    bool is_lit = false;
    BlendMode mode = BlendMode::kScreen;

    bool operator==(const Variant&) const = default;
  };
  static Variant variant_of(const RenderSettings& settings);

  struct Locations {
    GLint coverage, rows, color, sums_place, light_strength, light_slope;
  };

  const Functions* gl_ = nullptr;
  Variant variant_;
  Program program_;
  Locations at_{};
};

// Whether the background's light falls on the person.
bool is_lit(const RenderSettings& settings);

}  // namespace backdrop::gl
