// Orders of calls of the C API that share what an earlier call has left: masks between the CPU's
// and the GPU's renderer, samples between models, settings between frames. The network is so small
// that its answer is known: red is a person, blue is the room.
#include <gtest/gtest.h>

#include <array>
#include <functional>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "backdrop/backdrop.h"
#include "gl_support.h"
#include "person_network.h"
#include "support.h"
#include "test_picture.h"

namespace backdrop::test {
namespace {

constexpr std::uint32_t kGreen = 0x00ff00;
constexpr unsigned kSeeds = kSlow ? 2 : 20;  // of random orders

using Engine = std::unique_ptr<backdrop_engine, decltype(&backdrop_destroy)>;

struct Size2 {
  int width, height;
};

// A red person from column `from` to `to`, in eighths of the width, in a blue room.
Image make_scene(Size2 size, int from, int to) {
  Image image{size.width, size.height, 4, {}};
  for (int i = 0; i < size.width * size.height; ++i) {
    const int eighth = i % size.width * 8 / size.width;
    const bool person = eighth >= from && eighth < to;
    for (const int value : {person ? 255 : 0, 0, person ? 0 : 255, 255}) {
      image.bytes.push_back(static_cast<std::uint8_t>(value));
    }
  }
  return image;
}

backdrop_image image_of(Image& image) {
  return {
      BACKDROP_RGBA, image.width, image.height, {4 * image.width}, {image.bytes.data()}, 0, 0, 0};
}

// Pixels that show the room.
int room_in(const Image& image) {
  int count = 0;
  for (std::size_t i = 0; i < image.bytes.size(); i += 4) {
    count += image.bytes[i + 2] > 128 && image.bytes[i + 3] > 0;
  }
  return count;
}

int green_in(const Image& image) {
  int count = 0;
  for (std::size_t i = 0; i < image.bytes.size(); i += 4) {
    count += image.bytes[i] < 64 && image.bytes[i + 1] > 192 && image.bytes[i + 2] < 64;
  }
  return count;
}

class SequencesTest : public GlTest {
 protected:
  static Engine make_engine() {
    Engine engine{backdrop_create(1), &backdrop_destroy};
    expect_ok(engine, backdrop_gl_create(engine.get(), egl::Context::loader));
    expect_ok(engine, backdrop_set_background_color(engine.get(), kGreen));
    expect_ok(engine, backdrop_set_steadying(engine.get(), 0));
    return engine;
  }
  static Engine make_loaded_engine() {
    Engine engine = make_engine();
    load(engine, person_network(64, 48));
    return engine;
  }

  static void expect_ok(const Engine& engine, backdrop_status status) {
    EXPECT_EQ(status, BACKDROP_OK) << backdrop_last_error(engine.get());
  }
  static void load(const Engine& engine, const std::vector<std::uint8_t>& model) {
    expect_ok(engine, backdrop_load_model(engine.get(), model.data(), model.size(), nullptr));
  }

  static Image on_cpu(const Engine& engine, const Image& scene) {
    Image image = scene;
    const backdrop_image view = image_of(image);
    expect_ok(engine, backdrop_process(engine.get(), &view, &view));
    return image;
  }

  // Where the network's input of a frame on the GPU comes from.
  enum class Input { kPixels, kSample };

  Image on_gpu(const Engine& engine, const Image& scene, Input input = Input::kPixels) {
    const gl::Target frame = make_texture(scene);
    const backdrop_texture texture = texture_of(frame);
    Image pixels = scene;
    const backdrop_image view = image_of(pixels);
    if (input == Input::kSample) expect_ok(engine, begin(engine, frame));
    const gl::Target out = make_output(scene);
    expect_ok(engine,
              backdrop_gl_process(engine.get(), &texture, input == Input::kPixels ? &view : nullptr,
                                  out.framebuffer()));
    return read_back(gl::surface_of(out), 4);
  }

  backdrop_status begin(const Engine& engine, const gl::Target& frame) {
    const backdrop_texture texture = texture_of(frame);
    const backdrop_status status = backdrop_gl_begin_sample(engine.get(), &texture);
    finish();
    return status;
  }

  // Takes the sample that was begun, and says whether there was one; nothing is drawn otherwise.
  backdrop_status draw_sampled(const Engine& engine, const gl::Target& frame, Image& drawn) {
    const backdrop_texture texture = texture_of(frame);
    const gl::Target out = make_texture({frame.view().width, frame.view().height, 4,
                                         std::vector<std::uint8_t>(drawn.bytes.size(), 7)});
    const backdrop_status status =
        backdrop_gl_process(engine.get(), &texture, nullptr, out.framebuffer());
    drawn = read_back(gl::surface_of(out), 4);
    return status;
  }

