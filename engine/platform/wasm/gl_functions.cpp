// The imports of the module "gl".
#include "platform/gl_functions.h"

#include <cstring>

namespace backdrop::gl {

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
  // getBufferSubData of a lost context writes nothing and reports nothing: the caller then gets
  // zeros, not an old frame.
  gl.copy_buffer = [](const Functions&, GLenum target, GLsizeiptr size, void* out) {
    std::memset(out, 0, static_cast<std::size_t>(size));
    gl_GetBufferSubData(target, size, out);
    return true;
  };
  return gl;
}

}  // namespace backdrop::gl
