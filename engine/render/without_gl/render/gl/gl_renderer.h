// Stands in for render/gl/gl_renderer.h in a library that is built without OpenGL
// (BACKDROP_GL=OFF): needs no header of OpenGL's, and can't be created.
#pragma once

#include <cstdint>
#include <memory>
#include <span>

#include "image/mask.h"
#include "render/gl/views.h"
#include "render/render_settings.h"
#include "render/renderer.h"

namespace backdrop {
namespace gl {

using Loader = void (*(*)(const char* name))();

}  // namespace gl

class GlRenderer final : public Renderer<gl::TextureView, gl::Surface> {
 public:
  static Result<std::unique_ptr<GlRenderer>> create(gl::Loader) { return unavailable(); }

  Result<RenderTimes> render(const gl::TextureView&, const Mask&, const RenderSettings&,
                             const gl::Surface&) override {
    return unavailable();
  }
  void set_background_texture(const gl::TextureView&, const Placement&, std::uint64_t) {}
  Result<void> begin_sample(const gl::TextureView&, const gl::SampleSpec&) { return unavailable(); }
  bool is_sampled() const { return false; }
  Result<void> take_sample(const gl::SampleSpec&, std::span<std::uint8_t>) { return unavailable(); }
  void drop_sample() {}
  void abandon() {}

 private:
  static std::unexpected<Error> unavailable() {
    return fail(ErrorCode::kUnsupported, "this library was built without OpenGL (BACKDROP_GL=OFF)");
  }
};

}  // namespace backdrop
