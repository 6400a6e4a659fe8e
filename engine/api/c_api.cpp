#include "backdrop/backdrop.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <iterator>
#include <memory>
#include <new>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/saturating.h"
#include "pipeline/pipeline.h"
#include "platform/thread_pool.h"

// A macro's number as a string literal.
#define BACKDROP_QUOTE(number) #number
#define BACKDROP_TEXT(number) BACKDROP_QUOTE(number)

using backdrop::ErrorCode;
using backdrop::fail;
using backdrop::Result;

struct backdrop_engine {
  backdrop::Pipeline pipeline;
  std::string message;
  const char* last_error = "";  // the message, or a constant if there was no memory for one
  bool is_broken = false;       // memory ran out in the middle of a change: nothing may use it

  std::int32_t abi_version;  // of the structs that the caller was compiled with

  backdrop_engine(std::unique_ptr<backdrop::Executor> executor, std::int32_t abi)
      : pipeline(std::move(executor)), abi_version(abi) {}
};

namespace {

// The engine's enumerations have the numbers of the header's; abi_layout.cpp asserts that.
template <typename Enumeration>
Enumeration by_number(std::int32_t number) {
  return static_cast<Enumeration>(number);
}

backdrop_status status_of(ErrorCode code) {
  switch (code) {
    case ErrorCode::kModel:
      return BACKDROP_ERROR_MODEL;
    case ErrorCode::kUnsupported:
      return BACKDROP_ERROR_UNSUPPORTED;
    case ErrorCode::kState:
      return BACKDROP_ERROR_STATE;
    case ErrorCode::kMemory:
      return BACKDROP_ERROR_MEMORY;
    case ErrorCode::kArgument:
      break;
  }
  return BACKDROP_ERROR_ARGUMENT;
}

constexpr const char* kAllowedSize =
    ", where 1 to " BACKDROP_TEXT(BACKDROP_LARGEST_SIZE) " pixels are allowed";
constexpr const char* kAllowedInput =
    ", where 1 to " BACKDROP_TEXT(BACKDROP_LARGEST_INPUT) " pixels are allowed";

// NaN is in no range.
bool is_in(float value, float min, float max) { return value >= min && value <= max; }

std::unexpected<backdrop::Error> wrong(const char* message) {
  return fail(ErrorCode::kArgument, message);
}
std::unexpected<backdrop::Error> wrong(std::initializer_list<backdrop::TextPart> parts) {
  return fail(ErrorCode::kArgument, parts);
}

// Only the C++ library throws: std::bad_alloc, and std::thread. WebAssembly aborts instead.
#ifdef __cpp_exceptions
#define BACKDROP_IF_NO_THROW try
#define BACKDROP_IF_THROWN catch (...)
#else
#define BACKDROP_IF_NO_THROW if (true)
#define BACKDROP_IF_THROWN else
#endif

// Keeps the error of a call for backdrop_last_error().
backdrop_status keep(backdrop_engine* engine, const Result<void>& result) {
  if (result) return BACKDROP_OK;
  engine->message = result.error().message();
  engine->last_error = engine->message.c_str();
  return status_of(result.error().code());
}

// What an exception leaves behind.
enum class OnThrow { kUnchanged, kBroken };

// Runs call(pipeline), which returns a Result, and keeps its error.
template <OnThrow on_throw = OnThrow::kBroken, typename Call>
backdrop_status guard(backdrop_engine* engine, const Call& call) {
  if (!engine) return BACKDROP_ERROR_ARGUMENT;
  if (engine->is_broken) return BACKDROP_ERROR_MEMORY;
  BACKDROP_IF_NO_THROW { return keep(engine, call(engine->pipeline)); }
  BACKDROP_IF_THROWN {
    engine->is_broken = on_throw == OnThrow::kBroken;
    engine->last_error = engine->is_broken
                             ? "there was not enough memory for a frame: create another engine"
                             : "there is not enough memory for the model";
    return BACKDROP_ERROR_MEMORY;
  }
}

// guard() for calls that draw on the GPU.
template <typename Call>
backdrop_status guard_gl(backdrop_engine* engine, const Call& call) {
  return guard(engine, [&](backdrop::Pipeline& pipeline) -> Result<void> {
    if constexpr (BACKDROP_HAS_GL) {
      return call(pipeline);
    } else {
      return fail(ErrorCode::kUnsupported,
                  "this library was built without OpenGL (BACKDROP_GL=OFF)");
    }
  });
}

// The frame but for its planes.
Result<backdrop::Frame> checked_layout(const backdrop_image& image, const char* name) {
  constexpr std::int32_t kFormats =
      BACKDROP_HAS_DEVICE_FORMATS ? std::int32_t{backdrop::kFormatCount} : BACKDROP_YUY2;
  if (image.format < 0 || image.format >= kFormats) {
    return wrong({"the ", name, "'s format is unknown"});
  }
  if (image.width < 1 || image.height < 1 || image.width > BACKDROP_LARGEST_SIZE ||
      image.height > BACKDROP_LARGEST_SIZE) {
    return wrong({"the ", name, " is ", image.width, "x", image.height, kAllowedSize});
  }
  if (image.color_space < BACKDROP_BT601_LIMITED || image.color_space > BACKDROP_BT709_FULL) {
    return wrong({"the ", name, "'s colour space is unknown"});
  }
  if (image.rotation < 0 || image.rotation > 270 || image.rotation % 90 != 0) {
    return wrong({"the ", name, "'s rotation is ", image.rotation,
                  ", where 0, 90, 180 or 270 degrees are allowed"});
  }
  if (image.flip != 0 && image.flip != 1) return wrong({"the ", name, "'s flip is not 0 or 1"});
  return backdrop::Frame{.format = by_number<backdrop::PixelFormat>(image.format),
                         .width = image.width,
                         .height = image.height,
                         .color_space = by_number<backdrop::ColorSpace>(image.color_space),
                         .orientation = {image.rotation, image.flip == 1}};
}

Result<backdrop::Frame> frame_of(const backdrop_image* image, const char* name) {
  if (!image) return wrong({"the ", name, " is null"});
  auto frame = checked_layout(*image, name);
  if (!frame) return frame;
  for (int p = 0; p < plane_count(frame->format); ++p) {
    const auto plane = static_cast<std::size_t>(p);
    if (!image->planes[plane]) {
      return wrong({"the ", name, "'s plane ", plane, " is null"});
    }
    if (image->strides[plane] < frame->row_bytes(p)) {
      return wrong({"the ", name, "'s stride ", plane, " is shorter than a row"});
    }
    const auto bytes =
        backdrop::Size(image->strides[plane]) * (frame->plane_height(p) - 1) + frame->row_bytes(p);
    if (!std::in_range<std::ptrdiff_t>(bytes.get())) {
      return wrong({"the ", name, "'s plane ", plane, " does not fit in memory"});
    }
    frame->planes[plane] = image->planes[plane];
    frame->strides[plane] = image->strides[plane];
  }
  return frame;
}

Result<backdrop::gl::TextureView> texture_of(const backdrop_texture* texture, const char* name) {
  if (!texture || texture->name == 0) return wrong({"the ", name, " is null"});
  if (texture->width < 1 || texture->height < 1 || texture->width > BACKDROP_LARGEST_SIZE ||
      texture->height > BACKDROP_LARGEST_SIZE) {
    return wrong({"the ", name, " is ", texture->width, "x", texture->height, kAllowedSize});
  }
  return backdrop::gl::TextureView{texture->name, texture->width, texture->height};
}

Result<std::optional<backdrop::InputSize>> input_size_of(const backdrop_model_options& options) {
  const int width = options.input_width, height = options.input_height;
  if (width == 0 && height == 0) return std::nullopt;
  if (width < 1 || height < 1 || width > BACKDROP_LARGEST_INPUT ||
      height > BACKDROP_LARGEST_INPUT) {
    return wrong({"the model's input size is ", width, "x", height, kAllowedInput});
  }
  return backdrop::InputSize{width, height};
}

Result<std::optional<backdrop::InputRange>> input_range_of(const backdrop_model_options& options) {
  const float min = options.input_min, max = options.input_max;
  if (min == 0 && max == 0) return std::nullopt;
  if (!std::isfinite(min) || !std::isfinite(max) || min >= max) {
    return wrong("the model's input_min has to be below its input_max");
  }
  return backdrop::InputRange{min, max};
}

Result<std::optional<backdrop::OutputKind>> output_of(const backdrop_model_options& options) {
  if (options.output == BACKDROP_OUTPUT_AUTO) return std::nullopt;
  if (options.output < BACKDROP_OUTPUT_AUTO || options.output > BACKDROP_OUTPUT_LABEL) {
    return wrong("the model's output kind is unknown");
  }
  return by_number<backdrop::OutputKind>(options.output - BACKDROP_OUTPUT_PROBABILITY);
}

Result<backdrop::ChannelOrder> channel_order_of(const backdrop_model_options& options) {
  if (options.channel_order == BACKDROP_CHANNELS_RGB) return backdrop::ChannelOrder::kRgb;
  if (options.channel_order == BACKDROP_CHANNELS_BGR) return backdrop::ChannelOrder::kBgr;
  return wrong("the model's channel order is unknown");
}

Result<backdrop::Precision> precision_of(const backdrop_model_options& options) {
  if (options.precision == BACKDROP_PRECISION_AUTO) return backdrop::Precision::kAuto;
  if (options.precision == BACKDROP_PRECISION_FLOAT) return backdrop::Precision::kFloat;
  return wrong("the model's precision is unknown");
}

backdrop::ClassSet classes_of(const backdrop_classes& classes) {
  backdrop::ClassSet result;
  for (std::size_t c = 0; c < result.size(); ++c) result[c] = (classes.bits[c / 32] >> c % 32) & 1;
  return result;
}

backdrop_classes classes_of(const backdrop::ClassSet& classes) {
  backdrop_classes result{};
  for (std::size_t c = 0; c < classes.size(); ++c) {
    result.bits[c / 32] |= static_cast<std::uint32_t>(classes[c]) << c % 32;
  }
  return result;
}

// What black and white become, from the means and standard deviations of samples.
Result<std::vector<backdrop::InputRange>> channel_ranges_of(const backdrop_model_options& options) {
  const auto is_zero = [](float value) { return value == 0; };
  const auto &means = options.input_mean, &deviations = options.input_deviation;
  if (std::ranges::all_of(means, is_zero) && std::ranges::all_of(deviations, is_zero)) {
    return std::vector<backdrop::InputRange>{};
  }
  if (options.input_min != 0 || options.input_max != 0) {
    return wrong("the model's input has a range, or means and deviations, not both");
  }
  std::vector<backdrop::InputRange> ranges;
  for (std::size_t c = 0; c < std::size(means); ++c) {
    const float min = -means[c] / deviations[c], max = (255 - means[c]) / deviations[c];
    if (!std::isfinite(min) || !std::isfinite(max) || min >= max) {
      return wrong("the model's input_mean has to be finite, its input_deviation above 0");
    }
    ranges.push_back({min, max});
  }
  return ranges;
}

Result<backdrop::ModelOptions> options_of(const backdrop_model_options* given, std::int32_t abi) {
  if (!given) return backdrop::ModelOptions{};
  backdrop_model_options options{};
  std::memcpy(&options, given,
              abi < 2 ? offsetof(backdrop_model_options, output_name) : sizeof(options));
  return backdrop::ModelOptions{
      .input_size = BACKDROP_TRY(input_size_of(options)),
      .input_range = BACKDROP_TRY(input_range_of(options)),
      .channel_ranges = BACKDROP_TRY(channel_ranges_of(options)),
      .output = BACKDROP_TRY(output_of(options)),
      .channel_order = BACKDROP_TRY(channel_order_of(options)),
      .classes = classes_of(options.classes),
      .output_name = options.output_name == nullptr ? "" : options.output_name,
      .precision = BACKDROP_TRY(precision_of(options))};
}

backdrop_model_info info_of(const backdrop::ModelInfo& model) {
  const auto kind = static_cast<std::int32_t>(model.format.kind);
  const bool is_rgb = model.channel_order == backdrop::ChannelOrder::kRgb;
  backdrop_model_info info{.input_width = model.input.width,
                           .input_height = model.input.height,
                           .input_channels = model.input.channels,
                           .output_width = model.output.width,
                           .output_height = model.output.height,
                           .output_channels = model.output.channels,
                           .input_min = model.input_range.min,
                           .input_max = model.input_range.max,
                           .output = BACKDROP_OUTPUT_PROBABILITY + kind,
                           .channel_order = is_rgb ? BACKDROP_CHANNELS_RGB : BACKDROP_CHANNELS_BGR,
                           .class_count = static_cast<std::int32_t>(model.class_count),
                           .classes = classes_of(model.format.kept),
                           .channel_min = {},
                           .channel_max = {}};
  for (std::size_t c = 0; c < std::size(info.channel_min); ++c) {
    const bool differ = !model.channel_ranges.empty();
    const backdrop::InputRange& range = differ ? model.channel_ranges[c] : model.input_range;
    info.channel_min[c] = range.min;
    info.channel_max[c] = range.max;
  }
  return info;
}

// nullptr without an engine or a model.
const backdrop::ModelInfo* model_of(const backdrop_engine* engine) {
  return engine ? engine->pipeline.model_info().value_or(nullptr) : nullptr;
}

}  // namespace

