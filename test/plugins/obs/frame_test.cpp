#include "frame.h"

#include <gtest/gtest.h>

#include <array>
#include <cstring>
#include <vector>

#include "rows.h"

namespace backdrop::obs {
namespace {

// BT.601 and BT.709, as libobs has them.
constexpr std::array<float, 16> k601Limited = {1.164384f, 0,          1.596027f,  -0.874202f,
                                               1.164384f, -0.391762f, -0.812968f, 0.531668f,
                                               1.164384f, 2.017232f,  0,          -1.085631f};
constexpr std::array<float, 16> k709Limited = {1.164384f, 0,          1.792741f,  -0.972945f,
                                               1.164384f, -0.213249f, -0.532909f, 0.301483f,
                                               1.164384f, 2.112402f,  0,          -1.133402f};
constexpr std::array<float, 16> k601Full = {
    1, 0, 1.402f, -0.703749f, 1, -0.344136f, -0.714136f, 0.531211f, 1, 1.772f, 0, -0.889475f};
constexpr std::array<float, 16> k709Full = {
    1, 0, 1.5748f, -0.790488f, 1, -0.187324f, -0.468124f, 0.329010f, 1, 1.8556f, 0, -0.931439f};

// A frame whose planes lie in `bytes`, rows `padding` bytes longer than they need to be.
struct SourceFrame {
  SourceFrame(video_format format, int width, int height, std::size_t padding = 0) {
    const auto planes = Frame::planes_of(format, width, height);
    for (std::size_t i = 0; i < planes.size(); ++i) {
      bytes[i].resize((planes[i].row_bytes + padding) * planes[i].rows);
      frame.data[i] = bytes[i].data();
      frame.linesize[i] = static_cast<std::uint32_t>(planes[i].row_bytes + padding);
    }
    frame.format = format;
    frame.width = static_cast<std::uint32_t>(width);
    frame.height = static_cast<std::uint32_t>(height);
    frame.full_range = true;
    set_matrix(k601Full);
  }
  void set_matrix(const std::array<float, 16>& matrix) {
    std::copy(matrix.begin(), matrix.end(), frame.color_matrix);
  }
  std::vector<std::uint8_t> bytes[4];
  obs_source_frame frame{};
};

TEST(ObsFrame, RowsArePackedAndNothingElseIsCopied) {
  SourceFrame source(VIDEO_FORMAT_I420, 5, 3, 7);
  for (auto& plane : source.bytes) std::fill(plane.begin(), plane.end(), std::uint8_t{99});
  for (std::size_t y = 0; y < 3; ++y) std::memset(source.bytes[0].data() + y * 12, 1, 5);
  for (std::size_t y = 0; y < 2; ++y) {
    std::memset(source.bytes[1].data() + y * 10, 2, 3);
    std::memset(source.bytes[2].data() + y * 10, 3, 3);
  }
  Frame frame;
  ASSERT_EQ(frame.copy(source.frame), "");
  const backdrop_image image = frame.view();
  EXPECT_EQ(image.format, BACKDROP_I420);
  EXPECT_EQ(image.width, 5);
  EXPECT_EQ(image.height, 3);
  EXPECT_EQ(image.strides[0], 5);
  EXPECT_EQ(image.strides[1], 3);
  EXPECT_EQ(std::vector(image.planes[0], image.planes[0] + 15), std::vector<std::uint8_t>(15, 1));
  EXPECT_EQ(std::vector(image.planes[1], image.planes[1] + 6), std::vector<std::uint8_t>(6, 2));
  EXPECT_EQ(std::vector(image.planes[2], image.planes[2] + 6), std::vector<std::uint8_t>(6, 3));
}

TEST(ObsFrame, TheMatrixTellsTheColorSpace) {
  const std::tuple<const std::array<float, 16>&, bool, backdrop_color_space> cases[] = {
      {k601Limited, false, BACKDROP_BT601_LIMITED},
      {k709Limited, false, BACKDROP_BT709_LIMITED},
      {k601Full, true, BACKDROP_BT601_FULL},
      {k709Full, true, BACKDROP_BT709_FULL}};
  for (const auto& [matrix, full_range, expected] : cases) {
    SourceFrame source(VIDEO_FORMAT_NV12, 4, 4);
    source.set_matrix(matrix);
    source.frame.full_range = full_range;
    Frame frame;
    ASSERT_EQ(frame.copy(source.frame), "");
    EXPECT_EQ(frame.view().color_space, expected);
  }
}

TEST(ObsFrame, UpsideDownIsHalfATurnAndAMirror) {
  SourceFrame source(VIDEO_FORMAT_BGRA, 4, 4);
  source.frame.flip = true;
  Frame frame;
  ASSERT_EQ(frame.copy(source.frame), "");
  EXPECT_EQ(frame.view().rotation, 180);
  EXPECT_EQ(frame.view().flip, 1);
}

TEST(ObsFrame, WhatCantBeUsedIsRefused) {
  Frame frame;
  SourceFrame hdr(VIDEO_FORMAT_NV12, 4, 4);
  hdr.frame.trc = VIDEO_TRC_HLG;
  EXPECT_NE(frame.copy(hdr.frame), "");
  SourceFrame short_rows(VIDEO_FORMAT_NV12, 4, 4);
  short_rows.frame.linesize[1] = 3;
  EXPECT_NE(frame.copy(short_rows.frame), "");
  SourceFrame no_plane(VIDEO_FORMAT_I420, 4, 4);
  no_plane.frame.data[2] = nullptr;
  EXPECT_NE(frame.copy(no_plane.frame), "");
  SourceFrame empty(VIDEO_FORMAT_I420, 4, 4);
  empty.frame.height = 0;
  EXPECT_NE(frame.copy(empty.frame), "");
  for (const video_format format : {VIDEO_FORMAT_NONE, VIDEO_FORMAT_I010, VIDEO_FORMAT_P010,
                                    VIDEO_FORMAT_I210, VIDEO_FORMAT_I412, VIDEO_FORMAT_YA2L}) {
    SourceFrame unknown(VIDEO_FORMAT_I420, 4, 4);
    unknown.frame.format = format;
    EXPECT_NE(frame.copy(unknown.frame), "") << format;
    EXPECT_FALSE(blank(unknown.frame)) << format;
  }
}

// A frame of one colour, Y 150, U 100, V 180 of BT.601 in full range, that is R 223, G 122, B 100.
class ObsFormats : public testing::TestWithParam<video_format> {
 protected:
  static SourceFrame make(video_format format) {
    SourceFrame source(format, 5, 3, 3);
    const auto fill = [&](std::size_t plane, std::vector<std::uint8_t> pattern) {
      for (std::size_t y = 0; y < 3; ++y) {
        for (std::size_t x = 0; x < source.frame.linesize[plane]; ++x) {
          const std::size_t at = y * source.frame.linesize[plane] + x;
          if (at < source.bytes[plane].size())
            source.bytes[plane][at] = pattern[x % pattern.size()];
        }
      }
    };
    switch (format) {
      case VIDEO_FORMAT_YUY2:
        fill(0, {150, 100, 150, 180});
        break;
      case VIDEO_FORMAT_YVYU:
        fill(0, {150, 180, 150, 100});
        break;
      case VIDEO_FORMAT_UYVY:
        fill(0, {100, 150, 180, 150});
        break;
      case VIDEO_FORMAT_AYUV:
        fill(0, {180, 100, 150, 77});
        break;
      case VIDEO_FORMAT_NV12:
        fill(0, {150});
        fill(1, {100, 180});
        break;
      case VIDEO_FORMAT_RGBA:
        fill(0, {223, 122, 100, 77});
        break;
      case VIDEO_FORMAT_BGRA:
      case VIDEO_FORMAT_BGRX:
        fill(0, {100, 122, 223, 77});
        break;
      case VIDEO_FORMAT_BGR3:
        fill(0, {100, 122, 223});
        break;
      default:
        fill(0, {150});
        if (source.frame.data[1]) fill(1, {100});
        if (source.frame.data[2]) fill(2, {180});
        if (source.frame.data[3]) fill(3, {77});
    }
    return source;
  }
  static bool has_alpha(video_format format) {
    return format == VIDEO_FORMAT_AYUV || format == VIDEO_FORMAT_RGBA ||
           format == VIDEO_FORMAT_BGRA || format == VIDEO_FORMAT_I40A ||
           format == VIDEO_FORMAT_I42A || format == VIDEO_FORMAT_YUVA;
  }
};

TEST_P(ObsFormats, BecomesBgra) {
  const SourceFrame source = make(GetParam());
  Frame frame, bgra;
  ASSERT_EQ(frame.copy(source.frame), "");
  frame.convert_to_bgra(bgra);
  ASSERT_EQ(bgra.format(), VIDEO_FORMAT_BGRA);
  ASSERT_TRUE(bgra.is_native());
  const bool is_grey = GetParam() == VIDEO_FORMAT_Y800;
  const std::array<int, 4> expected = {is_grey ? 150 : 100, is_grey ? 150 : 122,
                                       is_grey ? 150 : 223, has_alpha(GetParam()) ? 77 : 255};
  const backdrop_image image = bgra.view();
  for (std::size_t i = 0; i < 5 * 3 * 4; ++i) {
    ASSERT_NEAR(image.planes[0][i], expected[i % 4], 1) << i;
  }
}

TEST_P(ObsFormats, BlankHasNothingOfThePicture) {
  SourceFrame source = make(GetParam());
  ASSERT_TRUE(blank(source.frame));
  Frame frame, bgra;
  ASSERT_EQ(frame.copy(source.frame), "");
  frame.convert_to_bgra(bgra);
  for (std::size_t i = 4; i < 5 * 3 * 4; ++i) {
    if (i % 4 == 3) continue;
    ASSERT_EQ(bgra.plane(0)[i], bgra.plane(0)[i % 4]) << i;
  }
}

INSTANTIATE_TEST_SUITE_P(
    Obs, ObsFormats,
    testing::Values(VIDEO_FORMAT_I420, VIDEO_FORMAT_NV12, VIDEO_FORMAT_YVYU, VIDEO_FORMAT_YUY2,
                    VIDEO_FORMAT_UYVY, VIDEO_FORMAT_RGBA, VIDEO_FORMAT_BGRA, VIDEO_FORMAT_BGRX,
                    VIDEO_FORMAT_Y800, VIDEO_FORMAT_I444, VIDEO_FORMAT_BGR3, VIDEO_FORMAT_I422,
                    VIDEO_FORMAT_I40A, VIDEO_FORMAT_I42A, VIDEO_FORMAT_YUVA, VIDEO_FORMAT_AYUV),
    [](const auto& format) { return std::string(get_video_format_name(format.param)); });

TEST(ObsFrame, RgbOfLimitedRangeIsExpanded) {
  SourceFrame source(VIDEO_FORMAT_BGRA, 2, 1);
  source.frame.full_range = false;
  source.bytes[0] = {16, 235, 126, 77, 0, 255, 16, 255};
  source.frame.data[0] = source.bytes[0].data();
  Frame frame, bgra;
  ASSERT_EQ(frame.copy(source.frame), "");
  EXPECT_FALSE(frame.is_native());
  frame.convert_to_bgra(bgra);
  EXPECT_EQ(std::vector(bgra.plane(0), bgra.plane(0) + 8),
            (std::vector<std::uint8_t>{0, 255, 128, 77, 0, 255, 0, 255}));
}

TEST(ObsFrame, YuvIsClampedToItsRange) {
  SourceFrame source(VIDEO_FORMAT_I444, 2, 1);
  source.set_matrix(k601Limited);
  source.frame.full_range = false;
  for (int i = 0; i < 3; ++i) {
    source.frame.color_range_min[i] = 16.0f / 255;
    source.frame.color_range_max[i] = (i == 0 ? 235.0f : 240.0f) / 255;
  }
  source.bytes[0][0] = 0;
  source.bytes[0][1] = 255;
  source.bytes[1][0] = source.bytes[1][1] = source.bytes[2][0] = source.bytes[2][1] = 128;
  Frame frame, bgra;
  ASSERT_EQ(frame.copy(source.frame), "");
  frame.convert_to_bgra(bgra);
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_NEAR(bgra.plane(0)[i], 0, 1);
    EXPECT_NEAR(bgra.plane(0)[4 + i], 255, 1);
  }
}

TEST(ObsFrame, PaddingBecomesOpaque) {
  SourceFrame source(VIDEO_FORMAT_BGRX, 2, 1);
  Frame frame;
  ASSERT_EQ(frame.copy(source.frame), "");
  frame.make_opaque();
  EXPECT_EQ(frame.view().format, BACKDROP_BGRA);
  EXPECT_EQ(frame.plane(0)[3], 255);
  EXPECT_EQ(frame.plane(0)[7], 255);
}

}  // namespace
}  // namespace backdrop::obs
