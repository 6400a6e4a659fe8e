#include "render/gl/gl_renderer.h"

#include <algorithm>
#include <initializer_list>
#include <optional>
#include <utility>
#include <variant>

#include "base/buffer.h"
#include "base/match.h"
#include "platform/clock.h"
#include "render/gl/blur_pass.h"
#include "render/gl/composite_pass.h"
#include "render/gl/gaussian.h"
#include "render/gl/picture_pass.h"
#include "render/gl/refiner.h"
#include "render/gl/resizer.h"

namespace backdrop {
namespace {

using gl::CompositePass;
using gl::Functions;
using gl::Refiner;
using gl::Surface;
using gl::Target;
using gl::TextureView;

// Sets the state that the passes rely on, whatever a host has set. DITHER is on by default.
void set_state(const Functions& gl) {
  for (const GLenum capability :
       std::initializer_list<GLenum>{GL_BLEND, GL_CULL_FACE, GL_DEPTH_TEST, GL_DITHER,
                                     GL_RASTERIZER_DISCARD, GL_SCISSOR_TEST, GL_STENCIL_TEST}) {
    gl.Disable(capability);
  }
  for (const GLenum target :
       std::initializer_list<GLenum>{GL_PIXEL_PACK_BUFFER, GL_PIXEL_UNPACK_BUFFER}) {
    gl.BindBuffer(target, 0);
  }
  for (const GLenum parameter : std::initializer_list<GLenum>{
           GL_PACK_ROW_LENGTH, GL_PACK_SKIP_PIXELS, GL_PACK_SKIP_ROWS, GL_UNPACK_ROW_LENGTH,
           GL_UNPACK_SKIP_PIXELS, GL_UNPACK_SKIP_ROWS}) {
    gl.PixelStorei(parameter, 0);
  }
  gl.PixelStorei(GL_PACK_ALIGNMENT, 4);
  if (gl.set_host_state) gl.set_host_state(gl);
  gl::forget_errors(gl);
}

// The mask as a texture.
class MaskTexture {
 public:
  explicit MaskTexture(const Functions& gl) : gl_(gl) {}

  Result<TextureView> upload(const Mask& mask) {
    const bool fits =
        texture_ && texture_.view().width == mask.width && texture_.view().height == mask.height;
    if (fits && mask.generation != 0 && mask.generation == generation_) return texture_.view();
    generation_ = 0;
    if (!fits) texture_ = BACKDROP_TRY(Target::create(gl_, GL_R8, mask.width, mask.height));
    if (!bytes_.resize(mask.values.size())) {
      return fail(ErrorCode::kMemory, "there is not enough memory for a mask of this size");
    }
    std::ranges::transform(mask.values, bytes_.data(), [](float value) {
      return static_cast<std::uint8_t>(std::clamp(value, 0.0f, 1.0f) * 255 + 0.5f);
    });
    texture_.upload(GL_RED, bytes_.data());
    generation_ = mask.generation;
    return texture_.view();
  }

  // The next mask is uploaded.
  void forget() { generation_ = 0; }

 private:
  const Functions& gl_;
  Target texture_;
  Buffer<std::uint8_t> bytes_;
  std::uint64_t generation_ = 0;  // of what the texture holds
};

// A Refiner for the latest settings and sizes.
class CachedRefiner {
 public:
  explicit CachedRefiner(const Functions& gl) : gl_(gl) {}

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

struct GlRenderer::Passes {
  explicit Passes(const Functions& functions) : gl(functions) {}

  Result<void> draw(const TextureView& frame, const Mask& mask, const RenderSettings& settings,
                    const Surface& out);

  // One for each background: draws what the last pass needs of it.
  using Layers = CompositePass::Layers;
  Result<void> add(const NoBackground& none, const RenderSettings& settings, Layers& layers);
  Result<void> add(const BlurBackground& blur, const RenderSettings& settings, Layers& layers);
  Result<void> add(const ColorBackground& color, const RenderSettings& settings, Layers& layers);
  Result<void> add(const ImageBackground& image, const RenderSettings& settings, Layers& layers);
  Result<void> add(const TransparentBackground& transparent, const RenderSettings& settings,
                   Layers& layers);
  Result<void> add_blur(std::optional<gl::BlurPass>& pass, gl::BlurPass::Subject subject,
                        double sigma, const RenderSettings& settings, Layers& layers);

