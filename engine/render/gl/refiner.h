// Aligns the mask's edges with the frame's, on the GPU.
#pragma once

#include <vector>

#include "render/gl/resources.h"
#include "render/render_settings.h"

namespace backdrop::gl {

// From a mask of the network's size to one of the frame's size, or a fraction of it, in one
// channel.
class Refiner {
 public:
  struct Sizes {
    int mask_width, mask_height;
    int width, height;  // of the output

    bool operator==(const Sizes&) const = default;
  };

  // kUnsupported: OpenGL refuses a shader or a texture. The guided filter draws to half floats
  // (EXT_color_buffer_float or EXT_color_buffer_half_float, which WebGL has to enable first), and
  // to 32-bit floats if it can, which keeps it exact for a small sigma_color. Without either, the
  // separable bilateral filter replaces it.
  static Result<Refiner> create(const Functions& gl, const Refinement& refinement,
                                const Sizes& sizes);

  // Refines `mask` along the edges of `frame`. In both masks the red channel is the probability of
  // a person. With kNone returns the mask itself; the texture unit enlarges it. Allocates nothing.
  TextureView run(const TextureView& frame, const TextureView& mask) const;

 private:
  class Builder;

  // A source of a pass: the frame, the mask, or the output of the pass with this index.
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