const char* backdrop_version() BACKDROP_NOEXCEPT {
  return BACKDROP_TEXT(BACKDROP_VERSION_MAJOR) "." BACKDROP_TEXT(
      BACKDROP_VERSION_MINOR) "." BACKDROP_TEXT(BACKDROP_VERSION_PATCH);
}

backdrop_engine* backdrop_create_abi(int32_t abi_version, int32_t threads) BACKDROP_NOEXCEPT {
  if (abi_version < 1 || abi_version > BACKDROP_ABI_VERSION) return nullptr;
  if (threads < 1 || threads > BACKDROP_MOST_THREADS) return nullptr;
  BACKDROP_IF_NO_THROW {
    return new backdrop_engine(backdrop::make_executor(static_cast<std::size_t>(threads)),
                               abi_version);
  }
  BACKDROP_IF_THROWN { return nullptr; }
}

void backdrop_destroy(backdrop_engine* engine) BACKDROP_NOEXCEPT { delete engine; }

const char* backdrop_last_error(const backdrop_engine* engine) BACKDROP_NOEXCEPT {
  return engine ? engine->last_error : "the engine is null";
}

backdrop_status backdrop_load_model(backdrop_engine* engine, const uint8_t* bytes, size_t size,
                                    const backdrop_model_options* options) BACKDROP_NOEXCEPT {
  return guard<OnThrow::kUnchanged>(engine, [&](backdrop::Pipeline& pipeline) -> Result<void> {
    if (!bytes) return wrong("the model is null");
    const auto model_options = BACKDROP_TRY(options_of(options, engine->abi_version));
    return pipeline.load_model({bytes, size}, model_options);
  });
}

