#include "render/cpu/compositor.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <vector>

#include "render/cpu/background_blur.h"
#include "render/cpu/blend.h"
#include "render/cpu/blur_kernels.h"
#include "render/cpu/person_colors.h"
#include "image/color.h"
#include "blur_frame.h"
#include "matte_maker.h"
#include "support.h"
#include "targets.h"
#include "test_picture.h"

namespace backdrop::test {
namespace {

struct Size {
  int width, height;
};
const std::vector<Size> kSizes{{1, 1}, {2, 2}, {3, 1}, {1, 5}, {15, 7}, {33, 18}, {130, 67}};

// Person, background, and soft and noisy parts between.
double busy(int x, int y) {
  if (x % 64 < 20) return 0;
  if (x % 64 > 44) return 1;
  return ((x * 37 + y * 61) % 101) / 100.0;
}

void make_opaque(TestPicture& picture) {
  if (picture.planes() > 1) return;
  for (int y = 0; y < picture.frame().height; ++y) {
    for (int x = 0; x < picture.frame().width; ++x) picture.frame().row(0, y)[4 * x + 3] = 255;
  }
}

// The pixel's own alpha; that of formats without is 255.
int own_alpha(const TestPicture& picture, int x, int y) {
  return traits_of(picture.frame().format).has_alpha ? picture.frame().row(0, y)[4 * x + 3] : 255;
}

// The alpha of a plane's pixel, limited to its own.
int alpha_at(const TestPicture& picture, const Matte& matte, int plane, int x, int y) {
  return std::min<int>(matte.plane(plane).row(y)[x], own_alpha(picture, x, y));
}

// The definition: every sample, blended by its pixel's alpha.
void blend_reference(const TestPicture& picture, const TestPicture& behind, const Matte& matte,
                     TestPicture& out) {
  out.fill([&](int plane, int x, int y, int channel) {
    const int at = x * picture.samples_per_pixel(plane) + channel;
    if (picture.planes() == 1 && channel == 3) {
      return traits_of(picture.frame().format).has_alpha ? 255 : int{picture.frame().row(0, y)[at]};
    }
    const int alpha = alpha_at(picture, matte, plane, x, y);
    return (picture.frame().row(plane, y)[at] * alpha +
            behind.frame().row(plane, y)[at] * (255 - alpha) + 127) /
           255;
  });
}

TEST(Blend, IsTheRoundedMeanAtAnyLength) {
  for (std::size_t n = 0; n < 150; ++n) {
    std::vector<std::uint8_t> a(n), b(n), alpha(n), expected(n);
    for (std::size_t i = 0; i < n; ++i) {
      a[i] = static_cast<std::uint8_t>(i * 73 + n);
      b[i] = static_cast<std::uint8_t>(i * 151 + 3 * n);
      alpha[i] = static_cast<std::uint8_t>(i * 29 + 5 * n);
      expected[i] = static_cast<std::uint8_t>(
          std::lround((a[i] * alpha[i] + b[i] * (255 - alpha[i])) / 255.0));
    }
    blend_samples(a.data(), b.data(), alpha.data(), n, a.data());
    ASSERT_EQ(a, expected) << n;
  }
}

TEST(Blend, PairsShareTheirPixelsAlpha) {
  for (std::size_t n = 0; n < 150; ++n) {
    std::vector<std::uint8_t> a(2 * n), b(2 * n), alpha(n + kAlphaPadding), expected(2 * n);
    for (std::size_t i = 0; i < n; ++i) alpha[i] = static_cast<std::uint8_t>(i * 29 + 5 * n);
    for (std::size_t i = 0; i < 2 * n; ++i) {
      a[i] = static_cast<std::uint8_t>(i * 73 + n);
      b[i] = static_cast<std::uint8_t>(i * 151 + 3 * n);
      expected[i] = static_cast<std::uint8_t>(
          std::lround((a[i] * alpha[i / 2] + b[i] * (255 - alpha[i / 2])) / 255.0));
    }
    blend_pairs(a.data(), b.data(), alpha.data(), n, a.data());
    ASSERT_EQ(a, expected) << n;
  }
}

TEST(Composite, PictureBehindThePerson) {
  for (const PixelFormat format : kKernelFormats) {
    for (const auto [width, height] : kSizes) {
      PartsExecutor executor(2);
      const TestPicture in = TestPicture(format, width, height, 9).fill_noise(1);
      TestPicture behind = TestPicture(format, width, height, 4).fill_noise(2);
      make_opaque(behind);
      Matte matte = make_matte(in, executor, busy);
      TestPicture expected(format, width, height), out(format, width, height, 3);
      blend_reference(in, behind, matte, expected);

      StoredBackground background(behind.view());
      composite(in.view(), matte, {}, background, out.frame(), executor);
      EXPECT_EQ(out.difference(expected), 0) << width << "x" << height;
      EXPECT_TRUE(out.padding_is_untouched());

      TestPicture same = in;
      composite(same.view(), matte, {}, background, same.frame(), executor);
      EXPECT_EQ(same.difference(expected), 0) << "in place, " << width << "x" << height;
      EXPECT_TRUE(same.padding_is_untouched());
    }
  }
}

TestPicture cut_out_of(const TestPicture& in, Matte& matte, Executor& executor) {
  const Frame& frame = in.frame();
  PersonColors colors;
  EXPECT_TRUE(colors.prepare(frame.width, frame.height, executor));
  TestPicture out(frame.format, frame.width, frame.height, 2);
  colors.run(in.view(), matte, executor);
  cut_out(in.view(), matte, colors, out.frame(), executor);
  EXPECT_TRUE(out.padding_is_untouched());
  return out;
}

// The definition, with doubles and no shrinking: the frame's colours, each weighted by how much it
// is the person's and by its own alpha, under a Gaussian; and the pixel's own, by how much it is
// the person's. The matte is not limited.
std::array<double, 3> cut_out_reference(const TestPicture& in, const Matte& matte, int x, int y) {
  const auto confidence = [&](int u, int v) {
    return std::max(4 * matte.plane(0).row(v)[u] / 255.0 - 3, 0.0);
  };
  const auto [width, height] = Size{in.frame().width, in.frame().height};
  const double sigma = person_color_sigma(width, height);
  const int reach = static_cast<int>(4 * sigma) + 1;
  std::array<double, 3> sums{};
  double weights = 0, total = 0;
  for (int v = y - reach; v <= y + reach; ++v) {
    for (int u = x - reach; u <= x + reach; ++u) {
      const double height_here =
          std::exp(-((u - x) * (u - x) + (v - y) * (v - y)) / (2 * sigma * sigma));
      total += height_here;
      if (u < 0 || v < 0 || u >= width || v >= height) continue;
      const double weight = height_here * confidence(u, v) * own_alpha(in, u, v) / 255;
      for (std::size_t c = 0; c < 3; ++c) {
        sums[c] += weight * in.frame().row(0, v)[4 * u + static_cast<int>(c)];
      }
      weights += weight;
    }
  }
  const double least = total * static_cast<double>(kLeastPersonWeight);
  for (std::size_t c = 0; c < 3; ++c) {
    const double own = in.frame().row(0, y)[4 * x + static_cast<int>(c)];
    sums[c] = std::lerp(sums[c] / std::max(weights, least), own, confidence(x, y));
  }
  return sums;
}

TEST(CutOut, TakesTheMatteAsAlphaAndThePersonsColours) {
  for (const PixelFormat format : {PixelFormat::kRgba, PixelFormat::kBgra}) {
    for (const auto [width, height] : std::vector<Size>{{61, 47}, {200, 130}, {311, 402}}) {
      PartsExecutor executor(3);
      TestPicture in(format, width, height, 5);
      // Right of the middle there is a hole, with loud colours beneath; the lower half is half
      // clear.
      in.fill([&, width = width, height = height](int, int x, int y, int c) {
        const bool is_hole = 5 * x > 3 * width;
        if (c == 3) return is_hole ? 0 : 2 * y > height ? 120 : 255;
        if (is_hole) return 255;
        return static_cast<int>(128 + 90 * std::sin(x * 0.05 + c) * std::cos(y * 0.04));
      });
      const double radius = 0.3 * std::min(width, height);
      const auto probability = [&](int x, int y) {
        const double inside = radius - std::hypot(x - width / 2, y - height / 2);
        return std::clamp(0.5 + inside / person_color_sigma(width, height) / 3, 0.0, 1.0);
      };
      Matte matte = make_matte(in, executor, probability);
      const Matte whole = make_matte(in, executor, probability);
      const TestPicture out = cut_out_of(in, matte, executor);
      for (int y = 0; y < height; ++y) {
        for (int x = 0; x < width; ++x) {
          const int alpha = alpha_at(in, whole, 0, x, y);
          const std::uint8_t* pixel = out.frame().row(0, y) + 4 * x;
          ASSERT_EQ(pixel[3], alpha);
          ASSERT_EQ(matte.plane(0).row(y)[x], alpha);
          ASSERT_TRUE(alpha == 0 || 5 * x <= 3 * width);
          ASSERT_TRUE(alpha > 0 || (pixel[0] == 0 && pixel[1] == 0 && pixel[2] == 0));
          if (alpha == 0 || (alpha < 255 && (x + y) % 7 > 0)) continue;
          const auto expected = cut_out_reference(in, whole, x, y);
          for (std::size_t c = 0; c < 3; ++c) {
            ASSERT_NEAR(pixel[c], expected[c], alpha == 255 ? 0.5 : 6) << x << "," << y;
          }
        }
      }
      const TestPicture same = in;
      Matte again = make_matte(in, executor, probability);
      PersonColors colors;
      ASSERT_TRUE(colors.prepare(width, height, executor));
      colors.run(same.view(), again, executor);
      cut_out(same.view(), again, colors, same.frame(), executor);
      EXPECT_EQ(same.difference(out), 0) << "in place";
    }
  }
}

// A cut-out that comes in again: how clear the person is says nothing of whose the colours are.
TEST(CutOut, KeepsTheColoursOfAHalfClearPerson) {
  constexpr std::array kPerson{200, 150, 90};
  PartsExecutor executor(2);
  for (const int clear : {64, 128, 254}) {
    TestPicture in(PixelFormat::kRgba, 320, 180);
    const auto probability = [](int x, int y) { return (70 - std::hypot(x - 160, y - 90)) / 4; };
    const Matte whole = make_matte(in, executor, probability);
    in.fill([&](int, int x, int y, int c) {
      const bool is_person = person_weight(whole.plane(0).row(y)[x]) > 0;
      if (c == 3) return is_person ? clear : 255;
      return is_person ? kPerson[static_cast<std::size_t>(c)] : c == 0 ? 255 : 0;
    });
    for_targets([&] {
      Matte matte = make_matte(in, executor, probability);
      const TestPicture out = cut_out_of(in, matte, executor);
      for (int y = 0; y < 180; ++y) {
        for (int x = 0; x < 320; ++x) {
          const std::uint8_t* pixel = out.frame().row(0, y) + 4 * x;
          ASSERT_EQ(pixel[3], alpha_at(in, whole, 0, x, y));
          for (std::size_t c = 0; c < 3; ++c) {
            ASSERT_NEAR(pixel[c], pixel[3] == 0 ? 0 : kPerson[c], 1) << x << "," << y;
          }
        }
      }
    });
  }
}

// Each instruction set gives what the others give, but for the rounding of floats.
TEST(CutOut, IsTheSameOnEveryInstructionSet) {
  PartsExecutor executor(2);
  for (const auto [width, height] : kSizes) {
    TestPicture in = TestPicture(PixelFormat::kRgba, width, height, 3).fill_noise(4);
    make_opaque(in);
    Matte matte = make_matte(in, executor, busy);
    const TestPicture expected = cut_out_of(in, matte, executor);
    for_targets([&, width = width] {
      EXPECT_LE(cut_out_of(in, matte, executor).difference(expected), 1) << width;
    });
  }
}

// Whatever the matte: where it is not confident of the person, nothing of a red room comes out.
TEST(CutOut, ShowsNothingOfTheRoom) {
  const auto probabilities = std::vector<std::function<double(int, int)>>{
      busy, [](int x, int) { return std::min(x / 300.0, 1.0); }, [](int, int) { return 0.5; },
      [](int x, int y) { return (x * x + 3 * y * y) % 97 / 96.0; }};
  for (const auto [width, height] :
       std::vector<Size>{{1, 1}, {3, 1}, {1, 5}, {130, 67}, {321, 180}}) {
    for (const auto& probability : probabilities) {
      PartsExecutor executor(2);
      TestPicture in(PixelFormat::kRgba, width, height);
      Matte matte = make_matte(in, executor, probability);
      in.fill([&](int, int x, int y, int c) {
        const bool is_person = person_weight(matte.plane(0).row(y)[x]) > 0;
        return c == 3 ? 255 : is_person ? 90 : c == 0 ? 255 : 0;
      });
      const TestPicture out = cut_out_of(in, matte, executor);
      for (int y = 0; y < height; ++y) {
        for (int x = 0; x < width; ++x) {
          const std::uint8_t* pixel = out.frame().row(0, y) + 4 * x;
          ASSERT_LE(std::abs(pixel[0] - pixel[1]), 1) << x << "," << y;
          ASSERT_LE(pixel[0], 91);
        }
      }
    }
  }
}

TestPicture blurred(const TestPicture& in, Matte& matte, double sigma, Executor& executor,
                    const KnownRoom& room = {}) {
  const Frame& frame = in.frame();
  BackgroundBlur blur;
  EXPECT_TRUE(blur.prepare(frame.format, frame.width, frame.height, sigma, executor));
  TestPicture out(frame.format, frame.width, frame.height, 7);
  blur_frame(blur, in, matte, room, executor);
  composite(in.view(), matte, room, blur, out.frame(), executor);
  EXPECT_TRUE(out.padding_is_untouched());
  return out;
}

// The definition, with doubles and no shrinking: the background's colours on black, each weighted
// by how much of its pixel is background, under a Gaussian.
TestPicture blur_reference(const TestPicture& in, const Matte& matte, double sigma) {
  const int reach = static_cast<int>(4 * sigma) + 1;
  TestPicture behind = in;
  behind.fill([&](int plane, int x, int y, int channel) {
    const double scale = 1 << plane_traits(in.frame().format, plane).subsampling;
    double sum = 0, weights = 0;
    for (int v = std::max(0, y - reach); v <= std::min(in.plane_height(plane) - 1, y + reach);
         ++v) {
      for (int u = std::max(0, x - reach); u <= std::min(in.plane_width(plane) - 1, x + reach);
           ++u) {
        const double distance = std::hypot(u - x, v - y) * scale / sigma;
        const double weight = std::exp(-distance * distance / 2) *
                              (256 - std::min(4 * alpha_at(in, matte, plane, u, v), 255));
        sum += weight * in.frame().row(plane, v)[u * in.samples_per_pixel(plane) + channel] *
               own_alpha(in, u, v) / 255;
        weights += weight;
      }
    }
    return static_cast<int>(std::lround(sum / weights));
  });
  TestPicture out = in;
  blend_reference(in, behind, matte, out);
  return out;
}

constexpr std::ptrdiff_t kAlphaStride = 192;

// Samples and alphas of rows of pixels: all background, all person, and both mixed.
struct Rows {
  std::vector<std::uint8_t> samples, alpha;
  std::size_t stride;
  int count;

