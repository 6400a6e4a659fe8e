#include "sequence.h"

#include <fuzzer/FuzzedDataProvider.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "backdrop/backdrop.h"
#include "demand.h"
#include "egl_context.h"
#include "engine.h"
#include "host_gl.h"
#include "person_network.h"
#include "picture.h"
#include "platform/gl_functions.h"
#include "render/gl/resources.h"

namespace backdrop::fuzz {
namespace {

using Call = std::function<backdrop_status(backdrop_engine*)>;

constexpr int kMostCalls = 48;
constexpr std::size_t kOthers = 32;       // more than the engine's framebuffers
constexpr double kLargestDifference = 2;  // on average, of a picture that was read back

struct Model {
  std::vector<std::uint8_t> bytes;
  bool finds_nobody = false;
};

const std::vector<Model>& models() {
  static const std::vector<Model> all = [] {
    std::vector<std::uint8_t> damaged = test::small_network();
    damaged.resize(damaged.size() / 2);
    return std::vector<Model>{{test::person_network(64, 48)},
                              {test::person_network(48, 64)},
                              {test::person_network(16, 12)},
                              {test::person_network(64, 48, test::Person::kNobody), true},
                              {test::person_network(17, 9, test::Person::kNobody), true},
                              {test::small_network()},
                              {damaged}};
  }();
  return all;
}

backdrop_texture texture_of(const gl::Target& target) {
  return {target.view().name, target.view().width, target.view().height};
}

// A frame on the GPU and the same in memory.
struct GpuFrame {
  gl::Target texture;
  Picture pixels;
};

// Values inside and outside of a setting's range.
float any_value(FuzzedDataProvider& bytes) {
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  return bytes.PickValueInArray({0.0f, 0.001f, 0.1f, 0.3f, 0.5f, 0.9f, 1.0f, 2.0f, 10.0f, 20.0f,
                                 21.0f, -0.0f, -1.0f, 1e-6f, 1e38f, kInfinity, -kInfinity, NAN});
}

std::int32_t any_choice(FuzzedDataProvider& bytes, std::int32_t last) {
  return bytes.ConsumeIntegralInRange<std::int32_t>(-1, last + 1);
}

// Where a picture lies; its colour is without blue, which is the room's.
struct PicturePlace {
  std::int32_t fit, mirror;
  float x, y;
  std::uint32_t rgb;
};

PicturePlace any_place(FuzzedDataProvider& bytes) {
  return {any_choice(bytes, BACKDROP_FIT_CONTAIN), bytes.ConsumeBool() ? 1 : 0, any_value(bytes),
          any_value(bytes), bytes.ConsumeIntegral<std::uint32_t>() & 0x1ffff00};
}

// A place that is refused leaves the one before, which a new engine has not: the default then.
void set_place(backdrop_engine* engine, const PicturePlace& place) {
  const auto [fit, mirror, x, y, rgb] = place;
  if (backdrop_set_placement(engine, fit, x, y, mirror, rgb) == BACKDROP_OK) return;
  demand(backdrop_set_placement(engine, BACKDROP_FIT_COVER, 0.5f, 0.5f, 0, 0) == BACKDROP_OK,
         "the default placement");
}

// What a later call replaces. A picture stays behind the backgrounds that come after it, because a
// texture is drawn on the GPU alone.
enum class Slot {
  kModel,
  kGl,
  kPicture,
  kBackground,
  kCoverage,
  kRefinement,
  kLight,
  kSteadying,
  kCrop,
  kFront,
  kDespeckling
};

class Sequence {
 public:
  Sequence(FuzzedDataProvider& bytes, Renderers renderers)
      : bytes_(bytes),
        gl_(renderers == Renderers::kCpuAndGpu ? HostGl::get() : nullptr),
        engine_(backdrop_create(bytes.ConsumeProbability<float>() < 0.9f ? 1 : 3),
                &backdrop_destroy) {
    demand(engine_ != nullptr, "an engine");
    set(Slot::kSteadying,
        [](backdrop_engine* engine) { return backdrop_set_steadying(engine, 0); });
    set(Slot::kCrop, [](backdrop_engine* engine) { return backdrop_set_person_crop(engine, 0); });
  }

