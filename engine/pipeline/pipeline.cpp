#include "pipeline/pipeline.h"

#include <cstring>
#include <string>
#include <utility>

#include "image/packed_yuv.h"
#include "platform/clock.h"

namespace backdrop {
namespace {

std::unexpected<Error> no_gl() {
  return fail(ErrorCode::kState, "nothing was made in an OpenGL context yet");
}

bool is_packed(const ConstFrame& frame) {
  return BACKDROP_HAS_DEVICE_FORMATS && traits_of(frame.format).is_packed;
}

std::string size_of(int width, int height) { return join({width, "x", height}); }

}  // namespace

Pipeline::Pipeline(std::unique_ptr<Executor> executor)
    : executor_(std::move(executor)), segmenter_(*executor_), cpu_(*executor_) {}

Result<void> Pipeline::load_model(std::span<const std::uint8_t> tflite,
                                  const ModelOptions& options) {
  BACKDROP_TRY(segmenter_.load_model(tflite, options));
  if (gpu_) gpu_->drop_sample();
  cpu_.forget();
  rate_controller_.reset();
  return {};
}

Result<void> Pipeline::set_background_image(const ConstFrame& image) {
  PixelBuffer copy;
  if (!copy.create(PixelFormat::kRgba, image.width, image.height)) return no_memory_for_picture();
  copy_pixels(image, copy.frame());
  lay_on(copy.frame(), bytes_of(placement_.rgb));
  image_ = std::move(copy);
  image_background_ = {image_.view(), image_background_.generation + 1, placement_};
  set_background(image_background_);
  return {};
}

void Pipeline::reset() {
  segmenter_.reset();
  cpu_.forget();
  rate_controller_.reset();
}

// The path of every frame. get_pixels() returns the picture for the network.
template <typename Source, typename Destination, typename GetPixels>
Result<void> Pipeline::run(Renderer<Source, Destination>& renderer, const Source& frame,
                           const GetPixels& get_pixels, const Destination& out) {
  matte_of_.reset();
  if (shows_room(settings_)) return count_room(renderer.render(frame, {}, settings_, out));
  const ConstFrame pixels = BACKDROP_TRY(get_pixels());
  const Segmentation segmentation = BACKDROP_TRY(segmenter_.run(pixels, rate_controller_.is_due()));
  return count(segmentation, renderer.render(frame, segmentation.mask, settings_, out));
}

Result<void> Pipeline::count_room(Result<RenderTimes> drawn) {
  if (!drawn) return std::unexpected(std::move(drawn).error());
  segmenter_.reset();
  statistics_ = {.frames = statistics_.frames + 1, .inferences = statistics_.inferences};
  return {};
}

// The matte is part of the mask's time, but of every frame's if it is refined.
Result<void> Pipeline::count(const Segmentation& segmentation, Result<RenderTimes> drawn) {
  if (!drawn) {
    segmenter_.invalidate();
    return std::unexpected(std::move(drawn).error());
  }
  const auto& [mask, reuse, sample, infer] = segmentation;
  const auto& [matte, composite] = *drawn;
  statistics_ = {.frames = statistics_.frames + 1,
                 .inferences = statistics_.inferences + (reuse == ReuseReason::kNone ? 1 : 0),
                 .reuse = reuse,
                 .sample = sample,
                 .infer = infer,
                 .matte = matte,
                 .composite = composite};
  const bool of_frame = follows_frame(settings_);
  const double for_mask = sample + infer + (of_frame ? 0 : matte);
  const double for_frame = composite + (of_frame ? matte : 0);
  rate_controller_.add(reuse == ReuseReason::kBudget ? std::nullopt : std::optional(for_mask),
                       for_frame);
  return {};
}

Result<void> Pipeline::process(const ConstFrame& input, const Frame& output) {
  const FrameKind kind = kind_of(input);
  if (kind != kind_of(output)) {
    segmenter_.invalidate();
    return fail(ErrorCode::kArgument,
                "input and output differ in format, size, colour space, rotation or flip");
  }
  if (overlaps_in_part(input, output)) {
    segmenter_.invalidate();
    return fail(ErrorCode::kArgument, "input and output overlap, and are not the same picture");
  }
  if (gpu_) gpu_->drop_sample();
  if (is_packed(input) && !shows_room(settings_)) {
    BACKDROP_TRY(process_packed(input, output));
  } else {
    BACKDROP_TRY(run(cpu_, input, [&]() -> Result<ConstFrame> { return input; }, output));
  }
  if (!shows_room(settings_)) matte_of_ = kind;
  return {};
}

Result<void> Pipeline::process_packed(const ConstFrame& input, const Frame& output) {
  const double start = now_ms();
  const Frame planar = BACKDROP_TRY(unpack(input));
  const double unpacked = now_ms();
  const ConstFrame pixels = read_only(planar);
  BACKDROP_TRY(run(cpu_, pixels, [&]() -> Result<ConstFrame> { return pixels; }, planar));
  const double composited = now_ms();
  const AlphaPlane person = cpu_.chroma_matte();
  pack_yuy2(pixels, input, {person.data, person.stride}, output, *executor_);
  statistics_.sample += unpacked - start;
  statistics_.composite += now_ms() - composited;
  return {};
}

Result<Frame> Pipeline::unpack(const ConstFrame& packed) {
  if (!planar_.create(PixelFormat::kI420, packed.width, packed.height)) {
    return no_memory_for_picture();
  }
  Frame planar = planar_.frame();
  planar.color_space = packed.color_space;
  planar.orientation = packed.orientation;
  unpack_yuy2(packed, planar, *executor_);
  return planar;
}

Result<void> Pipeline::copy_matte(int width, int height, std::uint8_t* alpha,
                                  std::ptrdiff_t stride) const {
  if (!matte_of_) return fail(ErrorCode::kState, "the latest frame has no matte");
  if (width != matte_of_->width || height != matte_of_->height) {
    return fail(ErrorCode::kArgument,
                {"the latest frame is ", size_of(matte_of_->width, matte_of_->height), ", not ",
                 size_of(width, height)});
  }
  for (int y = 0; y < height; ++y) {
    std::memcpy(alpha + y * stride, cpu_.matte().row(y), static_cast<std::size_t>(width));
  }
  return {};
}

Result<void> Pipeline::create_gl(gl::Loader loader) {
  gpu_ = BACKDROP_TRY(GlRenderer::create(loader));
  return {};
}

void Pipeline::destroy_gl(bool lost) {
  if (gpu_ && lost) gpu_->abandon();
  gpu_.reset();
}

Result<void> Pipeline::set_background_texture(const gl::TextureView& texture) {
  if (!gpu_) return no_gl();
  gpu_->set_background_texture(texture, placement_, image_background_.generation);
  set_background(image_background_);
  return {};
}

Result<gl::SampleSpec> Pipeline::sample_spec(const gl::TextureView& frame) const {
  const auto [width, height] = BACKDROP_TRY(segmenter_.sample_size(frame.width, frame.height));
  return gl::SampleSpec{width, height, segmenter_.model_generation()};
}

Result<void> Pipeline::begin_sample(const gl::TextureView& frame) {
  if (!gpu_) return no_gl();
  return gpu_->begin_sample(frame, BACKDROP_TRY(sample_spec(frame)));
}

Result<bool> Pipeline::is_sampled() const {
  if (!gpu_) return no_gl();
  return gpu_->is_sampled();
}

Result<ConstFrame> Pipeline::take_sample(const gl::TextureView& frame) {
  if (!gpu_->is_sampled()) return fail(ErrorCode::kState, "the frame has not been sampled");
  const gl::SampleSpec spec = BACKDROP_TRY(sample_spec(frame));
  if (!sampled_.create(PixelFormat::kRgba, spec.width, spec.height)) return no_memory_for_picture();
  BACKDROP_TRY(gpu_->take_sample(spec, sampled_.bytes()));
  return sampled_.view();
}

Result<void> Pipeline::process_texture(const gl::TextureView& frame,
                                       const std::optional<ConstFrame>& pixels,
                                       unsigned framebuffer) {
  if (!gpu_) return no_gl();
  cpu_.forget();
  const auto get_pixels = [&]() -> Result<ConstFrame> {
    if (!pixels) return take_sample(frame);
    if (!is_packed(*pixels)) return *pixels;
    return read_only(BACKDROP_TRY(unpack(*pixels)));
  };
  const gl::Surface out{framebuffer, frame.width, frame.height};
  if (pixels || shows_room(settings_)) gpu_->drop_sample();
  return run(*gpu_, frame, get_pixels, out);
}

}  // namespace backdrop
