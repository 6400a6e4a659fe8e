#include "render/cpu/guided_filter.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <limits>
#include <random>
#include <vector>

#include "render/cpu/matte.h"
#include "targets.h"
#include "test_picture.h"

namespace backdrop::test {
namespace {

struct Plane {
  Plane(int w, int h) : width(w), height(h), values(static_cast<std::size_t>(w * h)) {}
  // Beyond the edges the outermost values repeat.
  double& at(int x, int y) {
    const int index = std::clamp(y, 0, height - 1) * width + std::clamp(x, 0, width - 1);
    return values[static_cast<std::size_t>(index)];
  }
  double at(int x, int y) const { return const_cast<Plane*>(this)->at(x, y); }

  int width, height;
  std::vector<double> values;
};

template <typename Value>
Plane make_plane(int width, int height, const Value& value) {
  Plane plane(width, height);
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) plane.at(x, y) = value(x, y);
  }
  return plane;
}

// Luma, 0 to 1.
Plane luma_of(const ConstFrame& frame) {
  const bool limited = frame.color_space == ColorSpace::kBt601Limited ||
                       frame.color_space == ColorSpace::kBt709Limited;
  return make_plane(frame.width, frame.height, [&](int x, int y) {
    const std::uint8_t* pixel = frame.row(0, y) + x * channels_of(frame.format, 0);
    if (is_yuv(frame.format)) return limited ? (pixel[0] - 16) / 219.0 : pixel[0] / 255.0;
    const bool bgra = traits_of(frame.format).blue_first;
    return (77 * pixel[bgra ? 2 : 0] + 150 * pixel[1] + 29 * pixel[bgra ? 0 : 2]) / (256 * 255.0);
  });
}

double covered(int i, double from, double to) {
  return std::max(0.0, std::min(i + 1.0, to) - std::max(i + 0.0, from));
}

Plane averaged_by_area(const Plane& in, int width, int height) {
  const double across = static_cast<double>(in.width) / width;
  const double down = static_cast<double>(in.height) / height;
  return make_plane(width, height, [&](int x, int y) {
    double sum = 0;
    for (int v = 0; v < in.height; ++v) {
      for (int u = 0; u < in.width; ++u) {
        sum += in.at(u, v) * covered(u, x * across, (x + 1) * across) *
               covered(v, y * down, (y + 1) * down);
      }
    }
    return sum / (across * down);
  });
}

// The frame as it is resized: the weights of rows are in 1/256, which on noise is not the same.
Plane shrunk(const Plane& in, int width, int height) {
  const ResizeTaps rows = make_resize_taps(in.height, height);
  const Plane narrow = averaged_by_area(in, width, in.height);
  return make_plane(width, height, [&](int x, int y) {
    double sum = 0;
    int row = rows.first_of(y);
    for (const int part : rows.parts256_of(y)) sum += narrow.at(x, row++) * part / 256;
    return sum;
  });
}

double enlarged(const Plane& in, int width, int height, int x, int y) {
  const double u = (x + 0.5) * in.width / width - 0.5;
  const double v = (y + 0.5) * in.height / height - 0.5;
  const int left = static_cast<int>(std::floor(u));
  const int top = static_cast<int>(std::floor(v));
  const double a = u - left;
  const double b = v - top;
  return (1 - b) * ((1 - a) * in.at(left, top) + a * in.at(left + 1, top)) +
         b * ((1 - a) * in.at(left, top + 1) + a * in.at(left + 1, top + 1));
}

Plane box_mean(const Plane& in, int radius) {
  return make_plane(in.width, in.height, [&](int x, int y) {
    double sum = 0;
    for (int v = y - radius; v <= y + radius; ++v) {
      for (int u = x - radius; u <= x + radius; ++u) sum += in.at(u, v);
    }
    return sum / ((2 * radius + 1) * (2 * radius + 1));
  });
}

Plane product(const Plane& a, const Plane& b) {
  return make_plane(a.width, a.height, [&](int x, int y) { return a.at(x, y) * b.at(x, y); });
}

