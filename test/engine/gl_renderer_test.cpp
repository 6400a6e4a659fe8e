// What the GPU draws, against the definition, and against what the CPU draws.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "gl_scenes.h"
#include "render/cpu/cpu_renderer.h"

namespace backdrop::test {
namespace {

TEST_F(GlRendererTest, DrawsTheFrameAsItIsWithoutABackground) {
  const auto renderer = make_renderer();
  for (const Scene& scene : scenes()) {
    const Image drawn = render(*renderer, scene, {.background = NoBackground{}});
    EXPECT_EQ(largest_difference(drawn, scene.frame), 0) << scene.name;
  }
}

TEST_F(GlRendererTest, PutsThePersonBeforeAColour) {
  const auto renderer = make_renderer();
  for (const Scene& scene : scenes()) {
    for (const Coverage coverage : {Coverage{0.4f, 0.8f}, {0.0f, 1.0f}, {0.5f, 0.75f}}) {
      const RenderSettings settings{
          .background = ColorBackground{0x2040e0}, .coverage = coverage, .refinement = kUnrefined};
      EXPECT_LE(largest_difference(render(*renderer, scene, settings),
                                   composite_reference(scene, settings, channel_of(0x2040e0), {})),
                kTolerance)
          << scene.name;
    }
  }
}

TEST_F(GlRendererTest, CutsOutWithTheMatteAsStraightAlpha) {
  const auto renderer = make_renderer();
  for (const Scene& scene : scenes()) {
    const RenderSettings settings{.background = TransparentBackground{}, .refinement = kUnrefined};
    const Image colors = person_colors_reference(scene, settings);
    const Image drawn = render(*renderer, scene, settings);
    const Image expected = composite_reference(scene, settings, channel_of(colors), {});
    // Far from the person the estimate is of the Gaussian's tail, which the GPU truncates.
    EXPECT_LE(largest_difference(drawn, expected), 40) << scene.name;
    EXPECT_LE(mean_difference(drawn, expected), 0.2) << scene.name;
  }
}

// Whatever the mask: where it is not confident of the person, nothing of a red room comes out.
TEST_F(GlRendererTest, CutsOutNothingOfTheRoom) {
  const auto renderer = make_renderer();
  Scene scene = draw_scene(320, 180);
  const RenderSettings settings{.background = TransparentBackground{}, .refinement = kUnrefined};
  const Image matte = render(*renderer, scene, settings);
  scene.frame = make_image(scene.size(), [&](int x, int y, int c) {
    return c == 3 ? 1.0 : matte.at(x, y, 3) > 188 ? 0.35 : c == 0 ? 1.0 : 0.0;
  });
  const Image drawn = render(*renderer, scene, settings);
  for (int y = 0; y < drawn.height; ++y) {
    for (int x = 0; x < drawn.width; ++x) {
      ASSERT_LE(std::abs(drawn.at(x, y, 0) - drawn.at(x, y, 1)), 1) << x << "," << y;
      ASSERT_TRUE(drawn.at(x, y, 3) > 0 || drawn.at(x, y, 0) == 0) << x << "," << y;
    }
  }
}

TEST_F(GlRendererTest, ScalesAPictureToCoverTheFrame) {
  const auto renderer = make_renderer();
  const Scene scene = draw_scene(331, 187);
  // Too wide, too high, smaller than the frame, and much larger.
  for (const Size shape : {Size{1000, 300}, {300, 900}, {20, 11}, {2000, 1500}}) {
    const Image picture = draw_picture(shape.width, shape.height);
    const RenderSettings settings{.background = background_of(picture), .refinement = kUnrefined};
    const Image fitted = covering_reference(picture, scene.size());
    EXPECT_LE(largest_difference(render(*renderer, scene, settings),
                                 composite_reference(scene, settings, channel_of(fitted), {})),
              kTolerance)
        << shape.width << "x" << shape.height;
  }
}

TEST_F(GlRendererTest, LaysATextureOnThePlacementsColour) {
  const auto renderer = make_renderer();
  const Scene scene = draw_scene(160, 90);
  const Image clear = make_image({160, 90}, [](int x, int, int c) {
    if (c == 3) return x < 80 ? 0.0 : 0.5;
    return 0.5;
  });
  const gl::Target texture = make_texture(clear);
  renderer->set_background_texture(texture.view(), {.rgb = 0xff8000}, 0);
  const Image laid = make_image({160, 90}, [&](int x, int, int c) {
    return std::lerp(channel_of(0xff8000)(x, 0, c), 0.5, x < 80 ? 0.0 : 0.5);
  });
  const RenderSettings settings{.background = ImageBackground{}, .refinement = kUnrefined};
  EXPECT_LE(largest_difference(render(*renderer, scene, settings),
                               composite_reference(scene, settings, channel_of(laid), {})),
            kTolerance);
}

TEST_F(GlRendererTest, TakesAPictureWithGapsBetweenItsRows) {
  const auto renderer = make_renderer();
  const Scene scene = draw_scene(64, 36);
  const Image picture = draw_picture(50, 30);
  const Image expected = render(*renderer, scene, {.background = background_of(picture)});

  std::vector<std::uint8_t> padded;
  for (int y = 0; y < picture.height; ++y) {
    const auto row = picture.bytes.begin() + 4 * picture.width * y;
    padded.insert(padded.end(), row, row + 4 * picture.width);
    padded.insert(padded.end(), 12, 0xa5);
  }
  ConstFrame frame = view_of(picture);
  frame.planes[0] = padded.data();
  frame.strides[0] = 4 * picture.width + 12;
  const RenderSettings settings{.background = background_of(frame)};
  EXPECT_EQ(largest_difference(render(*renderer, scene, settings), expected), 0);
}

TEST_F(GlRendererTest, LooksAtTheCallersPictureWhenItIsGiven) {
  const auto renderer = make_renderer();
  const Scene scene = draw_scene(160, 90);
  const RenderSettings settings{.background = ImageBackground{}, .refinement = kUnrefined};
  const auto expect_behind = [&](const Image& picture) {
    const Image fitted = covering_reference(picture, {160, 90});
    EXPECT_LE(largest_difference(render(*renderer, scene, settings),
                                 composite_reference(scene, settings, channel_of(fitted), {})),
              kTolerance);
  };
  const Image first = draw_picture(200, 100);
  const Image second = upside_down(first);
  gl::Target texture = make_texture(first);
  renderer->set_background_texture(texture.view(), {}, 0);
  expect_behind(first);
  texture.upload(GL_RGBA, second.bytes.data());
  expect_behind(first);
  renderer->set_background_texture(texture.view(), {}, 0);
  expect_behind(second);
}

TEST_F(GlRendererTest, SaysWhatIsWrongWithPictures) {
  const auto renderer = make_renderer();
  const Scene scene = draw_scene(64, 36);
  const gl::Target frame = make_texture(scene.frame);
  const auto rendered =
      renderer->render(frame.view(), scene.mask(), {.background = ImageBackground{}},
                       gl::surface_of(make_target({64, 36})));
  ASSERT_FALSE(rendered);
  EXPECT_EQ(rendered.error().code(), ErrorCode::kState);

  const Image wide = draw_picture(100'000, 1);
  const auto refused =
      renderer->render(frame.view(), scene.mask(), {.background = background_of(wide)},
                       gl::surface_of(make_target({64, 36})));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code(), ErrorCode::kUnsupported);
  EXPECT_NE(refused.error().message().find("100000x1"), std::string::npos)
      << refused.error().message();
}

TEST_F(GlRendererTest, LightOfAColourFallsOnThePerson) {
  const auto renderer = make_renderer();
  for (const Scene& scene : scenes()) {
    for (const BlendMode mode : {BlendMode::kScreen, BlendMode::kLinearDodge}) {
      for (const Coverage coverage : {Coverage{0.5f, 0.75f}, {0.4f, 1.0f}}) {
        const RenderSettings settings{.background = ColorBackground{0xe08020},
                                      .coverage = coverage,
                                      .refinement = kUnrefined,
                                      .light_wrapping = {0.7f, mode}};
        const Channel colour = channel_of(0xe08020);
        EXPECT_LE(largest_difference(render(*renderer, scene, settings),
                                     composite_reference(scene, settings, colour, colour)),
                  kTolerance)
            << scene.name << ", " << static_cast<int>(mode) << ", " << coverage.high;
      }
    }
  }
}

TEST_F(GlRendererTest, LightOfAPictureFallsOnThePerson) {
  const auto renderer = make_renderer();
  for (const Scene& scene : scenes()) {
    const Size size = scene.size();
    const Image picture = draw_picture(size.height, size.width);
    const Image fitted = covering_reference(picture, size);
    const Image light = blurred_reference(fitted, 0.05 * std::min(size.width, size.height));
    const RenderSettings settings{
        .background = background_of(picture), .refinement = kUnrefined, .light_wrapping = {0.3f}};
    EXPECT_LE(largest_difference(
                  render(*renderer, scene, settings),
                  composite_reference(scene, settings, channel_of(fitted), channel_of(light))),
              kTolerance)
        << scene.name;
  }
}

TEST_F(GlRendererTest, BlursTheBackgroundWithoutThePersonInIt) {
  const auto renderer = make_renderer();
  for (const Scene& scene : scenes()) {
    for (const float strength : {2.0f, 4.0f}) {
      const RenderSettings settings{.background = BlurBackground{strength},
                                    .refinement = kUnrefined};
      const double sigma =
          0.01 * static_cast<double>(strength) * std::min(scene.frame.width, scene.frame.height);
      const Image behind = background_blur_reference(scene, settings, sigma);
      const Image drawn = render(*renderer, scene, settings);
      const Image expected = composite_reference(scene, settings, channel_of(behind), {});
      EXPECT_LE(largest_difference(drawn, expected), 3) << scene.name << ", " << strength;
      EXPECT_LE(mean_difference(drawn, expected), 0.2) << scene.name << ", " << strength;
    }
  }
}

// A loader whose function `name` calls `function`, which reports an error if `fails`.
bool fails = false;
template <typename Pointer>
gl::Function failing(const char* name, const char* asked, Pointer function) {
  return std::string_view(name) == asked ? reinterpret_cast<gl::Function>(function)
                                         : egl::Context::loader(asked);
}
void report_error() {
  reinterpret_cast<void (*)(GLenum)>(egl::Context::loader("glDisable"))(GL_RGBA);
}

// Never an old mask: what was not uploaded is not drawn with, and is uploaded again.
TEST_F(GlRendererTest, ReadsOpenGlsErrorsWhenItDraws) {
  const gl::Loader loader = [](const char* asked) {
    const auto upload = [](GLenum target, GLint level, GLint x, GLint y, GLsizei width,
                           GLsizei height, GLenum format, GLenum type, const void* pixels) {
      if (fails) return report_error();
      reinterpret_cast<decltype(gl::Functions::TexSubImage2D)>(egl::Context::loader(
          "glTexSubImage2D"))(target, level, x, y, width, height, format, type, pixels);
    };
    return failing("glTexSubImage2D", asked, decltype(gl::Functions::TexSubImage2D)(upload));
  };
  const auto renderer = make_renderer(loader);
  const Scene scene = draw_scene(64, 36);
  const gl::Target frame = make_texture(scene.frame);
  const gl::Target out = make_target({64, 36});
  Mask mask = scene.mask();
  mask.generation = 7;
  report_error();  // a host's
  const RenderSettings settings{.background = ColorBackground{0x2040e0}, .refinement = kUnrefined};
  fails = true;
  const auto failed = renderer->render(frame.view(), mask, settings, gl::surface_of(out));
  fails = false;
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().code(), ErrorCode::kState);
  ASSERT_TRUE(renderer->render(frame.view(), mask, settings, gl::surface_of(out)));
  const Image expected = render(*make_renderer(), scene, settings);
  EXPECT_EQ(largest_difference(read_back(gl::surface_of(out), 4), expected), 0);

