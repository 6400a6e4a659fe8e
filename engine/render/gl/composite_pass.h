// Puts the person of a frame before a background, in one pass.
#pragma once

#include "render/render_settings.h"
#include "render/gl/blur_pass.h"
#include "render/gl/resources.h"

namespace backdrop::gl {

class CompositePass {
 public:
  // Makes the shader for a settings. kUnsupported where it is refused.
  static Result<CompositePass> create(const Functions& gl, const RenderSettings& settings);

  // Whether the shader is the one for this settings.
  bool draws(const RenderSettings& settings) const;

  // Textures that the settings does not need are not looked at.
  struct Layers {
    TextureView frame;       // RGBA
    TextureView mask;        // the probability of a person in its red channel
    TextureView background;  // a picture of the frame's shape, or BlurPass's sums
    TextureView light;       // of the picture, of the frame's shape
    BlurPass::Place place;
  };

  // Which row of the frame is drawn to the surface's first.
  enum class Rows { kFirstFirst, kLastFirst };

  // Alpha is a smoothstep of the mask over the coverage. Light wrapping, with pictures and colours,
  // is that of Volcomix' virtual-background: the background's colour times strength times
  // 1 - max(0, mask - high) / (1 - high), added to the person's by the blend mode. The result is
  // opaque, but where the matte itself is asked for, as straight alpha.
  void run(const RenderSettings& settings, const Layers& layers, const Surface& surface,
           Rows rows) const;

 private:
  // What of a settings decides on the shader.
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

// Whether light of the background falls on the person.
bool is_lit(const RenderSettings& settings);

}  // namespace backdrop::gl