  int alpha_of(std::size_t x, std::size_t y) const { return alpha[y * kAlphaStride + x]; }
  int sample(std::size_t i, std::size_t y) const { return samples[y * stride + i]; }
};

// Each row has `stride` samples; each fourth is opaque, as pixels of four samples are.
Rows make_rows(std::size_t stride, int count) {
  const auto rows = static_cast<std::size_t>(count);
  Rows made{.samples = {}, .alpha = {}, .stride = stride, .count = count};
  for (std::size_t i = 0; i < rows * stride; ++i) {
    made.samples.push_back(static_cast<std::uint8_t>(i % 4 == 3 ? 255 : i * 151 + i / 7));
  }
  for (std::size_t i = 0; i < rows * kAlphaStride; ++i) {
    const std::size_t x = i % kAlphaStride;
    made.alpha.push_back(static_cast<std::uint8_t>(x < 40 ? 0 : x < 80 ? 255 : i * 89));
  }
  return made;
}

// run(pixels, rows) for odd and even sizes.
void for_sizes(const std::function<void(std::size_t, int)>& run) {
  for (const std::size_t pixels : {1U, 7U, 16U, 33U, 100U, 128U}) {
    for (const int count : {1, 2, 3, kMaxRows}) run(pixels, count);
  }
}

AlphaRows view(const Rows& rows) {
  return {rows.samples.data(), static_cast<std::ptrdiff_t>(rows.stride), rows.alpha.data(),
          kAlphaStride, rows.count};
}

TEST(BackgroundBlur, WeighsSamplesByTheirPixelsAlpha) {
  for_targets([] {
    for_sizes([](std::size_t pixels, int count) {
      constexpr std::size_t kPlane = 160;  // from the rows of one plane to the next
      const Rows rows = make_rows(3 * kPlane, count);
      const std::uint8_t* const first = rows.samples.data();
      std::array<std::vector<std::uint16_t>, 4> sums;
      for (auto& sum : sums) sum.resize(kPlane);
      sum_background({.samples = {first, first + kPlane, first + 2 * kPlane},
                      .stride = 3 * kPlane,
                      .alpha = rows.alpha.data(),
                      .alpha_stride = kAlphaStride,
                      .count = count},
                     pixels, {sums[0].data(), sums[1].data(), sums[2].data(), sums[3].data()});
      for (std::size_t x = 0; x < pixels; ++x) {
        std::array<double, 4> expected{};
        for (std::size_t y = 0; y < static_cast<std::size_t>(count); ++y) {
          const int weight = 256 - std::min(4 * rows.alpha_of(x, y), 255);
          for (std::size_t c = 0; c < 3; ++c) {
            expected[c] += weight * rows.sample(kPlane * c + x, y) / 4.0;
          }
          expected[3] += weight;
        }
        for (std::size_t c = 0; c < 3; ++c) ASSERT_NEAR(sums[c][x], expected[c], 0.5 * count);
        ASSERT_EQ(sums[3][x], expected[3]) << x << " of " << pixels;
      }
    });
  });
}

// In place of fourth samples there are the sums of weights.
TEST(CutOut, WeighsSamplesByHowMuchTheyAreThePersons) {
  for_targets([] {
    for_sizes([](std::size_t pixels, int count) {
      const Rows rows = make_rows(4 * pixels, count);
      std::vector<std::uint16_t> sums(4 * pixels);
      EXPECT_TRUE(sum_person(view(rows), pixels, sums.data()));
      for (std::size_t i = 0; i < sums.size(); ++i) {
        double sum = 0;
        for (std::size_t y = 0; y < static_cast<std::size_t>(count); ++y) {
          const int sample = i % 4 == 3 ? 4 : rows.sample(i, y);
          sum += std::max(4 * (rows.alpha_of(i / 4, y) - 191), 0) * sample / 4.0;
        }
        ASSERT_NEAR(sums[i], sum, 0.5 * count) << "sample " << i;
      }
    });
  });
}

// Any pixel that has a weight and is not opaque is found.
TEST(CutOut, FindsPixelsThatAreNotOpaque) {
  for_targets([] {
    for_sizes([](std::size_t pixels, int count) {
      Rows rows = make_rows(4 * pixels, count);
      std::vector<std::uint16_t> sums(4 * pixels);
      for (std::size_t i = 3; i < rows.samples.size(); i += 4) {
        rows.samples[i] = static_cast<std::uint8_t>(i % 255);
        if (rows.alpha_of(i / 4 % pixels, i / 4 / pixels) > 191) {
          EXPECT_FALSE(sum_person(view(rows), pixels, sums.data())) << i;
        }
        rows.samples[i] = 255;
      }
    });
  });
}

TEST(BackgroundBlur, AgreesWithAGaussianOfFullSize) {
  for (const PixelFormat format : kKernelFormats) {
    for (const double sigma : test::cases<double>({7, 0.4, 4, 13})) {
      for (const auto [width, height] : test::cases<Size>({{51, 37}, {64, 40}})) {
        PartsExecutor executor(2);
        TestPicture in(format, width, height, 5);
        in.fill([&](int plane, int x, int y, int c) {
          const int scale = 1 << plane_traits(format, plane).subsampling;
          const double wave = std::sin(x * scale * 0.09 + plane + c) * std::cos(y * scale * 0.07);
          return static_cast<int>(128 + 90 * wave);
        });
        Matte matte = make_matte(in, executor, [&](int x, int y) {
          return std::clamp(0.5 + (15 - std::hypot(x - 30, y - 20)) / 6, 0.0, 1.0);
        });
        const TestPicture got = blurred(in, matte, sigma, executor);
        EXPECT_LE(got.difference(blur_reference(in, matte, sigma)), 6)
            << "format " << static_cast<int>(format) << " sigma " << sigma << " " << width << "x"
            << height;
      }
    }
  }
}

TEST(BackgroundBlur, AnEdgeBecomesTheGaussiansIntegral) {
  SerialExecutor executor;
  for (const PixelFormat format : kKernelFormats) {
    for (const double sigma : {2.0, 5.0, 9.0, 14.4, 30.0}) {
      TestPicture in(format, 512, 64);
      in.fill([&](int plane, int x, int, int) { return x < in.plane_width(plane) / 2 ? 20 : 220; });
      make_opaque(in);
      Matte matte = make_matte(in, executor, [](int, int) { return 0; });
      const TestPicture out = blurred(in, matte, sigma, executor);
      for (int x = 0; x < 512; ++x) {
        const double expected =
            20 + 200 * 0.5 * (1 + std::erf((x + 0.5 - 256) / (sigma * std::sqrt(2.0))));
        const int samples = in.samples_per_pixel(0);
        ASSERT_NEAR(out.frame().row(0, 32)[samples * x], expected, sigma < 6 ? 8 : 5)
            << "sigma " << sigma;
      }
    }
  }
}

TEST(BackgroundBlur, APlainBackgroundStaysAsItIs) {
  for (const PixelFormat format : kKernelFormats) {
    for (const auto [width, height] : kSizes) {
      for (const double sigma : {0.01, 1.0, 8.0, 80.0, 2000.0}) {
        SerialExecutor executor;
        TestPicture in(format, width, height);
        in.fill([](int plane, int, int, int c) { return c == 3 ? 255 : 40 + 60 * (plane + c); });
        Matte matte = make_matte(in, executor, busy);
        EXPECT_LE(blurred(in, matte, sigma, executor).difference(in), 2)
            << width << "x" << height << " sigma " << sigma;
      }
    }
  }
}

TEST(BackgroundBlur, WhatIsPersonStaysAsItIs) {
  SerialExecutor executor;
  for (const PixelFormat format : kKernelFormats) {
    TestPicture in = TestPicture(format, 70, 41).fill_noise(5);
    make_opaque(in);
    Matte matte = make_matte(in, executor, [](int, int) { return 1; });
    EXPECT_EQ(blurred(in, matte, 5, executor).difference(in), 0);
  }
}

// A red person before a blue room.
void paint_person(TestPicture& picture, const std::function<bool(int, int)>& person) {
  TestPicture rgba(PixelFormat::kRgba, picture.frame().width, picture.frame().height);
  rgba.fill([&](int, int x, int y, int c) {
    return c == 3 ? 255 : c == (person(x, y) ? 0 : 2) ? 230 : 10;
  });
  convert_rgba(rgba.view(), picture.frame());
}

TEST(BackgroundBlur, ThePersonDoesNotBleedIntoIt) {
  SerialExecutor executor;
  const auto person = [](int x, int y) { return std::hypot(x - 160, y - 90) < 60; };
  for (const PixelFormat format : kKernelFormats) {
    TestPicture in(format, 320, 180);
    paint_person(in, person);
    Matte matte = make_matte(in, executor, person);
    const bool yuv = is_yuv(format);
    const PixelFormat red_first = traits_of(format).blue_first ? PixelFormat::kRgba : format;
    const TestPicture out =
        relaid(blurred(in, matte, 10, executor), yuv ? PixelFormat::kI420 : red_first);
    const auto room = RgbToYuv(ColorSpace::kBt601Limited)(10, 10, 230);
    for (int y = 0; y < 180; ++y) {
      for (int x = 0; x < 320; ++x) {
        if (matte.plane(0).row(y)[x] > 0) continue;
        if (!yuv) {
          ASSERT_LE(out.frame().row(0, y)[4 * x], 10 + 3) << x << "," << y;
        } else if (matte.plane(1).row(y / 2)[x / 2] == 0) {
          ASSERT_NEAR(out.frame().row(0, y)[x], room[0], 2);
          ASSERT_NEAR(out.frame().row(2, y / 2)[x / 2], room[2], 4);
        }
      }
    }
  }
}

TEST(BackgroundBlur, SisterFormatsAgree) {
  PartsExecutor executor(2);
  for (const auto& [format, sister] : kSisters) {
    for (const auto [width, height] : kSizes) {
      for (const double sigma : {0.5, 6.0, 14.4}) {
        const TestPicture in = TestPicture(format, width, height, 5).fill_noise(8);
        const TestPicture same = relaid(in, sister);
        Matte matte = make_matte(in, executor, busy);
        Matte other = make_matte(same, executor, busy);
        const TestPicture expected = blurred(in, matte, sigma, executor);
        const TestPicture got = blurred(same, other, sigma, executor);
        EXPECT_EQ(relaid(got, format).difference(expected), 0)
            << width << "x" << height << " sigma " << sigma;
      }
    }
  }
}

TEST(BackgroundBlur, BothFormatsOfOnePictureAgree) {
  SerialExecutor executor;
  TestPicture rgba(PixelFormat::kRgba, 161, 99), i420(PixelFormat::kI420, 161, 99);
  rgba.fill([](int, int x, int y, int c) { return c == 3 ? 255 : 60 + c * 40 + (x + y) / 4; });
  convert_rgba(rgba.view(), i420.frame());
  const auto person = [](int x, int y) {
    return std::clamp(1 - std::hypot(x - 80, y) / 90, 0., 1.);
  };
  Matte matte = make_matte(rgba, executor, person);
  Matte halved = make_matte(i420, executor, person);
  const TestPicture a = blurred(rgba, matte, 8, executor);
  const TestPicture b = blurred(i420, halved, 8, executor);
  TestPicture converted(PixelFormat::kI420, 161, 99);
  convert_rgba(a.view(), converted.frame());
  EXPECT_LE(b.difference(converted), 2);
}

TEST(BackgroundBlur, InPlaceAndOnThreads) {
  for (const PixelFormat format : kKernelFormats) {
    SerialExecutor one;
    PartsExecutor four(4);
    const TestPicture in = TestPicture(format, 131, 77).fill_noise(6);
    Matte matte = make_matte(in, four, busy);
    const TestPicture expected = blurred(in, matte, 6, one);
    EXPECT_EQ(blurred(in, matte, 6, four).difference(expected), 0);

    BackgroundBlur blur;
    ASSERT_TRUE(blur.prepare(format, 131, 77, 6, one));
    for (int frame = 0; frame < 2; ++frame) {  // the second one finds the first one's rows
      const TestPicture same = in;
      blur_frame(blur, same, matte, {}, one);
      composite(same.view(), matte, {}, blur, same.frame(), one);
      EXPECT_EQ(same.difference(expected), 0);
    }
  }
}

}  // namespace
}  // namespace backdrop::test
