#include "render/gl/refiner.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <array>
#include <optional>
#include <string>
#include <vector>

#include "gl_support.h"
#include "support.h"

namespace backdrop::test {
namespace {

using gl::Refiner;

constexpr RefinementKind kKinds[] = {RefinementKind::kNone, RefinementKind::kGuided,
                                     RefinementKind::kBilateral, RefinementKind::kBilateralRational,
                                     RefinementKind::kBilateralSeparable};

// What is refined, and to which size.
struct Scene {
  std::string name;
  Image frame, mask;
  int width, height;

  Refiner::Sizes sizes() const { return {mask.width, mask.height, width, height}; }
};

Scene drawn_scene(int width, int height, int mask_width, int mask_height) {
  const std::string name = "drawn, " + std::to_string(width) + "x" + std::to_string(height);
  return {name, draw_picture(width, height), draw_mask(mask_width, mask_height), width, height};
}

// Photos with the masks that a network finds in them, where they are to be had, refined at most
// that wide.
std::vector<Scene> photo_scenes(int most_width) {
  std::vector<Scene> scenes;
  for (const auto& [name, file] : {std::pair{"girl", "girl-919048_1280.jpg"},
                                   {"woman", "woman-5883428_1280.jpg"},
                                   {"doctor", "doctor-5871743_640.jpg"}}) {
    const auto folder = golden_folder();
    auto photo = read_photo(file);
    if (!folder || !photo) continue;
    const std::string golden = "selfie_segmentation_landscape__" + std::string(name) + ".npy";
    Image mask{256, 144, 1, {}};
    for (const float probability : read_npy_floats(*folder / golden)) {
      mask.bytes.push_back(static_cast<std::uint8_t>(std::lround(255 * probability)));
    }
    const int width = std::min(photo->width, most_width);
    const int height = photo->height * width / photo->width;
    scenes.push_back({name, *std::move(photo), std::move(mask), width, height});
  }
  return scenes;
}

double square(double x) { return x * x; }

// The definitions, in double precision.
class Reference {
 public:
  Reference(const Refinement& refinement, const Scene& scene)
      : refinement_(refinement),
        frame_(scene.frame),
        mask_(scene.mask),
        width_(scene.width),
        height_(scene.height) {
    const double scale = std::max(static_cast<double>(width_) / mask_.width(),
                                  static_cast<double>(height_) / mask_.height());
    const double sigma = refinement.sigma_space * scale;
    sigma_ = sigma * std::max(1.0 / width_, 1.0 / height_);
    const double step = std::max(1.0, 0.66 * std::sqrt(sigma));
    const double offset = step > 1 ? step / 2 : 0;
    for (double i = -sigma + offset; i <= sigma; i += step) taps_.push_back(i);
    if (refinement.kind == RefinementKind::kGuided) find_lines();
    if (refinement.kind == RefinementKind::kBilateralSeparable) filter_rows();
  }

  // 0 to 1.
  double at(int x, int y) const {
    const double u = (x + 0.5) / width_;
    const double v = (y + 0.5) / height_;
    switch (refinement_.kind) {
      case RefinementKind::kNone:
        return mask_.sample(u, v, 0);
      case RefinementKind::kGuided:
        return std::clamp(lines_->sample(u, v, 0) * luma(u, v) + lines_->sample(u, v, 1), 0.0, 1.0);
      case RefinementKind::kBilateral:
        return bilateral(mask_, u, v, taps_, taps_, gaussian);
      case RefinementKind::kBilateralRational:
        return bilateral(mask_, u, v, taps_, taps_, rational);
      case RefinementKind::kBilateralSeparable:
        return bilateral(*rows_, u, v, {0}, taps_, rational);
    }
    return 0;
  }

 private:
  static double gaussian(double x) { return std::exp(-x); }
  static double rational(double x) { return 1 / square(1 + x / 2 + x * x / 8); }

  double luma(double u, double v) const {
    return 0.299 * frame_.sample(u, v, 0) + 0.587 * frame_.sample(u, v, 1) +
           0.114 * frame_.sample(u, v, 2);
  }

