// An OpenGL ES 3.0 context without a window.
#pragma once

#include <EGL/egl.h>

#include <memory>

#include "gl/functions.h"

namespace backdrop::egl {

// The context is current in the thread that made it until it is destroyed. It uses Mesa's
// surfaceless platform where there is one, which needs neither a display nor a GPU.
class Context {
 public:
  // kUnsupported where there is no EGL or no OpenGL ES 3.0.
  static Result<std::unique_ptr<Context>> create();
  ~Context();

  Context(const Context&) = delete;
  Context& operator=(const Context&) = delete;

  static gl::Function loader(const char* name) { return eglGetProcAddress(name); }

 private:
  Context() = default;

  EGLDisplay display_ = EGL_NO_DISPLAY;
  EGLContext context_ = EGL_NO_CONTEXT;
};

}  // namespace backdrop::egl
