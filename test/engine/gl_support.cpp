#include "gl_support.h"

#include <algorithm>
#include <cmath>
#include <cstdio>  // before jpeglib.h, which uses FILE
#include <cstdlib>
#include <filesystem>
#include <set>
#include <string_view>
#include <utility>

#include <jpeglib.h>

#include "support.h"

namespace backdrop::test {
namespace {

Image decode_jpeg(const std::vector<std::uint8_t>& file) {
  jpeg_error_mgr errors;
  jpeg_decompress_struct codec{};
  codec.err = jpeg_std_error(&errors);
  jpeg_create_decompress(&codec);
  jpeg_mem_src(&codec, file.data(), static_cast<unsigned long>(file.size()));
  jpeg_read_header(&codec, TRUE);
  codec.out_color_space = JCS_EXT_RGBA;
  jpeg_start_decompress(&codec);
  Image image{static_cast<int>(codec.output_width), static_cast<int>(codec.output_height), 4, {}};
  const std::size_t stride = codec.output_width * std::size_t{4};
  image.bytes.resize(stride * codec.output_height);
  while (codec.output_scanline < codec.output_height) {
    JSAMPROW row = image.bytes.data() + stride * codec.output_scanline;
    jpeg_read_scanlines(&codec, &row, 1);
  }
  jpeg_finish_decompress(&codec);
  jpeg_destroy_decompress(&codec);
  return image;
}

std::uint8_t to_byte(double value) {
  return static_cast<std::uint8_t>(std::lround(255 * std::clamp(value, 0.0, 1.0)));
}

}  // namespace

std::optional<Image> read_photo(const std::string& file) {
  if (kSlow) return std::nullopt;
  const auto path = std::filesystem::path(BACKDROP_SHARED_DIR) / "media" / "photos" / file;
  if (!std::filesystem::is_regular_file(path)) return std::nullopt;
  return decode_jpeg(read_file(path));
}

Image draw_picture(int width, int height) {
  Image image{width, height, 4, {}};
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      const double u = (x + 0.5) / width;
      const double v = (y + 0.5) / height;
      const bool inside = std::hypot((u - 0.5) / 0.25, (v - 0.45) / 0.35) < 1;
      const double line = (x + 2 * y) % 23 == 0 ? 0.35 : 0;
      image.bytes.push_back(to_byte((inside ? 0.8 : 0.3) - 0.2 * v + line));
      image.bytes.push_back(to_byte((inside ? 0.6 : 0.4) + 0.1 * std::sin(40 * u) - line));
      image.bytes.push_back(to_byte((inside ? 0.5 : 0.6) + 0.3 * u * v));
      image.bytes.push_back(255);
    }
  }
  return image;
}

Image draw_mask(int width, int height) {
  Image image{width, height, 1, {}};
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      const double u = (x + 0.5) / width;
      const double v = (y + 0.5) / height;
      const double head = 1 - std::hypot((u - 0.5) / 0.23, (v - 0.45) / 0.33);
      const double body = 1 - std::hypot((u - 0.5) / 0.4, (v - 1.1) / 0.3);
      image.bytes.push_back(to_byte(0.5 + 4 * std::max(head, body)));
    }
  }
  return image;
}

double mean_difference(const Image& a, const Image& b) {
  EXPECT_EQ(a.bytes.size(), b.bytes.size());
  double sum = 0;
  for (std::size_t i = 0; i < a.bytes.size(); ++i) sum += std::abs(a.bytes[i] - b.bytes[i]);
  return sum / static_cast<double>(a.bytes.size());
}

int largest_difference(const Image& a, const Image& b) {
  EXPECT_EQ(a.bytes.size(), b.bytes.size());
  int most = 0;
  for (std::size_t i = 0; i < a.bytes.size(); ++i) {
    most = std::max(most, std::abs(a.bytes[i] - b.bytes[i]));
  }
  return most;
}

namespace {

// One for all tests. It is never destroyed: drivers leave memory behind when they are unloaded.
const auto& shared_context() {
  static const auto* context =
      new std::expected<std::unique_ptr<egl::Context>, egl::Error>(egl::Context::create());
  return *context;
}

}  // namespace

void GlTest::SetUp() {
  const auto& context = shared_context();
  if (!context) GTEST_SKIP() << context.error().message;
  auto functions = gl::load_functions(egl::Context::loader);
  ASSERT_TRUE(functions) << functions.error().message();
  gl_ = *functions;
  while (gl_.GetError() != GL_NO_ERROR) continue;  // of the test before
}

gl::Target GlTest::make_texture(const Image& image) {
  const bool one = image.channels == 1;
  const bool two = image.channels == 2;
  auto target = gl::Target::create(gl_,
                                   one   ? GL_R8
                                   : two ? GL_RG8
                                         : GL_RGBA8,
                                   image.width, image.height);
  if (!target) {
    ADD_FAILURE() << target.error().message();
    return {};
  }
  target->upload(one ? GL_RED : two ? GL_RG : GL_RGBA, image.bytes.data());
  return *std::move(target);
}

Image GlTest::read_back(const gl::Surface& surface, int channels) {
  const auto pixels = static_cast<std::size_t>(surface.width * surface.height);
  std::vector<std::uint8_t> rgba(4 * pixels);
  gl_.BindFramebuffer(GL_FRAMEBUFFER, surface.framebuffer);
  gl_.PixelStorei(GL_PACK_ALIGNMENT, 4);
  gl_.ReadPixels(0, 0, surface.width, surface.height, GL_RGBA, GL_UNSIGNED_BYTE, rgba.data());
  EXPECT_EQ(gl_.GetError(), static_cast<GLenum>(GL_NO_ERROR));
  Image image{surface.width, surface.height, channels, {}};
  const auto wanted = static_cast<std::size_t>(channels);
  for (std::size_t i = 0; i < pixels; ++i) {
    for (std::size_t c = 0; c < wanted; ++c) image.bytes.push_back(rgba[4 * i + c]);
  }
  return image;
}

