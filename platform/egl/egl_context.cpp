#include "egl_context.h"

#include <EGL/eglext.h>

#include <array>
#include <string>

namespace backdrop::egl {
namespace {

std::unexpected<Error> missing(const char* what) {
  return std::unexpected(Error{"there is no GPU to be used: " + std::string(what)});
}

EGLDisplay open_display() {
  const auto get_platform_display = reinterpret_cast<PFNEGLGETPLATFORMDISPLAYEXTPROC>(
      eglGetProcAddress("eglGetPlatformDisplayEXT"));
  if (get_platform_display) {
    EGLDisplay display =
        get_platform_display(EGL_PLATFORM_SURFACELESS_MESA, EGL_DEFAULT_DISPLAY, nullptr);
    if (display != EGL_NO_DISPLAY && eglInitialize(display, nullptr, nullptr)) return display;
    display = get_platform_display(EGL_PLATFORM_DEVICE_EXT, EGL_DEFAULT_DISPLAY, nullptr);
    if (display != EGL_NO_DISPLAY && eglInitialize(display, nullptr, nullptr)) return display;
  }
  EGLDisplay display = eglGetDisplay(EGL_DEFAULT_DISPLAY);
  if (display != EGL_NO_DISPLAY && eglInitialize(display, nullptr, nullptr)) return display;
  return EGL_NO_DISPLAY;
}

}  // namespace

std::expected<std::unique_ptr<Context>, Error> Context::create() {
  std::unique_ptr<Context> context(new Context);
  context->display_ = open_display();
  if (context->display_ == EGL_NO_DISPLAY) return missing("EGL has no display");
  if (!eglBindAPI(EGL_OPENGL_ES_API)) return missing("EGL has no OpenGL ES");

  constexpr std::array<EGLint, 5> kWanted{EGL_RENDERABLE_TYPE, EGL_OPENGL_ES3_BIT, EGL_SURFACE_TYPE,
                                          0, EGL_NONE};
  EGLConfig config = nullptr;
  EGLint count = 0;
  if (!eglChooseConfig(context->display_, kWanted.data(), &config, 1, &count) || count == 0) {
    return missing("EGL has no configuration for OpenGL ES 3.0");
  }
  constexpr std::array<EGLint, 3> kVersion{EGL_CONTEXT_CLIENT_VERSION, 3, EGL_NONE};
  context->context_ = eglCreateContext(context->display_, config, EGL_NO_CONTEXT, kVersion.data());
  if (context->context_ == EGL_NO_CONTEXT ||
      !eglMakeCurrent(context->display_, EGL_NO_SURFACE, EGL_NO_SURFACE, context->context_)) {
    return missing("EGL makes no context for OpenGL ES 3.0");
  }
  return context;
}

Context::~Context() {
  if (display_ == EGL_NO_DISPLAY) return;
  eglMakeCurrent(display_, EGL_NO_SURFACE, EGL_NO_SURFACE, EGL_NO_CONTEXT);
  if (context_ != EGL_NO_CONTEXT) eglDestroyContext(display_, context_);
  // The display stays: the process has one, which other threads' contexts may be using.
}

}  // namespace backdrop::egl
