#include "engine.h"

#include <algorithm>
#include <charconv>
#include <string>
#include <tuple>
#include <utility>

#include "failure.h"

namespace backdrop::cli {
namespace {

std::size_t size_of(int width, int height, int channels) {
  return static_cast<std::size_t>(width) * static_cast<std::size_t>(height) *
         static_cast<std::size_t>(channels);
}

backdrop_model_options options_of(const Model& model, const ModelOverrides& overrides) {
  backdrop_model_options options = model.known ? model.known->options : backdrop_model_options{};
  if (overrides.input_size) {
    std::tie(options.input_width, options.input_height) = *overrides.input_size;
  }
  if (overrides.input_range) {
    std::tie(options.input_min, options.input_max) = *overrides.input_range;
  }
  if (!overrides.input_deviation.empty()) {
    options.input_min = options.input_max = 0;
    std::ranges::copy(overrides.input_mean, options.input_mean);
    std::ranges::copy(overrides.input_deviation, options.input_deviation);
  }
  if (!overrides.output_name.empty()) options.output_name = overrides.output_name.c_str();
  options.output = overrides.output.value_or(static_cast<backdrop_output>(options.output));
  options.channel_order =
      overrides.channel_order.value_or(static_cast<backdrop_channel_order>(options.channel_order));
  options.precision = overrides.precision.value_or(BACKDROP_PRECISION_AUTO);
  return options;
}

std::string join(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) {
    if (!name.empty()) text += (text.empty() ? "" : ", ") + name;
  }
  return text;
}

// The class with this number or with one of `names`.
unsigned find_class(const std::string& choice, const std::vector<std::string>& names) {
  unsigned number = 0;
  const char* end = choice.data() + choice.size();
  const auto [stop, error] = std::from_chars(choice.data(), end, number);
  if (stop == end && error == std::errc{} && number < BACKDROP_MOST_CLASSES) return number;
  if (stop == end) throw Failure("the model has no class " + choice);
  const auto found = std::ranges::find(names, choice);
  if (found != names.end()) return static_cast<unsigned>(found - names.begin());
  throw Failure("the model has no class '" + choice + "'; " +
                (names.empty() ? "none of its classes has a name" : "it has " + join(names)));
}

}  // namespace

Engine::~Engine() {
  if (gpu_) backdrop_gl_destroy(engine_.get(), 0);
}

Engine::Engine(const Model& model, const ModelOverrides& overrides, int threads)
    : engine_(backdrop_create(threads), backdrop_destroy) {
  if (!engine_) throw Failure("an engine of " + std::to_string(threads) + " threads can't be made");
  naming(model.name, [&] {
    backdrop_model_options options = options_of(model, overrides);
    if (!overrides.classes.empty()) {
      options.classes = {};
      load(model, options);  // for the names of its classes
      const std::vector<std::string> names = class_names(model);
      for (const std::string& choice : overrides.classes) {
        const unsigned c = find_class(choice, names);
        options.classes.bits[c / 32] |= 1U << c % 32;
      }
    }
    load(model, options);
  });
  check(backdrop_get_model_info(engine_.get(), &info_));
}

void Engine::load(const Model& model, const backdrop_model_options& options) {
  check(backdrop_load_model(engine_.get(), model.bytes.data(), model.bytes.size(), &options));
}

// The catalogue's class names, else the file's, else none.
std::vector<std::string> Engine::class_names(const Model& model) const {
  std::vector<std::string> names;
  if (model.known) names.assign(model.known->class_names.begin(), model.known->class_names.end());
  if (!names.empty()) return names;
  for (int c = 0; c < BACKDROP_MOST_CLASSES; ++c) {
    names.emplace_back(backdrop_get_class_name(engine_.get(), c));
  }
  while (!names.empty() && names.back().empty()) names.pop_back();
  return names;
}

std::vector<float> Engine::infer(const std::vector<float>& input) {
  float* to = nullptr;
  const float* from = nullptr;
  check(backdrop_get_tensors(engine_.get(), &to, &from));
  std::ranges::copy(input, to);
  check(backdrop_infer(engine_.get()));
  return {from, from + size_of(info_.output_width, info_.output_height, info_.output_channels)};
}

void Engine::set_background_blur(float strength) {
  check(backdrop_set_background_blur(engine_.get(), strength));
}

void Engine::set_background_color(std::uint32_t rgb) {
  check(backdrop_set_background_color(engine_.get(), rgb));
}

void Engine::set_background_image(const backdrop_image& image, const BackgroundImage& placement,
                                  std::uint32_t rgb) {
  const auto& [x, y] = placement.position;
  check(backdrop_set_placement(engine_.get(), placement.fit, x, y, 0, rgb));
  check(backdrop_set_background_image(engine_.get(), &image));
}

void Engine::set_background_transparent() {
  check(backdrop_set_background_transparent(engine_.get()));
}

void Engine::set_background_none() { check(backdrop_set_background_none(engine_.get())); }

void Engine::set_refinement(backdrop_refinement refinement) {
  constexpr float kSigmaSpace = 1;
  constexpr float kSigmaColor = 0.1f;
  check(backdrop_set_refinement(engine_.get(), refinement, kSigmaSpace, kSigmaColor));
}

void Engine::see_whole_pictures() { check(backdrop_set_person_crop(engine_.get(), 0)); }

void Engine::keep_only_front(bool on) { check(backdrop_set_only_front(engine_.get(), on ? 1 : 0)); }

void Engine::forget() { check(backdrop_reset(engine_.get())); }

void Engine::keep_speckles() { check(backdrop_set_despeckling(engine_.get(), 0)); }

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
  process(image, image);
}

void Engine::process(const backdrop_image& input, const backdrop_image& output) {
  check(backdrop_process(engine_.get(), &input, &output));
}

void Engine::matte(int width, int height, std::uint8_t* alpha, int stride) {
  check(backdrop_get_matte(engine_.get(), width, height, alpha, stride));
}

backdrop_statistics Engine::statistics() const {
  backdrop_statistics statistics{};
  check(backdrop_get_statistics(engine_.get(), &statistics));
  return statistics;
}

void Engine::check(backdrop_status status) const {
  if (status != BACKDROP_OK) throw Failure(backdrop_last_error(engine_.get()));
}

Engine make_engine(const ModelArguments& arguments, int threads, Progress& progress) {
  const Model model = arguments.model ? open_model(*arguments.model) : open_default_model();
  Engine engine(model, arguments.overrides, threads);
  if (!model.known) progress.note(model.name + ": " + engine.model_description());
  return engine;
}

}  // namespace backdrop::cli
