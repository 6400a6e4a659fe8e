// Loads the functions by name.
#include "platform/gl_functions.h"

#include <cstring>
#include <string>

namespace backdrop::gl {

namespace {

bool copy_mapped(const Functions& gl, GLenum target, GLsizeiptr size, void* out) {
  const void* bytes = gl.MapBufferRange(target, 0, size, GL_MAP_READ_BIT);
  if (!bytes) return false;
  std::memcpy(out, bytes, static_cast<std::size_t>(size));
  return gl.UnmapBuffer(target) == GL_TRUE;  // else the contents were lost meanwhile
}

void set_host_state(const Functions& gl) {
  constexpr GLuint kUnits = 4;  // that the passes bind textures to
  gl.ColorMask(GL_TRUE, GL_TRUE, GL_TRUE, GL_TRUE);
  gl.BindVertexArray(0);
  for (GLuint unit = 0; unit < kUnits; ++unit) gl.BindSampler(unit, 0);
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
    return fail(ErrorCode::kUnsupported, {"OpenGL ES 3.0 is needed: there is no ", name});
  };
#define BACKDROP_GL_LOAD(result, name, parameters) \
  if (!load(loader, "gl" #name, gl.name)) return missing("gl" #name);
  BACKDROP_GL_FUNCTIONS(BACKDROP_GL_LOAD)
#undef BACKDROP_GL_LOAD
  if (!load(loader, "glBindSampler", gl.BindSampler)) return missing("glBindSampler");
  if (!load(loader, "glBindVertexArray", gl.BindVertexArray)) return missing("glBindVertexArray");
  if (!load(loader, "glColorMask", gl.ColorMask)) return missing("glColorMask");
  if (!load(loader, "glMapBufferRange", gl.MapBufferRange)) return missing("glMapBufferRange");
  if (!load(loader, "glUnmapBuffer", gl.UnmapBuffer)) return missing("glUnmapBuffer");
  gl.copy_buffer = copy_mapped;
  gl.set_host_state = set_host_state;
  gl.asks_for_errors = true;
  return gl;
}

}  // namespace backdrop::gl