backdrop_status backdrop_get_model_info(backdrop_engine* engine,
                                        backdrop_model_info* info) BACKDROP_NOEXCEPT {
  return guard(engine, [&](backdrop::Pipeline& pipeline) -> Result<void> {
    if (!info) return wrong("the model info is null");
    const auto model = BACKDROP_TRY(pipeline.model_info());
    const backdrop_model_info known = info_of(*model);
    std::memcpy(
        info, &known,
        engine->abi_version < 2 ? offsetof(backdrop_model_info, channel_min) : sizeof(known));
    return {};
  });
}

const char* backdrop_get_class_name(const backdrop_engine* engine,
                                    int32_t index) BACKDROP_NOEXCEPT {
  const backdrop::ModelInfo* model = model_of(engine);
  if (!model || index < 0 || static_cast<std::size_t>(index) >= model->class_names.size()) {
    return "";
  }
  return model->class_names[static_cast<std::size_t>(index)].c_str();
}

const char* backdrop_describe_model(const backdrop_engine* engine) BACKDROP_NOEXCEPT {
  const backdrop::ModelInfo* model = model_of(engine);
  return model ? model->description.c_str() : "";
}

backdrop_status backdrop_get_tensors(backdrop_engine* engine, float** input,
                                     const float** output) BACKDROP_NOEXCEPT {
  return guard(engine, [&](backdrop::Pipeline& pipeline) -> Result<void> {
    if (!input || !output) return wrong("where to write the tensors' places is null");
    const auto network = BACKDROP_TRY(pipeline.network());
    *input = network->input().data();
    *output = network->output().data();
    return {};
  });
}

