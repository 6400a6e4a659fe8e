// Textures and programs that delete themselves. Their context has to be current whenever they are
// used or deleted.
#pragma once

#include <span>
#include <string_view>
#include <utility>

#include "platform/gl_functions.h"
#include "render/gl/views.h"

namespace backdrop::gl {

// Forgets the errors of earlier calls: a host's, or of what was only tried.
void forget_errors(const Functions& gl);

// kState with the error of a call since then, if any.
Result<void> check_errors(const Functions& gl);

enum class Filter { kNearest, kLinear };

// A texture with a framebuffer to draw to it, clamped at its edges.
class Target {
 public:
  Target() = default;
  Target(Target&& other) noexcept { swap(other); }
  Target& operator=(Target&& other) noexcept {
    swap(other);
    return *this;
  }
  ~Target();

  // `format` is a sized format such as GL_RGBA8. kUnsupported: OpenGL can't draw to it.
  static Result<Target> create(const Functions& gl, GLenum format, int width, int height,
                               Filter filter = Filter::kLinear);

  // Replaces all pixels. Bytes of GL_RED, GL_RG or GL_RGBA without gaps between rows.
  void upload(GLenum format, const void* bytes);

  TextureView view() const { return {texture_, width_, height_}; }
  GLuint framebuffer() const { return framebuffer_; }
  explicit operator bool() const { return gl_ != nullptr; }

 private:
  void swap(Target& other) noexcept;

  const Functions* gl_ = nullptr;
  GLuint texture_ = 0;
  GLuint framebuffer_ = 0;
  int width_ = 0;
  int height_ = 0;
};

inline Surface surface_of(const Target& target) {
  return {target.framebuffer(), target.view().width, target.view().height};
}

// A fragment shader that runs for each pixel of a surface. Its input `in vec2 v_uv` is 0 to 1 from
// the first row of pixels to the last.
class Program {
 public:
  Program() = default;
  Program(Program&& other) noexcept { swap(other); }
  Program& operator=(Program&& other) noexcept {
    swap(other);
    return *this;
  }
  ~Program();

  // `fragment` is a shader without `#version 300 es` and precisions, which are put before it
  // together with `definitions` (lines of #define). kUnsupported with the first line of the
  // compiler's log.
  static Result<Program> create(const Functions& gl, std::string_view definitions,
                                std::string_view fragment);

  // The location of a uniform; -1 if the compiler dropped it, which setting a uniform ignores.
  // Programs keep the values of their uniforms.
  GLint location(const char* uniform) const { return gl_->GetUniformLocation(program_, uniform); }

  // Makes this program current: for setting uniforms and for draw().
  void use() const { gl_->UseProgram(program_); }

  // Runs the shader over the surface with textures[i] on unit i.
  void draw(std::span<const TextureView> textures, const Surface& surface) const;

 private:
  void swap(Program& other) noexcept {
    std::swap(gl_, other.gl_);
    std::swap(program_, other.program_);
  }

  const Functions* gl_ = nullptr;
  GLuint program_ = 0;
};

}  // namespace backdrop::gl
