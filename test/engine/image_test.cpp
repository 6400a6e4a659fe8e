#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <vector>

#include "image/color.h"
#include "image/pixel_buffer.h"
#include "image/placement.h"
#include "image/resize.h"
#include "image/sampler.h"
#include "test_picture.h"

namespace backdrop::test {
namespace {

struct Size {
  int width, height;
};

const std::vector<Size> kSizes{{1, 1},   {2, 1},   {1, 3},    {3, 2},     {7, 5},
                               {17, 33}, {64, 48}, {161, 97}, {320, 181}, {1000, 3}};

// What a stretched picture has at an output pixel, along one axis, by the definition: the mean over
// the pixel's own area when shrinking, linear between the centres when enlarging.
template <typename Value>
double resized(const Value& value, int size, int count, int index) {
  const double step = static_cast<double>(size) / count;
  double sum = 0;
  if (step <= 1) {
    const double position = std::clamp((index + 0.5) * step - 0.5, 0.0, size - 1.0);
    const int first = static_cast<int>(position);
    const int second = std::min(first + 1, size - 1);
    return value(first) + (value(second) - value(first)) * (position - first);
  }
  for (int i = 0; i < size; ++i) {
    const double covered = std::min(i + 1.0, (index + 1) * step) - std::max(i + 0.0, index * step);
    if (covered > 0) sum += value(i) * covered / step;
  }
  return sum;
}

double resized_sample(const ConstFrame& frame, int plane, int channel, int channels, Size from,
                      Size to, int x, int y) {
  return resized(
      [&](int row) {
        return resized(
            [&](int column) {
              return static_cast<double>(frame.row(plane, row)[column * channels + channel]);
            },
            from.width, to.width, x);
      },
      from.height, to.height, y);
}

std::vector<float> sample(const TestPicture& picture, Size to, float black, float white,
                          Executor& executor) {
  Sampler sampler;
  EXPECT_TRUE(sampler.prepare(picture.frame().format, picture.frame().width, picture.frame().height,
                              {to.width, to.height, black, white}, executor));
  std::vector<float> input(static_cast<std::size_t>(to.width * to.height * 3), -99.0f);
  sampler.run(picture.view(), input.data(), executor);
  return input;
}

TEST(Resize, TapsSumToOneAndStayInside) {
  for (const int size : {1, 2, 5, 144, 720, 32768}) {
    for (const int count : {1, 2, 3, 144, 160, 1000}) {
      const ResizeTaps taps = make_resize_taps(size, count);
      for (int i = 0; i < count; ++i) {
        ASSERT_GE(taps.first_of(i), 0);
        ASSERT_LE(taps.first_of(i) + taps.taps, size);
        int whole = 0;
        for (const int part : taps.parts256_of(i)) whole += part;
        ASSERT_EQ(whole, 256) << size << " to " << count << " at " << i;
      }
    }
  }
}

TEST(Resize, ExactRatiosTakeNoMoreTapsThanNeeded) {
  EXPECT_EQ(make_resize_taps(1280, 256).taps, 5);
  EXPECT_EQ(make_resize_taps(720, 144).taps, 5);
  EXPECT_EQ(make_resize_taps(144, 144).taps, 1);
  EXPECT_EQ(make_resize_taps(10, 100).taps, 2);
}

TEST(Sampler, RgbaIsResizedAndScaled) {
  SerialExecutor executor;
  for (const Size from : kSizes) {
    const Size to{16, 9};
    const TestPicture picture =
        TestPicture(PixelFormat::kRgba, from.width, from.height, 13).fill_noise(1);
    const auto input = sample(picture, to, -1, 1, executor);
    for (int y = 0; y < to.height; ++y) {
      for (int x = 0; x < to.width; ++x) {
        for (int c = 0; c < 3; ++c) {
          const double expected = resized_sample(picture.view(), 0, c, 4, from, to, x, y);
          const float got = input[static_cast<std::size_t>((y * to.width + x) * 3 + c)];
          // The weights of rows are in 1/256: on noise that is worth a level or so.
          ASSERT_NEAR((got + 1) * 127.5, expected, 1.5)
              << from.width << "x" << from.height << " at " << x << "," << y << " channel " << c;
        }
      }
    }
  }
}

// By the recommendations' definitions: E'R, E'G, E'B of the luma equation, in 0 to 1.
std::array<double, 3> rgb_by_definition(ColorSpace space, double y, double u, double v) {
  const bool bt709 = space == ColorSpace::kBt709Limited || space == ColorSpace::kBt709Full;
  const bool full = space == ColorSpace::kBt601Full || space == ColorSpace::kBt709Full;
  const double kr = bt709 ? 0.2126 : 0.299;
  const double kb = bt709 ? 0.0722 : 0.114;
  const double luma = full ? y / 255 : (y - 16) / 219;
  const double pb = (u - 128) / (full ? 255 : 224);
  const double pr = (v - 128) / (full ? 255 : 224);
  const double red = luma + 2 * (1 - kr) * pr;
  const double blue = luma + 2 * (1 - kb) * pb;
  return {red, (luma - kr * red - kb * blue) / (1 - kr - kb), blue};
}

void expect_resized_and_converted(const TestPicture& picture, Size to) {
  SerialExecutor executor;
  const ConstFrame frame = picture.view();
  const auto input = sample(picture, to, 0, 1, executor);
  const Size from{frame.width, frame.height};
  const Size half{(from.width + 1) / 2, (from.height + 1) / 2};
  const bool pairs = frame.format == PixelFormat::kNv12;
  for (int y = 0; y < to.height; ++y) {
    for (int x = 0; x < to.width; ++x) {
      const auto chroma = [&](int channel) {
        return pairs ? resized_sample(frame, 1, channel, 2, half, to, x, y)
                     : resized_sample(frame, 1 + channel, 0, 1, half, to, x, y);
      };
      const auto expected = rgb_by_definition(
          frame.color_space, resized_sample(frame, 0, 0, 1, from, to, x, y), chroma(0), chroma(1));
      for (std::size_t c = 0; c < 3; ++c) {
        const float got = input[static_cast<std::size_t>(y * to.width + x) * 3 + c];
        ASSERT_NEAR(got * 255, 255 * std::clamp(expected[c], 0.0, 1.0), 2.0)
            << from.width << "x" << from.height << " at " << x << "," << y << " channel " << c;
      }
    }
  }
}

TEST(Sampler, YuvIsResizedAndConverted) {
  for (const PixelFormat format : {PixelFormat::kI420, PixelFormat::kNv12}) {
    for (const ColorSpace space : kColorSpaces) {
      for (const Size from : kSizes) {
        TestPicture picture(format, from.width, from.height, 5);
        picture.in_space(space).fill([](int plane, int x, int y, int c) {
          return plane == 0 ? 60 + (x * 7 + y * 3) % 120 : 110 + (x * 5 + y * (plane + c)) % 40;
        });
        expect_resized_and_converted(picture, {7, 5});
      }
    }
  }
}

TEST(Sampler, SisterFormatsAgree) {
  SerialExecutor executor;
  for (const auto& [format, sister] : kSisters) {
    for (const Size from : kSizes) {
      const TestPicture picture = TestPicture(format, from.width, from.height, 3).fill_noise(4);
      EXPECT_EQ(sample(picture, {16, 9}, -1, 1, executor),
                sample(relaid(picture, sister), {16, 9}, -1, 1, executor))
          << from.width << "x" << from.height;
    }
  }
}

TEST(Sampler, ReachesBothEndsOfTheRange) {
  SerialExecutor executor;
  for (const int level : {0, 255}) {
    TestPicture picture(PixelFormat::kRgba, 1280, 720);
    picture.fill([=](int, int, int, int) { return level; });
    for (const float value : sample(picture, {256, 144}, -1, 1, executor)) {
      ASSERT_NEAR(value, level == 0 ? -1 : 1, 1e-5);
    }
  }
}

TEST(Sampler, BothFormatsOfOnePictureAgree) {
  SerialExecutor executor;
  TestPicture rgba(PixelFormat::kRgba, 321, 183);
  rgba.fill([](int, int x, int y, int c) { return c == 0 ? x * 255 / 321 : c == 1 ? y : 90; });
  const auto a = sample(rgba, {64, 36}, 0, 255, executor);
  for (const ColorSpace space : kColorSpaces) {
    TestPicture i420(PixelFormat::kI420, 321, 183);
    convert_rgba(rgba.view(), i420.in_space(space).frame());
    const auto b = sample(i420, {64, 36}, 0, 255, executor);
    for (std::size_t i = 0; i < a.size(); ++i) ASSERT_NEAR(a[i], b[i], 4) << i;
  }
}

TEST(Sampler, ThreadsDoNotChangeTheResult) {
  for (const PixelFormat format : kKernelFormats) {
    const TestPicture picture = TestPicture(format, 99, 51).fill_noise(2);
    SerialExecutor one;
    PartsExecutor three(3);
    EXPECT_EQ(sample(picture, {20, 11}, 0, 1, one), sample(picture, {20, 11}, 0, 1, three));
  }
}

TEST(Color, KnownColours) {
  const RgbToYuv bt601(ColorSpace::kBt601Limited), bt709(ColorSpace::kBt709Limited);
  EXPECT_EQ(bt601(0, 0, 0), (std::array<std::uint8_t, 3>{16, 128, 128}));
  EXPECT_EQ(bt601(255, 255, 255), (std::array<std::uint8_t, 3>{235, 128, 128}));
  EXPECT_EQ(bt601(255, 0, 0), (std::array<std::uint8_t, 3>{81, 90, 240}));
  EXPECT_EQ(bt601(0, 0, 255), (std::array<std::uint8_t, 3>{41, 240, 110}));
  EXPECT_EQ(bt709(255, 0, 0), (std::array<std::uint8_t, 3>{63, 102, 240}));
  EXPECT_EQ(bt709(0, 0, 255), (std::array<std::uint8_t, 3>{32, 240, 118}));
  EXPECT_EQ(RgbToYuv(ColorSpace::kBt601Full)(255, 255, 255),
            (std::array<std::uint8_t, 3>{255, 128, 128}));
}

TEST(Color, ConvertsToWhatTheDefinitionTakesBack) {
  for (const ColorSpace space : kColorSpaces) {
    const RgbToYuv to_yuv(space);
    for (int red = 0; red < 256; red += 15) {
      for (int green = 0; green < 256; green += 15) {
        for (int blue = 0; blue < 256; blue += 15) {
          const std::array rgb{red, green, blue};
          const auto [y, u, v] =
              to_yuv(static_cast<float>(red), static_cast<float>(green), static_cast<float>(blue));
          const auto back = rgb_by_definition(space, y, u, v);
          // Half a level of each of Y, U and V, as far as that reaches.
          for (std::size_t c = 0; c < 3; ++c) ASSERT_NEAR(back[c] * 255, rgb[c], 2);
        }
      }
    }
  }
}

TEST(Color, BgraHasBlueFirst) {
  const TestPicture rgba = TestPicture(PixelFormat::kRgba, 5, 3, 2).fill_noise(9);
  const TestPicture bgra(PixelFormat::kBgra, 5, 3, 7);
  convert_rgba(rgba.view(), bgra.frame());
  EXPECT_EQ(bgra.difference(relaid(rgba, PixelFormat::kBgra)), 0);
  EXPECT_TRUE(bgra.padding_is_untouched());
}

TEST(Orientation, TurnsClockwiseThenMirrors) {
  const std::vector<int> stored{1, 2, 3,  //
                                4, 5, 6};
  const auto seen = [&](int rotation, bool flip) {
    std::vector<int> out(6);
    rotate<1>(stored.data(), 3, 2, {rotation, flip}, out.data());
    return out;
  };
  EXPECT_EQ(seen(0, false), stored);
  EXPECT_EQ(seen(90, false), (std::vector{4, 1, 5, 2, 6, 3}));
  EXPECT_EQ(seen(180, false), (std::vector{6, 5, 4, 3, 2, 1}));
  EXPECT_EQ(seen(270, false), (std::vector{3, 6, 2, 5, 1, 4}));
  EXPECT_EQ(seen(0, true), (std::vector{3, 2, 1, 6, 5, 4}));
  EXPECT_EQ(seen(90, true), (std::vector{1, 4, 2, 5, 3, 6}));
}

TEST(Orientation, TheInverseTurnsBack) {
  for (const Size size : kSizes) {
    for (const int rotation : {0, 90, 180, 270}) {
      for (const bool flip : {false, true}) {
        const Orientation orientation{rotation, flip};
        const bool swap = orientation.swaps_sides();
        std::vector<int> stored(static_cast<std::size_t>(3 * size.width * size.height));
        std::iota(stored.begin(), stored.end(), 0);
        std::vector<int> seen(stored.size()), back(stored.size());
        rotate<3>(stored.data(), size.width, size.height, orientation, seen.data());
        rotate<3>(seen.data(), swap ? size.height : size.width, swap ? size.width : size.height,
                  orientation.inverse(), back.data());
        ASSERT_EQ(back, stored) << rotation << (flip ? " flipped" : "");
      }
    }
  }
}

TEST(DrawPlaced, WidePictureLosesItsSides) {
  // Red, green and blue thirds; a square shows the middle one alone.
  TestPicture wide(PixelFormat::kRgba, 300, 100, 8);
  wide.fill([](int, int x, int, int c) { return c == 3 ? 0 : x / 100 == c ? 255 : 0; });
  TestPicture square(PixelFormat::kRgba, 50, 50, 4);
  SerialExecutor executor;
  ASSERT_TRUE(draw_placed(wide.view(), {}, square.frame(), executor));
  TestPicture green(PixelFormat::kRgba, 50, 50, 4);
  green.fill([](int, int, int, int c) { return c == 1 || c == 3 ? 255 : 0; });
  EXPECT_EQ(square.difference(green), 0);
  EXPECT_TRUE(square.padding_is_untouched());
}

TEST(DrawPlaced, TallPictureLosesTopAndBottom) {
  TestPicture tall(PixelFormat::kRgba, 10, 40);
  tall.fill([](int, int, int y, int c) { return c == 0 && (y < 15 || y >= 25) ? 255 : 7; });
  TestPicture out(PixelFormat::kRgba, 100, 100);
  PartsExecutor executor(3);
  ASSERT_TRUE(draw_placed(tall.view(), {}, out.frame(), executor));
  // Enlarged 10 times: rows 15 to 24 fill it, but for the blend over the outermost centres.
  EXPECT_EQ(out.frame().row(0, 50)[0], 7);
  EXPECT_EQ(out.frame().row(0, 6)[0], 7);
  EXPECT_EQ(out.frame().row(0, 93)[0], 7);
  EXPECT_GT(out.frame().row(0, 0)[0], 90);
}

TEST(DrawPlaced, SameSizeCopies) {
  TestPicture in = TestPicture(PixelFormat::kRgba, 31, 17).fill_noise(3);
  TestPicture out(PixelFormat::kRgba, 31, 17);
  SerialExecutor executor;
  ASSERT_TRUE(draw_placed(in.view(), {}, out.frame(), executor));
  in.fill([&](int, int x, int y, int c) { return c == 3 ? 255 : in.frame().row(0, y)[4 * x + c]; });
  EXPECT_EQ(out.difference(in), 0);
}

TEST(DrawPlaced, CoverKeepsTheSideOfItsPosition) {
  TestPicture wide(PixelFormat::kRgba, 300, 100);
  wide.fill([](int, int x, int, int c) { return c == 3 ? 0 : x / 100 == c ? 255 : 0; });
  SerialExecutor executor;
  for (const int third : {0, 1, 2}) {
    TestPicture square(PixelFormat::kRgba, 50, 50);
    ASSERT_TRUE(draw_placed(wide.view(), {.x = 0.5 * third}, square.frame(), executor));
    TestPicture expected(PixelFormat::kRgba, 50, 50);
    expected.fill([&](int, int, int, int c) { return c == third || c == 3 ? 255 : 0; });
    EXPECT_EQ(square.difference(expected), 0) << third;
  }
}

TEST(DrawPlaced, ContainLeavesTheColourBeside) {
  TestPicture tall(PixelFormat::kRgba, 10, 40);
  tall.fill([](int, int, int, int c) { return c == 3 ? 0 : 200; });
  SerialExecutor executor;
  for (const auto& [x, begin] : {std::pair(0.0, 0), std::pair(0.5, 38), std::pair(1.0, 75)}) {
    TestPicture out(PixelFormat::kRgba, 100, 100, 4);
    ASSERT_TRUE(draw_placed(tall.view(), {.fit = Fit::kContain, .x = x, .rgb = 0x102030},
                            out.frame(), executor));
    TestPicture expected(PixelFormat::kRgba, 100, 100, 4);
    expected.fill([&](int, int column, int, int c) {
      if (c == 3) return 255;
      return column >= begin && column < begin + 25 ? 200 : 16 * (c + 1);
    });
    EXPECT_EQ(out.difference(expected), 0) << x;
    EXPECT_TRUE(out.padding_is_untouched());
  }
}

TEST(DrawPlaced, ThePictureHasAPixelAtLeast) {
  const Placement last{.fit = Fit::kContain, .x = 1, .y = 1};
  const auto [columns, rows] = place(32768, 1, 40, 30, last);
  EXPECT_EQ(columns.begin, 0);
  EXPECT_EQ(columns.count, 40);
  EXPECT_EQ(rows.begin, 29);
  EXPECT_EQ(rows.count, 1);
}

TEST(PixelBuffer, LaysOnAColour) {
  TestPicture picture(PixelFormat::kRgba, 3, 1);
  const auto alpha = [](int x) { return x == 0 ? 0 : x == 1 ? 51 : 255; };
  picture.fill([&](int, int x, int, int c) { return c == 3 ? alpha(x) : 100; });
  lay_on(picture.frame(), {10, 20, 250});
  TestPicture expected(PixelFormat::kRgba, 3, 1);
  constexpr std::array<std::array<int, 3>, 3> kLaid{
      {{10, 20, 250}, {28, 36, 220}, {100, 100, 100}}};
  expected.fill([&](int, int x, int, int c) {
    return c == 3 ? 255 : kLaid[static_cast<std::size_t>(x)][static_cast<std::size_t>(c)];
  });
  EXPECT_EQ(picture.difference(expected), 0);
}

TEST(PixelBuffer, PlanesOfOddSizes) {
  PixelBuffer picture;
  ASSERT_TRUE(picture.create(PixelFormat::kI420, 5, 3));
  EXPECT_EQ(picture.frame().planes[1] - picture.frame().planes[0], 15);
  EXPECT_EQ(picture.frame().planes[2] - picture.frame().planes[1], 6);
  ASSERT_TRUE(picture.create(PixelFormat::kNv12, 5, 3));
  EXPECT_EQ(picture.frame().planes[1] - picture.frame().planes[0], 15);
  EXPECT_EQ(picture.frame().strides[1], 6);
}

}  // namespace
}  // namespace backdrop::test
