#include "image/pixel_buffer.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "base/assert.h"
#include "base/parallel_for.h"
#include "base/saturating.h"
#include "image/resize.h"

namespace backdrop {

bool PixelBuffer::create(PixelFormat format, int width, int height) {
  const Frame layout{.format = format, .width = width, .height = height};
  const auto bytes_of = [&](int plane) {
    return Size(layout.row_bytes(plane)) * layout.plane_height(plane);
  };
  Size bytes = 0;
  for (int plane = 0; plane < plane_count(format); ++plane) bytes = bytes + bytes_of(plane);
  frame_ = {};
  if (!bytes_.resize(bytes.get())) return false;

  frame_ = layout;
  std::uint8_t* first = bytes_.data();
  for (int plane = 0; plane < plane_count(format); ++plane) {
    const auto p = static_cast<std::size_t>(plane);
    frame_.planes[p] = first;
    frame_.strides[p] = layout.row_bytes(plane);
    first += bytes_of(plane).get();
  }
  return true;
}

void copy_pixels(const ConstFrame& from, const Frame& to) {
  BACKDROP_ASSERT(from.format == to.format && from.width == to.width && from.height == to.height);
  for (int plane = 0; plane < plane_count(from.format); ++plane) {
    for (int y = 0; y < from.plane_height(plane); ++y) {
      std::memmove(to.row(plane, y), from.row(plane, y),
                   static_cast<std::size_t>(from.row_bytes(plane)));
    }
  }
}

void lay_on_black(const Frame& picture) {
  BACKDROP_ASSERT(traits_of(picture.format).has_alpha);
  for (int y = 0; y < picture.height; ++y) {
    std::uint8_t* const end = picture.row(0, y) + picture.row_bytes(0);
    for (std::uint8_t* pixel = picture.row(0, y); pixel < end; pixel += 4) {
      const int alpha = std::exchange(pixel[3], std::uint8_t{255});
      if (alpha == 255) continue;
      for (int c = 0; c < 3; ++c) {
        pixel[c] = static_cast<std::uint8_t>((pixel[c] * alpha + 127) / 255);
      }
    }
  }
}

bool fit_to_cover(const ConstFrame& picture, const Frame& out, Executor& executor) {
  BACKDROP_ASSERT(picture.format == PixelFormat::kRgba && out.format == PixelFormat::kRgba);
  const double scale = std::max(static_cast<double>(out.width) / picture.width,
                                static_cast<double>(out.height) / picture.height);
  const double width = out.width / scale;
  const double height = out.height / scale;
  const ResizeTaps columns =
      make_resize_taps(picture.width, (picture.width - width) / 2, width, out.width);
  const ResizeTaps rows =
      make_resize_taps(picture.height, (picture.height - height) / 2, height, out.height);

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
      sum_weighted_rows(picture.row(0, rows.first_of(y)), picture.strides[0], rows.parts256_of(y),
                        in_samples, sum);
      sum_columns(sum, 4, columns, 4, 1.0f / 256, 0.5f, row);
      std::uint8_t* pixel = out.row(0, y);
      for (std::size_t i = 0; i < out_samples; ++i) {
        pixel[i] = i % 4 == 3 ? 255 : static_cast<std::uint8_t>(row[i]);
      }
    }
  });
  return true;
}

}  // namespace backdrop
