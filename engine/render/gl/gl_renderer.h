// Composites textures, on the GPU.
#pragma once

#include <cstdint>
#include <memory>
#include <span>

#include "image/mask.h"
#include "platform/gl_functions.h"
#include "render/gl/async_downsampler.h"
#include "render/gl/resources.h"
#include "render/render_settings.h"
#include "render/renderer.h"

namespace backdrop {

// The context that was current in create() has to be current in all calls but abandon(). They set
// what they need of OpenGL's state and do not restore it.
class GlRenderer final : public Renderer<gl::TextureView, gl::Surface> {
 public:
  // kUnsupported without OpenGL ES 3.0.
  static Result<std::unique_ptr<GlRenderer>> create(gl::Loader loader);
  ~GlRenderer() override;

  // `frame` is an upright RGBA texture with straight alpha, linear filters and clamped edges. What
  // is clear in it stays background, and NoBackground keeps its alpha. The first row of
  // `out` is the frame's first; in framebuffer 0, which is a window's or a canvas's, it is the
  // last, as those show it. The mask is uploaded only if its generation is another one than before.
  // kUnsupported: OpenGL refuses a shader or a texture. kState: OpenGL reports an error, such as an
  // incomplete framebuffer; what was drawn is undefined.
  Result<RenderTimes> render(const gl::TextureView& frame, const Mask& mask,
                             const RenderSettings& settings, const gl::Surface& out) override;

  // `texture` stands in for the ImageBackground of this generation until that is another one. RGBA,
  // upright, linear filters, clamped edges. It stays the caller's and is read in this call and in
  // render(); set it again whenever its pixels change.
  void set_background_texture(const gl::TextureView& texture, const Placement& placement,
                              std::uint64_t image_generation);

  // The network's input, shrunk on the GPU, arrives without waiting for the GPU: see
  // gl::AsyncDownsampler.
  Result<void> begin_sample(const gl::TextureView& frame, const gl::SampleSpec& spec);
  bool is_sampled() const;
  Result<void> take_sample(const gl::SampleSpec& spec, std::span<std::uint8_t> rgba);
  void drop_sample();

  // The context has gone: the destructor deletes nothing in it.
  void abandon();

 private:
  struct Passes;

  explicit GlRenderer(std::unique_ptr<Passes> passes);

  std::unique_ptr<Passes> passes_;
};

}  // namespace backdrop
