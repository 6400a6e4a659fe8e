#include "render/gl/resources.h"

#include <array>
#include <cstddef>
#include <string>

#include "base/assert.h"

namespace backdrop::gl {
namespace {

constexpr std::string_view kPrologue =
    "#version 300 es\n"
    "precision highp float;\n"
    "precision highp sampler2D;\n";

// One triangle that covers the surface, computed from the vertex index.
constexpr std::string_view kVertexShader =
    "out vec2 v_uv;\n"
    "void main() {\n"
    "  v_uv = vec2((gl_VertexID << 1) & 2, gl_VertexID & 2);\n"
    "  gl_Position = vec4(2.0 * v_uv - 1.0, 0.0, 1.0);\n"
    "}\n";

// The first line of the compiler's or the linker's log.
template <typename GetLog>
std::unexpected<Error> refused(const char* what, const GetLog& get_log) {
  std::array<GLchar, 512> log{};
  get_log(static_cast<GLsizei>(log.size()), log.data());
  const std::string_view text(log.data());
  return fail(ErrorCode::kUnsupported, {"OpenGL ", what, ": ", text.substr(0, text.find('\n'))});
}

Result<GLuint> compile(const Functions& gl, GLenum type,
                       const std::array<std::string_view, 3>& parts) {
  const GLuint shader = gl.CreateShader(type);
  std::array<const GLchar*, 3> strings{};
  std::array<GLint, 3> lengths{};
  for (std::size_t i = 0; i < parts.size(); ++i) {
    strings[i] = parts[i].data();
    lengths[i] = static_cast<GLint>(parts[i].size());
  }
  gl.ShaderSource(shader, static_cast<GLsizei>(parts.size()), strings.data(), lengths.data());
  gl.CompileShader(shader);
  GLint compiled = GL_FALSE;
  gl.GetShaderiv(shader, GL_COMPILE_STATUS, &compiled);
  if (compiled == GL_TRUE) return shader;
  auto error = refused("refused a shader", [&](GLsizei size, GLchar* log) {
    gl.GetShaderInfoLog(shader, size, nullptr, log);
  });
  gl.DeleteShader(shader);
  return error;
}

}  // namespace

void forget_errors(const Functions& gl) {
  constexpr int kMost = 16;  // a lost context may report one at each call
  if (!gl.asks_for_errors) return;
  for (int i = 0; i < kMost && gl.GetError() != GL_NO_ERROR; ++i) continue;
}

Result<void> check_errors(const Functions& gl) {
  const GLenum error = gl.asks_for_errors ? gl.GetError() : GL_NO_ERROR;
  if (error == GL_NO_ERROR) return {};
  return fail(ErrorCode::kState, {"OpenGL reports the error ", error});
}

Target::~Target() {
  if (!gl_) return;
  gl_->DeleteFramebuffers(1, &framebuffer_);
  gl_->DeleteTextures(1, &texture_);
}

void Target::swap(Target& other) noexcept {
  std::swap(gl_, other.gl_);
  std::swap(texture_, other.texture_);
  std::swap(framebuffer_, other.framebuffer_);
  std::swap(width_, other.width_);
  std::swap(height_, other.height_);
}

Result<Target> Target::create(const Functions& gl, GLenum format, int width, int height,
                              Filter filter) {
  Target target;
  target.gl_ = &gl;
  target.width_ = width;
  target.height_ = height;
  const GLint filtering = filter == Filter::kLinear ? GL_LINEAR : GL_NEAREST;
  gl.GenTextures(1, &target.texture_);
  gl.BindTexture(GL_TEXTURE_2D, target.texture_);
  gl.TexStorage2D(GL_TEXTURE_2D, 1, format, width, height);
  gl.TexParameteri(GL_TEXTURE_2D, GL_TEXTURE_MIN_FILTER, filtering);
  gl.TexParameteri(GL_TEXTURE_2D, GL_TEXTURE_MAG_FILTER, filtering);
  gl.TexParameteri(GL_TEXTURE_2D, GL_TEXTURE_WRAP_S, GL_CLAMP_TO_EDGE);
  gl.TexParameteri(GL_TEXTURE_2D, GL_TEXTURE_WRAP_T, GL_CLAMP_TO_EDGE);
  gl.GenFramebuffers(1, &target.framebuffer_);
  gl.BindFramebuffer(GL_FRAMEBUFFER, target.framebuffer_);
  gl.FramebufferTexture2D(GL_FRAMEBUFFER, GL_COLOR_ATTACHMENT0, GL_TEXTURE_2D, target.texture_, 0);
  if (gl.CheckFramebufferStatus(GL_FRAMEBUFFER) != GL_FRAMEBUFFER_COMPLETE) {
    forget_errors(gl);
    return fail(ErrorCode::kUnsupported, {"OpenGL can't draw to a texture of ", width, "x", height,
                                          " pixels of this format"});
  }
  return target;
}

void Target::upload(GLenum format, const void* bytes) {
  BACKDROP_ASSERT(gl_ != nullptr);
  gl_->BindTexture(GL_TEXTURE_2D, texture_);
  gl_->PixelStorei(GL_UNPACK_ALIGNMENT, 1);
  gl_->TexSubImage2D(GL_TEXTURE_2D, 0, 0, 0, width_, height_, format, GL_UNSIGNED_BYTE, bytes);
}

Program::~Program() {
  if (gl_) gl_->DeleteProgram(program_);
}

Result<Program> Program::create(const Functions& gl, std::string_view definitions,
                                std::string_view fragment) {
  const GLuint vertex_shader =
      BACKDROP_TRY(compile(gl, GL_VERTEX_SHADER, {kPrologue, "", kVertexShader}));
  auto fragment_shader = compile(gl, GL_FRAGMENT_SHADER, {kPrologue, definitions, fragment});
  if (!fragment_shader) {
    gl.DeleteShader(vertex_shader);
    return std::unexpected(std::move(fragment_shader).error());
  }
  Program program;
  program.gl_ = &gl;
  program.program_ = gl.CreateProgram();
  for (const GLuint shader : {vertex_shader, *fragment_shader}) {
    gl.AttachShader(program.program_, shader);
    gl.DeleteShader(shader);  // deleted with the program
  }
  gl.LinkProgram(program.program_);
  GLint linked = GL_FALSE;
  gl.GetProgramiv(program.program_, GL_LINK_STATUS, &linked);
  if (linked == GL_TRUE) return program;
  return refused("refused a program", [&](GLsizei size, GLchar* log) {
    gl.GetProgramInfoLog(program.program_, size, nullptr, log);
  });
}

void Program::draw(std::span<const TextureView> textures, const Surface& surface) const {
  for (std::size_t unit = 0; unit < textures.size(); ++unit) {
    gl_->ActiveTexture(GL_TEXTURE0 + static_cast<GLenum>(unit));
    gl_->BindTexture(GL_TEXTURE_2D, textures[unit].name);
  }
  gl_->ActiveTexture(GL_TEXTURE0);
  gl_->BindFramebuffer(GL_FRAMEBUFFER, surface.framebuffer);
  gl_->Viewport(0, 0, surface.width, surface.height);
  gl_->DrawArrays(GL_TRIANGLES, 0, 3);
}

}  // namespace backdrop::gl
