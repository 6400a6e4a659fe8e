#include "test_picture.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <memory>

#include <graphics/graphics.h>
#include <util/bmem.h>

#include "frame.h"

namespace backdrop::test {
namespace {

constexpr int kCell = 4;  // pixels of the checkerboard
constexpr Color kMagenta{255, 0, 255};
constexpr Color kGreen{0, 255, 0};

Color color_at(const std::uint8_t* bgrx, std::uint32_t stride, int x, int y) {
  const std::uint8_t* pixel = bgrx + static_cast<std::size_t>(y) * stride + 4 * x;
  return {pixel[0], pixel[1], pixel[2]};
}

std::array<int, 3> to_yuv(const Color& color) {
  const double r = color.red, g = color.green, b = color.blue;
  const double y = 0.2126 * r + 0.7152 * g + 0.0722 * b;
  return {static_cast<int>(std::lround(16 + y * 219 / 255)),
          static_cast<int>(std::lround(128 + (b - y) / 1.8556 * 224 / 255)),
          static_cast<int>(std::lround(128 + (r - y) / 1.5748 * 224 / 255))};
}

}  // namespace

std::optional<std::vector<std::uint8_t>> make_picture() {
  gs_color_format format = GS_UNKNOWN;
  std::uint32_t width = 0, height = 0;
  const std::unique_ptr<std::uint8_t, void (*)(void*)> portrait(
      std::filesystem::exists(BACKDROP_PORTRAIT)
          ? gs_create_texture_file_data2(BACKDROP_PORTRAIT, GS_IMAGE_ALPHA_STRAIGHT, &format,
                                         &width, &height)
          : nullptr,
      bfree);
  if (!portrait) return {};
  const int red = format == GS_RGBA ? 0 : 2;
  std::vector<std::uint8_t> picture(std::size_t{4} * kWidth * kHeight, 255);
  const int shown = kHeight * static_cast<int>(width) / static_cast<int>(height);
  const int left = (kWidth - shown) / 2;
  for (int y = 0; y < kHeight; ++y) {
    for (int x = 0; x < kWidth; ++x) {
      std::uint8_t* pixel = picture.data() + 4 * (y * kWidth + x);
      if (x >= left && x < left + shown) {
        const auto from_x =
            static_cast<std::size_t>(x - left) * width / static_cast<unsigned>(shown);
        const auto from_y = static_cast<std::size_t>(y) * height / kHeight;
        const std::uint8_t* from = portrait.get() + 4 * (from_y * width + from_x);
        pixel[0] = from[2 - red];
        pixel[1] = from[1];
        pixel[2] = from[red];
      } else {
        const Color& color = (x / kCell + y / kCell) % 2 ? kMagenta : kGreen;
        pixel[0] = static_cast<std::uint8_t>(color.blue);
        pixel[1] = static_cast<std::uint8_t>(color.green);
        pixel[2] = static_cast<std::uint8_t>(color.red);
      }
    }
  }
  return picture;
}

int count_room(const std::uint8_t* bgrx, int width, int height, std::uint32_t stride) {
  constexpr int kTolerance = 80;
  int count = 0;
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      const Color color = color_at(bgrx, stride, x, y);
      if (is_near(color, kMagenta, kTolerance) || is_near(color, kGreen, kTolerance)) ++count;
    }
  }
  return count;
}

Color mean_color(const std::uint8_t* bgrx, std::uint32_t stride, int x, int y, int radius) {
  Color sum{0, 0, 0};
  for (int dy = -radius; dy < radius; ++dy) {
    for (int dx = -radius; dx < radius; ++dx) {
      const Color color = color_at(bgrx, stride, x + dx, y + dy);
      sum.blue += color.blue;
      sum.green += color.green;
      sum.red += color.red;
    }
  }
  const int count = 4 * radius * radius;
  return {sum.blue / count, sum.green / count, sum.red / count};
}

bool is_near(const Color& a, const Color& b, int tolerance) {
  return std::abs(a.blue - b.blue) <= tolerance && std::abs(a.green - b.green) <= tolerance &&
         std::abs(a.red - b.red) <= tolerance;
}