  GLuint incomplete = 0;
  gl_.GenFramebuffers(1, &incomplete);
  const auto undrawn = renderer->render(frame.view(), mask, settings, {incomplete, 64, 36});
  EXPECT_FALSE(undrawn);
  gl_.DeleteFramebuffers(1, &incomplete);
}

TEST_F(GlRendererTest, HasNoSampleIfOpenGlReportsAnError) {
  const gl::Loader loader = [](const char* asked) {
    const auto read = [](GLint, GLint, GLsizei, GLsizei, GLenum, GLenum, void*) { report_error(); };
    return failing("glReadPixels", asked, decltype(gl::Functions::ReadPixels)(read));
  };
  const auto renderer = make_renderer(loader);
  const gl::Target frame = make_texture(draw_picture(64, 36));
  const auto begun = renderer->begin_sample(frame.view(), {32, 18});
  ASSERT_FALSE(begun);
  EXPECT_EQ(begun.error().code(), ErrorCode::kState);
  EXPECT_FALSE(renderer->is_sampled());
}

// Where half floats can't be drawn to, the sums are bytes.
TEST_F(GlRendererTest, BlursTheBackgroundWithoutFloats) {
  const gl::Loader without_floats = [](const char* name) -> gl::Function {
    static const auto storage = reinterpret_cast<decltype(gl::Functions::TexStorage2D)>(
        egl::Context::loader("glTexStorage2D"));
    const auto refuse = [](GLenum target, GLsizei levels, GLenum format, GLsizei width,
                           GLsizei height) {
      if (format != GL_RGBA16F) storage(target, levels, format, width, height);
    };
    const decltype(gl::Functions::TexStorage2D) refusing = refuse;
    if (std::string_view(name) == "glTexStorage2D") {
      return reinterpret_cast<gl::Function>(refusing);
    }
    return egl::Context::loader(name);
  };
  const auto with = make_renderer();
  const auto without = make_renderer(without_floats);
  for (const Scene& scene : scenes()) {
    const RenderSettings settings{.background = BlurBackground{2}};
    const Image expected = render(*with, scene, settings);
    const Image drawn = render(*without, scene, settings);
    EXPECT_LE(mean_difference(drawn, expected), 0.5) << scene.name;
    EXPECT_GT(mean_difference(drawn, expected), 0) << "the fallback was not taken";
  }
}

Image render_on_cpu(const Scene& scene, const RenderSettings& settings) {
  SerialExecutor executor;
  CpuRenderer renderer(executor);
  Image out = scene.frame;
  const Frame frame{.format = PixelFormat::kRgba,
                    .width = out.width,
                    .height = out.height,
                    .planes = {out.bytes.data()},
                    .strides = {4 * out.width}};
  const auto drawn = renderer.render(view_of(scene.frame), scene.mask(), settings, frame);
  EXPECT_TRUE(drawn) << drawn.error().message();
  return out;
}

// A scene with a half clear band and a hole, across person and room; beneath the hole there is
// `beneath`, 0 to 1.
Scene draw_cut_out(double beneath) {
  Scene scene = draw_scene(331, 187);
  const Image whole = scene.frame;
  scene.frame = make_image(scene.size(), [&](int x, int y, int c) {
    const double alpha = y < 40 ? 1 : y < 80 ? 0.5 : x > 120 && x < 260 ? 0 : 1;
    return c == 3 ? alpha : alpha == 0 ? beneath : whole.at(x, y, c) / 255.0;
  });
  return scene;
}

TEST_F(GlRendererTest, KeepsClearWhatIsClearInTheFrame) {
  const auto renderer = make_renderer();
  const Scene scene = draw_cut_out(1);
  EXPECT_EQ(
      largest_difference(render(*renderer, scene, {.background = NoBackground{}}), scene.frame), 0);
  const Image picture = draw_picture(200, 100);
  for (const BackgroundChoice& background : std::initializer_list<BackgroundChoice>{
           BlurBackground{2}, BlurBackground{4}, ColorBackground{0x2040e0}, background_of(picture),
           TransparentBackground{}}) {
    // The guide of a refinement is made from those colours, too.
    const RenderSettings settings{.background = background, .refinement = kUnrefined};
    const Image drawn = render(*renderer, scene, settings);
    // Linear filters may mix one level of a neighbour's colour in.
    EXPECT_LE(largest_difference(drawn, render(*renderer, draw_cut_out(0), settings)), 1)
        << "of the colours beneath, " << background.index();
    EXPECT_LE(mean_difference(drawn, render_on_cpu(scene, settings)), 1) << background.index();
  }
}

// How clear the person is says nothing of whose the colours are.
TEST_F(GlRendererTest, KeepsTheColoursOfAHalfClearPerson) {
  constexpr std::array kPerson{200, 150, 90};
  const auto renderer = make_renderer();
  const RenderSettings settings{.background = TransparentBackground{}};
  Scene scene = draw_scene(331, 187);
  const Image matte = render(*renderer, scene, settings);
  scene.frame = make_image(scene.size(), [&](int x, int y, int c) {
    const bool is_person = matte.at(x, y, 3) > 188;
    if (c == 3) return is_person ? 128 / 255.0 : 1;
    return (is_person ? kPerson[static_cast<std::size_t>(c)] : c == 0 ? 255 : 0) / 255.0;
  });
  for (const Image& drawn : {render(*renderer, scene, settings), render_on_cpu(scene, settings)}) {
    for (int y = 0; y < drawn.height; ++y) {
      for (int x = 0; x < drawn.width; ++x) {
        if (matte.at(x, y, 3) <= 200) continue;
        ASSERT_NEAR(drawn.at(x, y, 3), 128, 1);
        for (int c = 0; c < 3; ++c) {
          ASSERT_NEAR(drawn.at(x, y, c), kPerson[static_cast<std::size_t>(c)], 3) << x << "," << y;
        }
      }
    }
  }
}

TEST_F(GlRendererTest, DrawsWhatTheCpuDraws) {
  constexpr double kMeanTolerance = 3;
  const auto renderer = make_renderer();
  const Image picture = draw_picture(700, 500);
  const ImageBackground image = background_of(picture);
  for (const Scene& scene : scenes()) {
    for (const RefinementKind refinement : {RefinementKind::kNone, RefinementKind::kGuided}) {
      for (const BackgroundChoice& background : std::initializer_list<BackgroundChoice>{
               BlurBackground{0.5f}, BlurBackground{2}, BlurBackground{8},
               ColorBackground{0x2040e0}, image, TransparentBackground{}}) {
        const RenderSettings settings{.background = background, .refinement = {refinement}};
        const double difference =
            mean_difference(render(*renderer, scene, settings), render_on_cpu(scene, settings));
        EXPECT_LE(difference, kMeanTolerance) << scene.name << ", " << background.index();
      }
    }
  }
}

TEST_F(GlRendererTest, PlacesAPictureAsTheCpuDoes) {
  const auto renderer = make_renderer();
  const Scene scene = draw_scene(331, 187);
  const std::vector<Placement> placements{
      {.x = 0, .y = 1},
      {.x = 0.2, .y = 0.7, .mirrored = true},
      {.fit = Fit::kContain, .rgb = 0x2040e0},
      {.fit = Fit::kContain, .x = 0.1, .y = 0.9, .mirrored = true, .rgb = 0x2040e0}};
  for (const Size shape : {Size{1000, 300}, {300, 900}, {20, 11}}) {
    const Image picture = draw_picture(shape.width, shape.height);
    for (std::size_t i = 0; i < placements.size(); ++i) {
      ImageBackground image = background_of(picture);
      image.placement = placements[i];
      const RenderSettings settings{.background = image};
      EXPECT_LE(
          largest_difference(render(*renderer, scene, settings), render_on_cpu(scene, settings)),
          kTolerance + 1)
          << shape.width << "x" << shape.height << ", " << i;
    }
  }
}

}  // namespace
}  // namespace backdrop::test
