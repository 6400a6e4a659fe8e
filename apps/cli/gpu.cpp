#include "gpu.h"

#include <GLES3/gl3.h>

#include <initializer_list>
#include <string>
#include <utility>

#include "failure.h"

namespace backdrop::cli {
namespace {

// Of RGBA, with linear filters and clamped edges.
class Texture {
 public:
  Texture(int width, int height, const std::uint8_t* rgba) {
    glGenTextures(1, &name_);
    glBindTexture(GL_TEXTURE_2D, name_);
    glTexStorage2D(GL_TEXTURE_2D, 1, GL_RGBA8, width, height);
    for (const GLenum filter :
         std::initializer_list<GLenum>{GL_TEXTURE_MIN_FILTER, GL_TEXTURE_MAG_FILTER}) {
      glTexParameteri(GL_TEXTURE_2D, filter, GL_LINEAR);
    }
    for (const GLenum wrap : std::initializer_list<GLenum>{GL_TEXTURE_WRAP_S, GL_TEXTURE_WRAP_T}) {
      glTexParameteri(GL_TEXTURE_2D, wrap, GL_CLAMP_TO_EDGE);
    }
    if (rgba) {
      glTexSubImage2D(GL_TEXTURE_2D, 0, 0, 0, width, height, GL_RGBA, GL_UNSIGNED_BYTE, rgba);
    }
  }
  ~Texture() { glDeleteTextures(1, &name_); }

  Texture(const Texture&) = delete;
  Texture& operator=(const Texture&) = delete;

  GLuint name() const { return name_; }

 private:
  GLuint name_ = 0;
};

class Framebuffer {
 public:
  explicit Framebuffer(const Texture& texture) {
    glGenFramebuffers(1, &name_);
    bind();
    glFramebufferTexture2D(GL_FRAMEBUFFER, GL_COLOR_ATTACHMENT0, GL_TEXTURE_2D, texture.name(), 0);
  }
  ~Framebuffer() { glDeleteFramebuffers(1, &name_); }

  Framebuffer(const Framebuffer&) = delete;
  Framebuffer& operator=(const Framebuffer&) = delete;

  void bind() const { glBindFramebuffer(GL_FRAMEBUFFER, name_); }
  GLuint name() const { return name_; }

 private:
  GLuint name_ = 0;
};

}  // namespace

Gpu::Gpu() {
  auto context = egl::Context::create();
  if (!context) throw Failure(context.error().message);
  context_ = *std::move(context);
}

void Gpu::process(Picture& picture,
                  const std::function<void(const backdrop_texture&, std::uint32_t)>& draw) {
  GLint largest = 0;
  glGetIntegerv(GL_MAX_TEXTURE_SIZE, &largest);
  if (picture.width > largest || picture.height > largest) {
    throw Failure("the GPU takes pictures of up to " + std::to_string(largest) +
                  " pixels a side, where this is " + std::to_string(picture.width) + "x" +
                  std::to_string(picture.height));
  }
  const Texture frame(picture.width, picture.height, picture.rgba.data());
  const Texture drawn(picture.width, picture.height, nullptr);
  const Framebuffer framebuffer(drawn);
  draw({frame.name(), picture.width, picture.height}, framebuffer.name());
  framebuffer.bind();
  glReadPixels(0, 0, picture.width, picture.height, GL_RGBA, GL_UNSIGNED_BYTE, picture.rgba.data());
}

}  // namespace backdrop::cli
