// Textures and programs that delete themselves. The context that they were made in has to be
// current whenever they are used or deleted.
#pragma once

#include <span>
#include <string_view>
#include <utility>

#include "platform/gl_functions.h"

namespace backdrop::gl {

// A texture with a name of the caller's or of a Target's, and its size in pixels.
struct TextureView {
  GLuint name = 0;
  int width = 0;
  int height = 0;
};

enum class Filter { kNearest, kLinear };

// A texture that can be drawn to, clamped at its edges.
class Target {
 public:
  Target() = default;
  Target(Target&& other) noexcept { swap(other); }
  Target& operator=(Target&& other) noexcept {
    swap(other);
    return *this;
  }
  ~Target();

  // `format` is a sized one, as GL_RGBA8. kUnsupported where it can't be drawn to.
  static Result<Target> create(const Functions& gl, GLenum format, int width, int height,
                               Filter filter = Filter::kLinear);

  // Replaces the pixels, without gaps between rows: GL_RED, GL_RG or GL_RGBA bytes.
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

// Where a pass draws: a framebuffer and the size of what it draws.
struct Surface {
  GLuint framebuffer = 0;
  int width = 0;
  int height = 0;
};

inline Surface surface_of(const Target& target) {
  return {target.framebuffer(), target.view().width, target.view().height};
}

// A fragment shader that is run for each pixel of a surface. It has `in vec2 v_uv`, 0 to 1 over the
// surface from the first row of pixels to the last.
class Program {
 public:
  Program() = default;
  Program(Program&& other) noexcept { swap(other); }
  Program& operator=(Program&& other) noexcept {
    swap(other);
    return *this;
  }
  ~Program();

  // `fragment` is a whole shader but for `#version 300 es`, the precisions and the `definitions`
  // (lines of #define), which are put before it. kUnsupported with the compiler's first line.
  static Result<Program> create(const Functions& gl, std::string_view definitions,
                                std::string_view fragment);

  // Programs remember their uniforms. -1, which setting a uniform ignores, where the compiler has
  // left it out.
  GLint location(const char* uniform) const { return gl_->GetUniformLocation(program_, uniform); }

  // Makes the program the one whose uniforms are set, and that draws.
  void use() const { gl_->UseProgram(program_); }

  // Runs the shader over the surface, with textures[i] on the unit i.
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