  void run() {
    for (int call = 0; call < kMostCalls && bytes_.remaining_bytes() > 0; ++call) {
      const int last = gl_ ? 22 : 13;
      make_call(bytes_.ConsumeIntegralInRange(0, last));
    }
    backdrop_statistics statistics{};
    demand(backdrop_get_statistics(engine_.get(), &statistics) == BACKDROP_OK, "statistics");
    demand(statistics.frames == frames_, "every frame that succeeded is counted");
  }

 private:
  void make_call(int which) {
    switch (which) {
      case 0:
        return load_model();
      case 1:
        return set_background();
      case 2:
        return set_looks();
      case 3:
        return set_history();
      case 4:
        demand(backdrop_reset(engine_.get()) == BACKDROP_OK, "reset");
        return;
      case 5:
        return infer();
      case 6:
        from_ = bytes_.ConsumeIntegralInRange(0, 7);
        to_ = from_ + bytes_.ConsumeIntegralInRange(0, 4);
        return;
      case 7:
        form_ = any_form(bytes_, 80);
        return;
      case 8:
        noise_ = bytes_.ConsumeIntegral<std::uint8_t>();
        return;
      case 9:
        return process_wrong_frame();
      case 14:
        return recreate_gl();
      case 15:
        return begin_sample();
      case 16:
      case 17:
      case 18:
        return process_on_gpu();
      case 19:
        return lose_context();
      case 20:
      case 21:
      case 22:
        return change_host_state();
      default:
        return process_on_cpu();
    }
  }

  // A call that is accepted replaces those before it; one that is refused changes nothing.
  bool set(Slot slot, Call call) {
    if (call(engine_.get()) != BACKDROP_OK) return false;
    std::erase_if(settings_, [&](const auto& setting) {
      return setting.first == slot ||
             (slot == Slot::kPicture && setting.first == Slot::kBackground);
    });
    settings_.emplace_back(slot, std::move(call));
    return true;
  }

  Engine make_fresh() const {
    Engine engine(backdrop_create(1), &backdrop_destroy);
    demand(engine != nullptr, "a new engine");
    if (background_texture_) backdrop_gl_create(engine.get(), egl::Context::loader);
    for (const auto& [slot, call] : settings_) call(engine.get());
    return engine;
  }

  void load_model() {
    const Model& model =
        models()[bytes_.ConsumeIntegralInRange<std::size_t>(0, models().size() - 1)];
    backdrop_model_options options{};
    const bool by_file = bytes_.ConsumeBool();
    if (!by_file) {
      options.input_min = any_value(bytes_);
      options.input_max = any_value(bytes_);
      options.output = any_choice(bytes_, BACKDROP_OUTPUT_LABEL);
      options.channel_order = any_choice(bytes_, BACKDROP_CHANNELS_BGR);
      options.precision = any_choice(bytes_, BACKDROP_PRECISION_FLOAT);
      options.input_width = bytes_.ConsumeIntegralInRange(0, 70);
      options.input_height = bytes_.ConsumeIntegralInRange(0, 70);
      options.classes.bits[0] = bytes_.ConsumeIntegralInRange<std::uint32_t>(0, 3);
    }
    const bool loaded = set(Slot::kModel, [&model, options](backdrop_engine* engine) {
      return backdrop_load_model(engine, model.bytes.data(), model.bytes.size(), &options);
    });
    if (!loaded) return;
    finds_nobody_ = by_file && model.finds_nobody;
    sampled_.reset();
  }

