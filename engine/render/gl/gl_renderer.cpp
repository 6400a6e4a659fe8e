#include "render/gl/gl_renderer.h"

#include <algorithm>
#include <cmath>
#include <initializer_list>
#include <optional>
#include <utility>
#include <variant>

#include "base/buffer.h"
#include "render/gl/blur_pass.h"
#include "render/gl/composite_pass.h"
#include "render/gl/gaussian.h"
#include "render/gl/picture_pass.h"
#include "render/gl/refiner.h"
#include "render/gl/resizer.h"
#include "render/gl/async_downsampler.h"

namespace backdrop::gl {
namespace {

// What a caller that draws as well may have switched on, and DITHER, which is on from the start.
void switch_off(const Functions& gl) {
  for (const GLenum capability : std::initializer_list<GLenum>{
           GL_BLEND, GL_CULL_FACE, GL_DEPTH_TEST, GL_DITHER, GL_SCISSOR_TEST, GL_STENCIL_TEST}) {
    gl.Disable(capability);
  }
}

// The network's output as a texture.
class UploadedMask {
 public:
  explicit UploadedMask(const Functions& gl) : gl_(gl) {}

  Result<TextureView> upload(const Mask& mask) {
    if (!texture_ || texture_.view().width != mask.width || texture_.view().height != mask.height) {
      texture_ = BACKDROP_TRY(Target::create(gl_, GL_R8, mask.width, mask.height));
    }
    if (!bytes_.resize(mask.values.size())) {
      return fail(ErrorCode::kArgument, "there is not enough memory for a mask of this size");
    }
    std::ranges::transform(mask.values, bytes_.data(), [](float value) {
      return static_cast<std::uint8_t>(std::clamp(value, 0.0f, 1.0f) * 255 + 0.5f);
    });
    texture_.upload(GL_RED, bytes_.data());
    return texture_.view();
  }

 private:
  const Functions& gl_;
  Target texture_;
  Buffer<std::uint8_t> bytes_;
};

// A Refiner that is made anew when it has to be.
class Refining {
 public:
  explicit Refining(const Functions& gl) : gl_(gl) {}

  Result<TextureView> run(const Refinement& refinement, const TextureView& frame,
                          const TextureView& mask) {
    const Refiner::Sizes sizes{mask.width, mask.height, frame.width, frame.height};
    if (!refiner_ || refinement != refinement_ || sizes != sizes_) {
      refiner_.reset();
      refiner_ = BACKDROP_TRY(Refiner::create(gl_, refinement, sizes));
      refinement_ = refinement;
      sizes_ = sizes;
    }
    return refiner_->run(frame, mask);
  }

 private:
  const Functions& gl_;
  Refinement refinement_;
  Refiner::Sizes sizes_{};
  std::optional<Refiner> refiner_;
};

}  // namespace

struct Renderer::Passes {
  explicit Passes(const Functions& functions) : gl(functions) {}

  Result<void> render(const TextureView& frame, const Mask& mask, const Look& look,
                      const Surface& surface);
  Result<void> add_background(const Look& look, Compositor::Layers& layers);

  Functions gl;  // first, because all others delete with it
  Resizer resizer;
  Gaussian gaussian;
  Sampling sampling{gl};
  UploadedMask uploaded_mask{gl};
  Refining refining{gl};
  PictureBackground picture{gl};
  std::optional<BackgroundBlur> blur;
  std::optional<Compositor> compositor;
};

Result<void> Renderer::Passes::render(const TextureView& frame, const Mask& mask, const Look& look,
                                      const Surface& surface) {
  switch_off(gl);
  if (!compositor || !compositor->draws(look)) {
    compositor.reset();
    compositor = BACKDROP_TRY(Compositor::create(gl, look));
  }
  Compositor::Layers layers;
  layers.frame = frame;
  if (!std::holds_alternative<NoBackground>(look.background)) {
    const TextureView uploaded = BACKDROP_TRY(uploaded_mask.upload(mask));
    layers.mask = BACKDROP_TRY(refining.run(look.refinement, frame, uploaded));
    BACKDROP_TRY(add_background(look, layers));
  }
  using Rows = Compositor::Rows;
  compositor->run(look, layers, surface,
                  surface.framebuffer == 0 ? Rows::kLastFirst : Rows::kFirstFirst);
  return {};
}

Result<void> Renderer::Passes::add_background(const Look& look, Compositor::Layers& layers) {
  const TextureView& frame = layers.frame;
  if (const auto* blurred = std::get_if<BlurredBackground>(&look.background)) {
    const double sigma =
        0.01 * static_cast<double>(blurred->strength) * std::min(frame.width, frame.height);
    if (!blur) blur = BACKDROP_TRY(BackgroundBlur::create(gl));
    BACKDROP_TRY(blur->prepare(frame.width, frame.height, sigma));
    layers.background = blur->run(gaussian, frame, layers.mask, look.coverage);
    layers.place = blur->place();
  }
  if (std::holds_alternative<PicturedBackground>(look.background)) {
    BACKDROP_TRY(picture.prepare(resizer, gaussian, frame.width, frame.height, is_lit(look)));
    layers.background = picture.fitted();
    layers.light = picture.light();
  }
  return {};
}

Renderer::Renderer(std::unique_ptr<Passes> passes) : passes_(std::move(passes)) {}
Renderer::~Renderer() = default;

Result<std::unique_ptr<Renderer>> Renderer::create(Loader loader) {
  auto passes = std::make_unique<Passes>(BACKDROP_TRY(load_functions(loader)));
  passes->resizer = BACKDROP_TRY(Resizer::create(passes->gl));
  passes->gaussian = BACKDROP_TRY(Gaussian::create(passes->gl));
  return std::unique_ptr<Renderer>(new Renderer(std::move(passes)));
}

Result<void> Renderer::set_picture(const ConstFrame& rgba) { return passes_->picture.set(rgba); }

Result<void> Renderer::set_picture(const TextureView& picture) {
  passes_->picture.set(picture);
  return {};
}

Result<void> Renderer::render(const TextureView& frame, const Mask& mask, const Look& look,
                              const Surface& surface) {
  return passes_->render(frame, mask, look, surface);
}

Result<void> Renderer::begin_sample(const TextureView& frame, int width, int height) {
  switch_off(passes_->gl);
  return passes_->sampling.begin(passes_->resizer, frame, width, height);
}

bool Renderer::is_sampled() const { return passes_->sampling.is_ready(); }
void Renderer::take_sample(std::uint8_t* rgba) { passes_->sampling.take(rgba); }

void Renderer::abandon() {
  Functions& gl = passes_->gl;
  gl.DeleteBuffers = [](GLsizei, const GLuint*) {};
  gl.DeleteFramebuffers = [](GLsizei, const GLuint*) {};
  gl.DeleteTextures = [](GLsizei, const GLuint*) {};
  gl.DeleteProgram = [](GLuint) {};
  gl.DeleteSync = [](GLsync) {};
}

}  // namespace backdrop::gl