// The guided filter by its definition, at a mask no larger than the frame.
Plane guided(const Plane& mask, const Plane& luma, const Refinement& refinement) {
  const double epsilon = std::pow(static_cast<double>(refinement.sigma_color), 2);
  const int radius = std::max(1, static_cast<int>(std::lround(refinement.sigma_space)));
  const Plane guide = shrunk(luma, mask.width, mask.height);
  const Plane mean_i = box_mean(guide, radius);
  const Plane mean_p = box_mean(mask, radius);
  const Plane mean_ii = box_mean(product(guide, guide), radius);
  const Plane mean_ip = box_mean(product(guide, mask), radius);
  Plane a(mask.width, mask.height), b(mask.width, mask.height);
  for (std::size_t i = 0; i < a.values.size(); ++i) {
    const double variance = mean_ii.values[i] - mean_i.values[i] * mean_i.values[i];
    const double covariance = mean_ip.values[i] - mean_i.values[i] * mean_p.values[i];
    a.values[i] = covariance / (variance + epsilon);
    b.values[i] = mean_p.values[i] - a.values[i] * mean_i.values[i];
  }
  const Plane mean_a = box_mean(a, radius);
  const Plane mean_b = box_mean(b, radius);
  return make_plane(luma.width, luma.height, [&](int x, int y) {
    const double slope = enlarged(mean_a, luma.width, luma.height, x, y);
    return slope * luma.at(x, y) + enlarged(mean_b, luma.width, luma.height, x, y);
  });
}

double alpha_of(double probability, const Coverage& coverage) {
  const double low = static_cast<double>(coverage.low);
  const double high = static_cast<double>(coverage.high);
  const double t = std::clamp((probability - low) / (high - low), 0.0, 1.0);
  return 255 * t * t * (3 - 2 * t);
}

Plane as_floats_hold(Plane mask) {
  for (double& value : mask.values) value = static_cast<double>(static_cast<float>(value));
  return mask;
}

Matte render(const Plane& mask, const ConstFrame& frame, const Refinement& refinement,
             const Coverage& coverage, Executor& executor) {
  const std::vector<float> values(mask.values.begin(), mask.values.end());
  Matte matte;
  EXPECT_TRUE(matte.prepare(mask.width, mask.height, frame.format, frame.width, frame.height, true,
                            executor));
  matte.render_guided(values, frame, refinement, coverage, executor);
  return matte;
}

TEST(GuidedFilter, AgreesWithItsDefinition) {
  std::mt19937 random(7);
  std::uniform_real_distribution<double> uniform(0, 1);
  const Coverage coverage{0.1f, 0.9f};
  const Refinement refinements[] = {{RefinementKind::kGuided, 2, 0.1f},
                                    {RefinementKind::kGuided, 0.2f, 0.05f},
                                    {RefinementKind::kBilateral, 6, 0.3f}};
  for (const auto& [width, height] : std::vector<std::pair<int, int>>{
           {13, 9}, {14, 31}, {37, 10}, {64, 36}, {67, 35}, {129, 71}}) {
    const Plane mask = as_floats_hold(make_plane(13, 9, [&](int, int) { return uniform(random); }));
    for (const PixelFormat format : kKernelFormats) {
      for (const ColorSpace space : {ColorSpace::kBt601Limited, ColorSpace::kBt709Full}) {
        TestPicture picture(format, width, height, 5);
        picture.in_space(space).fill_noise(static_cast<unsigned>(width));
        for (const Refinement& refinement : refinements) {
          PartsExecutor executor(static_cast<std::size_t>(width % 3 + 1));
          const Matte matte = render(mask, picture.view(), refinement, coverage, executor);
          const Plane expected = guided(mask, luma_of(picture.view()), refinement);
          double sum = 0;
          for (int y = 0; y < height; ++y) {
            for (int x = 0; x < width; ++x) {
              const double wanted = alpha_of(expected.at(x, y), coverage);
              ASSERT_NEAR(matte.plane(0).row(y)[x], wanted, 2)
                  << width << "x" << height << " at " << x << "," << y;
              sum += std::abs(matte.plane(0).row(y)[x] - wanted);
            }
          }
          EXPECT_LT(sum / (width * height), 0.6) << width << "x" << height;
        }
      }
    }
  }
}