backdrop_status backdrop_infer(backdrop_engine* engine) BACKDROP_NOEXCEPT {
  return guard(engine, [](backdrop::Pipeline& pipeline) -> Result<void> {
    const auto network = BACKDROP_TRY(pipeline.network());
    network->run();
    return {};
  });
}

backdrop_status backdrop_set_background_none(backdrop_engine* engine) BACKDROP_NOEXCEPT {
  return guard(engine, [](backdrop::Pipeline& pipeline) -> Result<void> {
    pipeline.set_background(backdrop::NoBackground{});
    return {};
  });
}

backdrop_status backdrop_set_background_blur(backdrop_engine* engine,
                                             float strength) BACKDROP_NOEXCEPT {
  return guard(engine, [&](backdrop::Pipeline& pipeline) -> Result<void> {
    if (!is_in(strength, BACKDROP_BLUR_STRENGTH_MIN, BACKDROP_BLUR_STRENGTH_MAX)) {
      return wrong("the blur's strength is not 0.1 to 20");
    }
    pipeline.set_background(backdrop::BlurBackground{strength});
    return {};
  });
}

backdrop_status backdrop_set_background_color(backdrop_engine* engine,
                                              uint32_t rgb) BACKDROP_NOEXCEPT {
  return guard(engine, [&](backdrop::Pipeline& pipeline) -> Result<void> {
    if (rgb > 0xffffff) return wrong("the colour is not 0xRRGGBB");
    pipeline.set_background(backdrop::ColorBackground{rgb});
    return {};
  });
}

