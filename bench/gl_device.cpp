#include "gl_device.h"

#define GL_GLEXT_PROTOTYPES 0
#include <GLES2/gl2ext.h>

#include <chrono>
#include <string_view>

namespace backdrop {
namespace {

template <typename Pointer>
Pointer function(const char* name) {
  return reinterpret_cast<Pointer>(egl::Context::loader(name));
}

std::string_view text(GLenum name) {
  const auto get_string = function<const GLubyte* (*)(GLenum)>("glGetString");
  return reinterpret_cast<const char*>(get_string(name));
}

}  // namespace

Result<GlDevice*> GlDevice::get() {
  static GlDevice device;
  static const Result<void> opened = device.open();
  if (!opened) return fail(opened.error().code(), {opened.error().message()});
  return &device;
}

Result<void> GlDevice::open() {
  auto context = egl::Context::create();
  if (!context) return fail(ErrorCode::kUnsupported, {context.error().message});
  context_ = *std::move(context);
  functions_ = BACKDROP_TRY(gl::load_functions(egl::Context::loader));
  renderer_ = text(GL_RENDERER);
  const bool software = renderer_.contains("llvmpipe") || renderer_.contains("softpipe");
  has_timer_ = !software && text(GL_EXTENSIONS).contains("GL_EXT_disjoint_timer_query");
  return {};
}

double GlDevice::seconds(const std::function<void()>& work) const {
  static const auto finish = function<void (*)()>("glFinish");
  if (has_timer_) return query(work);
  finish();
  const auto begin = std::chrono::steady_clock::now();
  work();
  finish();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

double GlDevice::query(const std::function<void()>& work) const {
  static const auto gen = function<PFNGLGENQUERIESEXTPROC>("glGenQueriesEXT");
  static const auto begin = function<PFNGLBEGINQUERYEXTPROC>("glBeginQueryEXT");
  static const auto end = function<PFNGLENDQUERYEXTPROC>("glEndQueryEXT");
  static const auto result = function<PFNGLGETQUERYOBJECTUI64VEXTPROC>("glGetQueryObjectui64vEXT");
  static const GLuint name = [] {
    GLuint query = 0;
    gen(1, &query);
    return query;
  }();
  begin(GL_TIME_ELAPSED_EXT, name);
  work();
  end(GL_TIME_ELAPSED_EXT);
  GLuint64 nanoseconds = 0;
  result(name, GL_QUERY_RESULT_EXT, &nanoseconds);
  return 1e-9 * static_cast<double>(nanoseconds);
}

std::string GlDevice::description() const {
  return renderer_ + (has_timer_ ? ", GPU timer" : ", until glFinish");
}

}  // namespace backdrop
