#include "pipeline/pipeline.h"

#include <cstring>
#include <string>
#include <utility>

#include "platform/clock.h"

namespace backdrop {
namespace {

std::unexpected<Error> no_gl() {
  return fail(ErrorCode::kState, "nothing was made in an OpenGL context yet");
}

}  // namespace

Pipeline::Pipeline(std::unique_ptr<Executor> executor)
    : executor_(std::move(executor)), segmenter_(*executor_), cpu_(*executor_) {}

Result<void> Pipeline::load_model(std::span<const std::uint8_t> tflite,
                                  const ModelOptions& options) {
  BACKDROP_TRY(segmenter_.load_model(tflite, options));
  governor_.forget();
  return {};
}

void Pipeline::set_background(const BackgroundChoice& background) {
  look_.background = background;
  cpu_.change_background();
}

Result<void> Pipeline::set_background_image(const ConstFrame& image) {
  BACKDROP_TRY(cpu_.set_picture(image));
  gpu_has_picture_ = false;
  set_background(PicturedBackground{});
  return {};
}

void Pipeline::set_coverage(const Coverage& coverage) {
  look_.coverage = coverage;
  cpu_.change_matte();
}

void Pipeline::set_refinement(const Refinement& refinement) {
  look_.refinement = refinement;
  cpu_.change_matte();
}

void Pipeline::reset() {
  segmenter_.forget();
  governor_.forget();
}

Statistics Pipeline::next() const {
  return {.frames = statistics_.frames + 1, .inferences = statistics_.inferences};
}

// A frame that is shown as it came.
void Pipeline::pass_room() {
  segmenter_.forget();
  matte_of_.reset();
  statistics_ = next();
}

Result<void> Pipeline::process(const ConstFrame& input, const Frame& output) {
  const FrameKind kind = kind_of(input);
  if (kind != kind_of(output)) {
    segmenter_.renew();
    return fail(ErrorCode::kArgument,
                "input and output differ in format, size, colour space, rotation or flip");
  }
  if (shows_room()) {
    copy_pixels(input, output);
    pass_room();
    return {};
  }
  matte_of_.reset();
  Statistics statistics = next();
  const Mask mask = BACKDROP_TRY(segmenter_.run(input, governor_.is_due(), statistics));
  const auto drawn =
      cpu_.run(input, mask, statistics.kept == Kept::kNot, look_, output, statistics);
  if (!drawn) {
    segmenter_.renew();
    return drawn;
  }
  matte_of_ = kind;
  finish(statistics);
  return {};
}

// What is done on every frame, network or not, is none of the network's time.
void Pipeline::finish(const Statistics& statistics) {
  statistics_ = statistics;
  const bool refines = look_.refinement.kind != RefinementKind::kNone;
  const double network = statistics.sample + statistics.infer + (refines ? 0 : statistics.matte);
  const double rest = statistics.composite + (refines ? statistics.matte : 0);
  governor_.add(statistics.kept == Kept::kBudget ? std::nullopt : std::optional(network), rest);
}

Result<void> Pipeline::copy_matte(int width, int height, std::uint8_t* alpha,
                                  std::ptrdiff_t stride) const {
  if (!matte_of_) return fail(ErrorCode::kState, "the latest frame has no matte");
  if (width != matte_of_->width || height != matte_of_->height) {
    return fail(ErrorCode::kArgument, "the latest frame is " + std::to_string(matte_of_->width) +
                                          "x" + std::to_string(matte_of_->height) + ", not " +
                                          std::to_string(width) + "x" + std::to_string(height));
  }
  for (int y = 0; y < height; ++y) {
    std::memcpy(alpha + y * stride, cpu_.matte().row(y), static_cast<std::size_t>(width));
  }
  return {};
}

Result<void> Pipeline::create_gl(gl::Loader loader) {
  gpu_ = BACKDROP_TRY(gl::Renderer::create(loader));
  gpu_has_picture_ = false;
  return {};
}

void Pipeline::destroy_gl(bool lost) {
  if (gpu_ && lost) gpu_->abandon();
  gpu_.reset();
}

Result<void> Pipeline::set_background_texture(const gl::TextureView& texture) {
  if (!gpu_) return no_gl();
  BACKDROP_TRY(gpu_->set_picture(texture));
  gpu_has_picture_ = true;
  set_background(PicturedBackground{});
  return {};
}

Result<void> Pipeline::begin_sample(const gl::TextureView& frame) {
  if (!gpu_) return no_gl();
  const ModelInfo& info = *BACKDROP_TRY(segmenter_.model_info());
  return gpu_->begin_sample(frame, info.input.width, info.input.height);
}

Result<bool> Pipeline::is_sampled() const {
  if (!gpu_) return no_gl();
  return gpu_->is_sampled();
}

Result<ConstFrame> Pipeline::take_sample() {
  if (!gpu_->is_sampled()) return fail(ErrorCode::kState, "the frame has not been sampled");
  const ModelInfo& info = *BACKDROP_TRY(segmenter_.model_info());
  if (!sampled_.create(PixelFormat::kRgba, info.input.width, info.input.height)) {
    return no_memory_for_picture();
  }
  gpu_->take_sample(sampled_.frame().row(0, 0));
  return sampled_.view();
}

Result<void> Pipeline::draw(const gl::TextureView& frame, const Mask& mask, unsigned framebuffer) {
  if (std::holds_alternative<PicturedBackground>(look_.background) && !gpu_has_picture_) {
    if (cpu_.picture().empty()) return fail(ErrorCode::kState, "there is no background picture");
    BACKDROP_TRY(gpu_->set_picture(cpu_.picture().view()));
    gpu_has_picture_ = true;
  }
  return gpu_->render(frame, mask, look_, {framebuffer, frame.width, frame.height});
}

Result<void> Pipeline::process_texture(const gl::TextureView& frame,
                                       const std::optional<ConstFrame>& pixels,
                                       unsigned framebuffer) {
  if (!gpu_) return no_gl();
  matte_of_.reset();
  if (shows_room()) {
    BACKDROP_TRY(draw(frame, {}, framebuffer));
    pass_room();
    return {};
  }
  const ConstFrame source = pixels ? *pixels : BACKDROP_TRY(take_sample());
  Statistics statistics = next();
  const Mask mask = BACKDROP_TRY(segmenter_.run(source, governor_.is_due(), statistics));
  const double start = now_ms();
  if (const auto drawn = draw(frame, mask, framebuffer); !drawn) {
    segmenter_.renew();
    return drawn;
  }
  statistics.composite = now_ms() - start;
  finish(statistics);
  return {};
}

}  // namespace backdrop
