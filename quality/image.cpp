#include "image.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace backdrop::quality {
namespace {

// What a sample of a resized or blurred row is made of: taps beginning at `first`.
struct Window {
  int first = 0;
  std::vector<float> weights;
};

void normalize(std::vector<float>& weights) {
  float sum = 0;
  for (const float weight : weights) sum += weight;
  for (float& weight : weights) weight /= sum;
}

// Windows of `count` samples, `scale` times as dense as the image's, the first at `start`.
std::vector<Window> tent_windows(int count, double scale, double start) {
  const double reach = std::max(1.0, 1 / scale);
  std::vector<Window> windows(static_cast<std::size_t>(count));
  for (int i = 0; i < count; ++i) {
    const double centre = (start + i + 0.5) / scale - 0.5;
    Window& window = windows[static_cast<std::size_t>(i)];
    window.first = static_cast<int>(std::floor(centre - reach)) + 1;
    for (int x = window.first; x < centre + reach; ++x) {
      window.weights.push_back(static_cast<float>(1 - std::abs(x - centre) / reach));
    }
    normalize(window.weights);
  }
  return windows;
}

std::vector<Window> gaussian_windows(int count, double sigma) {
  const int reach = static_cast<int>(std::ceil(3.5 * sigma));
  std::vector<float> weights;
  for (int x = -reach; x <= reach; ++x) {
    weights.push_back(static_cast<float>(std::exp(-x * x / (2 * sigma * sigma))));
  }
  normalize(weights);
  std::vector<Window> windows(static_cast<std::size_t>(count));
  for (int i = 0; i < count; ++i) windows[static_cast<std::size_t>(i)] = {i - reach, weights};
  return windows;
}

Image filter_rows(const Image& in, const std::vector<Window>& windows) {
  Image out(static_cast<int>(windows.size()), in.height, in.channels);
  for (int y = 0; y < out.height; ++y) {
    for (int x = 0; x < out.width; ++x) {
      const Window& window = windows[static_cast<std::size_t>(x)];
      int from = window.first;
      for (const float weight : window.weights) {
        const float* sample = in.row(y) + std::clamp(from++, 0, in.width - 1) * in.channels;
        for (int c = 0; c < in.channels; ++c) out.at(x, y, c) += weight * sample[c];
      }
    }
  }
  return out;
}

Image filter_columns(const Image& in, const std::vector<Window>& windows) {
  Image out(in.width, static_cast<int>(windows.size()), in.channels);
  for (int y = 0; y < out.height; ++y) {
    const Window& window = windows[static_cast<std::size_t>(y)];
    int from = window.first;
    float* to = out.row(y);
    for (const float weight : window.weights) {
      const float* row = in.row(std::clamp(from++, 0, in.height - 1));
      for (int i = 0; i < in.width * in.channels; ++i) to[i] += weight * row[i];
    }
  }
  return out;
}

// Means of squares of `side` pixels, `beyond` squares more on each side, where the edges' samples
// go on.
Image means(const Image& in, int side, int beyond) {
  Image out((in.width + side - 1) / side + 2 * beyond, (in.height + side - 1) / side + 2 * beyond,
            in.channels);
  const float share = 1 / static_cast<float>(side * side);
  for (int y = 0; y < out.height * side; ++y) {
    const float* row = in.row(std::clamp(y - beyond * side, 0, in.height - 1));
    for (int x = 0; x < out.width * side; ++x) {
      const float* sample = row + std::clamp(x - beyond * side, 0, in.width - 1) * in.channels;
      float* to = out.row(y / side) + x / side * in.channels;
      for (int c = 0; c < in.channels; ++c) to[c] += share * sample[c];
    }
  }
  return out;
}

int mirrored(int i, int count) {
  const int period = 2 * count;
  const int within = ((i % period) + period) % period;
  return within < count ? within : period - 1 - within;
}

// The sample at (x, y); nullptr where nothing lies.
const float* sample_at(const Image& image, int x, int y, Beyond beyond) {
  if (x < 0 || y < 0 || x >= image.width || y >= image.height) {
    if (beyond == Beyond::kClear) return nullptr;
    x = mirrored(x, image.width);
    y = mirrored(y, image.height);
  }
  return image.row(y) + x * image.channels;
}

template <int channels>
void interpolate(const Image& image, double x, double y, Beyond beyond, float* to) {
  const int left = static_cast<int>(std::floor(x));
  const int top = static_cast<int>(std::floor(y));
  const auto right_share = static_cast<float>(x - left);
  const auto lower_share = static_cast<float>(y - top);
  const float weights[] = {(1 - right_share) * (1 - lower_share), right_share * (1 - lower_share),
                           (1 - right_share) * lower_share, right_share * lower_share};
  if (left >= 0 && top >= 0 && left + 1 < image.width && top + 1 < image.height) {
    const float* upper = image.row(top) + left * channels;
    const float* lower = image.row(top + 1) + left * channels;
    for (int c = 0; c < channels; ++c) {
      to[c] = weights[0] * upper[c] + weights[1] * upper[c + channels] + weights[2] * lower[c] +
              weights[3] * lower[c + channels];
    }
    return;
  }
  for (int i = 0; i < 4; ++i) {
    const float* sample = sample_at(image, left + i % 2, top + i / 2, beyond);
    if (!sample) continue;
    for (int c = 0; c < channels; ++c) to[c] += weights[i] * sample[c];
  }
}

template <int channels>
void warp_into(Image& out, const Image& image, const Affine& to_image, Beyond beyond) {
  for (int y = 0; y < out.height; ++y) {
    for (int x = 0; x < out.width; ++x) {
      const double from_x = to_image.xx * x + to_image.xy * y + to_image.x0;
      const double from_y = to_image.yx * x + to_image.yy * y + to_image.y0;
      const bool is_far =
          from_x <= -1 || from_y <= -1 || from_x >= image.width || from_y >= image.height;
      if (is_far && beyond == Beyond::kClear) continue;
      interpolate<channels>(image, from_x, from_y, beyond, out.row(y) + x * channels);
    }
  }
}

}  // namespace

