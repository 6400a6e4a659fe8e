// What the GPU draws, against the definition, and against what the CPU draws.
#include <gtest/gtest.h>

#include <algorithm>
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
      const Look look{.background = PlainBackground{0x2040e0}, .coverage = coverage};
      EXPECT_LE(largest_difference(render(*renderer, scene, look),
                                   composite_reference(scene, look, channel_of(0x2040e0), {})),
                kTolerance)
          << scene.name;
    }
  }
}

TEST_F(GlRendererTest, CutsOutWithTheMatteAsStraightAlpha) {
  const auto renderer = make_renderer();
  for (const Scene& scene : scenes()) {
    const Look look{.background = TransparentBackground{}};
    EXPECT_LE(largest_difference(render(*renderer, scene, look),
                                 composite_reference(scene, look, {}, {})),
              kTolerance)
        << scene.name;
  }
}

TEST_F(GlRendererTest, ScalesAPictureToCoverTheFrame) {
  const auto renderer = make_renderer();
  const Look look{.background = PicturedBackground{}};
  const Scene scene = draw_scene(331, 187);
  // Too wide, too high, smaller than the frame, and much larger.
  for (const Size shape : {Size{1000, 300}, {300, 900}, {20, 11}, {2000, 1500}}) {
    const Image picture = draw_picture(shape.width, shape.height);
    ASSERT_TRUE(renderer->set_picture(view_of(picture)));
    const Image fitted = covering_reference(picture, scene.size());
    EXPECT_LE(largest_difference(render(*renderer, scene, look),
                                 composite_reference(scene, look, channel_of(fitted), {})),
              kTolerance)
        << shape.width << "x" << shape.height;
  }
}

TEST_F(GlRendererTest, TakesAPictureWithGapsBetweenItsRows) {
  const auto renderer = make_renderer();
  const Scene scene = draw_scene(64, 36);
  const Look look{.background = PicturedBackground{}};
  const Image picture = draw_picture(50, 30);
  ASSERT_TRUE(renderer->set_picture(view_of(picture)));
  const Image expected = render(*renderer, scene, look);

  std::vector<std::uint8_t> padded;
  for (int y = 0; y < picture.height; ++y) {
    const auto row = picture.bytes.begin() + 4 * picture.width * y;
    padded.insert(padded.end(), row, row + 4 * picture.width);
    padded.insert(padded.end(), 12, 0xa5);
  }
  ConstFrame frame = view_of(picture);
  frame.planes[0] = padded.data();
  frame.strides[0] = 4 * picture.width + 12;
  ASSERT_TRUE(renderer->set_picture(frame));
  EXPECT_EQ(largest_difference(render(*renderer, scene, look), expected), 0);
}

TEST_F(GlRendererTest, LooksAtTheCallersPictureWhenItIsGiven) {
  const auto renderer = make_renderer();
  const Scene scene = draw_scene(160, 90);
  const Look look{.background = PicturedBackground{}};
  const auto expect_behind = [&](const Image& picture) {
    const Image fitted = covering_reference(picture, {160, 90});
    EXPECT_LE(largest_difference(render(*renderer, scene, look),
                                 composite_reference(scene, look, channel_of(fitted), {})),
              kTolerance);
  };
  const Image first = draw_picture(200, 100);
  const Image second = upside_down(first);
  gl::Target texture = make_texture(first);
  ASSERT_TRUE(renderer->set_picture(texture.view()));
  expect_behind(first);
  texture.upload(GL_RGBA, second.bytes.data());
  expect_behind(first);
  ASSERT_TRUE(renderer->set_picture(texture.view()));
  expect_behind(second);
}

