// Loads the functions by name.
#include "platform/gl_functions.h"

#include <cstring>
#include <string>

namespace backdrop::gl {

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

}  // namespace backdrop::gl