  // The sample that was begun is refused; nothing is drawn, and the next sample serves.
  void expect_refused(const Engine& engine, const Image& scene, const std::string& what) {
    const gl::Target frame = make_texture(scene);
    std::int32_t sampled = 1;
    expect_ok(engine, backdrop_gl_is_sampled(engine.get(), &sampled));
    EXPECT_EQ(sampled, 0) << what;
    Image drawn = scene;
    EXPECT_EQ(draw_sampled(engine, frame, drawn), BACKDROP_ERROR_STATE) << what;
    for (const std::uint8_t byte : drawn.bytes) ASSERT_EQ(byte, 7) << what;
    expect_ok(engine, begin(engine, frame));
    expect_ok(engine, draw_sampled(engine, frame, drawn));
    EXPECT_EQ(room_in(drawn), 0) << what;
  }

  static double reuse_of(const Engine& engine) {
    backdrop_statistics statistics{};
    expect_ok(engine, backdrop_get_statistics(engine.get(), &statistics));
    return statistics.kept;
  }

  gl::Target make_output(const Image& scene) {
    return make_texture(
        {scene.width, scene.height, 4, std::vector<std::uint8_t>(scene.bytes.size())});
  }

 private:
  static backdrop_texture texture_of(const gl::Target& target) {
    return {target.view().name, target.view().width, target.view().height};
  }
  static void finish() { reinterpret_cast<void (*)()>(egl::Context::loader("glFinish"))(); }
};

constexpr Size2 kSize{64, 48};

const Image& left() {
  static const Image scene = make_scene(kSize, 0, 4);
  return scene;
}
const Image& right() {
  static const Image scene = make_scene(kSize, 4, 8);
  return scene;
}

TEST_F(SequencesTest, ASampleIsForTheModelThatItWasTakenFor) {
  const std::vector<std::uint8_t> small = person_network(16, 16), large = person_network(128, 96);
  const std::vector<std::uint8_t> same = person_network(64, 48, Person::kNobody);
  for (const auto& [name, before, after] : {std::tuple{"larger, then smaller", large, small},
                                            {"smaller, then larger", small, large},
                                            {"of the same size", same, person_network(64, 48)}}) {
    const Engine engine = make_engine();
    load(engine, before);
    const gl::Target frame = make_texture(left());
    expect_ok(engine, begin(engine, frame));
    load(engine, after);
    expect_refused(engine, right(), name);
  }
}

TEST_F(SequencesTest, ASampleOutlivesAModelThatIsRefused) {
  const Engine engine = make_loaded_engine();
  const gl::Target frame = make_texture(left());
  expect_ok(engine, begin(engine, frame));
  const std::vector<std::uint8_t> damaged(100);
  EXPECT_EQ(backdrop_load_model(engine.get(), damaged.data(), damaged.size(), nullptr),
            BACKDROP_ERROR_MODEL);
  Image drawn = left();
  expect_ok(engine, draw_sampled(engine, frame, drawn));
  EXPECT_EQ(room_in(drawn), 0);
}

TEST_F(SequencesTest, ASampleIsOfTheFrameThatIsDrawnNext) {
  const std::pair<const char*, std::function<void(const Engine&)>> betweens[] = {
      {"taken already",
       [&](const Engine& engine) {
         const gl::Target frame = make_texture(left());
         Image drawn = left();
         expect_ok(engine, draw_sampled(engine, frame, drawn));
       }},
      {"another frame by its pixels", [&](const Engine& engine) { on_gpu(engine, left()); }},
      {"another frame on the CPU", [&](const Engine& engine) { on_cpu(engine, left()); }},
      {"a frame without a background",
       [&](const Engine& engine) {
         expect_ok(engine, backdrop_set_background_none(engine.get()));
         on_gpu(engine, left());
         expect_ok(engine, backdrop_set_background_color(engine.get(), kGreen));
       }},
      {"another context",
       [&](const Engine& engine) {
         expect_ok(engine, backdrop_gl_destroy(engine.get(), 0));
         expect_ok(engine, backdrop_gl_create(engine.get(), egl::Context::loader));
       }},
  };
  for (const auto& [name, between] : betweens) {
    const Engine engine = make_loaded_engine();
    const gl::Target frame = make_texture(left());
    expect_ok(engine, begin(engine, frame));
    between(engine);
    expect_refused(engine, right(), name);
  }
}

// What may happen between two frames, none of which makes an older matte good again.
struct Change {
  const char* name;
  std::function<void(backdrop_engine*)> make;
};

const std::vector<Change>& changes() {
  static const std::vector<Change> all{
      {"nothing", [](backdrop_engine*) {}},
      {"another background and back",
       [](backdrop_engine* engine) {
         backdrop_set_background_blur(engine, 2);
         backdrop_set_background_color(engine, kGreen);
       }},
      {"coverage", [](backdrop_engine* engine) { backdrop_set_coverage(engine, 0.2f, 0.9f); }},
      {"refinement and back",
       [](backdrop_engine* engine) {
         backdrop_set_refinement(engine, BACKDROP_REFINEMENT_GUIDED, 1, 0.1f);
         backdrop_set_refinement(engine, BACKDROP_REFINEMENT_NONE, 1, 0.1f);
       }},
      {"light",
       [](backdrop_engine* engine) {
         backdrop_set_light_wrapping(engine, 0.01f, BACKDROP_BLEND_SCREEN);
       }},
      {"reset", [](backdrop_engine* engine) { backdrop_reset(engine); }},
      {"the context goes", [](backdrop_engine* engine) { backdrop_gl_destroy(engine, 0); }},
  };
  return all;
}

TEST_F(SequencesTest, AMatteIsOfTheMaskThatIsKeptWhenTheCpuGoesOn) {
  for (const Change& change : changes()) {
    const Engine engine = make_loaded_engine();
    expect_ok(engine, backdrop_set_motion_gate(engine.get(), 1));
    EXPECT_EQ(room_in(on_cpu(engine, left())), 0);
    EXPECT_EQ(room_in(on_gpu(engine, right())), 0);
    change.make(engine.get());
    for (int frame = 0; frame < 31; ++frame) {
      const Image drawn = on_cpu(engine, right());
      ASSERT_EQ(room_in(drawn), 0) << change.name << ", frame " << frame;
      ASSERT_NEAR(green_in(drawn), 0.5 * kSize.width * kSize.height, 2 * kSize.height)
          << change.name << ", frame " << frame;
    }
  }
}

TEST_F(SequencesTest, AMatteIsOfTheMaskThatIsKeptWhenTheGpuGoesOn) {
  for (const Change& change : changes()) {
    const Engine engine = make_loaded_engine();
    expect_ok(engine, backdrop_set_motion_gate(engine.get(), 1));
    EXPECT_EQ(room_in(on_gpu(engine, left())), 0);
    EXPECT_EQ(room_in(on_cpu(engine, right())), 0);
    change.make(engine.get());
    backdrop_gl_create(engine.get(), egl::Context::loader);
    for (int frame = 0; frame < 3; ++frame) {
      const Image drawn = on_gpu(engine, right());
      ASSERT_EQ(room_in(drawn), 0) << change.name << ", frame " << frame;
      ASSERT_NEAR(green_in(drawn), 0.5 * kSize.width * kSize.height, 2 * kSize.height)
          << change.name << ", frame " << frame;
    }
  }
}

// With a budget that is too small the network runs on every third frame.
TEST_F(SequencesTest, AMatteIsOfTheLatestMaskOnFramesBetweenRunsOfTheNetwork) {
  const Engine engine = make_loaded_engine();
  for (int frame = 0; frame < 6; ++frame) on_cpu(engine, left());
  expect_ok(engine, backdrop_set_budget(engine.get(), 1e-6f));
  int between = 0;
  for (int frame = 0; frame < 24; ++frame) {
    on_cpu(engine, left());
    const double reuse = reuse_of(engine);
    on_gpu(engine, right());
    if (reuse == 0 || reuse_of(engine) != 0) continue;  // the GPU's frame has the new mask
    EXPECT_EQ(room_in(on_cpu(engine, right())), 0) << frame;
    EXPECT_EQ(reuse_of(engine), 2) << frame;
    ++between;
  }
  EXPECT_GT(between, 0);
}

TEST_F(SequencesTest, AFrameOfAnotherSizeHasAMatteOfItsOwn) {
  const Engine engine = make_loaded_engine();
  expect_ok(engine, backdrop_set_motion_gate(engine.get(), 1));
  const Size2 larger{96, 80};
  EXPECT_EQ(room_in(on_cpu(engine, left())), 0);
  EXPECT_EQ(room_in(on_gpu(engine, make_scene(larger, 4, 8))), 0);
  EXPECT_EQ(room_in(on_cpu(engine, right())), 0);
  EXPECT_EQ(room_in(on_cpu(engine, make_scene(larger, 0, 4))), 0);
  EXPECT_EQ(room_in(on_gpu(engine, left())), 0);
  EXPECT_EQ(room_in(on_cpu(engine, make_scene(larger, 4, 8))), 0);
}

// A colour, an image, a blur, a cut-out, by their numbers, with and without refinement.
struct Settings {
  int background = 0;
  bool refined = false;
  bool narrow = false;
  bool image_is_red = false;
};

void apply_background(backdrop_engine* engine, const Settings& settings) {
  Image picture = make_scene({32, 32}, 0, settings.image_is_red ? 8 : 0);
  for (std::size_t i = 1; i < picture.bytes.size(); i += 4) picture.bytes[i] = 255;
  for (std::size_t i = 2; i < picture.bytes.size(); i += 4) picture.bytes[i] = 0;
  const backdrop_image view = image_of(picture);
  if (settings.background == 0) backdrop_set_background_color(engine, kGreen);
  if (settings.background == 1) backdrop_set_background_image(engine, &view);
  if (settings.background == 2) backdrop_set_background_blur(engine, 4);
  if (settings.background == 3) backdrop_set_background_transparent(engine);
}

void apply(backdrop_engine* engine, const Settings& settings) {
  apply_background(engine, settings);
  backdrop_set_refinement(
      engine, settings.refined ? BACKDROP_REFINEMENT_GUIDED : BACKDROP_REFINEMENT_NONE, 1, 0.1f);
  backdrop_set_coverage(engine, settings.narrow ? 0.5f : 0.4f, settings.narrow ? 0.6f : 0.8f);
}

// Each frame of a random order of calls is what a new engine makes of it.
TEST_F(SequencesTest, RandomOrdersDrawWhatANewEngineDraws) {
  const std::array models{person_network(64, 48), person_network(48, 48), person_network(16, 12)};
  const std::array sizes{kSize, Size2{96, 80}};
  for (unsigned seed = 1; seed <= kSeeds; ++seed) {
    std::mt19937 random(seed);
    const auto below = [&](unsigned count) { return static_cast<unsigned>(random() % count); };
    const Engine engine = make_loaded_engine();
    Settings settings;
    std::size_t model = 0, size = 0;
    int from = 0;
    expect_ok(engine, backdrop_set_motion_gate(engine.get(), 1));
    std::string calls;
    for (int call = 0; call < 60; ++call) {
      const unsigned what = below(24);
      calls.append(" ").append(std::to_string(what));
      if (what == 0) load(engine, models[model = below(3)]);
      if (what == 1) size = below(2);
      if (what == 2) from = from == 0 ? 4 : 0;
      if (what == 3) settings.background = static_cast<int>(below(4));
      if (what == 4) settings.refined = below(2) == 1;
      if (what == 5) settings.narrow = below(2) == 1;
      if (what == 6) settings.image_is_red = below(2) == 1;
      if (what >= 3 && what <= 6) apply(engine.get(), settings);
      if (what == 7) expect_ok(engine, backdrop_reset(engine.get()));
      if (what == 8) {
        expect_ok(engine, backdrop_gl_destroy(engine.get(), 0));
        expect_ok(engine, backdrop_gl_create(engine.get(), egl::Context::loader));
      }
      if (what == 9) {
        const gl::Target frame = make_texture(make_scene(sizes[size], from, from + 4));
        expect_ok(engine, begin(engine, frame));
      }
      if (what < 10) continue;
      const Engine fresh = make_engine();
      load(fresh, models[model]);
      apply(fresh.get(), settings);
      const Image scene = make_scene(sizes[size], from, from + 4);
      const bool cpu = what < 17;
      const Input input = what < 21 ? Input::kPixels : Input::kSample;
      const Image drawn = cpu ? on_cpu(engine, scene) : on_gpu(engine, scene, input);
      const Image expected = cpu ? on_cpu(fresh, scene) : on_gpu(fresh, scene, input);
      ASSERT_LE(mean_difference(drawn, expected), 2) << "seed " << seed << ":" << calls;
    }
  }
}

}  // namespace
}  // namespace backdrop::test
