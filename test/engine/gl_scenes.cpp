#include "gl_scenes.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <numeric>
#include <span>
#include <thread>
#include <utility>

#include "support.h"

namespace backdrop::test {

namespace {

// Mesa's software renderer interpolates bytes in 8 bits, unless it is told not to, and the coverage
// multiplies that error by up to 6.
const bool interpolates_precisely = setenv("GALLIVM_PERF", "no_aos_sampling", 0) == 0;

std::vector<float> probabilities_of(const Image& mask) {
  std::vector<float> values;
  for (const int byte : mask.bytes) values.push_back(static_cast<float>(byte) / 255);
  return values;
}

// Which samples of a row or a column a pixel's part covers, and by how much.
using Weights = std::vector<std::pair<int, double>>;
std::vector<Weights> weights_of(double begin, double extent, int count) {
  const double step = extent / count;
  const double width = std::max(step, 1.0);  // a part less than a pixel wide is widened to one
  std::vector<Weights> all(static_cast<std::size_t>(count));
  double centre = begin + step / 2;
  for (Weights& weights : all) {
    const double from = centre - width / 2;
    const double to = centre + width / 2;
    for (int i = static_cast<int>(std::floor(from)); i < to; ++i) {
      weights.emplace_back(i, (std::min(i + 1.0, to) - std::max<double>(i, from)) / width);
    }
    centre += step;
  }
  return all;
}

// Blurs a line of doubles, whose samples are `step` apart, in place. `beyond` is what is read where
// it ends: its edge, or zero.
enum class Beyond { kEdge, kZero };
void blur_line(double* line, int length, int step, std::span<const double> kernel, Beyond beyond) {
  const int reach = static_cast<int>(kernel.size() / 2);
  std::vector<double> padded;
  for (int i = -reach; i < length + reach; ++i) {
    const int inside = std::clamp(i, 0, length - 1);
    padded.push_back(inside == i || beyond == Beyond::kEdge ? line[inside * step] : 0);
  }
  for (int i = 0; i < length; ++i) {
    line[i * step] = std::inner_product(kernel.begin(), kernel.end(), padded.begin() + i, 0.0);
  }
}

// A plane under a Gaussian.
void blur_plane(std::vector<double>& plane, Size size, double sigma, Beyond beyond) {
  const int reach = static_cast<int>(std::ceil(4 * sigma));
  std::vector<double> kernel;
  for (int i = -reach; i <= reach; ++i) kernel.push_back(std::exp(-i * i / (2 * sigma * sigma)));
  const double total = std::accumulate(kernel.begin(), kernel.end(), 0.0);
  for (double& weight : kernel) weight /= total;
  for (int y = 0; y < size.height; ++y) {
    blur_line(plane.data() + y * size.width, size.width, 1, kernel, beyond);
  }
  for (int x = 0; x < size.width; ++x) {
    blur_line(plane.data() + x, size.height, size.width, kernel, beyond);
  }
}

std::vector<double> plane_of(const Image& image, int channel) {
  std::vector<double> plane;
  for (int y = 0; y < image.height; ++y) {
    for (int x = 0; x < image.width; ++x) plane.push_back(image.at(x, y, channel) / 255.0);
  }
  return plane;
}

double smoothstep(const Coverage& coverage, double value) {
  const double low = static_cast<double>(coverage.low);
  const double t = std::clamp((value - low) / (static_cast<double>(coverage.high) - low), 0.0, 1.0);
  return t * t * (3 - 2 * t);
}

// How much a pixel's own colour is the person's.
double confidence(double alpha) { return std::max(4 * alpha - 3, 0.0); }

// The probability of a person at each pixel of the frame, from the mask as it is uploaded.
std::vector<double> probabilities_at_pixels(const Scene& scene) {
  std::vector<double> values;
  for (const float value : scene.probabilities) {
    values.push_back(std::round(static_cast<double>(value) * 255) / 255);
  }
  const ReferenceTexture mask(kMaskWidth, kMaskHeight, 1, std::move(values));
  const auto [width, height] = scene.size();
  std::vector<double> enlarged;
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      enlarged.push_back(mask.sample((x + 0.5) / width, (y + 0.5) / height, 0));
    }
  }
  return enlarged;
}

}  // namespace

