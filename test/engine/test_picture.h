// Pictures for tests: noise or plain colours, rows with room after them, and a watch on that room.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <functional>
#include <random>
#include <vector>

#include "image/frame.h"
#include "runtime/executor.h"

namespace backdrop::test {

class TestPicture {
 public:
  TestPicture(PixelFormat format, int width, int height, int padding = 0) {
    const bool rgba = format == PixelFormat::kRgba;
    frame_.format = format;
    frame_.width = width;
    frame_.height = height;
    for (int p = 0; p < planes(); ++p) {
      const auto plane = static_cast<std::size_t>(p);
      const int stride = (rgba ? 4 * width : plane_width(p)) + padding;
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

  int planes() const { return frame_.format == PixelFormat::kRgba ? 1 : 3; }
  int samples_per_pixel() const { return frame_.format == PixelFormat::kRgba ? 4 : 1; }
  int plane_width(int plane) const { return plane == 0 ? frame_.width : (frame_.width + 1) / 2; }
  int plane_height(int plane) const { return plane == 0 ? frame_.height : (frame_.height + 1) / 2; }
  int row_samples(int plane) const { return plane_width(plane) * samples_per_pixel(); }

  const Frame& frame() const { return frame_; }
  ConstFrame view() const {
    return {frame_.format,
            frame_.width,
            frame_.height,
            {frame_.planes[0], frame_.planes[1], frame_.planes[2]},
            frame_.strides};
  }

  // fill(plane, x, y, channel) gives every sample.
  void fill(const std::function<int(int, int, int, int)>& sample) {
    for (int p = 0; p < planes(); ++p) {
      for (int y = 0; y < plane_height(p); ++y) {
        for (int i = 0; i < row_samples(p); ++i) {
          frame_.row(p, y)[i] = static_cast<std::uint8_t>(
              sample(p, i / samples_per_pixel(), y, i % samples_per_pixel()));
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