TEST(GuidedFilter, FramesSmallerThanTheMaskAreRefinedAtTheirSize) {
  for (const auto& [width, height] : std::vector<std::pair<int, int>>{{1, 1}, {3, 20}, {20, 3}}) {
    const Plane mask = make_plane(32, 16, [](int x, int) { return x < 16 ? 0.0 : 1.0; });
    TestPicture picture(PixelFormat::kNv12, width, height);
    picture.fill_noise(3);
    SerialExecutor executor;
    const Coverage coverage{0.1f, 0.9f};
    const Matte matte = render(mask, picture.view(), {}, coverage, executor);
    const Plane small = averaged_by_area(mask, std::min(width, 32), std::min(height, 16));
    const Plane expected = guided(small, luma_of(picture.view()), {});
    for (int y = 0; y < height; ++y) {
      for (int x = 0; x < width; ++x) {
        ASSERT_NEAR(matte.plane(0).row(y)[x], alpha_of(expected.at(x, y), coverage), 2);
      }
    }
  }
}

TEST(GuidedFilter, WhatIsCertainEverywhereStaysSo) {
  SerialExecutor executor;
  for (const PixelFormat format : kKernelFormats) {
    TestPicture picture(format, 67, 45);
    picture.fill_noise(1);
    for (const int certain : {0, 1}) {
      const Plane mask = make_plane(16, 9, [&](int, int) { return certain; });
      const Matte matte = render(mask, picture.view(), {}, {0, 1}, executor);
      for (int y = 0; y < 45; ++y) {
        for (int x = 0; x < 67; ++x) ASSERT_EQ(matte.plane(0).row(y)[x], 255 * certain);
      }
    }
  }
}

// Rows of a window of this radius, from different places of some noise.
struct NoisyWindow {
  NoisyWindow(int radius, std::size_t n, unsigned seed) : values(4096) {
    std::mt19937 random(seed);
    std::uniform_real_distribution<float> uniform(0, 1);
    for (float& value : values) value = uniform(random);
    for (std::size_t i = 0; i < window_rows(radius); ++i) {
      rows[i] = values.data() + kMostWindowRadius + 37 * i;
    }
    EXPECT_LE(37 * window_rows(radius) + n + 64, values.size());
  }

  // The mean of `of` at x and the pixels around, in all rows.
  double mean(int radius, std::size_t x,
              const std::function<double(std::size_t, const float*)>& of) const {
    double sum = 0;
    for (std::size_t i = 0; i < window_rows(radius); ++i) {
      for (int dx = -radius; dx <= radius; ++dx) {
        sum += of(i, rows[i] + static_cast<std::ptrdiff_t>(x) + dx);
      }
    }
    return sum / static_cast<double>(window_rows(radius) * window_rows(radius));
  }

  std::vector<float> values;
  WindowRows rows{};
};

TEST(GuidedKernels, FitLinesAndTheirMeans) {
  for_targets([] {
    for (const int radius : {1, 2, 10}) {
      for (const std::size_t n : {1U, 7U, 16U, 45U}) {
        const NoisyWindow guide(radius, n, 1), mask(radius, n, 2);
        constexpr float kEpsilon = 0.01F;
        const std::size_t room = n + 2 * kMostWindowRadius + kMostLanes;
        std::array<std::vector<float>, 6> memory;
        memory.fill(std::vector<float>(room));
        std::array<float*, 6> rows{};
        for (std::size_t i = 0; i < 6; ++i) rows[i] = memory[i].data() + kMostWindowRadius;
        fit_lines(guide.rows, mask.rows, radius, kEpsilon, n, {rows[0], rows[1], rows[2], rows[3]},
                  rows[4], rows[5]);
        std::vector<std::int16_t> means(n + kMostLanes);
        mean_row(mask.rows, radius, n, rows[0], means.data());
        for (std::size_t x = 0; x < n; ++x) {
          const auto self = [](std::size_t, const float* at) { return static_cast<double>(*at); };
          const auto square = [](std::size_t, const float* at) {
            return std::pow(static_cast<double>(*at), 2);
          };
          const auto product = [&](std::size_t row, const float* at) {
            return static_cast<double>(*at) *
                   static_cast<double>(mask.rows[row][at - guide.rows[row]]);
          };
          const double luma = guide.mean(radius, x, self), value = mask.mean(radius, x, self);
          const double variance = guide.mean(radius, x, square) - luma * luma;
          const double covariance = guide.mean(radius, x, product) - luma * value;
          const double slope = covariance / (variance + static_cast<double>(kEpsilon));
          ASSERT_NEAR(rows[4][x], slope, 1e-3) << radius << " at " << x;
          ASSERT_NEAR(rows[5][x], value - slope * luma, 1e-3) << radius << " at " << x;
          ASSERT_NEAR(means[x], value * kLineUnit, 1) << radius << " at " << x;
        }
      }
    }
  });
}

