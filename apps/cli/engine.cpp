#include "engine.h"

#include <string>
#include <utility>

#include "failure.h"

namespace backdrop::cli {
namespace {

std::size_t size_of(int width, int height, int channels) {
  return static_cast<std::size_t>(width) * static_cast<std::size_t>(height) *
         static_cast<std::size_t>(channels);
}

}  // namespace

Engine::~Engine() {
  if (gpu_) backdrop_gl_destroy(engine_.get(), 0);
}

Engine::Engine(const Model& model, int threads)
    : engine_(backdrop_create(threads), backdrop_destroy) {
  if (!engine_) throw Failure("an engine of " + std::to_string(threads) + " threads can't be made");
  naming(model.name, [&] {
    check(backdrop_load_model(engine_.get(), model.bytes.data(), model.bytes.size(),
                              model.options ? &*model.options : nullptr));
  });
  check(backdrop_get_model_info(engine_.get(), &info_));
}

std::vector<float> Engine::infer(const std::vector<float>& input) {
  std::vector<float> output(
      size_of(info_.output_width, info_.output_height, info_.output_channels));
  check(backdrop_infer(engine_.get(), input.data(), output.data()));
  return output;
}

void Engine::set_background_blur(float strength) {
  check(backdrop_set_background_blur(engine_.get(), strength));
}

void Engine::set_background_color(std::uint32_t rgb) {
  check(backdrop_set_background_color(engine_.get(), rgb));
}

void Engine::set_background_image(Picture& picture) {
  const backdrop_image image = picture.view();
  check(backdrop_set_background_image(engine_.get(), &image));
}

void Engine::set_background_transparent() {
  check(backdrop_set_background_transparent(engine_.get()));
}

void Engine::set_refinement(backdrop_refinement refinement) {
  constexpr float kSigmaSpace = 1;
  constexpr float kSigmaColor = 0.1f;
  check(backdrop_set_refinement(engine_.get(), refinement, kSigmaSpace, kSigmaColor));
}

void Engine::use_gpu(float light_wrapping) {
  auto gpu = std::make_unique<Gpu>();
  check(backdrop_gl_create(engine_.get(), Gpu::loader));
  check(backdrop_set_light_wrapping(engine_.get(), light_wrapping, BACKDROP_BLEND_SCREEN));
  gpu_ = std::move(gpu);
}

void Engine::process(Picture& picture) {
  if (gpu_) {
    return gpu_->process(picture, [&](const backdrop_texture& texture, std::uint32_t framebuffer) {
      const backdrop_image image = picture.view();
      check(backdrop_gl_process(engine_.get(), &texture, &image, framebuffer));
    });
  }
  const backdrop_image image = picture.view();
  check(backdrop_process(engine_.get(), &image, &image));
}

std::vector<std::uint8_t> Engine::matte(const Picture& picture) {
  std::vector<std::uint8_t> alpha(size_of(picture.width, picture.height, 1));
  check(backdrop_get_matte(engine_.get(), picture.width, picture.height, alpha.data(),
                           picture.width));
  return alpha;
}

void Engine::check(backdrop_status status) const {
  if (status != BACKDROP_OK) throw Failure(backdrop_last_error(engine_.get()));
}

}  // namespace backdrop::cli