  void set_background() {
    const int kind = bytes_.ConsumeIntegralInRange(0, gl_ ? 5 : 4);
    if (kind == 5) return set_background_texture();
    if (kind == 4) return set_background_image();
    const float strength = any_value(bytes_);
    const auto color = bytes_.ConsumeIntegral<std::uint32_t>() & 0x1ffff40;
    const bool taken = set(Slot::kBackground, [=](backdrop_engine* engine) {
      if (kind == 0) return backdrop_set_background_none(engine);
      if (kind == 1) return backdrop_set_background_blur(engine, strength);
      if (kind == 2) return backdrop_set_background_color(engine, color);
      return backdrop_set_background_transparent(engine);
    });
    if (taken) is_room_shown_ = kind == 0 || kind == 1;
  }

  // Without blue, which is the room's.
  static std::shared_ptr<Picture> make_background(FuzzedDataProvider& bytes) {
    Form form = any_form(bytes, 90);
    auto picture = std::make_shared<Picture>(form);
    picture->fill_noise(bytes.ConsumeIntegral<std::uint8_t>());
    if (!traits_of(picture->frame().format).has_alpha) return picture;
    for (int y = 0; y < form.height; ++y) {
      for (int x = 0; x < form.width; ++x) picture->frame().row(0, y)[4 * x + 2] = 0;
    }
    return picture;
  }

  void set_background_image() {
    const std::shared_ptr<Picture> picture = make_background(bytes_);
    const PicturePlace place = any_place(bytes_);
    const bool taken = set(Slot::kPicture, [picture, place](backdrop_engine* engine) {
      set_place(engine, place);
      const backdrop_image image = picture->image();
      return backdrop_set_background_image(engine, &image);
    });
    if (taken) is_room_shown_ = false;
  }

  void set_background_texture() {
    const Form form{.width = bytes_.ConsumeIntegralInRange(1, 40), .height = 20};
    Picture picture = std::move(Picture(form).fill_scene(0, 8));
    const auto frame = std::make_shared<GpuFrame>(make_texture(picture), std::move(picture));
    const PicturePlace place = any_place(bytes_);
    const bool taken = set(Slot::kBackground, [frame, place](backdrop_engine* engine) {
      set_place(engine, place);
      const backdrop_texture view = texture_of(frame->texture);
      return backdrop_gl_set_background_texture(engine, &view);
    });
    if (!taken) return;
    is_room_shown_ = false;
    background_texture_ = frame;
  }

  // What each frame depends on and no frame leaves behind.
  void set_looks() {
    const int kind = bytes_.ConsumeIntegralInRange(0, 2);
    const float a = any_value(bytes_), b = any_value(bytes_);
    const std::int32_t choice = any_choice(bytes_, BACKDROP_REFINEMENT_BILATERAL_SEPARABLE);
    const Slot slots[] = {Slot::kCoverage, Slot::kRefinement, Slot::kLight};
    set(slots[kind], [=](backdrop_engine* engine) {
      if (kind == 0) return backdrop_set_coverage(engine, a, b);
      if (kind == 1) return backdrop_set_refinement(engine, choice, a, b);
      return backdrop_set_light_wrapping(engine, a, choice);
    });
  }

  // What makes a frame depend on those before it: a new engine's frame may differ.
  void set_history() {
    const int kind = bytes_.ConsumeIntegralInRange(0, 6);
    const float value = any_value(bytes_);
    if (kind == 6) {
      set(Slot::kDespeckling,
          [=](backdrop_engine* engine) { return backdrop_set_despeckling(engine, value != 0); });
    }
    if (kind == 5) {
      set(Slot::kFront,
          [=](backdrop_engine* engine) { return backdrop_set_only_front(engine, value != 0); });
      keeps_front_ = value != 0;
    }
    if (kind == 4) {
      learns_room_ = value != 0;
      demand(backdrop_set_learned_room(engine_.get(), learns_room_) == BACKDROP_OK, "the room");
    }
    if (kind == 3) {
      is_cropped_ = value != 0;
      demand(backdrop_set_person_crop(engine_.get(), is_cropped_) == BACKDROP_OK, "the crop");
    }
    if (kind == 0) {
      const bool taken = set(Slot::kSteadying, [=](backdrop_engine* engine) {
        return backdrop_set_steadying(engine, value);
      });
      if (taken) is_smoothed_ = value != 0;
    }
    if (kind == 1) {
      is_gated_ = value != 0;
      demand(backdrop_set_motion_gate(engine_.get(), is_gated_) == BACKDROP_OK, "the motion gate");
    }
    if (kind == 2 && backdrop_set_budget(engine_.get(), value) == BACKDROP_OK) {
      has_budget_ = value != 0;
    }
  }