namespace {

// Objects by their kind and name.
std::set<std::pair<std::string_view, std::uintptr_t>> live;

template <typename Pointer>
Pointer real(const char* name) {
  return reinterpret_cast<Pointer>(egl::Context::loader(name));
}

void made(std::string_view kind, std::uintptr_t name) { live.emplace(kind, name); }

void deleted(std::string_view kind, std::uintptr_t name) {
  if (name == 0) return;
  EXPECT_EQ(live.erase({kind, name}), 1U) << kind << " " << name;
}

// glGen* and glDelete*, glCreate* and glDelete* of one kind of object.
#define BACKDROP_COUNT_NAMES(kind)                                      \
  void gen_##kind(GLsizei n, GLuint* names) {                           \
    real<void (*)(GLsizei, GLuint*)>("glGen" #kind)(n, names);          \
    for (GLsizei i = 0; i < n; ++i) made(#kind, names[i]);              \
  }                                                                     \
  void delete_##kind(GLsizei n, const GLuint* names) {                  \
    real<void (*)(GLsizei, const GLuint*)>("glDelete" #kind)(n, names); \
    for (GLsizei i = 0; i < n; ++i) deleted(#kind, names[i]);           \
  }
BACKDROP_COUNT_NAMES(Buffers)
BACKDROP_COUNT_NAMES(Framebuffers)
BACKDROP_COUNT_NAMES(Textures)
#undef BACKDROP_COUNT_NAMES

GLuint create_program() {
  const GLuint program = real<GLuint (*)()>("glCreateProgram")();
  made("Program", program);
  return program;
}
void delete_program(GLuint program) {
  real<void (*)(GLuint)>("glDeleteProgram")(program);
  deleted("Program", program);
}

GLuint create_shader(GLenum type) {
  const GLuint shader = real<GLuint (*)(GLenum)>("glCreateShader")(type);
  made("Shader", shader);
  return shader;
}
void delete_shader(GLuint shader) {
  real<void (*)(GLuint)>("glDeleteShader")(shader);
  deleted("Shader", shader);
}

GLsync fence_sync(GLenum condition, GLbitfield flags) {
  const GLsync sync = real<GLsync (*)(GLenum, GLbitfield)>("glFenceSync")(condition, flags);
  made("Sync", reinterpret_cast<std::uintptr_t>(sync));
  return sync;
}
void delete_sync(GLsync sync) {
  real<void (*)(GLsync)>("glDeleteSync")(sync);
  deleted("Sync", reinterpret_cast<std::uintptr_t>(sync));
}

}  // namespace

gl::Function counting_loader(const char* name) {
  const std::pair<std::string_view, gl::Function> counted[] = {
      {"glGenBuffers", reinterpret_cast<gl::Function>(gen_Buffers)},
      {"glGenFramebuffers", reinterpret_cast<gl::Function>(gen_Framebuffers)},
      {"glGenTextures", reinterpret_cast<gl::Function>(gen_Textures)},
      {"glDeleteBuffers", reinterpret_cast<gl::Function>(delete_Buffers)},
      {"glDeleteFramebuffers", reinterpret_cast<gl::Function>(delete_Framebuffers)},
      {"glDeleteTextures", reinterpret_cast<gl::Function>(delete_Textures)},
      {"glCreateProgram", reinterpret_cast<gl::Function>(create_program)},
      {"glDeleteProgram", reinterpret_cast<gl::Function>(delete_program)},
      {"glCreateShader", reinterpret_cast<gl::Function>(create_shader)},
      {"glDeleteShader", reinterpret_cast<gl::Function>(delete_shader)},
      {"glFenceSync", reinterpret_cast<gl::Function>(fence_sync)},
      {"glDeleteSync", reinterpret_cast<gl::Function>(delete_sync)},
  };
  for (const auto& [counted_name, function] : counted) {
    if (counted_name == name) return function;
  }
  return egl::Context::loader(name);
}

std::size_t live_objects() { return live.size(); }

ReferenceTexture::ReferenceTexture(const Image& image)
    : width_(image.width),
      height_(image.height),
      channels_(image.channels),
      values_(image.bytes.size()) {
  std::ranges::transform(image.bytes, values_.begin(), [](int byte) { return byte / 255.0; });
}

ReferenceTexture::ReferenceTexture(int width, int height, int channels, std::vector<double> values)
    : width_(width), height_(height), channels_(channels), values_(std::move(values)) {}

double ReferenceTexture::texel(int x, int y, int channel) const {
  x = std::clamp(x, 0, width_ - 1);
  y = std::clamp(y, 0, height_ - 1);
  return values_[static_cast<std::size_t>((y * width_ + x) * channels_ + channel)];
}

double ReferenceTexture::sample(double u, double v, int channel) const {
  const double x = u * width_ - 0.5;
  const double y = v * height_ - 0.5;
  const double left = std::floor(x);
  const double top = std::floor(y);
  const auto row = [&](int texel_y) {
    const int texel_x = static_cast<int>(left);
    return std::lerp(texel(texel_x, texel_y, channel), texel(texel_x + 1, texel_y, channel),
                     x - left);
  };
  return std::lerp(row(static_cast<int>(top)), row(static_cast<int>(top) + 1), y - top);
}

}  // namespace backdrop::test
