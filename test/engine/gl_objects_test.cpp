// What the GPU's renderer makes of others' state and leaves behind of its own.
#include <gtest/gtest.h>

#include <initializer_list>
#include <string_view>
#include <vector>

#include "gl_scenes.h"

namespace backdrop::test {
namespace {

using GlObjectsTest = GlRendererTest;

TEST_F(GlObjectsTest, DrawsTheSameWhateverTheCallerHasSwitchedOn) {
  const auto renderer = make_renderer();
  const Scene scene = draw_scene(97, 55);
  const RenderSettings settings{.background = BlurBackground{}};
  const Image expected = render(*renderer, scene, settings);
  const Image sampled = sample(*renderer, scene.frame, {16, 9});
  const auto enable = reinterpret_cast<void (*)(GLenum)>(egl::Context::loader("glEnable"));
  const auto scissor =
      reinterpret_cast<void (*)(GLint, GLint, GLsizei, GLsizei)>(egl::Context::loader("glScissor"));
  const auto switch_all_on = [&] {
    for (const GLenum capability : std::initializer_list<GLenum>{
             GL_BLEND, GL_CULL_FACE, GL_DEPTH_TEST, GL_DITHER, GL_SCISSOR_TEST, GL_STENCIL_TEST}) {
      enable(capability);
    }
    scissor(3, 3, 5, 5);
  };
  switch_all_on();
  EXPECT_EQ(largest_difference(render(*renderer, scene, settings), expected), 0);
  switch_all_on();
  EXPECT_EQ(largest_difference(sample(*renderer, scene.frame, {16, 9}), sampled), 0);
}

const std::vector<RenderSettings>& all_settings() {
  static const Image picture = draw_picture(32, 18);
  static const std::vector<RenderSettings> all{
      {.background = NoBackground{}},
      {.background = TransparentBackground{}},
      {.background = ColorBackground{0x204060}, .light_wrapping = {0.3f}},
      {.background = background_of(picture), .light_wrapping = {0.3f, BlendMode::kLinearDodge}},
      {.background = background_of(picture), .refinement = {RefinementKind::kGuided}},
      {.background = BlurBackground{}, .refinement = {RefinementKind::kBilateral}},
  };
  return all;
}

TEST_F(GlObjectsTest, LeavesNoObjectsBehind) {
  const std::size_t before = live_objects();
  const Scene scene = draw_scene(32, 18);
  for (std::size_t cycle = 0; cycle < 500; ++cycle) {
    const auto renderer = make_renderer(counting_loader);
    render(*renderer, scene, all_settings()[cycle % all_settings().size()]);
    const gl::Target frame = make_texture(scene.frame);
    ASSERT_TRUE(renderer->begin_sample(frame.view(), {16, 9}));
    EXPECT_GT(live_objects(), before);
  }
  EXPECT_EQ(live_objects(), before);
}

TEST_F(GlObjectsTest, HoldsNoMoreObjectsAfterManySizes) {
  const auto renderer = make_renderer(counting_loader);
  const Scene scene = draw_scene(64, 64);
  const auto draw = [&](const Size& size) {
    const Scene resized{"", draw_picture(size.width, size.height), scene.probabilities};
    for (const RenderSettings& settings : {all_settings()[3], all_settings()[5]}) {
      render(*renderer, resized, settings);
    }
    sample(*renderer, resized.frame, {size.height, size.width});
  };
  draw({32, 18});
  const std::size_t before = live_objects();
  for (int i = 0; i < 1000; ++i) draw({16 + i % 7, 9 + i % 5});
  EXPECT_EQ(live_objects(), before);
}

TEST_F(GlObjectsTest, MakesNoObjectsWhenNothingChanges) {
  const auto renderer = make_renderer(counting_loader);
  const Scene scene = draw_scene(64, 36);
  for (const RenderSettings& settings : all_settings()) {
    render(*renderer, scene, settings);
    const std::size_t before = live_objects();
    render(*renderer, scene, settings);
    EXPECT_EQ(live_objects(), before);
  }
}

TEST_F(GlObjectsTest, DeletesNothingOfAContextThatHasGone) {
  static int deletions;
  deletions = 0;
  const gl::Loader loader = [](const char* name) -> gl::Function {
    using Names = void (*)(GLsizei, const GLuint*);
    using Name = void (*)(GLuint);
    using Sync = void (*)(GLsync);
    const Names names = [](GLsizei, const GLuint*) { ++deletions; };
    const Name one = [](GLuint) { ++deletions; };
    const Sync sync = [](GLsync) { ++deletions; };
    const std::string_view wanted(name);
    if (wanted == "glDeleteProgram") return reinterpret_cast<gl::Function>(one);
    if (wanted == "glDeleteSync") return reinterpret_cast<gl::Function>(sync);
    if (wanted == "glDeleteBuffers" || wanted == "glDeleteTextures" ||
        wanted == "glDeleteFramebuffers") {
      return reinterpret_cast<gl::Function>(names);
    }
    return egl::Context::loader(name);
  };
  const Scene scene = draw_scene(32, 18);
  for (const bool lost : {false, true}) {
    auto renderer = make_renderer(loader);
    render(*renderer, scene, all_settings().back());
    const gl::Target frame = make_texture(scene.frame);
    ASSERT_TRUE(renderer->begin_sample(frame.view(), {16, 9}));
    if (lost) renderer->abandon();
    deletions = 0;
    renderer.reset();
    EXPECT_EQ(deletions == 0, lost);
  }
}

}  // namespace
}  // namespace backdrop::test
