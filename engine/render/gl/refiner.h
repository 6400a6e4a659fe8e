// Brings the mask's edges to those of the frame, on the GPU.
#pragma once

#include <vector>

#include "render/gl/resources.h"
#include "render/render_settings.h"

namespace backdrop::gl {

// From a mask of the network's size to one of the frame's size (or of a share of it), in one
// channel.
class Refiner {
 public:
  struct Sizes {
    int mask_width, mask_height;
    int width, height;  // of what comes out

    bool operator==(const Sizes&) const = default;
  };

  // kUnsupported where shaders or textures are refused. The guided filter needs half floats that
  // can be drawn to (EXT_color_buffer_float or EXT_color_buffer_half_float, which WebGL has to
  // enable before), and with floats of 32 bits is exact for a small sigma_color, too; where none
  // can, the separable bilateral filter stands in for it.
  static Result<Refiner> create(const Functions& gl, const Refinement& refinement,
                                const Sizes& sizes);

  // Refines `mask`, whose red channel is the probability of a person, along the edges of `frame`.
  // The answer is red, too: the mask itself with kNone, whose enlarging is the sampler's work.
  // Allocates nothing.
  TextureView run(const TextureView& frame, const TextureView& mask) const;

 private:
  class Builder;

  // What a pass reads: the frame, the mask, or what the pass of that number has drawn.
  static constexpr int kFrame = -2;
  static constexpr int kMask = -1;

  struct Pass {
    Program program;
    Target target;
    std::vector<int> sources;
  };
  std::vector<Pass> passes_;
};

}  // namespace backdrop::gl