  void infer() {
    float* input = nullptr;
    const float* output = nullptr;
    backdrop_model_info info{};
    if (backdrop_get_tensors(engine_.get(), &input, &output) != BACKDROP_OK) return;
    demand(backdrop_get_model_info(engine_.get(), &info) == BACKDROP_OK, "a loaded model's info");
    std::fill_n(input, info.input_width * info.input_height * info.input_channels,
                any_value(bytes_));
    demand(backdrop_infer(engine_.get()) == BACKDROP_OK, "inference with a loaded model");
  }

  Picture make_frame(const Form& form) const {
    Picture picture(form);
    if (noise_ % 4 == 1 && !is_gated_) return std::move(picture.fill_noise(noise_));
    return std::move(picture.fill_scene(from_, to_));
  }

  bool is_comparable() const {
    return !is_smoothed_ && !is_cropped_ && !learns_room_ && !keeps_front_ && !has_budget_;
  }

  // A frame of which one thing is wrong is refused, and nothing is written.
  void process_wrong_frame() {
    const Picture input = make_frame(form_), output(form_);
    backdrop_image in = input.image(), out = output.image();
    backdrop_image& wrong = bytes_.ConsumeBool() ? in : out;
    switch (bytes_.ConsumeIntegralInRange(0, 7)) {
      case 0:
        wrong.format = bytes_.PickValueInArray<std::int32_t>({-1, kFormatCount});
        break;
      case 1:
        wrong.width = bytes_.PickValueInArray({0, -5, BACKDROP_LARGEST_SIZE + 1});
        break;
      case 2:
        wrong.height = bytes_.PickValueInArray({0, -5, BACKDROP_LARGEST_SIZE + 1});
        break;
      case 3:
        wrong.strides[0] = bytes_.PickValueInArray({0, -64, form_.width - 1});
        break;
      case 4:
        wrong.planes[0] = nullptr;
        break;
      case 5:
        wrong.color_space = bytes_.PickValueInArray({-1, 4});
        break;
      case 6:
        wrong.rotation = bytes_.PickValueInArray({-90, 45, 360});
        break;
      default:
        wrong.flip = 2;
    }
    demand(backdrop_process(engine_.get(), &in, &out) != BACKDROP_OK, "a wrong frame is refused");
    demand(output.has_samples_of(Picture(form_)), "nothing is written of a frame that is refused");
  }

  void process_on_cpu() {
    const Picture source = make_frame(form_);
    Picture input = source.copy(), output(form_);
    const bool in_place = bytes_.ConsumeBool();
    const backdrop_image in = input.image(), out = in_place ? in : output.image();
    const backdrop_status status = backdrop_process(engine_.get(), &in, &out);
    const Picture& drawn = in_place ? input : output;
    const Engine fresh = make_fresh();
    Picture expected(form_);
    const backdrop_image fresh_out = expected.image(), fresh_in = source.image();
    const backdrop_status expected_status = backdrop_process(fresh.get(), &fresh_in, &fresh_out);
    demand(status == expected_status, "a frame has the status of a new engine's");
    demand(drawn.has_guards(), "nothing beside the rows is written");
    if (status != BACKDROP_OK) {
      const Picture untouched = in_place ? source.copy() : Picture(form_);
      demand(drawn.has_samples_of(untouched), "errors write nothing");
      return;
    }
    count_frame(drawn);
    sampled_.reset();
    if (!is_comparable()) return;
    demand(drawn.mean_difference(expected) <= kLargestDifference,
           "a frame is that of a new engine");
    if (is_gated_) return;  // the mask may be that of a sample taken on the GPU
    demand(drawn.has_samples_of(expected), "a frame is exactly that of a new engine");
    demand(matte_of(engine_) == matte_of(fresh), "a matte is that of a new engine");
  }

