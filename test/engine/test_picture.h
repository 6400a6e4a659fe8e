// Pictures for tests: noise or plain colours, rows with room after them, and a watch on that room.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <functional>
#include <random>
#include <utility>
#include <vector>

#include "image/frame.h"
#include "base/executor.h"

namespace backdrop::test {

class TestPicture {
 public:
  TestPicture(PixelFormat format, int width, int height, int padding = 0) {
    frame_.format = format;
    frame_.width = width;
    frame_.height = height;
    for (int p = 0; p < planes(); ++p) {
      const auto plane = static_cast<std::size_t>(p);
      const int stride = row_samples(p) + padding;
      bytes_[plane].assign(static_cast<std::size_t>(stride * plane_height(p)), kGuard);
      frame_.strides[plane] = stride;
    }
    point();
  }
  TestPicture(const TestPicture& other) : frame_(other.frame_) {
    for (std::size_t p = 0; p < 3; ++p) bytes_[p] = other.bytes_[p];
    point();
  }
  TestPicture& operator=(const TestPicture&) = delete;

  TestPicture& in_space(ColorSpace space) {
    frame_.color_space = space;
    return *this;
  }
  TestPicture& turned_by(const Orientation& orientation) {
    frame_.orientation = orientation;
    return *this;
  }

  int planes() const { return plane_count(frame_.format); }
  int samples_per_pixel(int plane) const { return channels_of(frame_.format, plane); }
  int plane_width(int plane) const { return frame_.plane_width(plane); }
  int plane_height(int plane) const { return frame_.plane_height(plane); }
  int row_samples(int plane) const { return frame_.row_bytes(plane); }

  const Frame& frame() const { return frame_; }
  ConstFrame view() const { return read_only(frame_); }

  // fill(plane, x, y, channel) gives every sample.
  void fill(const std::function<int(int, int, int, int)>& sample) {
    for (int p = 0; p < planes(); ++p) {
      for (int y = 0; y < plane_height(p); ++y) {
        for (int i = 0; i < row_samples(p); ++i) {
          const int channels = samples_per_pixel(p);
          frame_.row(p, y)[i] = static_cast<std::uint8_t>(sample(p, i / channels, y, i % channels));
        }
      }
    }
  }
  TestPicture& fill_noise(unsigned seed) {
    std::mt19937 random(seed);
    fill([&](int, int, int, int) { return static_cast<int>(random() % 256); });
    return *this;
  }

  bool padding_is_untouched() const {
    for (int p = 0; p < planes(); ++p) {
      const auto stride = static_cast<int>(frame_.strides[static_cast<std::size_t>(p)]);
      for (int y = 0; y < plane_height(p); ++y) {
        for (int i = row_samples(p); i < stride; ++i) {
          if (frame_.row(p, y)[i] != kGuard) return false;
        }
      }
    }
    return true;
  }

  // The largest difference of any sample.
  int difference(const TestPicture& other) const {
    int most = 0;
    for (int p = 0; p < planes(); ++p) {
      for (int y = 0; y < plane_height(p); ++y) {
        for (int i = 0; i < row_samples(p); ++i) {
          most = std::max(most, std::abs(frame_.row(p, y)[i] - other.frame_.row(p, y)[i]));
        }
      }
    }
    return most;
  }

 private:
  static constexpr std::uint8_t kGuard = 0xa5;

  void point() {
    for (std::size_t p = 0; p < 3; ++p) {
      frame_.planes[p] = bytes_[p].empty() ? nullptr : bytes_[p].data();
    }
  }

  Frame frame_;
  std::vector<std::uint8_t> bytes_[3];
};

// The same samples as the sister format has them: I420 and NV12, RGBA and BGRA.
inline TestPicture relaid(const TestPicture& in, PixelFormat format) {
  const Frame& from = in.frame();
  TestPicture out(format, from.width, from.height);
  out.in_space(from.color_space).turned_by(from.orientation);
  out.fill([&](int plane, int x, int y, int c) -> int {
    if (format == from.format) return from.row(plane, y)[x * in.samples_per_pixel(plane) + c];
    if (!is_yuv(format)) return from.row(0, y)[4 * x + (c == 3 ? 3 : 2 - c)];
    if (plane == 0) return from.row(0, y)[x];
    return format == PixelFormat::kNv12 ? from.row(1 + c, y)[x] : from.row(1, y)[2 * x + plane - 1];
  });
  return out;
}

// I420 as YUY2: both rows of a pair have the same chroma, and padding is 0.
inline TestPicture packed(const TestPicture& i420, int padding = 0) {
  const Frame& from = i420.frame();
  TestPicture out(PixelFormat::kYuy2, from.width, from.height, padding);
  out.in_space(from.color_space).turned_by(from.orientation);
  out.fill([&](int, int x, int y, int c) -> int {
    if (c % 2 != 0) return from.row(c == 1 ? 1 : 2, y / 2)[x];
    return 2 * x + c / 2 < from.width ? from.row(0, y)[2 * x + c / 2] : 0;
  });
  return out;
}

// Formats whose pictures differ in nothing but where the samples lie.
inline constexpr std::pair<PixelFormat, PixelFormat> kSisters[] = {
    {PixelFormat::kI420, PixelFormat::kNv12},
    {PixelFormat::kRgba, PixelFormat::kBgra},
    {PixelFormat::kRgbx, PixelFormat::kBgrx}};
inline constexpr auto kFormats = [] {
  std::array<PixelFormat, kFormatCount> formats{};
  for (std::size_t i = 0; i < formats.size(); ++i) formats[i] = static_cast<PixelFormat>(i);
  return formats;
}();
// Without those that the engine repacks for its kernels.
inline constexpr auto kKernelFormats = [] {
  constexpr auto is_packed = [](PixelFormat format) { return traits_of(format).is_packed; };
  std::array<PixelFormat, kFormatCount - std::ranges::count_if(kFormats, is_packed)> formats{};
  std::ranges::remove_copy_if(kFormats, formats.begin(), is_packed);
  return formats;
}();
inline constexpr ColorSpace kColorSpaces[] = {ColorSpace::kBt601Limited, ColorSpace::kBt601Full,
                                              ColorSpace::kBt709Limited, ColorSpace::kBt709Full};

// An executor that runs its parts one after the other, as many as it is told.
class PartsExecutor final : public Executor {
 public:
  explicit PartsExecutor(std::size_t parts) : parts_(parts) {}
  std::size_t concurrency() const override { return parts_; }
  void run(std::size_t parts, Task task) override {
    for (std::size_t part = 0; part < parts; ++part) task(part);
  }

 private:
  std::size_t parts_;
};

}  // namespace backdrop::test
