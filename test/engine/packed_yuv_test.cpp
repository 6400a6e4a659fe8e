#include "image/packed_yuv.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <utility>
#include <vector>

#include "targets.h"
#include "test_picture.h"

namespace backdrop::test {
namespace {

const std::vector<std::pair<int, int>> kSizes{{1, 1},  {2, 1},  {3, 2},   {15, 5},  {32, 4},
                                              {33, 3}, {64, 2}, {129, 7}, {257, 6}, {640, 5}};

// A sample of chroma of the group at x, y.
int chroma(const TestPicture& yuy2, int x, int y, int plane) {
  return yuy2.frame().row(0, std::min(y, yuy2.frame().height - 1))[4 * x + (plane == 1 ? 1 : 3)];
}

int mean(const TestPicture& yuy2, int x, int y, int plane) {
  return (chroma(yuy2, x, y / 2 * 2, plane) + chroma(yuy2, x, y / 2 * 2 + 1, plane) + 1) / 2;
}

TEST(PackedYuv, IsUnpackedToLumaAndTheMeanOfTwoRows) {
  for_targets([] {
    for (const auto& [width, height] : kSizes) {
      const TestPicture yuy2 = TestPicture(PixelFormat::kYuy2, width, height, 5).fill_noise(1);
      const TestPicture out(PixelFormat::kI420, width, height, 3);
      TestPicture expected(PixelFormat::kI420, width, height);
      expected.fill([&](int plane, int x, int y, int) -> int {
        return plane == 0 ? yuy2.frame().row(0, y)[2 * x] : mean(yuy2, x, 2 * y, plane);
      });
      PartsExecutor executor(2);
      unpack_yuy2(yuy2.view(), out.frame(), executor);
      EXPECT_EQ(out.difference(expected), 0) << width << "x" << height;
      EXPECT_TRUE(out.padding_is_untouched());
    }
  });
}

TEST(PackedYuv, GetsBackWhatTheMeanLostOfThePerson) {
  for_targets([] {
    for (const auto& [width, height] : kSizes) {
      const TestPicture original = TestPicture(PixelFormat::kYuy2, width, height).fill_noise(2);
      const TestPicture i420 = TestPicture(PixelFormat::kI420, width, height).fill_noise(3);
      const int groups = i420.plane_width(1);
      std::vector<std::uint8_t> alpha(static_cast<std::size_t>(groups * i420.plane_height(1)));
      std::mt19937 random(4);
      for (std::uint8_t& value : alpha) {
        const unsigned any = random() % 512;
        value = static_cast<std::uint8_t>(std::clamp<int>(static_cast<int>(any) - 128, 0, 255));
      }
      TestPicture expected(PixelFormat::kYuy2, width, height);
      expected.fill([&](int, int x, int y, int c) -> int {
        const Frame& planar = i420.frame();
        const int column = 2 * x + c / 2;
        if (c % 2 == 0) {
          return column < width ? planar.row(0, y)[column] : original.frame().row(0, y)[4 * x + 2];
        }
        const int plane = c == 1 ? 1 : 2;
        const int lost = chroma(original, x, y, plane) - mean(original, x, y, plane);
        const double share = alpha[static_cast<std::size_t>(y / 2 * groups + x)] / 255.0;
        return std::clamp(planar.row(plane, y / 2)[x] + static_cast<int>(std::lround(lost * share)),
                          0, 255);
      });
      PartsExecutor executor(2);
      const TestPicture out(PixelFormat::kYuy2, width, height, 7), same = original;
      pack_yuy2(i420.view(), original.view(), {alpha.data(), groups}, out.frame(), executor);
      EXPECT_LE(out.difference(expected), 1) << width << "x" << height;
      EXPECT_TRUE(out.padding_is_untouched());
      pack_yuy2(i420.view(), same.view(), {alpha.data(), groups}, same.frame(), executor);
      EXPECT_EQ(same.difference(out), 0) << "in place";
    }
  });
}

}  // namespace
}  // namespace backdrop::test