TEST_F(GlRendererTest, SaysWhatIsWrongWithPictures) {
  const auto renderer = make_renderer();
  const Scene scene = draw_scene(64, 36);
  const gl::Target frame = make_texture(scene.frame);
  const auto rendered =
      renderer->render(frame.view(), scene.mask(), {.background = PicturedBackground{}},
                       gl::surface_of(make_target({64, 36})));
  ASSERT_FALSE(rendered);
  EXPECT_EQ(rendered.error().code, ErrorCode::kState);

  const Image wide = draw_picture(100'000, 1);
  const auto set = renderer->set_picture(view_of(wide));
  ASSERT_FALSE(set);
  EXPECT_EQ(set.error().code, ErrorCode::kUnsupported);
  EXPECT_NE(set.error().message.find("100000x1"), std::string::npos) << set.error().message;
}

TEST_F(GlRendererTest, LightOfAColourFallsOnThePerson) {
  const auto renderer = make_renderer();
  for (const Scene& scene : scenes()) {
    for (const BlendMode mode : {BlendMode::kScreen, BlendMode::kLinearDodge}) {
      for (const Coverage coverage : {Coverage{0.5f, 0.75f}, {0.4f, 1.0f}}) {
        const Look look{.background = PlainBackground{0xe08020},
                        .coverage = coverage,
                        .light_wrapping = {0.7f, mode}};
        const Channel colour = channel_of(0xe08020);
        EXPECT_LE(largest_difference(render(*renderer, scene, look),
                                     composite_reference(scene, look, colour, colour)),
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
    ASSERT_TRUE(renderer->set_picture(view_of(picture)));
    const Image fitted = covering_reference(picture, size);
    const Image light = blurred_reference(fitted, 0.05 * std::min(size.width, size.height));
    const Look look{.background = PicturedBackground{}, .light_wrapping = {0.3f}};
    EXPECT_LE(
        largest_difference(render(*renderer, scene, look),
                           composite_reference(scene, look, channel_of(fitted), channel_of(light))),
        kTolerance)
        << scene.name;
  }
}

TEST_F(GlRendererTest, BlursTheBackgroundWithoutThePersonInIt) {
  const auto renderer = make_renderer();
  for (const Scene& scene : scenes()) {
    for (const float strength : {2.0f, 4.0f}) {
      const Look look{.background = BlurredBackground{strength}};
      const double sigma =
          0.01 * static_cast<double>(strength) * std::min(scene.frame.width, scene.frame.height);
      const Image behind = background_blur_reference(scene, look, sigma);
      const Image drawn = render(*renderer, scene, look);
      const Image expected = composite_reference(scene, look, channel_of(behind), {});
      EXPECT_LE(largest_difference(drawn, expected), 3) << scene.name << ", " << strength;
      EXPECT_LE(mean_difference(drawn, expected), 0.2) << scene.name << ", " << strength;
    }
  }
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
    const Look look{.background = BlurredBackground{2}};
    const Image expected = render(*with, scene, look);
    const Image drawn = render(*without, scene, look);
    EXPECT_LE(mean_difference(drawn, expected), 0.5) << scene.name;
    EXPECT_GT(mean_difference(drawn, expected), 0) << "the fallback was not taken";
  }
}

Image render_on_cpu(const Scene& scene, const Image& picture, const Look& look) {
  SerialExecutor executor;
  CpuRenderer renderer(executor);
  EXPECT_TRUE(renderer.set_picture(view_of(picture)));
  Image out = scene.frame;
  const Frame frame{.format = PixelFormat::kRgba,
                    .width = out.width,
                    .height = out.height,
                    .planes = {out.bytes.data()},
                    .strides = {4 * out.width}};
  Statistics statistics;
  const auto drawn =
      renderer.run(view_of(scene.frame), scene.mask(), true, look, frame, statistics);
  EXPECT_TRUE(drawn) << drawn.error().message;
  return out;
}

TEST_F(GlRendererTest, DrawsWhatTheCpuDraws) {
  constexpr double kMeanTolerance = 3;
  const auto renderer = make_renderer();
  const Image picture = draw_picture(700, 500);
  ASSERT_TRUE(renderer->set_picture(view_of(picture)));
  for (const Scene& scene : scenes()) {
    for (const RefinementKind refinement : {RefinementKind::kNone, RefinementKind::kGuided}) {
      for (const BackgroundChoice& background : std::initializer_list<BackgroundChoice>{
               BlurredBackground{0.5f}, BlurredBackground{2}, BlurredBackground{8},
               PlainBackground{0x2040e0}, PicturedBackground{}, TransparentBackground{}}) {
        const Look look{.background = background, .refinement = {refinement}};
        const double difference =
            mean_difference(render(*renderer, scene, look), render_on_cpu(scene, picture, look));
        EXPECT_LE(difference, kMeanTolerance) << scene.name << ", " << background.index();
      }
    }
  }
}

}  // namespace
}  // namespace backdrop::test
