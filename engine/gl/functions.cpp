#include "gl/functions.h"

#include <cstring>
#include <string>

namespace backdrop::gl {

#if defined(__wasm__)

#define BACKDROP_GL_IMPORT(result, name, parameters) \
  extern "C" __attribute__((import_module("gl"), import_name(#name))) result gl_##name parameters;
BACKDROP_GL_FUNCTIONS(BACKDROP_GL_IMPORT)
#undef BACKDROP_GL_IMPORT

extern "C"
    __attribute__((import_module("gl"), import_name("GetBufferSubData"))) void gl_GetBufferSubData(
        GLenum target, GLsizeiptr size, void* out);

Result<Functions> load_functions(Loader) {
  Functions gl;
#define BACKDROP_GL_TAKE(result, name, parameters) gl.name = gl_##name;
  BACKDROP_GL_FUNCTIONS(BACKDROP_GL_TAKE)
#undef BACKDROP_GL_TAKE
  gl.copy_buffer = [](const Functions&, GLenum target, GLsizeiptr size, void* out) {
    gl_GetBufferSubData(target, size, out);
  };
  return gl;
}

#else

namespace {

void copy_mapped(const Functions& gl, GLenum target, GLsizeiptr size, void* out) {
  if (const void* bytes = gl.MapBufferRange(target, 0, size, GL_MAP_READ_BIT)) {
    std::memcpy(out, bytes, static_cast<std::size_t>(size));
    gl.UnmapBuffer(target);
  }
}

template <typename Pointer>
bool load(Loader loader, const char* name, Pointer& function) {
  function = reinterpret_cast<Pointer>(loader(name));
  return function != nullptr;
}

}  // namespace

Result<Functions> load_functions(Loader loader) {
  if (!loader) return fail(ErrorCode::kArgument, "the loader of OpenGL's functions is null");
  Functions gl;
  const auto missing = [](const char* name) {
    return fail(ErrorCode::kUnsupported,
                "OpenGL ES 3.0 is needed: there is no " + std::string(name));
  };
#define BACKDROP_GL_LOAD(result, name, parameters) \
  if (!load(loader, "gl" #name, gl.name)) return missing("gl" #name);
  BACKDROP_GL_FUNCTIONS(BACKDROP_GL_LOAD)
#undef BACKDROP_GL_LOAD
  if (!load(loader, "glMapBufferRange", gl.MapBufferRange)) return missing("glMapBufferRange");
  if (!load(loader, "glUnmapBuffer", gl.UnmapBuffer)) return missing("glUnmapBuffer");
  gl.copy_buffer = copy_mapped;
  return gl;
}

#endif

}  // namespace backdrop::gl