  std::pair<backdrop_status, std::vector<std::uint8_t>> matte_of(const Engine& engine) const {
    std::vector<std::uint8_t> alpha(static_cast<std::size_t>(form_.width * form_.height));
    const backdrop_status status =
        backdrop_get_matte(engine.get(), form_.width, form_.height, alpha.data(), form_.width);
    return {status, std::move(alpha)};
  }

  void count_frame(const Picture& drawn) {
    ++frames_;
    if (!finds_nobody_ || is_room_shown_) return;
    demand(drawn.room() == 0, "no room where the network finds nobody");
  }

  gl::Target make_texture(const Picture& picture) const {
    auto target =
        gl::Target::create(gl_->functions(), GL_RGBA8, picture.form().width, picture.form().height);
    demand(target.has_value(), "a texture");
    target->upload(GL_RGBA, picture.frame().planes[0]);
    return *std::move(target);
  }

  GpuFrame make_gpu_frame() const {
    Picture pixels = make_frame({.width = form_.width, .height = form_.height});
    gl::Target texture = make_texture(pixels);
    return {std::move(texture), std::move(pixels)};
  }

  // Makes a call with the host's state of OpenGL, and sets that of a new context again.
  template <typename HostCall>
  auto call_as_host(const HostCall& call) const {
    for (const HostGl::Setting& setting : host_state_) gl_->set(setting);
    const auto result = call();
    gl_->clear_settings();
    return result;
  }

  void change_host_state() {
    host_state_.resize(bytes_.ConsumeIntegralInRange<std::size_t>(0, 16));
    for (HostGl::Setting& setting : host_state_) {
      setting.which = bytes_.ConsumeIntegralInRange<std::size_t>(0, gl_->setting_count() - 1);
      setting.value = bytes_.ConsumeIntegralInRange<unsigned>(0, 15);
    }
  }

  void recreate_gl() {
    const bool create = bytes_.ConsumeIntegralInRange(0, 3) > 0;
    call_as_host([&] {
      return set(Slot::kGl, [create](backdrop_engine* engine) {
        return create ? backdrop_gl_create(engine, egl::Context::loader)
                      : backdrop_gl_destroy(engine, 0);
      });
    });
    sampled_.reset();
  }

  // All objects of the context are gone with it: the engine's, and those of the host. Seldom,
  // because all shaders are compiled again.
  void lose_context() {
    if (bytes_.ConsumeIntegralInRange(0, 3) != 0) return;
    sampled_.reset();
    if (background_texture_) background_texture_->texture = {};
    gl_->lose_context();
    const bool is_told_late = bytes_.ConsumeBool();
    if (!is_told_late) tell_of_loss();
    demand(gl_->create_context(), "another context");
    if (is_told_late) tell_of_loss_beside_others();
    if (background_texture_) {
      background_texture_->texture = make_texture(background_texture_->pixels);
    }
    recreate_gl();
  }

  void tell_of_loss() {
    demand(backdrop_gl_destroy(engine_.get(), 1) == BACKDROP_OK, "a context is lost");
  }

  // Another context is current, whose objects have the names that the engine's had.
  void tell_of_loss_beside_others() {
    std::vector<gl::Target> others(kOthers);
    for (gl::Target& other : others) other = make_texture(Picture({}));
    tell_of_loss();
    const gl::Functions& gl = gl_->functions();
    for (const gl::Target& other : others) {
      gl.BindFramebuffer(GL_FRAMEBUFFER, other.framebuffer());
      demand(gl.CheckFramebufferStatus(GL_FRAMEBUFFER) == GL_FRAMEBUFFER_COMPLETE,
             "nothing of another context is deleted");
    }
  }