TEST(GuidedFilter, TakesWhatIsNoNumberForBackground) {
  SerialExecutor executor;
  TestPicture picture(PixelFormat::kI420, 160, 90);
  picture.fill_noise(9);
  const auto edge = [](double unknown) {
    return make_plane(32, 18, [&](int x, int y) {
      return x > 12 && x < 20 && y % 5 == 2 ? unknown : x < 16 ? 0.1 : 0.9;
    });
  };
  const Matte got =
      render(edge(std::numeric_limits<double>::quiet_NaN()), picture.view(), {}, {}, executor);
  const Matte expected = render(edge(0), picture.view(), {}, {}, executor);
  for (int y = 0; y < 90; ++y) {
    const std::uint8_t* const row = got.plane(0).row(y);
    ASSERT_TRUE(std::equal(row, row + 160, expected.plane(0).row(y))) << y;
  }
}

TEST(GuidedFilter, LeavesWhatIsFarFromTheEdgeToTheMask) {
  SerialExecutor executor;
  TestPicture picture(PixelFormat::kI420, 640, 360);
  picture.fill_noise(4);
  const Plane mask = make_plane(64, 36, [](int x, int) { return x < 32 ? 0.1 : 0.9; });
  const Matte refined = render(mask, picture.view(), {}, {}, executor);
  Matte plain;
  ASSERT_TRUE(plain.prepare(64, 36, PixelFormat::kI420, 640, 360, false, executor));
  plain.render(std::vector<float>(mask.values.begin(), mask.values.end()), {}, executor);
  int changed = 0;
  for (int y = 0; y < 360; ++y) {
    for (int x = 0; x < 640; ++x) {
      const int difference = refined.plane(0).row(y)[x] - plain.plane(0).row(y)[x];
      ASSERT_TRUE(difference == 0 || std::abs(x - 320) <= 80) << x << "," << y;
      changed += difference != 0;
    }
  }
  EXPECT_GT(changed, 1000);
}

// The first column of a row that is more person than not, where all after it are.
int edge_of(const Matte& matte, int width, int y) {
  const std::uint8_t* row = matte.plane(0).row(y);
  return static_cast<int>(std::count_if(row, row + width, [](int alpha) { return alpha < 128; }));
}

TEST(GuidedFilter, TheMasksEdgeGoesWhereTheFrameHasOne) {
  constexpr int kWidth = 320;
  constexpr int kHeight = 90;
  SerialExecutor executor;
  for (const int edge : {157, 158, 160, 162, 163}) {
    TestPicture picture(PixelFormat::kI420, kWidth, kHeight);
    picture.fill([&](int plane, int x, int, int) { return plane > 0 ? 128 : x < edge ? 60 : 180; });
    const Plane mask = make_plane(64, 18, [](int x, int) { return x < 32 ? 0.0 : 1.0; });  // at 160
    const Matte matte = render(mask, picture.view(), {}, {0.3f, 0.7f}, executor);
    EXPECT_NEAR(edge_of(matte, kWidth, kHeight / 2), edge, 1);
  }
}

TEST(GuidedFilter, ExtremeSettingsStayWithinTheirRange) {
  SerialExecutor executor;
  TestPicture picture(PixelFormat::kRgba, 131, 77);
  picture.fill([](int, int x, int, int) { return 100 + x % 4; });
  std::mt19937 random(3);
  std::uniform_real_distribution<double> uniform(0.45, 0.55);
  const Plane mask = make_plane(33, 19, [&](int, int) { return uniform(random); });
  for (const float sigma_color : {0.001f, 1.0f}) {
    for (const float sigma_space : {0.1f, 10.0f}) {
      const Matte matte =
          render(mask, picture.view(), {RefinementKind::kGuided, sigma_space, sigma_color}, {0, 1},
                 executor);
      for (int y = 0; y < 77; ++y) {
        for (int x = 0; x < 131; ++x) ASSERT_NEAR(matte.plane(0).row(y)[x], 127.5, 50);
      }
    }
  }
}

}  // namespace
}  // namespace backdrop::test
