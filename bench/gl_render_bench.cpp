// Milliseconds of GPU time to draw a frame, pass by pass, with a mask of 256x144. The content of
// the images does not matter.
#include <benchmark/benchmark.h>

#include <array>
#include <cstdint>
#include <cstdlib>
#include <functional>
#include <memory>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "render/gl/blur_pass.h"
#include "render/gl/composite_pass.h"
#include "render/gl/gaussian.h"
#include "render/gl/picture_pass.h"
#include "render/gl/gl_renderer.h"
#include "render/gl/resizer.h"
#include "gl_device.h"

namespace backdrop {
namespace {

constexpr int kMaskWidth = 256;
constexpr int kMaskHeight = 144;

template <typename T>
T must(Result<T> result) {
  if (!result) std::abort();
  if constexpr (!std::is_void_v<T>) return *std::move(result);
}

// A resource that a pass shares between frames, so that its setup is not timed.
template <typename T>
std::shared_ptr<T> shared(Result<T> result) {
  return std::make_shared<T>(must(std::move(result)));
}

gl::Target make_texture(const gl::Functions& gl, GLenum format, int width, int height) {
  std::vector<std::uint8_t> noise(static_cast<std::size_t>(4 * width * height));
  for (std::size_t i = 0; i < noise.size(); ++i) {
    noise[i] = static_cast<std::uint8_t>(i * 2654435761U >> 24);
  }
  gl::Target target = must(gl::Target::create(gl, format, width, height));
  target.upload(format == GL_R8 ? GL_RED : GL_RGBA, noise.data());
  return target;
}

struct Scene {
  Scene(const gl::Functions& functions, int frame_width, int frame_height)
      : gl(functions),
        width(frame_width),
        height(frame_height),
        frame(make_texture(gl, GL_RGBA8, width, height)),
        picture(make_texture(gl, GL_RGBA8, 2 * height, height)),
        mask(make_texture(gl, GL_R8, kMaskWidth, kMaskHeight)),
        out(make_texture(gl, GL_RGBA8, width, height)),
        probabilities(std::size_t{kMaskWidth} * kMaskHeight, 0.6f) {}

  Mask network_output() const { return {probabilities, kMaskWidth, kMaskHeight, 0}; }

