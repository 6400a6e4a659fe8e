#include "render/cpu/half_picture.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include "support.h"
#include "test_picture.h"

namespace backdrop::test {
namespace {

const std::vector<std::pair<int, int>> kSizes{{1, 1}, {2, 3}, {33, 18}, {64, 40}, {131, 77}};

// The mean of the pixels that a half-size one stands for; the last stands for one that is missing.
double halved(const TestPicture& picture, std::size_t channel, int x, int y) {
  const Frame& frame = picture.frame();
  const bool yuv = is_yuv(frame.format);
  const int channels = picture.samples_per_pixel(0);
  if (yuv && channel > 0) {
    const bool pairs = picture.samples_per_pixel(1) == 2;
    const auto c = static_cast<int>(channel);
    return pairs ? frame.row(1, y)[2 * x + c - 1] : frame.row(c, y)[x];
  }
  double sum = 0;
  for (const int v : {2 * y, std::min(2 * y + 1, frame.height - 1)}) {
    for (const int u : {2 * x, std::min(2 * x + 1, frame.width - 1)}) {
      const std::uint8_t* const pixel = frame.row(0, v) + channels * u;
      const double alpha = traits_of(frame.format).has_alpha ? pixel[3] / 255.0 : 1;
      sum += pixel[channel] * alpha;
    }
  }
  return sum / 4;
}

void expect_halved(const HalfPicture& half, const TestPicture& picture, double tolerance) {
  for (std::size_t c = 0; c < 3; ++c) {
    for (int y = 0; y < half.height(); ++y) {
      for (int x = 0; x < half.width(); ++x) {
        ASSERT_NEAR(half.row(c, y)[x], halved(picture, c, x, y), tolerance)
            << picture.frame().width << "x" << picture.frame().height << " at " << x << ", " << y;
      }
    }
  }
}

TEST(HalfPicture, IsTheMeanOnBlackInEveryFormat) {
  for (const PixelFormat format : kKernelFormats) {
    const bool has_alpha = traits_of(format).has_alpha;
    for (const auto& [width, height] : kSizes) {
      PartsExecutor executor(3);
      HalfPicture half;
      ASSERT_TRUE(half.prepare(width, height, executor));
      TestPicture picture = TestPicture(format, width, height, 5).fill_noise(3);
      if (has_alpha) picture.frame().row(0, height - 1)[4 * width - 1] = 254;
      half.shrink(picture.view(), executor);
      EXPECT_EQ(half.is_opaque(), !has_alpha);
      expect_halved(half, picture, 1);

      const TestPicture first = picture;
      picture.fill([](int plane, int x, int y, int c) {
        return c == 3 ? 255 : (7 * x + 5 * y + plane + c) % 256;
      });
      half.shrink(picture.view(), executor);
      EXPECT_TRUE(half.is_opaque());
      expect_halved(half, picture, 0.5);
      for (int x = 0; x < half.width(); ++x) {
        EXPECT_NEAR(half.before().row(half.height() - 1)[x], halved(first, 0, x, half.height() - 1),
                    1);
      }
    }
  }
}

}  // namespace
}  // namespace backdrop::test
