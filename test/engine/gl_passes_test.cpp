// Single passes on the GPU against their definitions.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "render/gl/composite_pass.h"
#include "render/gl/gaussian.h"
#include "render/gl/picture_pass.h"
#include "render/gl/resizer.h"
#include "gl_scenes.h"
#include "image/sampler.h"

namespace backdrop::test {
namespace {

using GlPassesTest = GlRendererTest;

TEST_F(GlPassesTest, SamplesTheMeanOfWhatAPixelCovers) {
  const auto renderer = make_renderer();
  for (const Scene& scene : scenes()) {
    const gl::Resizer::SourceRect whole{0, 0, static_cast<double>(scene.frame.width),
                                        static_cast<double>(scene.frame.height)};
    for (const Size size : {Size{256, 144}, {256, 256}, {97, 61}, {5, 3}}) {
      const Image sampled = sample(*renderer, scene.frame, size);
      EXPECT_LE(largest_difference(sampled, resized_reference(scene.frame, whole, size)),
                kTolerance)
          << scene.name << " " << size.width << "x" << size.height;
    }
  }
}

TEST_F(GlPassesTest, SamplesAsTheCpuDoes) {
  const auto renderer = make_renderer();
  for (const Scene& scene : scenes()) {
    for (const Size size : {Size{256, 144}, {400, 256}}) {
      SerialExecutor executor;
      Sampler sampler;
      std::vector<float> expected(static_cast<std::size_t>(3 * size.width * size.height + 8));
      ASSERT_TRUE(sampler.prepare(PixelFormat::kRgba, scene.frame.width, scene.frame.height,
                                  {size.width, size.height, 0, 255}, executor));
      sampler.run(view_of(scene.frame), expected.data(), executor);
      const Image sampled = sample(*renderer, scene.frame, size);
      float most = 0;
      for (int i = 0; i < size.width * size.height; ++i) {
        for (int c = 0; c < 3; ++c) {
          const float value = sampled.at(i % size.width, i / size.width, c);
          most = std::max(most, std::abs(value - expected[static_cast<std::size_t>(3 * i + c)]));
        }
      }
      EXPECT_LE(most, kTolerance) << scene.name;
    }
  }
}

TEST_F(GlPassesTest, SamplesArriveOnceEach) {
  const auto renderer = make_renderer();
  const Size size{16, 9};
  const gl::Target first = make_texture(draw_picture(64, 36));
  const Image other = draw_picture(80, 45);
  EXPECT_FALSE(renderer->is_sampled());
  EXPECT_EQ(take(*renderer, size).error().code(), ErrorCode::kState);

  // What is begun last is what is taken.
  ASSERT_TRUE(renderer->begin_sample(first.view(), {size.width, size.height}));
  const Image sampled = sample(*renderer, other, size);
  EXPECT_FALSE(renderer->is_sampled());
  EXPECT_LE(largest_difference(sampled, resized_reference(other, {0, 0, 80, 45}, size)),
            kTolerance);

  // Taken early, it is waited for.
  ASSERT_TRUE(renderer->begin_sample(first.view(), {size.width, size.height}));
  const auto early = take(*renderer, size);
  ASSERT_TRUE(early) << early.error().message();
  EXPECT_LE(largest_difference(*early, resized_reference(read_back(gl::surface_of(first), 4),
                                                         {0, 0, 64, 36}, size)),
            kTolerance);

  // Dropped, it is not there, nor is it there for whoever asks for another.
  ASSERT_TRUE(renderer->begin_sample(first.view(), {size.width, size.height}));
  renderer->drop_sample();
  EXPECT_FALSE(renderer->is_sampled());
  EXPECT_EQ(take(*renderer, size).error().code(), ErrorCode::kState);
  ASSERT_TRUE(renderer->begin_sample(first.view(), {size.width, size.height}));
  EXPECT_EQ(take(*renderer, {9, 16}).error().code(), ErrorCode::kState);
}

TEST_F(GlPassesTest, GaussianIsTheDefinition) {
  auto gaussian = gl::Gaussian::create(gl_);
  ASSERT_TRUE(gaussian) << gaussian.error().message();
  for (const Size size : {Size{87, 53}, {1, 9}, {64, 1}}) {
    const Image picture = draw_picture(size.width, size.height);
    for (const double sigma : {0.4, 1.0, 3.0, 4.7, 5.99}) {
      const gl::Target target = make_texture(picture);
      gaussian->run(gl::make_gaussian_kernel(sigma), target, make_target(size));
      EXPECT_LE(largest_difference(read_back(gl::surface_of(target), 4),
                                   blurred_reference(picture, sigma)),
                kTolerance)
          << size.width << "x" << size.height << ", " << sigma;
    }
  }
}

TEST_F(GlPassesTest, GaussianKernelHasItsVarianceAndItsSum) {
  for (const double sigma : {1.0, 2.9, 3.0, 4.7, 5.99}) {
    const gl::GaussianKernel kernel = gl::make_gaussian_kernel(sigma);
    double sum = static_cast<double>(kernel.weights[0]);
    double variance = 0;
    for (std::size_t i = 1; i < static_cast<std::size_t>(kernel.count); ++i) {
      const double offset = static_cast<double>(kernel.offsets[i]);
      const double weight = 2 * static_cast<double>(kernel.weights[i]);
      sum += weight;
      // LinearSample two pixels, linear filtering adds to it.
      const double fraction = offset - std::floor(offset);
      variance += weight * (offset * offset + fraction * (1 - fraction));
    }
    EXPECT_NEAR(sum, 1, 1e-6);
    EXPECT_NEAR(std::sqrt(variance) / sigma, 1, 0.05) << sigma;
  }
  EXPECT_EQ(gl::make_gaussian_kernel(0).count, 1);
}

TEST_F(GlPassesTest, LightIsThePictureSmallAndBlurred) {
  auto gaussian = gl::Gaussian::create(gl_);
  auto resizer = gl::Resizer::create(gl_);
  ASSERT_TRUE(gaussian && resizer);
  const Image picture = draw_picture(331, 187);
  const gl::Target texture = make_texture(picture);
  gl::PicturePass background(gl_);
  background.set(texture.view(), {});
  ASSERT_TRUE(background.prepare(*resizer, *gaussian, 320, 200, true));
  const gl::TextureView light = background.light();
  EXPECT_LE(light.width, 320 / 2);

  // Enlarged again, it is the fitted picture under a Gaussian of 5 percent of 200 pixels.
  const gl::Target enlarged = make_target({320, 200});
  resizer->run(light, gl::surface_of(enlarged));
  EXPECT_LE(largest_difference(read_back(gl::surface_of(enlarged), 4),
                               blurred_reference(covering_reference(picture, {320, 200}), 10)),
            4);
}

TEST_F(GlPassesTest, CompositorTurnsRowsOver) {
  const Scene scene = draw_scene(97, 55);
  const gl::Target frame = make_texture(scene.frame);
  const gl::Target mask = make_texture(draw_mask(kMaskWidth, kMaskHeight));
  const gl::Target behind = make_texture(draw_picture(97, 55));
  const gl::Target out = make_target({97, 55});
  const gl::CompositePass::Layers layers{
      frame.view(), mask.view(), behind.view(), behind.view(), {}};
  for (const RenderSettings& settings :
       {RenderSettings{.background = NoBackground{}},
        RenderSettings{.background = ImageBackground{}, .light_wrapping = {0.5f}}}) {
    auto pass = gl::CompositePass::create(gl_, settings);
    ASSERT_TRUE(pass) << pass.error().message();
    using Rows = gl::CompositePass::Rows;
    pass->run(settings, layers, gl::surface_of(out), Rows::kFirstFirst);
    const Image upright = read_back(gl::surface_of(out), 4);
    pass->run(settings, layers, gl::surface_of(out), Rows::kLastFirst);
    EXPECT_LE(largest_difference(read_back(gl::surface_of(out), 4), upside_down(upright)), 1);
  }
}

}  // namespace
}  // namespace backdrop::test
