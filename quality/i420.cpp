#include "i420.h"

#include <algorithm>
#include <cmath>

#include "image.h"

namespace backdrop::quality {
namespace {

// ITU-R BT.601: the weights of red and blue in luma.
constexpr double kRed = 0.299, kBlue = 0.114;
constexpr double kGreen = 1 - kRed - kBlue;
constexpr double kLumaLevels = 219, kChromaLevels = 224;

std::uint8_t rounded(double value) {
  return static_cast<std::uint8_t>(std::lround(std::clamp(value, 0.0, 255.0)));
}

}  // namespace

I420::I420(const cli::Picture& picture) : width_(picture.width), height_(picture.height) {
  samples_.resize(pixels() + 2 * chroma_pixels());
  std::vector<double> u(chroma_pixels()), v(chroma_pixels()), counts(chroma_pixels());
  for (std::size_t i = 0; i < pixels(); ++i) {
    const std::uint8_t* const pixel = picture.rgba.data() + 4 * i;
    const double luma = kRed * pixel[0] + kGreen * pixel[1] + kBlue * pixel[2];
    samples_[i] = rounded(16 + luma * kLumaLevels / 255);
    const std::size_t at = chroma_of(i);
    u[at] += (pixel[2] - luma) / (2 * (1 - kBlue));
    v[at] += (pixel[0] - luma) / (2 * (1 - kRed));
    ++counts[at];
  }
  for (std::size_t i = 0; i < chroma_pixels(); ++i) {
    const double scale = kChromaLevels / 255 / counts[i];
    samples_[pixels() + i] = rounded(128 + u[i] * scale);
    samples_[pixels() + chroma_pixels() + i] = rounded(128 + v[i] * scale);
  }
}

std::size_t I420::pixels() const { return Image::size(width_, height_, 1); }

std::size_t I420::chroma_pixels() const { return Image::size(chroma_width(), chroma_height(), 1); }

// The index of a pixel's chroma.
std::size_t I420::chroma_of(std::size_t pixel) const {
  const auto width = static_cast<std::size_t>(width_);
  return pixel / width / 2 * static_cast<std::size_t>(chroma_width()) + pixel % width / 2;
}

backdrop_image I420::view() {
  std::uint8_t* const u = samples_.data() + pixels();
  return {.format = BACKDROP_I420,
          .width = width_,
          .height = height_,
          .strides = {width_, chroma_width(), chroma_width()},
          .planes = {samples_.data(), u, u + chroma_pixels()},
          .color_space = BACKDROP_BT601_LIMITED,
          .rotation = 0,
          .flip = 0};
}

cli::Picture I420::picture() const {
  cli::Picture picture;
  picture.resize(static_cast<std::uint64_t>(width_), static_cast<std::uint64_t>(height_));
  for (std::size_t i = 0; i < pixels(); ++i) {
    const std::size_t at = pixels() + chroma_of(i);
    const double luma = (samples_[i] - 16) * 255 / kLumaLevels;
    const double u = (samples_[at] - 128) * 255 / kChromaLevels;
    const double v = (samples_[at + chroma_pixels()] - 128) * 255 / kChromaLevels;
    const double red = luma + 2 * (1 - kRed) * v;
    const double blue = luma + 2 * (1 - kBlue) * u;
    std::uint8_t* const pixel = picture.rgba.data() + 4 * i;
    pixel[0] = rounded(red);
    pixel[1] = rounded((luma - kRed * red - kBlue * blue) / kGreen);
    pixel[2] = rounded(blue);
    pixel[3] = 255;
  }
  return picture;
}

}  // namespace backdrop::quality