  void begin_sample() {
    GpuFrame frame = make_gpu_frame();
    const backdrop_texture texture = texture_of(frame.texture);
    const auto begin = [&](const Engine& engine) {
      return backdrop_gl_begin_sample(engine.get(), &texture);
    };
    const backdrop_status status = call_as_host([&] { return begin(engine_); });
    demand(status == begin(make_fresh()), "a sample has the status of a new engine's");
    if (status != BACKDROP_OK) return;
    if (bytes_.ConsumeBool()) gl_->finish();
    sampled_ = std::move(frame);
  }

  void process_on_gpu() {
    const bool by_sample = bytes_.ConsumeBool();
    const bool has_sample = by_sample && sampled_;
    const GpuFrame frame = has_sample ? *std::exchange(sampled_, {}) : make_gpu_frame();
    gl_->finish();
    const auto [status, drawn] = draw(engine_, frame, by_sample);
    const Engine fresh = make_fresh();
    if (has_sample) {
      const backdrop_texture texture = texture_of(frame.texture);
      backdrop_gl_begin_sample(fresh.get(), &texture);
      gl_->finish();
    }
    const auto [expected_status, expected] = draw(fresh, frame, by_sample);
    // A sample may be gone by a call that failed.
    if (by_sample && status == BACKDROP_ERROR_STATE) return;
    demand(status == expected_status, "a frame on the GPU has the status of a new engine's");
    if (status != BACKDROP_OK) return;
    sampled_.reset();
    count_frame(drawn);
    if (!is_comparable()) return;
    demand(drawn.mean_difference(expected) <= kLargestDifference,
           "a frame on the GPU is that of a new engine");
  }

  std::pair<backdrop_status, Picture> draw(const Engine& engine, const GpuFrame& frame,
                                           bool by_sample) const {
    const Form form{.width = frame.pixels.form().width, .height = frame.pixels.form().height};
    const gl::Target out = make_texture(Picture(form));
    const backdrop_texture texture = texture_of(frame.texture);
    const backdrop_image pixels = frame.pixels.image();
    const auto process = [&] {
      return backdrop_gl_process(engine.get(), &texture, by_sample ? nullptr : &pixels,
                                 out.framebuffer());
    };
    const backdrop_status status = &engine == &engine_ ? call_as_host(process) : process();
    Picture drawn(form);
    const gl::Functions& gl = gl_->functions();
    gl.BindFramebuffer(GL_FRAMEBUFFER, out.framebuffer());
    gl.ReadPixels(0, 0, form.width, form.height, GL_RGBA, GL_UNSIGNED_BYTE,
                  drawn.frame().planes[0]);
    demand(gl.GetError() == GL_NO_ERROR, "no error of OpenGL");
    if (status != BACKDROP_OK) {
      demand(drawn.has_samples_of(Picture(form)), "errors draw nothing");
    }
    return {status, std::move(drawn)};
  }

  FuzzedDataProvider& bytes_;
  HostGl* gl_;
  std::vector<HostGl::Setting> host_state_;      // of OpenGL whenever the engine is called
  std::vector<std::pair<Slot, Call>> settings_;  // in the order in which they were accepted
  std::optional<GpuFrame> sampled_;
  std::shared_ptr<GpuFrame> background_texture_;  // the latest
  Engine engine_;
  Form form_{.width = 64, .height = 48};
  int from_ = 0, to_ = 4;
  std::uint8_t noise_ = 0;
  double frames_ = 0;
  bool finds_nobody_ = false, is_room_shown_ = true;
  bool is_smoothed_ = false, is_gated_ = false, is_cropped_ = false, learns_room_ = false;
  bool keeps_front_ = false, has_budget_ = false;
};

}  // namespace

void run_sequence(const std::uint8_t* bytes, std::size_t size, Renderers renderers) {
  FuzzedDataProvider provider(bytes, size);
  Sequence(provider, renderers).run();
}

}  // namespace backdrop::fuzz
