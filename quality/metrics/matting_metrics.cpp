#include "metrics/matting_metrics.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <utility>
#include <vector>

#include "metrics/sum.h"

namespace backdrop::quality {
namespace {

constexpr double kThousand = 1000;

double sum_of_differences(const Image& alpha, const Image& truth) {
  return sum_of(alpha.values.size(),
                [&](std::size_t i) { return std::abs(alpha.values[i] - truth.values[i]); });
}

double sum_of_squares(const Image& alpha, const Image& truth) {
  return sum_of(alpha.values.size(), [&](std::size_t i) {
    const float difference = alpha.values[i] - truth.values[i];
    return difference * difference;
  });
}

constexpr double kGradientSigma = 1.4;
constexpr int kGradientReach = 5;
using Filter = std::array<float, 2 * kGradientReach + 1>;

// A filter along an axis, so that a product of two of them has a sum of squares of 1.
template <typename Curve>
Filter unit_filter(Curve curve) {
  Filter filter{};
  double squares = 0;
  for (int x = -kGradientReach; x <= kGradientReach; ++x) {
    const double value = curve(x) * std::exp(-x * x / (2 * kGradientSigma * kGradientSigma));
    filter[static_cast<std::size_t>(x + kGradientReach)] = static_cast<float>(value);
    squares += value * value;
  }
  for (float& value : filter) value /= static_cast<float>(std::sqrt(squares));
  return filter;
}

Image along_rows(const Image& in, const Filter& filter) {
  Image out(in.width, in.height, 1);
  std::vector<float> padded(static_cast<std::size_t>(in.width + 2 * kGradientReach));
  for (int y = 0; y < in.height; ++y) {
    for (int x = 0; x < static_cast<int>(padded.size()); ++x) {
      padded[static_cast<std::size_t>(x)] =
          in.at(std::clamp(x - kGradientReach, 0, in.width - 1), y);
    }
    float* to = out.row(y);
    for (std::size_t tap = 0; tap < filter.size(); ++tap) {
      for (int x = 0; x < in.width; ++x) {
        to[x] += filter[tap] * padded[static_cast<std::size_t>(x) + tap];
      }
    }
  }
  return out;
}

Image along_columns(const Image& in, const Filter& filter) {
  Image out(in.width, in.height, 1);
  for (int y = 0; y < in.height; ++y) {
    float* to = out.row(y);
    for (int tap = 0; tap < static_cast<int>(filter.size()); ++tap) {
      const float* row = in.row(std::clamp(y + tap - kGradientReach, 0, in.height - 1));
      const float weight = filter[static_cast<std::size_t>(tap)];
      for (int x = 0; x < in.width; ++x) to[x] += weight * row[x];
    }
  }
  return out;
}

Image gradient(const Image& alpha) {
  const Filter smooth = unit_filter([](int) { return 1; });
  const Filter slope = unit_filter([](int x) { return x; });
  Image across = along_columns(along_rows(alpha, slope), smooth);
  const Image down = along_columns(along_rows(alpha, smooth), slope);
  for (std::size_t i = 0; i < across.values.size(); ++i) {
    across.values[i] =
        std::sqrt(across.values[i] * across.values[i] + down.values[i] * down.values[i]);
  }
  return across;
}

// Pixels not yet reached are 1; floods the component of `start` (four neighbours) with `mark`.
std::size_t flood(std::vector<std::uint8_t>& pixels, int width, std::size_t start,
                  std::uint8_t mark) {
  std::vector<std::size_t> open{start};
  pixels[start] = mark;
  std::size_t count = 0;
  const auto step = static_cast<std::size_t>(width);
  const auto reach = [&](std::size_t i) {
    if (pixels[i] != 1) return;
    pixels[i] = mark;
    open.push_back(i);
  };
  while (!open.empty()) {
    const std::size_t i = open.back();
    open.pop_back();
    ++count;
    if (i % step != 0) reach(i - 1);
    if (i % step != step - 1) reach(i + 1);
    if (i >= step) reach(i - step);
    if (i + step < pixels.size()) reach(i + step);
  }
  return count;
}

// The largest component of the pixels where both are at least `level`: there the bytes are 3.
std::vector<std::uint8_t> largest_component(const Image& alpha, const Image& truth, float level) {
  std::vector<std::uint8_t> pixels(alpha.values.size());
  for (std::size_t i = 0; i < pixels.size(); ++i) {
    pixels[i] = std::min(alpha.values[i], truth.values[i]) >= level;
  }
  std::size_t most = 0;
  std::size_t best = 0;
  for (std::size_t i = 0; i < pixels.size(); ++i) {
    if (pixels[i] != 1) continue;
    const std::size_t count = flood(pixels, alpha.width, i, 2);
    if (count > most) std::tie(most, best) = std::pair(count, i);
  }
  if (most == 0) return pixels;
  for (std::uint8_t& pixel : pixels) pixel = pixel == 2;
  flood(pixels, alpha.width, best, 3);
  return pixels;
}

// For each pixel the highest level at which the pixel belongs to the largest component.
std::vector<float> connected_levels(const Image& alpha, const Image& truth) {
  constexpr int kLevels = 10;
  std::vector<float> levels(alpha.values.size(), -1);
  for (int step = 1; step <= kLevels; ++step) {
    const auto component = largest_component(alpha, truth, static_cast<float>(step) / kLevels);
    for (std::size_t i = 0; i < levels.size(); ++i) {
      if (levels[i] < 0 && component[i] != 3) levels[i] = static_cast<float>(step - 1) / kLevels;
    }
  }
  for (float& level : levels) {
    if (level < 0) level = 1;
  }
  return levels;
}

// 1 where alpha is connected up to its own value, less by what of it is not.
double connectedness(float alpha, float level) {
  constexpr float kTheta = 0.15F;
  const float beyond = alpha - level;
  return beyond >= kTheta ? 1 - beyond : 1;
}

}  // namespace

double mad(const Image& alpha, const Image& truth) {
  return kThousand * sum_of_differences(alpha, truth) / static_cast<double>(alpha.pixels());
}

double mse(const Image& alpha, const Image& truth) {
  return kThousand * sum_of_squares(alpha, truth) / static_cast<double>(alpha.pixels());
}

double sad(const Image& alpha, const Image& truth) {
  return sum_of_differences(alpha, truth) / kThousand;
}

double gradient_error(const Image& alpha, const Image& truth) {
  return sum_of_squares(gradient(alpha), gradient(truth)) / kThousand;
}

double connectivity_error(const Image& alpha, const Image& truth) {
  const std::vector<float> levels = connected_levels(alpha, truth);
  return sum_of(levels.size(),
                [&](std::size_t i) {
                  return std::abs(connectedness(alpha.values[i], levels[i]) -
                                  connectedness(truth.values[i], levels[i]));
                }) /
         kThousand;
}

}  // namespace backdrop::quality
