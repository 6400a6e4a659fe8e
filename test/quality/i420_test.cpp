#include "i420.h"

#include <gtest/gtest.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <utility>

namespace backdrop::quality::test {
namespace {

cli::Picture picture_of(int width, int height, std::array<std::uint8_t, 3> color) {
  cli::Picture picture;
  picture.resize(static_cast<std::uint64_t>(width), static_cast<std::uint64_t>(height));
  for (std::size_t i = 0; i < picture.rgba.size(); ++i) {
    picture.rgba[i] = i % 4 == 3 ? 255 : color[i % 4];
  }
  return picture;
}

// ITU-R BT.601, limited range.
TEST(I420, KnownColours) {
  struct Case {
    std::array<std::uint8_t, 3> rgb, yuv;
  };
  for (const auto& [rgb, yuv] :
       {Case{{0, 0, 0}, {16, 128, 128}}, Case{{255, 255, 255}, {235, 128, 128}},
        Case{{255, 0, 0}, {81, 90, 240}}, Case{{0, 255, 0}, {145, 54, 34}},
        Case{{0, 0, 255}, {41, 240, 110}}}) {
    const cli::Picture picture = picture_of(4, 2, rgb);
    I420 converted(picture);
    const backdrop_image image = converted.view();
    EXPECT_EQ(image.format, BACKDROP_I420);
    EXPECT_EQ(image.color_space, BACKDROP_BT601_LIMITED);
    for (std::size_t p = 0; p < 3; ++p) EXPECT_EQ(image.planes[p][p == 0 ? 7 : 1], yuv[p]);
    const cli::Picture back = converted.picture();
    for (std::size_t i = 0; i < back.rgba.size(); ++i) {
      EXPECT_NEAR(back.rgba[i], picture.rgba[i], 2) << i;
    }
  }
}

TEST(I420, ChromaIsTheMeanOfFourPixels) {
  cli::Picture picture = picture_of(4, 2, {0, 0, 0});
  for (const std::size_t pixel : {2U, 3U, 6U}) picture.rgba[4 * pixel] = 255;  // three are red
  I420 converted(picture);
  const backdrop_image image = converted.view();
  EXPECT_EQ(image.planes[2][0], 128);
  EXPECT_EQ(image.planes[2][1], 212);  // 128 + 112 * 3 / 4
  EXPECT_EQ(image.planes[0][3], 81);
  EXPECT_EQ(image.planes[0][7], 16);
}

// What is missing at an odd end counts for nothing.
TEST(I420, TakesOddSizes) {
  for (const auto& [width, height] : {std::pair{1, 1}, {3, 2}, {5, 7}}) {
    const cli::Picture picture = picture_of(width, height, {200, 90, 30});
    const cli::Picture back = I420(picture).picture();
    ASSERT_EQ(back.rgba.size(), picture.rgba.size());
    for (std::size_t i = 0; i < back.rgba.size(); ++i) {
      EXPECT_NEAR(back.rgba[i], picture.rgba[i], 2) << width << "x" << height << " at " << i;
    }
  }
}

}  // namespace
}  // namespace backdrop::quality::test