backdrop_status backdrop_set_placement(backdrop_engine* engine, int32_t fit, float x, float y,
                                       int32_t mirror, uint32_t rgb) BACKDROP_NOEXCEPT {
  return guard(engine, [&](backdrop::Pipeline& pipeline) -> Result<void> {
    if (fit != BACKDROP_FIT_COVER && fit != BACKDROP_FIT_CONTAIN)
      return wrong("the fit is unknown");
    if (!is_in(x, 0, 1) || !is_in(y, 0, 1)) return wrong("the position is not 0 to 1");
    if (rgb > 0xffffff) return wrong("the colour is not 0xRRGGBB");
    pipeline.set_placement(
        {.fit = fit == BACKDROP_FIT_COVER ? backdrop::Fit::kCover : backdrop::Fit::kContain,
         .x = static_cast<double>(x),
         .y = static_cast<double>(y),
         .mirrored = mirror != 0,
         .rgb = rgb});
    return {};
  });
}

backdrop_status backdrop_set_background_image(backdrop_engine* engine,
                                              const backdrop_image* image) BACKDROP_NOEXCEPT {
  return guard(engine, [&](backdrop::Pipeline& pipeline) -> Result<void> {
    const auto frame = BACKDROP_TRY(frame_of(image, "background image"));
    if (frame.format != backdrop::PixelFormat::kRgba) {
      return wrong("the background image is not RGBA");
    }
    if (frame.orientation != backdrop::Orientation{}) {
      return wrong("the background image is not upright: its rotation or flip is not 0");
    }
    return pipeline.set_background_image(read_only(frame));
  });
}

backdrop_status backdrop_set_background_transparent(backdrop_engine* engine) BACKDROP_NOEXCEPT {
  return guard(engine, [](backdrop::Pipeline& pipeline) -> Result<void> {
    pipeline.set_background(backdrop::TransparentBackground{});
    return {};
  });
}

backdrop_status backdrop_set_coverage(backdrop_engine* engine, float low,
                                      float high) BACKDROP_NOEXCEPT {
  return guard(engine, [&](backdrop::Pipeline& pipeline) -> Result<void> {
    if (!(low >= 0 && low < high && high <= 1))
      return wrong("coverage is not 0 <= low < high <= 1");
    pipeline.set_coverage({low, high});
    return {};
  });
}

backdrop_status backdrop_set_refinement(backdrop_engine* engine, int32_t refinement,
                                        float sigma_space, float sigma_color) BACKDROP_NOEXCEPT {
  return guard(engine, [&](backdrop::Pipeline& pipeline) -> Result<void> {
    if (refinement < BACKDROP_REFINEMENT_NONE ||
        refinement > BACKDROP_REFINEMENT_BILATERAL_SEPARABLE) {
      return wrong("the refinement is unknown");
    }
    if (!is_in(sigma_space, BACKDROP_SIGMA_SPACE_MIN, BACKDROP_SIGMA_SPACE_MAX)) {
      return wrong("sigma_space is not 0.1 to 10");
    }
    if (!is_in(sigma_color, BACKDROP_SIGMA_COLOR_MIN, BACKDROP_SIGMA_COLOR_MAX)) {
      return wrong("sigma_color is not 0.001 to 1");
    }
    pipeline.set_refinement(
        {by_number<backdrop::RefinementKind>(refinement), sigma_space, sigma_color});
    return {};
  });
}