Scene draw_scene(int width, int height) {
  return {"drawn", draw_picture(width, height),
          probabilities_of(draw_mask(kMaskWidth, kMaskHeight))};
}

std::vector<Scene> scenes() {
  std::vector<Scene> all{draw_scene(331, 187)};
  const std::array<std::pair<const char*, const char*>, 3> photos{{
      {"doctor", "doctor-5871743_640.jpg"},
      {"girl", "girl-919048_1280.jpg"},
      {"woman", "woman-5883428_1280.jpg"},
  }};
  for (const auto& [name, file] : photos) {
    const auto photo = read_photo(file);
    const auto golden = golden_folder();
    if (!photo || !golden) {
      std::puts("without photos");
      break;
    }
    const std::string mask = std::string("selfie_segmentation_landscape__") + name + ".npy";
    all.push_back({name, *photo, read_npy_floats(*golden / mask)});
  }
  return all;
}

ConstFrame view_of(const Image& image) {
  return {.format = PixelFormat::kRgba,
          .width = image.width,
          .height = image.height,
          .planes = {image.bytes.data()},
          .strides = {4 * image.width}};
}

Image make_image(Size size, const Channel& channel) {
  Image image{size.width, size.height, 4, {}};
  for (int y = 0; y < size.height; ++y) {
    for (int x = 0; x < size.width; ++x) {
      for (int c = 0; c < 4; ++c) {
        const double level = std::clamp(channel(x, y, c), 0.0, 1.0) * 255;
        image.bytes.push_back(static_cast<std::uint8_t>(std::lround(level)));
      }
    }
  }
  return image;
}

Image upside_down(const Image& image) {
  return make_image({image.width, image.height}, [&](int x, int y, int c) {
    return image.at(x, image.height - 1 - y, c) / 255.0;
  });
}

Image resized_reference(const Image& picture, const gl::Resizer::SourceRect& part, Size size) {
  const ReferenceTexture texture(picture);
  const auto columns = weights_of(part.x, part.width, size.width);
  const auto rows = weights_of(part.y, part.height, size.height);
  return make_image(size, [&](int x, int y, int c) {
    double sum = 0;
    for (const auto& [v, down] : rows[static_cast<std::size_t>(y)]) {
      for (const auto& [u, across] : columns[static_cast<std::size_t>(x)]) {
        sum += down * across * texture.texel(u, v, c);
      }
    }
    return sum;
  });
}

Image covering_reference(const Image& picture, Size size) {
  const double scale = std::max(static_cast<double>(size.width) / picture.width,
                                static_cast<double>(size.height) / picture.height);
  const double width = size.width / scale;
  const double height = size.height / scale;
  return resized_reference(
      picture, {(picture.width - width) / 2, (picture.height - height) / 2, width, height}, size);
}

Image blurred_reference(const Image& image, double sigma) {
  std::array<std::vector<double>, 4> planes;
  for (std::size_t c = 0; c < 4; ++c) {
    planes[c] = plane_of(image, static_cast<int>(c));
    blur_plane(planes[c], {image.width, image.height}, sigma, Beyond::kEdge);
  }
  return make_image({image.width, image.height}, [&](int x, int y, int c) {
    return planes[static_cast<std::size_t>(c)][static_cast<std::size_t>(y * image.width + x)];
  });
}

Image composite_reference(const Scene& scene, const RenderSettings& settings,
                          const Channel& background, const Channel& light) {
  const std::vector<double> probabilities = probabilities_at_pixels(scene);
  const double high = static_cast<double>(settings.coverage.high);
  const double strength = static_cast<double>(settings.light_wrapping.strength);
  return make_image(scene.size(), [&](int x, int y, int c) {
    const double m = probabilities[static_cast<std::size_t>(y * scene.frame.width + x)];
    const double alpha = smoothstep(settings.coverage, m);
    double person = scene.frame.at(x, y, c) / 255.0;
    if (std::holds_alternative<TransparentBackground>(settings.background)) {
      if (alpha * 255 < 0.5) return 0.0;
      return c == 3 ? alpha : std::lerp(background(x, y, c), person, confidence(alpha));
    }
    if (c == 3) return 1.0;
    const double wrap = high < 1 ? 1 - std::max(0.0, m - high) / (1 - high) : 1;
    const double wrapped = strength > 0 ? strength * wrap * light(x, y, c) : 0;
    person = settings.light_wrapping.mode == BlendMode::kScreen ? 1 - (1 - person) * (1 - wrapped)
                                                                : person + wrapped;
    return std::lerp(background(x, y, c), person, alpha);
  });
}

