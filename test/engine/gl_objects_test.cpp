// What the GPU's renderer makes of others' state and leaves behind of its own.
#include <gtest/gtest.h>

#include <functional>
#include <initializer_list>
#include <string_view>
#include <utility>
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

template <typename Pointer>
Pointer function(const char* name) {
  return reinterpret_cast<Pointer>(egl::Context::loader(name));
}

// What a host may have bound or set before it calls.
TEST_F(GlObjectsTest, DrawsTheSameWhateverTheCallerHasBound) {
  GLuint buffer = 0, sampler = 0;
  gl_.GenBuffers(1, &buffer);
  gl_.BindBuffer(GL_PIXEL_UNPACK_BUFFER, buffer);
  gl_.BufferData(GL_PIXEL_UNPACK_BUFFER, 64, nullptr, GL_STREAM_DRAW);
  gl_.BindBuffer(GL_PIXEL_UNPACK_BUFFER, 0);
  function<void (*)(GLsizei, GLuint*)>("glGenSamplers")(1, &sampler);
  function<void (*)(GLuint, GLenum, GLint)>("glSamplerParameteri")(sampler, GL_TEXTURE_MIN_FILTER,
                                                                   GL_NEAREST_MIPMAP_NEAREST);
  const auto bind_sampler = function<void (*)(GLuint, GLuint)>("glBindSampler");
  const auto color_mask =
      function<void (*)(GLboolean, GLboolean, GLboolean, GLboolean)>("glColorMask");
  const auto enable = function<void (*)(GLenum)>("glEnable");
  const std::pair<const char*, std::function<void()>> states[] = {
      {"unpack buffer", [&] { gl_.BindBuffer(GL_PIXEL_UNPACK_BUFFER, buffer); }},
      {"pack buffer", [&] { gl_.BindBuffer(GL_PIXEL_PACK_BUFFER, buffer); }},
      {"unpack row length", [&] { gl_.PixelStorei(GL_UNPACK_ROW_LENGTH, 1000); }},
      {"unpack skipped rows", [&] { gl_.PixelStorei(GL_UNPACK_SKIP_ROWS, 4); }},
      {"unpack skipped pixels", [&] { gl_.PixelStorei(GL_UNPACK_SKIP_PIXELS, 4); }},
      {"unpack alignment", [&] { gl_.PixelStorei(GL_UNPACK_ALIGNMENT, 8); }},
      {"pack row length", [&] { gl_.PixelStorei(GL_PACK_ROW_LENGTH, 1000); }},
      {"pack alignment", [&] { gl_.PixelStorei(GL_PACK_ALIGNMENT, 8); }},
      {"colour mask", [&] { color_mask(GL_FALSE, GL_FALSE, GL_FALSE, GL_FALSE); }},
      {"samplers",
       [&] {
         for (GLuint unit = 0; unit < 4; ++unit) bind_sampler(unit, sampler);
       }},
      {"discard", [&] { enable(GL_RASTERIZER_DISCARD); }},
  };
  const auto renderer = make_renderer();
  const Scene scene = draw_scene(97, 55);
  const RenderSettings settings{.background = BlurBackground{}};
  const Image expected = render(*renderer, scene, settings);
  const Size small{17, 9};  // rows of no multiple of 8 bytes
  const Image sampled = sample(*renderer, scene.frame, small);
  const gl::Target frame = make_texture(scene.frame);
  const gl::Target out = make_target(scene.size());
  for (const auto& [name, set] : states) {
    set();
    ASSERT_TRUE(renderer->render(frame.view(), scene.mask(), settings, gl::surface_of(out)));
    EXPECT_EQ(largest_difference(read_back(gl::surface_of(out), 4), expected), 0) << name;
    set();
    ASSERT_TRUE(renderer->begin_sample(frame.view(), {small.width, small.height})) << name;
    const auto taken = take(*renderer, small);
    ASSERT_TRUE(taken) << name;
    EXPECT_EQ(largest_difference(*taken, sampled), 0) << name;
  }
  function<void (*)(GLsizei, const GLuint*)>("glDeleteSamplers")(1, &sampler);
  gl_.DeleteBuffers(1, &buffer);
}

// A buffer of pixels that can't be read is an error, never the pixels of a frame before.
TEST_F(GlObjectsTest, SaysThatASampleCantBeRead) {
  static bool is_refused;
  static bool is_corrupted;
  const gl::Loader loader = [](const char* name) -> gl::Function {
    using Map = void* (*)(GLenum, GLintptr, GLsizeiptr, GLbitfield);
    using Unmap = GLboolean (*)(GLenum);
    const Map map = [](GLenum target, GLintptr offset, GLsizeiptr length,
                       GLbitfield access) -> void* {
      return is_refused ? nullptr
                        : function<Map>("glMapBufferRange")(target, offset, length, access);
    };
    const Unmap unmap = [](GLenum target) -> GLboolean {
      const GLboolean intact = function<Unmap>("glUnmapBuffer")(target);
      return is_corrupted ? GL_FALSE : intact;
    };
    if (std::string_view(name) == "glMapBufferRange") return reinterpret_cast<gl::Function>(map);
    if (std::string_view(name) == "glUnmapBuffer") return reinterpret_cast<gl::Function>(unmap);
    return egl::Context::loader(name);
  };
  const auto renderer = make_renderer(loader);
  const gl::Target frame = make_texture(draw_scene(32, 18).frame);
  for (const auto& [refused, corrupted] : {std::pair{false, false}, {true, false}, {false, true}}) {
    is_refused = refused;
    is_corrupted = corrupted;
    ASSERT_TRUE(renderer->begin_sample(frame.view(), {16, 9}));
    const auto taken = take(*renderer, {16, 9});
    EXPECT_EQ(taken.has_value(), !refused && !corrupted);
    if (!taken) {
      EXPECT_EQ(taken.error().code(), ErrorCode::kState);
    }
  }
}

const std::vector<RenderSettings>& all_settings() {
  static const Image picture = draw_picture(32, 18);
  static const std::vector<RenderSettings> all{
      {.background = NoBackground{}},
      {.background = TransparentBackground{}},
      {.background = ColorBackground{0x204060}, .refinement = kUnrefined, .light_wrapping = {0.3f}},
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