  Functions gl;  // first: the destructors of all others use it
  gl::Resizer resizer;
  gl::Gaussian gaussian;
  gl::AsyncDownsampler downsampler{gl};
  MaskTexture mask_texture{gl};
  CachedRefiner refiner{gl};
  gl::PicturePass picture{gl};
  std::optional<std::uint64_t> picture_generation;  // of the ImageBackground that `picture` shows
  std::optional<gl::BlurPass> background_blur, person_blur;
  std::optional<CompositePass> composite;
};

Result<void> GlRenderer::Passes::draw(const TextureView& frame, const Mask& mask,
                                      const RenderSettings& settings, const Surface& out) {
  set_state(gl);
  if (!composite || !composite->draws(settings)) {
    composite.reset();
    composite = BACKDROP_TRY(CompositePass::create(gl, settings));
  }
  Layers layers;
  layers.frame = frame;
  if (!shows_room(settings)) {
    const TextureView uploaded = BACKDROP_TRY(mask_texture.upload(mask));
    layers.mask = BACKDROP_TRY(refiner.run(settings.refinement, frame, uploaded));
  }
  BACKDROP_TRY(match(settings.background,
                     [&](const auto& background) { return add(background, settings, layers); }));
  using Rows = CompositePass::Rows;
  composite->run(settings, layers, out,
                 out.framebuffer == 0 ? Rows::kLastFirst : Rows::kFirstFirst);
  auto drawn = gl::check_errors(gl);
  if (!drawn) {
    mask_texture.forget();
    picture.forget();
  }
  return drawn;
}

Result<void> GlRenderer::Passes::add(const NoBackground&, const RenderSettings&, Layers&) {
  return {};
}

Result<void> GlRenderer::Passes::add(const BlurBackground& blur, const RenderSettings& settings,
                                     Layers& layers) {
  const auto& [texture, width, height] = layers.frame;
  const double sigma = 0.01 * static_cast<double>(blur.strength) * std::min(width, height);
  return add_blur(background_blur, gl::BlurPass::Subject::kBackground, sigma, settings, layers);
}

Result<void> GlRenderer::Passes::add_blur(std::optional<gl::BlurPass>& pass,
                                          gl::BlurPass::Subject subject, double sigma,
                                          const RenderSettings& settings, Layers& layers) {
  if (!pass) pass = BACKDROP_TRY(gl::BlurPass::create(gl, subject));
  BACKDROP_TRY(pass->prepare(layers.frame.width, layers.frame.height, sigma));
  layers.background = pass->run(gaussian, layers.frame, layers.mask, settings.coverage);
  layers.place = pass->place();
  return {};
}

Result<void> GlRenderer::Passes::add(const ColorBackground&, const RenderSettings&, Layers&) {
  return {};
}

Result<void> GlRenderer::Passes::add(const ImageBackground& image, const RenderSettings& settings,
                                     Layers& layers) {
  if (picture_generation != image.generation) {
    if (image.image.width == 0) return no_background_image();
    picture_generation.reset();
    BACKDROP_TRY(picture.set(image.image, image.placement));
    picture_generation = image.generation;
  }
  const auto& [texture, width, height] = layers.frame;
  BACKDROP_TRY(picture.prepare(resizer, gaussian, width, height, gl::is_lit(settings)));
  layers.background = picture.fitted();
  layers.light = picture.light();
  return {};
}

Result<void> GlRenderer::Passes::add(const TransparentBackground&, const RenderSettings& settings,
                                     Layers& layers) {
  const auto& [texture, width, height] = layers.frame;
  return add_blur(person_blur, gl::BlurPass::Subject::kPerson, person_color_sigma(width, height),
                  settings, layers);
}

GlRenderer::GlRenderer(std::unique_ptr<Passes> passes) : passes_(std::move(passes)) {}
GlRenderer::~GlRenderer() = default;

Result<std::unique_ptr<GlRenderer>> GlRenderer::create(gl::Loader loader) {
  auto passes = std::make_unique<Passes>(BACKDROP_TRY(gl::load_functions(loader)));
  passes->resizer = BACKDROP_TRY(gl::Resizer::create(passes->gl));
  passes->gaussian = BACKDROP_TRY(gl::Gaussian::create(passes->gl));
  return std::unique_ptr<GlRenderer>(new GlRenderer(std::move(passes)));
}

void GlRenderer::set_background_texture(const TextureView& texture, const Placement& placement,
                                        std::uint64_t image_generation) {
  passes_->picture.set(texture, placement);
  passes_->picture_generation = image_generation;
}

Result<RenderTimes> GlRenderer::render(const TextureView& frame, const Mask& mask,
                                       const RenderSettings& settings, const Surface& out) {
  const double start = now_ms();
  BACKDROP_TRY(passes_->draw(frame, mask, settings, out));
  return RenderTimes{.composite = now_ms() - start};
}

Result<void> GlRenderer::begin_sample(const TextureView& frame, const gl::SampleSpec& spec) {
  set_state(passes_->gl);
  return passes_->downsampler.begin(passes_->resizer, frame, spec);
}

bool GlRenderer::is_sampled() const { return passes_->downsampler.is_ready(); }

Result<void> GlRenderer::take_sample(const gl::SampleSpec& spec, std::span<std::uint8_t> rgba) {
  return passes_->downsampler.take(spec, rgba);
}

void GlRenderer::drop_sample() { passes_->downsampler.drop(); }

void GlRenderer::abandon() {
  Functions& gl = passes_->gl;
  gl.DeleteBuffers = [](GLsizei, const GLuint*) {};
  gl.DeleteFramebuffers = [](GLsizei, const GLuint*) {};
  gl.DeleteTextures = [](GLsizei, const GLuint*) {};
  gl.DeleteProgram = [](GLuint) {};
  gl.DeleteSync = [](GLsync) {};
}

}  // namespace backdrop