backdrop_status backdrop_set_light_wrapping(backdrop_engine* engine, float strength,
                                            int32_t blend_mode) BACKDROP_NOEXCEPT {
  return guard(engine, [&](backdrop::Pipeline& pipeline) -> Result<void> {
    if (!is_in(strength, 0, 1)) {
      return wrong("the light wrapping's strength is not 0 to 1");
    }
    if (blend_mode != BACKDROP_BLEND_SCREEN && blend_mode != BACKDROP_BLEND_LINEAR_DODGE) {
      return wrong("the blend mode is unknown");
    }
    pipeline.set_light_wrapping({strength, blend_mode == BACKDROP_BLEND_SCREEN
                                               ? backdrop::BlendMode::kScreen
                                               : backdrop::BlendMode::kLinearDodge});
    return {};
  });
}

backdrop_status backdrop_set_steadying(backdrop_engine* engine, float strength) BACKDROP_NOEXCEPT {
  return guard(engine, [&](backdrop::Pipeline& pipeline) -> Result<void> {
    if (!is_in(strength, 0, 1)) return wrong("the steadying's strength is not 0 to 1");
    pipeline.set_smoothing(strength);
    return {};
  });
}

backdrop_status backdrop_set_motion_gate(backdrop_engine* engine, int32_t on) BACKDROP_NOEXCEPT {
  return guard(engine, [&](backdrop::Pipeline& pipeline) -> Result<void> {
    pipeline.set_static_scene_skip(on != 0);
    return {};
  });
}

backdrop_status backdrop_set_learned_room(backdrop_engine* engine, int32_t on) BACKDROP_NOEXCEPT {
  return guard(engine, [&](backdrop::Pipeline& pipeline) -> Result<void> {
    pipeline.set_learned_room(on != 0);
    return {};
  });
}

backdrop_status backdrop_set_person_crop(backdrop_engine* engine, int32_t on) BACKDROP_NOEXCEPT {
  return guard(engine, [&](backdrop::Pipeline& pipeline) -> Result<void> {
    pipeline.set_person_crop(on != 0);
    return {};
  });
}

backdrop_status backdrop_set_only_front(backdrop_engine* engine, int32_t on) BACKDROP_NOEXCEPT {
  return guard(engine, [&](backdrop::Pipeline& pipeline) -> Result<void> {
    pipeline.set_only_front(on != 0);
    return {};
  });
}

backdrop_status backdrop_set_despeckling(backdrop_engine* engine, int32_t on) BACKDROP_NOEXCEPT {
  return guard(engine, [&](backdrop::Pipeline& pipeline) -> Result<void> {
    pipeline.set_despeckling(on != 0);
    return {};
  });
}

backdrop_status backdrop_set_budget(backdrop_engine* engine, float milliseconds) BACKDROP_NOEXCEPT {
  return guard(engine, [&](backdrop::Pipeline& pipeline) -> Result<void> {
    if (!(milliseconds >= 0) || !std::isfinite(milliseconds)) {
      return wrong("the budget is not 0 milliseconds or more");
    }
    pipeline.set_budget(static_cast<double>(milliseconds));
    return {};
  });
}

backdrop_status backdrop_reset(backdrop_engine* engine) BACKDROP_NOEXCEPT {
  return guard(engine, [](backdrop::Pipeline& pipeline) -> Result<void> {
    pipeline.reset();
    return {};
  });
}

backdrop_status backdrop_process(backdrop_engine* engine, const backdrop_image* input,
                                 const backdrop_image* output) BACKDROP_NOEXCEPT {
  return guard(engine, [&](backdrop::Pipeline& pipeline) -> Result<void> {
    const auto in = BACKDROP_TRY(frame_of(input, "input"));
    const auto out = BACKDROP_TRY(frame_of(output, "output"));
    return pipeline.process(read_only(in), out);
  });
}

