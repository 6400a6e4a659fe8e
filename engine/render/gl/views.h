// Pictures on the GPU in somebody's possession. Without OpenGL's headers, so that a library that is
// built without OpenGL has these types, too.
#pragma once

#include <cstdint>

namespace backdrop::gl {

// A texture of the caller's or of a Target's, and its size in pixels.
struct TextureView {
  unsigned name = 0;
  int width = 0;
  int height = 0;
};

// The destination of a pass: a framebuffer and its size in pixels.
struct Surface {
  unsigned framebuffer = 0;
  int width = 0;
  int height = 0;
};

// What a sample is taken for.
struct SampleSpec {
  int width = 0;
  int height = 0;
  std::uint64_t model = 0;  // the generation of the model that is to see it

  bool operator==(const SampleSpec&) const = default;
};

}  // namespace backdrop::gl