  const gl::Functions& gl;
  int width, height;
  gl::Target frame;
  gl::Target picture;  // behind the person
  gl::Target mask;
  gl::Target out;
  std::vector<float> probabilities;
};

using Work = std::function<void()>;

Work sample(const Scene& scene) {
  const std::shared_ptr renderer = must(GlRenderer::create(egl::Context::loader));
  return [&scene, renderer] {
    must(renderer->begin_sample(scene.frame.view(), {kMaskWidth, kMaskHeight}));
  };
}

Work blur_background(const Scene& scene) {
  const auto gaussian = shared(gl::Gaussian::create(scene.gl));
  const auto blur = shared(gl::BlurPass::create(scene.gl, gl::BlurPass::Subject::kBackground));
  must(blur->prepare(scene.width, scene.height, 0.02 * scene.height));
  return
      [&scene, gaussian, blur] { blur->run(*gaussian, scene.frame.view(), scene.mask.view(), {}); };
}

// A background that changes with every frame, such as a video.
Work fit_picture(const Scene& scene, bool lit) {
  const auto gaussian = shared(gl::Gaussian::create(scene.gl));
  const auto resizer = shared(gl::Resizer::create(scene.gl));
  const auto background = std::make_shared<gl::PicturePass>(scene.gl);
  return [&scene, lit, gaussian, resizer, background] {
    background->set(scene.picture.view(), {});
    must(background->prepare(*resizer, *gaussian, scene.width, scene.height, lit));
  };
}

// The compositing pass alone. Light wrapping takes its light from a small texture that was blurred
// before, or from the background image itself, as the virtual-background demo does.
enum class Light { kBlurred, kPicture };
Work composite(const Scene& scene, const RenderSettings& settings, Light light) {
  const auto pass = shared(gl::CompositePass::create(scene.gl, settings));
  const auto behind =
      std::make_shared<gl::Target>(make_texture(scene.gl, GL_RGBA8, scene.width, scene.height));
  const auto small = std::make_shared<gl::Target>(make_texture(scene.gl, GL_RGBA8, 160, 90));
  return [&scene, settings, light, pass, behind, small] {
    const gl::TextureView lit = (light == Light::kBlurred ? small : behind)->view();
    pass->run(settings, {scene.frame.view(), scene.mask.view(), behind->view(), lit, {}},
              gl::surface_of(scene.out), gl::CompositePass::Rows::kFirstFirst);
  };
}

Work whole_frame(const Scene& scene, const RenderSettings& settings) {
  const std::shared_ptr renderer = must(GlRenderer::create(egl::Context::loader));
  renderer->set_background_texture(scene.picture.view(), {}, 0);
  return [&scene, settings, renderer] {
    must(renderer->render(scene.frame.view(), scene.network_output(), settings,
                          gl::surface_of(scene.out)));
  };
}

using Prepare = std::function<Work(Scene&)>;

void measure(benchmark::State& state, const Prepare& prepare, int width, int height) {
  const auto device = GlDevice::get();
  if (!device) return state.SkipWithError(device.error().message().c_str());
  Scene scene((*device)->functions(), width, height);
  const Work work = prepare(scene);
  (*device)->seconds(work);  // drivers compile some shaders at the first draw
  for (auto _ : state) state.SetIterationTime((*device)->seconds(work));
  state.SetLabel((*device)->description());
}

std::vector<std::pair<std::string, Prepare>> passes() {
  std::vector<std::pair<std::string, Prepare>> all{
      {"sample", sample},
      {"upload mask",
       [](Scene& scene) {
         return [&scene] { scene.mask.upload(GL_RED, scene.probabilities.data()); };
       }},
      {"blur background", blur_background},
      {"fit picture", [](Scene& scene) { return fit_picture(scene, false); }},
      {"fit picture and its light", [](Scene& scene) { return fit_picture(scene, true); }},
  };
  const auto add_composite = [&](const char* name, const RenderSettings& settings, Light light) {
    all.emplace_back("composite " + std::string(name),
                     [=](Scene& scene) { return composite(scene, settings, light); });
  };
  constexpr Refinement kUnrefined{.kind = RefinementKind::kNone};
  const RenderSettings picture{.background = ImageBackground{}, .refinement = kUnrefined};
  const RenderSettings lit_picture{
      .background = ImageBackground{}, .refinement = kUnrefined, .light_wrapping = {0.3f}};
  const RenderSettings blur{.background = BlurBackground{}, .refinement = kUnrefined};
  add_composite("nothing", {.background = NoBackground{}}, Light::kBlurred);
  add_composite("transparent", {.background = TransparentBackground{}}, Light::kBlurred);
  add_composite("colour", {.background = ColorBackground{}}, Light::kBlurred);
  add_composite("picture", picture, Light::kBlurred);
  add_composite("picture, light", lit_picture, Light::kBlurred);
  add_composite("picture, its own light", lit_picture, Light::kPicture);
  add_composite("blur", blur, Light::kBlurred);

  const auto add_frame = [&](const char* name, const RenderSettings& settings) {
    all.emplace_back("frame " + std::string(name),
                     [=](Scene& scene) { return whole_frame(scene, settings); });
  };
  add_frame("picture", picture);
  add_frame("picture, light", lit_picture);
  const std::array<std::pair<const char*, RefinementKind>, 5> refinements{{
      {"blur", RefinementKind::kNone},
      {"blur, guided", RefinementKind::kGuided},
      {"blur, bilateral", RefinementKind::kBilateral},
      {"blur, rational", RefinementKind::kBilateralRational},
      {"blur, separable", RefinementKind::kBilateralSeparable},
  }};
  for (const auto& [name, kind] : refinements) {
    add_frame(name, {.background = BlurBackground{}, .refinement = {kind}});
  }
  return all;
}

[[maybe_unused]] const bool kRegistered = [] {
  for (const auto& [width, height] : {std::pair{1280, 720}, {1920, 1080}}) {
    for (const auto& [name, prepare] : passes()) {
      const std::string whole =
          "render/" + name + "/" + std::to_string(width) + "x" + std::to_string(height);
      benchmark::RegisterBenchmark(whole.c_str(), measure, prepare, width, height)
          ->UseManualTime()
          ->Unit(benchmark::kMillisecond);
    }
  }
  return true;
}();

}  // namespace
}  // namespace backdrop