backdrop_status backdrop_gl_create(backdrop_engine* engine,
                                   backdrop_gl_loader loader) BACKDROP_NOEXCEPT {
  return guard_gl(engine, [&](backdrop::Pipeline& pipeline) { return pipeline.create_gl(loader); });
}

backdrop_status backdrop_gl_destroy(backdrop_engine* engine, int32_t lost) BACKDROP_NOEXCEPT {
  return guard_gl(engine, [&](backdrop::Pipeline& pipeline) -> Result<void> {
    pipeline.destroy_gl(lost != 0);
    return {};
  });
}

backdrop_status backdrop_gl_set_background_texture(
    backdrop_engine* engine, const backdrop_texture* texture) BACKDROP_NOEXCEPT {
  return guard_gl(engine, [&](backdrop::Pipeline& pipeline) -> Result<void> {
    return pipeline.set_background_texture(BACKDROP_TRY(texture_of(texture, "background texture")));
  });
}

backdrop_status backdrop_gl_begin_sample(backdrop_engine* engine,
                                         const backdrop_texture* frame) BACKDROP_NOEXCEPT {
  return guard_gl(engine, [&](backdrop::Pipeline& pipeline) -> Result<void> {
    return pipeline.begin_sample(BACKDROP_TRY(texture_of(frame, "frame's texture")));
  });
}

backdrop_status backdrop_gl_is_sampled(backdrop_engine* engine,
                                       int32_t* sampled) BACKDROP_NOEXCEPT {
  return guard_gl(engine, [&](backdrop::Pipeline& pipeline) -> Result<void> {
    if (!sampled) return wrong("the answer is null");
    *sampled = BACKDROP_TRY(pipeline.is_sampled()) ? 1 : 0;
    return {};
  });
}

backdrop_status backdrop_gl_process(backdrop_engine* engine, const backdrop_texture* frame,
                                    const backdrop_image* pixels,
                                    uint32_t framebuffer) BACKDROP_NOEXCEPT {
  return guard_gl(engine, [&](backdrop::Pipeline& pipeline) -> Result<void> {
    const auto texture = BACKDROP_TRY(texture_of(frame, "frame's texture"));
    if (!pixels) return pipeline.process_texture(texture, std::nullopt, framebuffer);
    const auto source = BACKDROP_TRY(frame_of(pixels, "frame"));
    if (source.orientation != backdrop::Orientation{}) {
      return wrong("the frame is not upright: its rotation or flip is not 0");
    }
    return pipeline.process_texture(texture, read_only(source), framebuffer);
  });
}

backdrop_status backdrop_get_matte(backdrop_engine* engine, int32_t width, int32_t height,
                                   uint8_t* alpha, int32_t stride) BACKDROP_NOEXCEPT {
  return guard(engine, [&](backdrop::Pipeline& pipeline) -> Result<void> {
    if (!alpha) return wrong("the alpha plane is null");
    if (stride < width) return wrong("the alpha plane's stride is shorter than a row");
    return pipeline.copy_matte(width, height, alpha, stride);
  });
}

backdrop_status backdrop_get_statistics(backdrop_engine* engine,
                                        backdrop_statistics* statistics) BACKDROP_NOEXCEPT {
  return guard(engine, [&](backdrop::Pipeline& pipeline) -> Result<void> {
    if (!statistics) return wrong("the statistics are null");
    const backdrop::Statistics& latest = pipeline.statistics();
    const backdrop_statistics all{latest.frames,
                                  latest.sample,
                                  latest.infer,
                                  latest.matte,
                                  latest.composite,
                                  latest.inferences,
                                  static_cast<double>(pipeline.interval()),
                                  static_cast<double>(latest.reuse),
                                  static_cast<double>(pipeline.network_bytes())};
    std::memcpy(
        statistics, &all,
        engine->abi_version < 2 ? offsetof(backdrop_statistics, network_bytes) : sizeof(all));
    return {};
  });
}

void* backdrop_allocate(size_t size) BACKDROP_NOEXCEPT {
  constexpr std::size_t kUnit = BACKDROP_ALIGNMENT;
  if (size > SIZE_MAX - kUnit) return nullptr;
  return std::aligned_alloc(kUnit, (size + kUnit) / kUnit * kUnit);
}

void backdrop_free(void* memory) BACKDROP_NOEXCEPT { std::free(memory); }
