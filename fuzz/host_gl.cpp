#include "host_gl.h"

#include <array>
#include <initializer_list>
#include <utility>

#include "demand.h"

namespace backdrop::fuzz {
namespace {

constexpr GLuint kUnits = 4;  // that the host uses

template <typename... Parameters>
void call(const char* name, Parameters... parameters) {
  reinterpret_cast<void (*)(Parameters...)>(egl::Context::loader(name))(parameters...);
}

}  // namespace

HostGl* HostGl::get() {
  static HostGl host;
  return host.context_ ? &host : nullptr;
}

HostGl::HostGl() {
  if (!create_context()) return;
  add_binding_settings();
  add_pixel_settings();
  add_drawing_settings();
}

bool HostGl::create_context() {
  auto context = egl::Context::create();
  if (!context) return false;
  const auto functions = gl::load_functions(egl::Context::loader);
  if (!functions) return false;
  context_ = *std::move(context);
  functions_ = *functions;
  make_objects();
  return true;
}

void HostGl::lose_context() {
  target_ = {};
  program_ = {};
  context_.reset();
}

// Objects, and parameters of what the settings switch on, with which nothing would be drawn.
void HostGl::make_objects() {
  auto target = gl::Target::create(functions_, GL_RGBA8, 3, 3);
  auto program = gl::Program::create(functions_, "", "out vec4 c;\nvoid main() { c = vec4(1); }\n");
  demand(target && program, "the host's own objects");
  target_ = *std::move(target);
  program_ = *std::move(program);
  constexpr GLsizeiptr kSize = 64;
  functions_.GenBuffers(1, &buffer_);
  functions_.BindBuffer(GL_ARRAY_BUFFER, buffer_);
  functions_.BufferData(GL_ARRAY_BUFFER, kSize, nullptr, GL_STREAM_DRAW);
  call<GLsizei, GLuint*>("glGenVertexArrays", 1, &vertex_array_);
  functions_.BindVertexArray(vertex_array_);
  call<GLuint>("glEnableVertexAttribArray", 0);
  call<GLuint, GLint, GLenum, GLboolean, GLsizei, const void*>("glVertexAttribPointer", 0, 4,
                                                               GL_FLOAT, GL_FALSE, 0, nullptr);
  functions_.BindVertexArray(0);
  functions_.BindBuffer(GL_ARRAY_BUFFER, 0);
  // The engine's textures have no mipmaps: with this sampler they are incomplete.
  call<GLsizei, GLuint*>("glGenSamplers", 1, &sampler_);
  call<GLuint, GLenum, GLint>("glSamplerParameteri", sampler_, GL_TEXTURE_MIN_FILTER,
                              GL_NEAREST_MIPMAP_NEAREST);
  call<GLenum, GLenum>("glBlendFunc", GL_ZERO, GL_ONE);
  call<GLenum>("glCullFace", GL_FRONT_AND_BACK);
  call<GLenum>("glDepthFunc", GL_NEVER);
  call<GLenum, GLint, GLuint>("glStencilFunc", GL_NEVER, 0, 0);
  call<GLint, GLint, GLsizei, GLsizei>("glScissor", 3, 3, 5, 5);
}

void HostGl::add_binding_settings() {
  for (const GLenum target : std::initializer_list<GLenum>{
           GL_PIXEL_PACK_BUFFER, GL_PIXEL_UNPACK_BUFFER, GL_ARRAY_BUFFER}) {
    settings_.emplace_back([this, target](unsigned value) {
      functions_.BindBuffer(target, value != 0 ? buffer_ : 0);
    });
  }
  for (const GLenum target :
       std::initializer_list<GLenum>{GL_READ_FRAMEBUFFER, GL_DRAW_FRAMEBUFFER}) {
    settings_.emplace_back([this, target](unsigned value) {
      functions_.BindFramebuffer(target, value != 0 ? target_.framebuffer() : 0);
    });
  }
  settings_.emplace_back(
      [this](unsigned value) { functions_.ActiveTexture(GL_TEXTURE0 + value % (2 * kUnits)); });
  settings_.emplace_back([this](unsigned value) {
    functions_.BindTexture(GL_TEXTURE_2D, value != 0 ? target_.view().name : 0);
  });
  settings_.emplace_back([this](unsigned value) {
    for (GLuint unit = 0; unit < kUnits; ++unit) {
      functions_.BindSampler(unit, (value >> unit & 1) != 0 ? sampler_ : 0);
    }
  });
  settings_.emplace_back(
      [this](unsigned value) { functions_.BindVertexArray(value != 0 ? vertex_array_ : 0); });
  settings_.emplace_back([this](unsigned value) {
    functions_.UseProgram(0);
    if (value != 0) program_.use();
  });
}

void HostGl::add_pixel_settings() {
  for (const GLenum parameter : std::initializer_list<GLenum>{
           GL_PACK_ROW_LENGTH, GL_PACK_SKIP_PIXELS, GL_PACK_SKIP_ROWS, GL_UNPACK_ROW_LENGTH,
           GL_UNPACK_SKIP_PIXELS, GL_UNPACK_SKIP_ROWS}) {
    settings_.emplace_back([this, parameter](unsigned value) {
      constexpr std::array<GLint, 4> kValues{0, 1, 4, 1000};
      functions_.PixelStorei(parameter, kValues[value % kValues.size()]);
    });
  }
  for (const GLenum parameter :
       std::initializer_list<GLenum>{GL_PACK_ALIGNMENT, GL_UNPACK_ALIGNMENT}) {
    settings_.emplace_back([this, parameter](unsigned value) {
      constexpr std::array<GLint, 4> kValues{4, 1, 2, 8};
      functions_.PixelStorei(parameter, kValues[value % kValues.size()]);
    });
  }
}

void HostGl::add_drawing_settings() {
  for (const GLenum capability : std::initializer_list<GLenum>{
           GL_BLEND, GL_CULL_FACE, GL_DEPTH_TEST, GL_DITHER, GL_POLYGON_OFFSET_FILL,
           GL_PRIMITIVE_RESTART_FIXED_INDEX, GL_RASTERIZER_DISCARD, GL_SAMPLE_ALPHA_TO_COVERAGE,
           GL_SAMPLE_COVERAGE, GL_SCISSOR_TEST, GL_STENCIL_TEST}) {
    settings_.emplace_back([capability](unsigned value) {
      call<GLenum>(value != 0 ? "glEnable" : "glDisable", capability);
    });
  }
  settings_.emplace_back([this](unsigned value) {
    const auto writes = [value](unsigned channel) -> GLboolean {
      return (value >> channel & 1) == 0 ? GL_TRUE : GL_FALSE;
    };
    functions_.ColorMask(writes(0), writes(1), writes(2), writes(3));
  });
  settings_.emplace_back([this](unsigned value) {
    const auto side = static_cast<GLsizei>(value);
    functions_.Viewport(side, 0, side, side);
  });
}

void HostGl::clear_settings() const {
  for (const auto& set : settings_) set(0);
}

void HostGl::finish() const { call("glFinish"); }

}  // namespace backdrop::fuzz