namespace {

// The frame's colours, each weighted by a function of its alpha, under a Gaussian.
Image weighted_blur_reference(const Scene& scene, const RenderSettings& settings, double sigma,
                              const std::function<double(double)>& weight_of, double least) {
  const Size size = scene.size();
  std::vector<double> weights = probabilities_at_pixels(scene);
  for (double& value : weights) value = weight_of(smoothstep(settings.coverage, value));
  std::array<std::vector<double>, 4> sums;
  for (std::size_t c = 0; c < 3; ++c) {
    sums[c] = plane_of(scene.frame, static_cast<int>(c));
    std::ranges::transform(sums[c], weights, sums[c].begin(), std::multiplies{});
  }
  sums[3] = weights;
  for (std::vector<double>& plane : sums) blur_plane(plane, size, sigma, Beyond::kZero);
  return make_image(size, [&](int x, int y, int c) {
    const auto at = static_cast<std::size_t>(y * size.width + x);
    return c == 3 ? 1.0 : sums[static_cast<std::size_t>(c)][at] / std::max(sums[3][at], least);
  });
}

}  // namespace

Image background_blur_reference(const Scene& scene, const RenderSettings& settings, double sigma) {
  const auto weight = [](double alpha) { return 256 - 255 * std::min(2 * alpha, 1.0); };
  return weighted_blur_reference(scene, settings, sigma, weight, 0);
}

Image person_colors_reference(const Scene& scene, const RenderSettings& settings) {
  return weighted_blur_reference(scene, settings,
                                 person_color_sigma(scene.frame.width, scene.frame.height),
                                 confidence, static_cast<double>(kLeastPersonWeight));
}

ImageBackground background_of(const ConstFrame& image) {
  static std::uint64_t generation = 0;
  return {image, ++generation};
}

ImageBackground background_of(const Image& image) { return background_of(view_of(image)); }

Channel channel_of(const Image& image) {
  return [&image](int x, int y, int c) { return image.at(x, y, c) / 255.0; };
}

Channel channel_of(std::uint32_t rgb) {
  return [rgb](int, int, int c) { return c == 3 ? 1 : (rgb >> (16 - 8 * c) & 255) / 255.0; };
}

std::unique_ptr<GlRenderer> GlRendererTest::make_renderer(gl::Loader loader) {
  auto renderer = GlRenderer::create(loader);
  EXPECT_TRUE(renderer) << renderer.error().message();
  return renderer ? *std::move(renderer) : nullptr;
}

gl::Target GlRendererTest::make_target(Size size) {
  auto target = gl::Target::create(gl_, GL_RGBA8, size.width, size.height);
  EXPECT_TRUE(target) << target.error().message();
  return target ? *std::move(target) : gl::Target();
}

Image GlRendererTest::render(GlRenderer& renderer, const Scene& scene,
                             const RenderSettings& settings) {
  const gl::Target frame = make_texture(scene.frame);
  const gl::Target out = make_target(scene.size());
  const auto rendered = renderer.render(frame.view(), scene.mask(), settings, gl::surface_of(out));
  EXPECT_TRUE(rendered) << rendered.error().message();
  return read_back(gl::surface_of(out), 4);
}

Image GlRendererTest::sample(GlRenderer& renderer, const Image& frame, Size size) {
  const gl::Target texture = make_texture(frame);
  EXPECT_TRUE(renderer.begin_sample(texture.view(), {size.width, size.height}));
  while (!renderer.is_sampled()) std::this_thread::yield();
  const auto taken = take(renderer, size);
  EXPECT_TRUE(taken) << taken.error().message();
  return taken.value_or(frame);
}

Result<Image> GlRendererTest::take(GlRenderer& renderer, Size size) {
  Image image{size.width, size.height, 4, {}};
  image.bytes.resize(static_cast<std::size_t>(4 * size.width * size.height));
  BACKDROP_TRY(renderer.take_sample({size.width, size.height}, image.bytes));
  return image;
}

}  // namespace backdrop::test
