#include "engine_run.h"

#include <utility>

#include "failure.h"
#include "i420.h"

namespace backdrop::quality {
namespace {

Image alpha_channel(const cli::Picture& picture) {
  Image alpha(picture.width, picture.height, 1);
  for (std::size_t i = 0; i < alpha.values.size(); ++i) {
    alpha.values[i] = static_cast<float>(picture.rgba[4 * i + 3]) / 255;
  }
  return alpha;
}

}  // namespace

void EngineRun::Engine::Destroy::operator()(backdrop_engine* engine) const {
  if (has_gl) backdrop_gl_destroy(engine, 0);
  backdrop_destroy(engine);
}

EngineRun::Engine::Engine(const cli::Model& model, const Setting& setting, cli::Gpu* gpu)
    : gpu_(gpu), takes_i420_(setting.takes_i420), engine_(backdrop_create(1), Destroy{false}) {
  if (!engine_) throw cli::Failure("an engine can't be made");
  backdrop_model_options options = model.known ? model.known->options : backdrop_model_options{};
  options.precision = setting.precision;
  cli::naming(model.name, [&] {
    setup().call(backdrop_load_model, model.bytes.data(), model.bytes.size(), &options);
  });
  if (gpu) {
    setup().call(backdrop_gl_create, static_cast<backdrop_gl_loader>(cli::Gpu::loader));
    engine_.get_deleter().has_gl = true;
  }
  Setup calls = setup();
  setting.apply(calls);
}

cli::Picture EngineRun::Engine::process(cli::Picture frame) {
  if (takes_i420_) {
    I420 converted(frame);
    const backdrop_image image = converted.view();
    setup().call(backdrop_process, &image, &image);
    return converted.picture();
  }
  const backdrop_image image = frame.view();
  if (!gpu_) {
    setup().call(backdrop_process, &image, &image);
    return frame;
  }
  gpu_->process(frame, [&](const backdrop_texture& texture, std::uint32_t framebuffer) {
    setup().call(backdrop_gl_process, &texture, &image, framebuffer);
  });
  return frame;
}

std::vector<std::uint8_t> EngineRun::Engine::matte(const cli::Picture& frame) {
  std::vector<std::uint8_t> alpha(Image::size(frame.width, frame.height, 1));
  setup().call(backdrop_get_matte, frame.width, frame.height, alpha.data(), frame.width);
  return alpha;
}

EngineRun::EngineRun(const cli::Model& model, const Setting& setting)
    : gpu_(setting.is_on_gpu ? std::make_unique<cli::Gpu>() : nullptr),
      composite_(model, setting, gpu_.get()),
      blur_(model, setting, gpu_.get()) {
  blur_.setup().call(backdrop_set_background_blur, kBlurStrength);
  if (!gpu_) return;
  cut_out_.emplace(model, setting, gpu_.get());
  cut_out_->setup().call(backdrop_set_background_transparent);
}

void EngineRun::set_new_background(cli::Picture background) {
  const backdrop_image image = background.view();
  composite_.setup().call(backdrop_set_background_image, &image);
}

void EngineRun::reset() {
  composite_.setup().call(backdrop_reset);
  blur_.setup().call(backdrop_reset);
  if (cut_out_) cut_out_->setup().call(backdrop_reset);
}

void EngineRun::watch(const cli::Picture& frame) {
  composite_.process(frame);
  blur_.process(frame);
  if (cut_out_) cut_out_->process(frame);
}

Output EngineRun::process(const cli::Picture& frame) {
  Output output{
      .alpha = {}, .composite = composite_.process(frame), .blurred = blur_.process(frame)};
  output.alpha = cut_out_ ? alpha_channel(cut_out_->process(frame))
                          : alpha_of(composite_.matte(frame), frame.width, frame.height);
  return output;
}

Image EngineRun::matte(const cli::Picture& frame) {
  if (cut_out_) return alpha_channel(cut_out_->process(frame));
  composite_.process(frame);
  return alpha_of(composite_.matte(frame), frame.width, frame.height);
}

}  // namespace backdrop::quality
