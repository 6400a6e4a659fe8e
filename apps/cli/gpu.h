// A picture's way onto the GPU and back.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>

#include "backdrop/backdrop.h"
#include "egl_context.h"
#include "picture.h"

namespace backdrop::cli {

// Owns an OpenGL context, which is current during its lifetime.
class Gpu {
 public:
  // Throws Failure where there is no GPU to be used.
  Gpu();

  // For backdrop_gl_create.
  static backdrop_gl_function loader(const char* name) { return egl::Context::loader(name); }

  // Replaces the picture by what `draw` draws of its texture to the framebuffer. Throws Failure for
  // a picture that is too large.
  void process(Picture& picture,
               const std::function<void(const backdrop_texture&, std::uint32_t)>& draw);

 private:
  std::unique_ptr<egl::Context> context_;
};

}  // namespace backdrop::cli