TestFrame::TestFrame(const std::vector<std::uint8_t>& bgrx, int width, int height,
                     video_format format) {
  frame_.format = format;
  frame_.width = static_cast<std::uint32_t>(width);
  frame_.height = static_cast<std::uint32_t>(height);
  video_format_get_parameters(VIDEO_CS_709, VIDEO_RANGE_PARTIAL, frame_.color_matrix,
                              frame_.color_range_min, frame_.color_range_max);
  auto planes = obs::Frame::planes_of(format, width, height);
  if (planes.empty()) {  // 10 bits, of which the pixels don't matter
    const auto bytes = 2 * static_cast<std::size_t>(width);
    planes.assign(3, {bytes, static_cast<std::size_t>(height)});
  }
  for (std::size_t i = 0; i < planes.size(); ++i) {
    planes_[i].assign(planes[i].row_bytes * planes[i].rows, 255);
    frame_.data[i] = planes_[i].data();
    frame_.linesize[i] = static_cast<std::uint32_t>(planes[i].row_bytes);
  }
  write_planes(bgrx, format);
}

void TestFrame::write_planes(const std::vector<std::uint8_t>& bgrx, video_format format) {
  const auto width = static_cast<std::size_t>(frame_.width);
  for (std::size_t y = 0; y < frame_.height; ++y) {
    for (std::size_t x = 0; x < width; ++x) {
      const std::uint8_t* pixel = bgrx.data() + 4 * (y * width + x);
      const auto yuv = to_yuv({pixel[0], pixel[1], pixel[2]});
      const auto put = [&](int plane, std::size_t row, std::size_t at, int value) {
        planes_[plane][row * frame_.linesize[plane] + at] = static_cast<std::uint8_t>(value);
      };
      switch (format) {
        case VIDEO_FORMAT_I420:
        case VIDEO_FORMAT_I40A:
          put(0, y, x, yuv[0]);
          put(1, y / 2, x / 2, yuv[1]);
          put(2, y / 2, x / 2, yuv[2]);
          break;
        case VIDEO_FORMAT_NV12:
          put(0, y, x, yuv[0]);
          put(1, y / 2, x / 2 * 2, yuv[1]);
          put(1, y / 2, x / 2 * 2 + 1, yuv[2]);
          break;
        case VIDEO_FORMAT_I422:
        case VIDEO_FORMAT_I444: {
          const std::size_t step = format == VIDEO_FORMAT_I422 ? 2 : 1;
          put(0, y, x, yuv[0]);
          put(1, y, x / step, yuv[1]);
          put(2, y, x / step, yuv[2]);
          break;
        }
        case VIDEO_FORMAT_YUY2:
          put(0, y, 2 * x, yuv[0]);
          put(0, y, x / 2 * 4 + 1, yuv[1]);
          put(0, y, x / 2 * 4 + 3, yuv[2]);
          break;
        case VIDEO_FORMAT_YVYU:
          put(0, y, 2 * x, yuv[0]);
          put(0, y, x / 2 * 4 + 3, yuv[1]);
          put(0, y, x / 2 * 4 + 1, yuv[2]);
          break;
        case VIDEO_FORMAT_UYVY:
          put(0, y, 2 * x + 1, yuv[0]);
          put(0, y, x / 2 * 4, yuv[1]);
          put(0, y, x / 2 * 4 + 2, yuv[2]);
          break;
        case VIDEO_FORMAT_RGBA:
        case VIDEO_FORMAT_BGRA:
        case VIDEO_FORMAT_BGRX:
        case VIDEO_FORMAT_BGR3: {
          const std::size_t step = format == VIDEO_FORMAT_BGR3 ? 3 : 4;
          for (std::size_t i = 0; i < 3; ++i) {
            put(0, y, step * x + i, pixel[format == VIDEO_FORMAT_RGBA ? 2 - i : i]);
          }
          if (format == VIDEO_FORMAT_BGRX) put(0, y, step * x + 3, 0);
          break;
        }
        case VIDEO_FORMAT_Y800:
          put(0, y, x, yuv[0]);
          break;
        default:
          break;
      }
    }
  }
}

void TestFrame::flip() {
  const auto planes = obs::Frame::planes_of(frame_.format, static_cast<int>(frame_.width),
                                            static_cast<int>(frame_.height));
  for (std::size_t i = 0; i < planes.size(); ++i) {
    const auto [row_bytes, rows] = planes[i];
    for (std::size_t y = 0; y < rows / 2; ++y) {
      std::swap_ranges(
          planes_[i].begin() + static_cast<std::ptrdiff_t>(y * row_bytes),
          planes_[i].begin() + static_cast<std::ptrdiff_t>((y + 1) * row_bytes),
          planes_[i].begin() + static_cast<std::ptrdiff_t>((rows - 1 - y) * row_bytes));
    }
  }
  frame_.flip = true;
}

}  // namespace backdrop::test