Affine Affine::turned(double degrees, double scale, double from_x, double from_y, double to_x,
                      double to_y) {
  const double along = scale * std::cos(degrees * std::numbers::pi / 180);
  const double across = scale * std::sin(degrees * std::numbers::pi / 180);
  return {along,   across, to_x - along * from_x - across * from_y,
          -across, along,  to_y + across * from_x - along * from_y};
}

Affine Affine::after(const Affine& first) const {
  return {xx * first.xx + xy * first.yx,      xx * first.xy + xy * first.yy,
          xx * first.x0 + xy * first.y0 + x0, yx * first.xx + yy * first.yx,
          yx * first.xy + yy * first.yy,      yx * first.x0 + yy * first.y0 + y0};
}

Affine Affine::inverse() const {
  const double area = xx * yy - xy * yx;
  return {yy / area,  -xy / area, (xy * y0 - yy * x0) / area,
          -yx / area, xx / area,  (yx * x0 - xx * y0) / area};
}

Image colors_of(const cli::Picture& picture) {
  Image colors(picture.width, picture.height, 3);
  for (std::size_t i = 0; i < colors.pixels(); ++i) {
    for (std::size_t c = 0; c < 3; ++c) colors.values[3 * i + c] = picture.rgba[4 * i + c];
  }
  return colors;
}

Image premultiplied(const cli::Picture& picture) {
  Image image(picture.width, picture.height, 4);
  for (std::size_t i = 0; i < image.values.size(); i += 4) {
    const float alpha = picture.rgba[i + 3];
    for (std::size_t c = 0; c < 3; ++c) image.values[i + c] = picture.rgba[i + c] * alpha / 255;
    image.values[i + 3] = alpha;
  }
  return image;
}

cli::Picture to_picture(const Image& colors) {
  cli::Picture picture;
  picture.resize(static_cast<std::uint64_t>(colors.width),
                 static_cast<std::uint64_t>(colors.height));
  for (std::size_t i = 0; i < colors.pixels(); ++i) {
    for (std::size_t c = 0; c < 3; ++c) {
      const float level = std::clamp(colors.values[3 * i + c], 0.0F, 255.0F);
      picture.rgba[4 * i + c] = static_cast<std::uint8_t>(level + 0.5F);
    }
    picture.rgba[4 * i + 3] = 255;
  }
  return picture;
}

Image alpha_of(const std::vector<std::uint8_t>& bytes, int width, int height) {
  Image alpha(width, height, 1);
  for (std::size_t i = 0; i < alpha.values.size(); ++i) {
    alpha.values[i] = static_cast<float>(bytes[i]) / 255;
  }
  return alpha;
}

Image covering(const Image& image, int width, int height) {
  const double scale = std::max(static_cast<double>(width) / image.width,
                                static_cast<double>(height) / image.height);
  const double cut_x = (image.width * scale - width) / 2;
  const double cut_y = (image.height * scale - height) / 2;
  return filter_columns(filter_rows(image, tent_windows(width, scale, cut_x)),
                        tent_windows(height, scale, cut_y));
}

Image gaussian_blur(const Image& image, double sigma) {
  return filter_columns(filter_rows(image, gaussian_windows(image.width, sigma)),
                        gaussian_windows(image.height, sigma));
}

Image wide_gaussian_blur(const Image& image, double sigma) {
  const int side = std::max(1, static_cast<int>(sigma / 3));
  if (side == 1) return gaussian_blur(image, sigma);
  // Means of squares and interpolation between them spread by (side^2 - 1) / 12 and side^2 / 6.
  const double spread = (side * side - 1) / 12.0 + side * side / 6.0;
  const double small_sigma = std::sqrt(sigma * sigma - spread) / side;
  const int beyond = static_cast<int>(std::ceil(3.5 * small_sigma));
  const Image small = gaussian_blur(means(image, side, beyond), small_sigma);
  const double shift = beyond - (side - 1) / 2.0 / side;
  const Affine to_small{1.0 / side, 0, shift, 0, 1.0 / side, shift};
  return warp(small, to_small, image.width, image.height, Beyond::kMirrored);
}

Image warp(const Image& image, const Affine& to_image, int width, int height, Beyond beyond) {
  Image out(width, height, image.channels);
  if (image.channels == 1) warp_into<1>(out, image, to_image, beyond);
  if (image.channels == 3) warp_into<3>(out, image, to_image, beyond);
  if (image.channels == 4) warp_into<4>(out, image, to_image, beyond);
  return out;
}

void lay_over(Image& under, const Image& over) {
  for (std::size_t i = 0; i < under.pixels(); ++i) {
    const float* from = over.values.data() + 4 * i;
    if (from[3] == 0) continue;
    const float through = 1 - from[3] / 255;
    if (under.channels == 1) {
      under.values[i] = under.values[i] * through + from[3] / 255;
      continue;
    }
    for (std::size_t c = 0; c < 3; ++c) {
      float& to = under.values[3 * i + c];
      to = to * through + from[c];
    }
  }
}

}  // namespace backdrop::quality
