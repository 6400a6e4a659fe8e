#include "render/gl/picture_pass.h"

#include <algorithm>

#include "image/pixel_buffer.h"

namespace backdrop::gl {
namespace {

constexpr double kLightSigma = 0.05;  // of the shorter side

Result<void> upload(const ConstFrame& rgba, Target& target) {
  if (rgba.strides[0] == rgba.row_bytes(0)) {
    target.upload(GL_RGBA, rgba.planes[0]);
    return {};
  }
  PixelBuffer packed;
  if (!packed.create(PixelFormat::kRgba, rgba.width, rgba.height)) return no_memory_for_picture();
  copy_pixels(rgba, packed.frame());
  target.upload(GL_RGBA, packed.view().planes[0]);
  return {};
}

}  // namespace

Result<void> PicturePass::set(const ConstFrame& rgba, const Placement& placement) {
  Target copy = BACKDROP_TRY(Target::create(gl_, GL_RGBA8, rgba.width, rgba.height));
  BACKDROP_TRY(upload(rgba, copy));
  set(copy.view(), placement);
  copy_ = std::move(copy);
  return {};
}

void PicturePass::set(const TextureView& picture, const Placement& placement) {
  copy_ = {};
  picture_ = picture;
  placement_ = placement;
  is_fitted_ = false;
}

Result<void> PicturePass::prepare(const Resizer& resizer, const Gaussian& gaussian, int width,
                                  int height, bool lit) {
  if (picture_.name == 0) return fail(ErrorCode::kState, "no background picture is set");
  if (!fitted_ || fitted_.view().width != width || fitted_.view().height != height) {
    light_ = {};
    fitted_ = {};
    fitted_ = BACKDROP_TRY(Target::create(gl_, GL_RGBA8, width, height));
    is_fitted_ = false;
  }
  if (!is_fitted_) {
    resizer.run_placed(picture_, placement_, surface_of(fitted_));
    is_fitted_ = true;
    is_lit_ = false;
  }
  if (lit && !is_lit_) {
    BACKDROP_TRY(draw_light(resizer, gaussian));
    is_lit_ = true;
  }
  return {};
}

Result<void> PicturePass::draw_light(const Resizer& resizer, const Gaussian& gaussian) {
  const auto [width, height] = std::pair(fitted_.view().width, fitted_.view().height);
  const ShrunkSigma small = shrink(kLightSigma * std::min(width, height));
  if (!light_) {
    const int small_width = (width + small.factor - 1) / small.factor;
    const int small_height = (height + small.factor - 1) / small.factor;
    between_ = BACKDROP_TRY(Target::create(gl_, GL_RGBA8, small_width, small_height));
    light_ = BACKDROP_TRY(Target::create(gl_, GL_RGBA8, small_width, small_height));
  }
  resizer.run(fitted_.view(), surface_of(light_));
  gaussian.run(make_gaussian_kernel(small.sigma), light_, between_);
  return {};
}

}  // namespace backdrop::gl
