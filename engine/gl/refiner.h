// Brings the mask's edges to those of the frame, on the GPU.
#pragma once

#include <array>
#include <vector>

#include "gl/resources.h"
#include "matte/refinement.h"

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

  // kUnsupported where shaders or textures are refused.
  static Result<Refiner> create(const Functions& gl, const Refinement& refinement,
                                const Sizes& sizes);

  // Refines `mask`, whose red channel is the probability of a person. Allocates nothing.
  TextureView run(const TextureView& frame, const TextureView& mask) const;

  void abandon();
};

}  // namespace backdrop::gl
