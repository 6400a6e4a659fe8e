// Pictures for the C API in blocks of memory of exactly the bytes that it may touch, so that the
// address sanitizer sees all that goes beyond.
#pragma once

#include <fuzzer/FuzzedDataProvider.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <utility>
#include <vector>

#include "backdrop/backdrop.h"
#include "image/frame.h"

namespace backdrop::fuzz {

// How a picture lies in memory. All values have to be ones that the C API takes.
struct Form {
  std::int32_t format = BACKDROP_RGBA;
  int width = 1, height = 1;
  std::int32_t color_space = BACKDROP_BT601_LIMITED;
  std::int32_t rotation = 0, flip = 0;
  int padding = 0;  // bytes between two rows
  int offset = 0;   // of each plane, bytes from aligned memory
};

inline Form any_form(FuzzedDataProvider& bytes, int largest) {
  Form form;
  form.format = bytes.ConsumeIntegralInRange<std::int32_t>(0, kFormatCount - 1);
  form.width = bytes.ConsumeIntegralInRange(1, largest);
  form.height = bytes.ConsumeIntegralInRange(1, largest);
  form.color_space = bytes.ConsumeIntegralInRange<std::int32_t>(0, BACKDROP_BT709_FULL);
  form.rotation = 90 * bytes.ConsumeIntegralInRange<std::int32_t>(0, 3);
  form.flip = bytes.ConsumeBool() ? 1 : 0;
  form.padding = bytes.ConsumeIntegralInRange(0, 70);
  form.offset = bytes.ConsumeIntegralInRange(0, 17);
  return form;
}

class Picture {
 public:
  // Every byte is a guard's.
  explicit Picture(const Form& form) : form_(form) {
    frame_.format = static_cast<PixelFormat>(form.format);
    frame_.width = form.width;
    frame_.height = form.height;
    for (int p = 0; p < planes(); ++p) {
      const int stride = frame_.row_bytes(p) + form.padding;
      const int size = form.offset + stride * (frame_.plane_height(p) - 1) + frame_.row_bytes(p);
      auto& block = blocks_[static_cast<std::size_t>(p)];
      block = std::vector<std::uint8_t>(static_cast<std::size_t>(size), kGuard);
      frame_.planes[static_cast<std::size_t>(p)] = block.data() + form.offset;
      frame_.strides[static_cast<std::size_t>(p)] = stride;
    }
  }
  Picture(Picture&&) = default;
  Picture& operator=(Picture&&) = default;
  Picture copy() const {
    Picture picture(form_);
    for (int p = 0; p < planes(); ++p) {
      const auto& block = blocks_[static_cast<std::size_t>(p)];
      std::memcpy(picture.blocks_[static_cast<std::size_t>(p)].data(), block.data(), block.size());
    }
    return picture;
  }

  const Form& form() const { return form_; }
  const Frame& frame() const { return frame_; }
  int planes() const { return plane_count(frame_.format); }

  backdrop_image image() const {
    backdrop_image image{};
    image.format = form_.format;
    image.width = form_.width;
    image.height = form_.height;
    image.color_space = form_.color_space;
    image.rotation = form_.rotation;
    image.flip = form_.flip;
    for (std::size_t p = 0; p < static_cast<std::size_t>(planes()); ++p) {
      image.planes[p] = frame_.planes[p];
      image.strides[p] = static_cast<std::int32_t>(frame_.strides[p]);
    }
    return image;
  }

  Picture& fill_noise(std::uint32_t seed) {
    for (int p = 0; p < planes(); ++p) {
      for (int y = 0; y < frame_.plane_height(p); ++y) {
        for (int i = 0; i < frame_.row_bytes(p); ++i) {
          seed = seed * 1664525 + 1013904223;
          frame_.row(p, y)[i] = static_cast<std::uint8_t>(seed >> 24);
        }
      }
    }
    return *this;
  }

  // A red person from column `from` to `to`, in eighths of the width, in a blue room.
  Picture& fill_scene(int from, int to) {
    for (int p = 0; p < planes(); ++p) {
      const int channels = channels_of(frame_.format, p);
      for (int y = 0; y < frame_.plane_height(p); ++y) {
        for (int i = 0; i < frame_.row_bytes(p); ++i) {
          const int eighth = i / channels * 8 / frame_.plane_width(p);
          frame_.row(p, y)[i] = scene_sample(p, i % channels, eighth >= from && eighth < to);
        }
      }
    }
    return *this;
  }

  bool has_samples_of(const Picture& other) const {
    for (int p = 0; p < planes(); ++p) {
      for (int y = 0; y < frame_.plane_height(p); ++y) {
        const auto size = static_cast<std::size_t>(frame_.row_bytes(p));
        if (std::memcmp(frame_.row(p, y), other.frame_.row(p, y), size) != 0) return false;
      }
    }
    return true;
  }

  double mean_difference(const Picture& other) const {
    double sum = 0, count = 0;
    for (int p = 0; p < planes(); ++p) {
      for (int y = 0; y < frame_.plane_height(p); ++y) {
        for (int i = 0; i < frame_.row_bytes(p); ++i) {
          sum += std::abs(frame_.row(p, y)[i] - other.frame_.row(p, y)[i]);
        }
        count += frame_.row_bytes(p);
      }
    }
    return sum / count;
  }

  // Whether nothing was written but samples.
  bool has_guards() const {
    for (int p = 0; p < planes(); ++p) {
      const auto& block = blocks_[static_cast<std::size_t>(p)];
      const auto stride = static_cast<std::size_t>(frame_.strides[static_cast<std::size_t>(p)]);
      const auto row = static_cast<std::size_t>(frame_.row_bytes(p));
      const auto offset = static_cast<std::size_t>(form_.offset);
      for (std::size_t i = 0; i < block.size(); ++i) {
        const bool sample = i >= offset && (i - offset) % stride < row;
        if (!sample && block[i] != kGuard) return false;
      }
    }
    return true;
  }

  // Pixels of RGB that have the colour of the scene's room, whatever their alpha.
  int room() const {
    if (is_yuv(frame_.format)) return 0;
    const int blue = traits_of(frame_.format).blue_first ? 0 : 2;
    int count = 0;
    for (int y = 0; y < form_.height; ++y) {
      for (int x = 0; x < form_.width; ++x) {
        const std::uint8_t* pixel = frame_.row(0, y) + 4 * x;
        count += pixel[blue] > 128;
      }
    }
    return count;
  }

 private:
  static constexpr std::uint8_t kGuard = 0xa5;

  std::uint8_t scene_sample(int plane, int channel, bool person) const {
    if (!is_yuv(frame_.format)) {
      if (channel == 3) return 255;
      const bool red = channel == (traits_of(frame_.format).blue_first ? 2 : 0);
      return channel != 1 && red == person ? 255 : 0;
    }
    constexpr std::array<std::uint8_t, 3> kRed{82, 90, 240}, kBlue{41, 240, 110};
    // Of packed YUV: Y, U, Y, V.
    const int packed = channel % 2 == 0 ? 0 : channel == 1 ? 1 : 2;
    const auto c =
        static_cast<std::size_t>(traits_of(frame_.format).is_packed ? packed : plane + channel);
    return person ? kRed[c] : kBlue[c];
  }

  Form form_;
  Frame frame_;
  std::array<std::vector<std::uint8_t>, 3> blocks_;
};

}  // namespace backdrop::fuzz