  // `weigh` is the weight of colours, of the exponent that a Gaussian has.
  double bilateral(const ReferenceTexture& mask, double u, double v, const std::vector<double>& row,
                   const std::vector<double>& column, double (*weigh)(double)) const {
    const auto falloff = [](double sigma) { return 0.5 / (sigma * sigma * 4 + 1e-6); };
    const auto color = [&](double at_u, double at_v) {
      return std::array{frame_.sample(at_u, at_v, 0), frame_.sample(at_u, at_v, 1),
                        frame_.sample(at_u, at_v, 2)};
    };
    const auto center = color(u, v);
    double sum = 0;
    double total = 0;
    for (const double j : column) {
      for (const double i : row) {
        const double tap_u = u + i / width_;
        const double tap_v = v + j / height_;
        const auto [r, g, b] = color(tap_u, tap_v);
        const double difference =
            square(r - center[0]) + square(g - center[1]) + square(b - center[2]);
        const double weight = std::exp(-falloff(sigma_) * (square(tap_u - u) + square(tap_v - v))) *
                              weigh(falloff(refinement_.sigma_color) * difference);
        sum += weight * mask.sample(tap_u, tap_v, 0);
        total += weight;
      }
    }
    return sum / total;
  }

  void filter_rows() {
    std::vector<double> values;
    for (int y = 0; y < height_; ++y) {
      for (int x = 0; x < width_; ++x) {
        values.push_back(
            bilateral(mask_, (x + 0.5) / width_, (y + 0.5) / height_, taps_, {0}, rational));
      }
    }
    rows_.emplace(width_, height_, 1, std::move(values));
  }

  // Means over (2 * radius + 1)^2 pixels of all channels.
  static ReferenceTexture box(const ReferenceTexture& in, int channels, int radius) {
    std::vector<double> means;
    for (int y = 0; y < in.height(); ++y) {
      for (int x = 0; x < in.width(); ++x) {
        for (int c = 0; c < channels; ++c) {
          double sum = 0;
          for (int j = -radius; j <= radius; ++j) {
            for (int i = -radius; i <= radius; ++i) sum += in.texel(x + i, y + j, c);
          }
          means.push_back(sum / square(2 * radius + 1));
        }
      }
    }
    return {in.width(), in.height(), channels, std::move(means)};
  }

  // The guided filter's coefficients.
  void find_lines() {
    const int mask_width = mask_.width();
    const int mask_height = mask_.height();
    const int radius = std::max(1, static_cast<int>(std::lround(refinement_.sigma_space)));
    // The frame shrunk: means of as many linear samples as there are pairs of pixels.
    const auto pairs = [](int extent, int mask_extent) {
      return std::max(1, static_cast<int>(std::floor(extent / 2.0 / mask_extent + 0.5)));
    };
    const int columns = pairs(frame_.width(), mask_width);
    const int rows = pairs(frame_.height(), mask_height);
    std::vector<double> products;
    for (int y = 0; y < mask_height; ++y) {
      for (int x = 0; x < mask_width; ++x) {
        double guide = 0;
        for (int j = 0; j < rows; ++j) {
          for (int i = 0; i < columns; ++i) {
            guide +=
                luma((x + (i + 0.5) / columns) / mask_width, (y + (j + 0.5) / rows) / mask_height);
          }
        }
        guide /= columns * rows;
        const double value = mask_.texel(x, y, 0);
        products.insert(products.end(), {guide, value, guide * guide, guide * value});
      }
    }
    const ReferenceTexture means = box({mask_width, mask_height, 4, products}, 4, radius);
    std::vector<double> lines;
    for (int y = 0; y < mask_height; ++y) {
      for (int x = 0; x < mask_width; ++x) {
        const double guide = means.texel(x, y, 0);
        const double value = means.texel(x, y, 1);
        const double a = (means.texel(x, y, 3) - guide * value) /
                         (means.texel(x, y, 2) - guide * guide + square(refinement_.sigma_color));
        lines.insert(lines.end(), {a, value - a * guide});
      }
    }
    lines_.emplace(box({mask_width, mask_height, 2, lines}, 2, radius));
  }

