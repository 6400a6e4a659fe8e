// An OpenGL ES 3.0 context without a window.
#pragma once

#include <EGL/egl.h>

#include <expected>
#include <memory>
#include <string>

namespace backdrop::egl {

struct Error {
  std::string message;  // one line
};

// The context is current in the thread that made it until it is destroyed. It uses Mesa's
// surfaceless platform where there is one, which needs neither a display nor a GPU.
class Context {
 public:
  // Fails where EGL has no OpenGL ES 3.0.
  static std::expected<std::unique_ptr<Context>, Error> create();
  ~Context();

  Context(const Context&) = delete;
  Context& operator=(const Context&) = delete;

  // The address of an OpenGL function by its name.
  static auto loader(const char* name) -> void (*)() { return eglGetProcAddress(name); }

 private:
  Context() = default;

  EGLDisplay display_ = EGL_NO_DISPLAY;
  EGLContext context_ = EGL_NO_CONTEXT;
};

}  // namespace backdrop::egl
