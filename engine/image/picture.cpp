#include "image/picture.h"

#include <algorithm>

#include "image/bands.h"
#include "image/resize.h"

namespace backdrop {

bool Picture::create(PixelFormat format, int width, int height) {
  const auto w = static_cast<std::size_t>(width);
  const auto h = static_cast<std::size_t>(height);
  const std::size_t half_w = (w + 1) / 2;
  const std::size_t half_h = (h + 1) / 2;
  const bool rgba = format == PixelFormat::kRgba;
  frame_ = {};
  if (!bytes_.resize(rgba ? 4 * w * h : w * h + 2 * half_w * half_h)) return false;

  std::uint8_t* first = bytes_.data();
  frame_ = {format, width, height, {first}, {static_cast<std::ptrdiff_t>(rgba ? 4 * w : w)}};
  if (!rgba) {
    const auto half_stride = static_cast<std::ptrdiff_t>(half_w);
    frame_.planes = {first, first + w * h, first + w * h + half_w * half_h};
    frame_.strides = {static_cast<std::ptrdiff_t>(w), half_stride, half_stride};
  }
  return true;
}

ConstFrame Picture::view() const {
  return {frame_.format,
          frame_.width,
          frame_.height,
          {frame_.planes[0], frame_.planes[1], frame_.planes[2]},
          frame_.strides};
}

bool fit_to_cover(const ConstFrame& picture, const Frame& out, Executor& executor) {
  const double scale = std::max(static_cast<double>(out.width) / picture.width,
                                static_cast<double>(out.height) / picture.height);
  const double width = out.width / scale;
  const double height = out.height / scale;
  const Taps columns = make_taps(picture.width, (picture.width - width) / 2, width, out.width);
  const Taps rows = make_taps(picture.height, (picture.height - height) / 2, height, out.height);

  const auto in_samples = 4 * static_cast<std::size_t>(picture.width);
  const auto out_samples = 4 * static_cast<std::size_t>(out.width);
  Buffer<std::uint16_t> sums;
  Buffer<float> pixels;
  if (!sums.resize(in_samples * executor.concurrency()) ||
      !pixels.resize((out_samples + 1) * executor.concurrency())) {
    return false;
  }
  for_bands(executor, out.height, [&](std::size_t part, int begin, int end) {
    std::uint16_t* sum = sums.data() + part * in_samples;
    float* row = pixels.data() + part * (out_samples + 1);
    for (int y = begin; y < end; ++y) {
      sum_rows(picture.row(0, rows.first_of(y)), picture.strides[0], rows.parts256_of(y),
               in_samples, sum);
      sum_columns(sum, columns, 4, 1.0f / 256, 0.5f, row);
      std::uint8_t* pixel = out.row(0, y);
      for (std::size_t i = 0; i < out_samples; ++i) {
        pixel[i] = i % 4 == 3 ? 255 : static_cast<std::uint8_t>(row[i]);
      }
    }
  });
  return true;
}

}  // namespace backdrop
