// What the CPU's and the GPU's renderer have in common.
#pragma once

#include "base/error.h"
#include "image/mask.h"
#include "render/render_settings.h"

namespace backdrop {

// Milliseconds that a frame spent in each stage; 0 if it was skipped.
struct RenderTimes {
  double matte = 0;
  double composite = 0;
};

// Draws frames: pictures in memory to pictures in memory, or textures to surfaces.
template <typename Source, typename Destination>
class Renderer {
 public:
  virtual ~Renderer() = default;

  // Refines `mask` to the frame's size and composites the person before the background. A matte of
  // an earlier frame is reused only if the mask's generation and all settings that it depends on
  // are the same. With NoBackground, `mask` is ignored and the frame is drawn as it came.
  //
  // Allocates nothing unless sizes, formats or settings have changed. On failure nothing is drawn.
  // kState: the background is an image, and none is set. kArgument: the frame can't show the
  // background. kMemory.
  virtual Result<RenderTimes> render(const Source& frame, const Mask& mask,
                                     const RenderSettings& settings, const Destination& out) = 0;
};

}  // namespace backdrop