  Refinement refinement_;
  ReferenceTexture frame_, mask_;
  int width_, height_;
  double sigma_ = 0;
  std::vector<double> taps_;
  std::optional<ReferenceTexture> rows_, lines_;
};

class GlRefiner : public GlTest {
 protected:
  // One channel, of the size that the scene asks for.
  Image refine(const Refinement& refinement, const Scene& scene) {
    return refine(refinement, scene, gl_);
  }
  Image refine(const Refinement& refinement, const Scene& scene, const gl::Functions& functions) {
    const auto refiner = Refiner::create(functions, refinement, scene.sizes());
    if (!refiner) {
      ADD_FAILURE() << refiner.error().message();
      return {};
    }
    const gl::Target frame = make_texture(scene.frame);
    const gl::Target mask = make_texture(scene.mask);
    return enlarge(refiner->run(frame.view(), mask.view()), scene.width, scene.height);
  }

  // As a later pass samples it.
  Image enlarge(const gl::TextureView& texture, int width, int height) {
    const auto program = gl::Program::create(gl_, "",
                                             "uniform sampler2D refined;\n"
                                             "in vec2 v_uv;\n"
                                             "out vec4 color;\n"
                                             "void main() { color = texture(refined, v_uv); }\n");
    const auto target = gl::Target::create(gl_, GL_R8, width, height);
    if (!program || !target) {
      ADD_FAILURE();
      return {};
    }
    program->use();
    program->draw(std::span(&texture, 1), surface_of(*target));
    return read_back(surface_of(*target), 1);
  }
};

// Looks at each pixel of the number `step`.
void expect_near_reference(const Image& refined, const Refinement& refinement, const Scene& scene,
                           int step) {
  const Reference reference(refinement, scene);
  double most = 0;
  for (int i = 0; i < scene.width * scene.height; i += step) {
    const int x = i % scene.width;
    const int y = i / scene.width;
    most = std::max(most, std::abs(refined.at(x, y, 0) - 255 * reference.at(x, y)));
  }
  EXPECT_LE(most, 2) << scene.name << ", kind " << static_cast<int>(refinement.kind)
                     << ", sigma_space " << refinement.sigma_space << ", sigma_color "
                     << refinement.sigma_color;
}

TEST_F(GlRefiner, IsTheReferenceOnADrawing) {
  for (const RefinementKind kind : kKinds) {
    for (const Scene& scene : {drawn_scene(97, 55, 32, 18), drawn_scene(54, 97, 33, 19),
                               drawn_scene(7, 5, 16, 9), drawn_scene(1, 1, 16, 9)}) {
      for (const auto& [sigma_space, sigma_color] :
           {std::pair{1.0f, 0.1f}, {0.3f, 0.06f}, {2.5f, 0.5f}}) {
        const Refinement refinement{kind, sigma_space, sigma_color};
        expect_near_reference(refine(refinement, scene), refinement, scene, 1);
      }
    }
  }
}

TEST_F(GlRefiner, IsTheReferenceOnPhotos) {
  const auto scenes = photo_scenes(640);
  if (scenes.empty()) GTEST_SKIP() << kNoPhotos;
  for (const Scene& scene : scenes) {
    for (const RefinementKind kind : kKinds) {
      expect_near_reference(refine({kind}, scene), {kind}, scene, 17);
    }
  }
}

TEST_F(GlRefiner, IsTheReferenceOnASmallerSource) {
  Scene scene = drawn_scene(181, 101, 32, 18);
  scene.width = 90;
  scene.height = 50;
  for (const RefinementKind kind : kKinds) {
    expect_near_reference(refine({kind}, scene), {kind}, scene, 1);
  }
}

// The kinds that do less than the bilateral filter, and how far from it they may come on average.
TEST_F(GlRefiner, ComesNearTheBilateralFilterWithLessWork) {
  const auto scenes = photo_scenes(1280);
  if (scenes.empty()) GTEST_SKIP() << kNoPhotos;
  for (const Scene& scene : scenes) {
    const Image bilateral = refine({RefinementKind::kBilateral}, scene);
    const auto difference = [&](RefinementKind kind) {
      return mean_difference(refine({kind}, scene), bilateral);
    };
    const double unrefined = difference(RefinementKind::kNone);
    EXPECT_LE(difference(RefinementKind::kBilateralRational), unrefined / 20) << scene.name;
    EXPECT_LE(difference(RefinementKind::kBilateralSeparable), unrefined / 4) << scene.name;
    EXPECT_LE(difference(RefinementKind::kGuided), 2) << scene.name;
  }
}

// A colour that no tap comes near leaves the mask as it is, and no hole.
TEST_F(GlRefiner, KeepsTheMaskWhereNoColorIsNear) {
  Scene scene = drawn_scene(64, 36, 16, 9);
  for (std::size_t i = 0; i < scene.frame.bytes.size(); ++i) {
    scene.frame.bytes[i] = static_cast<std::uint8_t>(i / 4 * 97);
  }
  std::ranges::fill(scene.mask.bytes, std::uint8_t{255});
  for (const RefinementKind kind : kKinds) {
    const Image refined = refine({kind, 1, 0.001f}, scene);
    EXPECT_GE(std::ranges::min(refined.bytes), 254) << static_cast<int>(kind);
  }
}

// Functions of a driver that draws to bytes only.
gl::Functions without_floats(gl::Functions functions) {
  static GLenum latest_format;
  static decltype(functions.TexStorage2D) tex_storage;
  static decltype(functions.CheckFramebufferStatus) check;
  tex_storage = functions.TexStorage2D;
  check = functions.CheckFramebufferStatus;
  functions.TexStorage2D = [](GLenum target, GLsizei levels, GLenum format, GLsizei width,
                              GLsizei height) {
    latest_format = format;
    tex_storage(target, levels, format, width, height);
  };
  functions.CheckFramebufferStatus = [](GLenum target) {
    const bool bytes = latest_format == GL_R8 || latest_format == GL_RG8;
    return bytes ? check(target) : GLenum{GL_FRAMEBUFFER_UNSUPPORTED};
  };
  return functions;
}

TEST_F(GlRefiner, FiltersSeparablyWhereFloatsCantBeDrawnTo) {
  const Scene scene = drawn_scene(97, 55, 32, 18);
  const gl::Functions functions = without_floats(gl_);
  const Image guided = refine({RefinementKind::kGuided}, scene, functions);
  EXPECT_EQ(guided.bytes, refine({RefinementKind::kBilateralSeparable}, scene).bytes);
  EXPECT_NE(guided.bytes, refine({RefinementKind::kGuided}, scene).bytes);
}

TEST_F(GlRefiner, LeavesNoObjectsBehind) {
  auto functions = gl::load_functions(counting_loader);
  ASSERT_TRUE(functions);
  ASSERT_EQ(live_objects(), 0U);
  const gl::Target frame = make_texture(draw_picture(64, 36));
  const gl::Target mask = make_texture(draw_mask(16, 9));
  for (std::size_t i = 0; i < 500; ++i) {
    const Refinement refinement{kKinds[i % std::size(kKinds)]};
    ASSERT_TRUE(Refiner::create(*functions, refinement, {16, 9, 64, 36}));
    ASSERT_EQ(live_objects(), 0U);
  }
  for (const RefinementKind kind : kKinds) {
    std::optional<Refiner> refiner;
    std::size_t objects = 0;
    for (int i = 0; i < 1000 / static_cast<int>(std::size(kKinds)); ++i) {
      auto created = Refiner::create(*functions, {kind}, {16, 9, 32 + i, 18 + i % 7});
      ASSERT_TRUE(created);
      refiner = *std::move(created);
      if (i % 20 == 0) refiner->run(frame.view(), mask.view());
      if (i == 0) objects = live_objects();
      ASSERT_EQ(live_objects(), objects);
    }
  }
  EXPECT_EQ(live_objects(), 0U);
  EXPECT_EQ(gl_.GetError(), static_cast<GLenum>(GL_NO_ERROR));
}

TEST_F(GlRefiner, DrawsTheSameAgainWithoutNewObjects) {
  auto functions = gl::load_functions(counting_loader);
  ASSERT_TRUE(functions);
  const gl::Target frame = make_texture(draw_picture(64, 36));
  const gl::Target mask = make_texture(draw_mask(16, 9));
  for (const RefinementKind kind : kKinds) {
    const auto refiner = Refiner::create(*functions, {kind}, {16, 9, 64, 36});
    ASSERT_TRUE(refiner);
    const std::size_t objects = live_objects();
    const Image first = enlarge(refiner->run(frame.view(), mask.view()), 64, 36);
    EXPECT_EQ(enlarge(refiner->run(frame.view(), mask.view()), 64, 36).bytes, first.bytes);
    EXPECT_EQ(live_objects(), objects);
  }
}

}  // namespace
}  // namespace backdrop::test
