// The functions of OpenGL ES 3.0 that the passes call, in a table.
#pragma once

// Only types and constants: the functions are called through the table.
#define GL_GLES_PROTOTYPES 0
#include <GLES3/gl3.h>

#include "base/error.h"

// X(result, name without "gl", parameters)
#define BACKDROP_GL_FUNCTIONS(X)                                                                 \
  X(void, ActiveTexture, (GLenum unit))                                                          \
  X(void, AttachShader, (GLuint program, GLuint shader))                                         \
  X(void, BindBuffer, (GLenum target, GLuint buffer))                                            \
  X(void, BindFramebuffer, (GLenum target, GLuint framebuffer))                                  \
  X(void, BindTexture, (GLenum target, GLuint texture))                                          \
  X(void, BufferData, (GLenum target, GLsizeiptr size, const void* data, GLenum usage))          \
  X(GLenum, CheckFramebufferStatus, (GLenum target))                                             \
  X(void, CompileShader, (GLuint shader))                                                        \
  X(GLuint, CreateProgram, ())                                                                   \
  X(GLuint, CreateShader, (GLenum type))                                                         \
  X(void, DeleteBuffers, (GLsizei n, const GLuint* buffers))                                     \
  X(void, DeleteFramebuffers, (GLsizei n, const GLuint* framebuffers))                           \
  X(void, DeleteProgram, (GLuint program))                                                       \
  X(void, DeleteShader, (GLuint shader))                                                         \
  X(void, DeleteSync, (GLsync sync))                                                             \
  X(void, DeleteTextures, (GLsizei n, const GLuint* textures))                                   \
  X(void, Disable, (GLenum capability))                                                          \
  X(void, DrawArrays, (GLenum mode, GLint first, GLsizei count))                                 \
  X(GLsync, FenceSync, (GLenum condition, GLbitfield flags))                                     \
  X(void, Flush, ())                                                                             \
  X(void, FramebufferTexture2D,                                                                  \
    (GLenum target, GLenum attachment, GLenum texture_target, GLuint texture, GLint level))      \
  X(void, GenBuffers, (GLsizei n, GLuint * buffers))                                             \
  X(void, GenFramebuffers, (GLsizei n, GLuint * framebuffers))                                   \
  X(void, GenTextures, (GLsizei n, GLuint * textures))                                           \
  X(GLenum, GetError, ())                                                                        \
  X(void, GetProgramInfoLog, (GLuint program, GLsizei size, GLsizei * length, GLchar * log))     \
  X(void, GetProgramiv, (GLuint program, GLenum name, GLint * value))                            \
  X(void, GetShaderInfoLog, (GLuint shader, GLsizei size, GLsizei * length, GLchar * log))       \
  X(void, GetShaderiv, (GLuint shader, GLenum name, GLint * value))                              \
  X(void, GetSynciv, (GLsync sync, GLenum name, GLsizei size, GLsizei * length, GLint * values)) \
  X(GLint, GetUniformLocation, (GLuint program, const GLchar* name))                             \
  X(void, LinkProgram, (GLuint program))                                                         \
  X(void, PixelStorei, (GLenum name, GLint value))                                               \
  X(void, ReadPixels,                                                                            \
    (GLint x, GLint y, GLsizei width, GLsizei height, GLenum format, GLenum type, void* pixels)) \
  X(void, ShaderSource,                                                                          \
    (GLuint shader, GLsizei count, const GLchar* const* strings, const GLint* lengths))          \
  X(void, TexParameteri, (GLenum target, GLenum name, GLint value))                              \
  X(void, TexStorage2D,                                                                          \
    (GLenum target, GLsizei levels, GLenum format, GLsizei width, GLsizei height))               \
  X(void, TexSubImage2D,                                                                         \
    (GLenum target, GLint level, GLint x, GLint y, GLsizei width, GLsizei height, GLenum format, \
     GLenum type, const void* pixels))                                                           \
  X(void, Uniform1f, (GLint location, GLfloat x))                                                \
  X(void, Uniform1fv, (GLint location, GLsizei count, const GLfloat* values))                    \
  X(void, Uniform1i, (GLint location, GLint x))                                                  \
  X(void, Uniform2f, (GLint location, GLfloat x, GLfloat y))                                     \
  X(void, Uniform3f, (GLint location, GLfloat x, GLfloat y, GLfloat z))                          \
  X(void, Uniform4f, (GLint location, GLfloat x, GLfloat y, GLfloat z, GLfloat w))               \
  X(void, UseProgram, (GLuint program))                                                          \
  X(void, Viewport, (GLint x, GLint y, GLsizei width, GLsizei height))

namespace backdrop::gl {

// The address of a function by its full name, as eglGetProcAddress returns it.
using Function = void (*)();
using Loader = Function (*)(const char* name);

// Names and parameters are those of OpenGL ES. In WebAssembly each is an import of the module "gl"
// with the same name, and a pointer to a GL object is an integer.
struct Functions {
// NOLINTNEXTLINE(bugprone-macro-parentheses): a type and a name
#define BACKDROP_GL_MEMBER(result, name, parameters) result(*name) parameters = nullptr;
  BACKDROP_GL_FUNCTIONS(BACKDROP_GL_MEMBER)
#undef BACKDROP_GL_MEMBER

  // Copies `size` bytes of the buffer bound to `target` to `out`. OpenGL ES maps buffers; WebGL
  // copies them. False: the bytes can't be read, and `out` is undefined.
  bool (*copy_buffer)(const Functions& gl, GLenum target, GLsizeiptr size, void* out) = nullptr;

  // Sets state that only a native host is likely to have changed: colour mask, vertex array,
  // samplers. Null in WebAssembly.
  void (*set_host_state)(const Functions& gl) = nullptr;

  // Whether GetError is asked after each frame. Not in WebAssembly: WebGL would wait for the GPU's
  // process, and loses the context where memory ends, which the package sees.
  bool asks_for_errors = false;

  // Behind the native functions above; null in WebAssembly.
  void (*BindSampler)(GLuint unit, GLuint sampler) = nullptr;
  void (*BindVertexArray)(GLuint array) = nullptr;
  void (*ColorMask)(GLboolean red, GLboolean green, GLboolean blue, GLboolean alpha) = nullptr;
  void* (*MapBufferRange)(GLenum target, GLintptr offset, GLsizeiptr length,
                          GLbitfield access) = nullptr;
  GLboolean (*UnmapBuffer)(GLenum target) = nullptr;
};

// The functions of the current context. WebAssembly ignores the loader. kUnsupported if one is
// missing.
Result<Functions> load_functions(Loader loader);

}  // namespace backdrop::gl
