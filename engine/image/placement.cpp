#include "image/placement.h"

#include <algorithm>
#include <cmath>

#include "base/assert.h"
#include "base/buffer.h"
#include "base/parallel_for.h"
#include "image/pixel_format.h"
#include "image/resize.h"

namespace backdrop {
namespace {

PlacedAxis place_axis(int size, int frame_size, double scale, double position) {
  const double scaled = scale * size;
  if (scaled >= frame_size) {
    const double extent = frame_size / scale;
    return {(size - extent) * position, extent, 0, frame_size};
  }
  const double first = (frame_size - scaled) * position;
  const int begin = std::min(static_cast<int>(std::lround(first)), frame_size - 1);
  const int end = std::max(static_cast<int>(std::lround(first + scaled)), begin + 1);
  return {0, static_cast<double>(size), begin, end - begin};
}

void fill(const Frame& out, const std::array<std::uint8_t, 3>& color) {
  for (int y = 0; y < out.height; ++y) {
    std::uint8_t* pixel = out.row(0, y);
    for (int x = 0; x < out.width; ++x) {
      pixel = std::ranges::copy(color, pixel).out;
      *pixel++ = 255;
    }
  }
}

Frame part_of(const Frame& frame, const PlacedPicture& placed) {
  Frame part = frame;
  part.planes[0] = frame.row(0, placed.rows.begin) + 4 * placed.columns.begin;
  part.width = placed.columns.count;
  part.height = placed.rows.count;
  return part;
}

bool resize(const ConstFrame& picture, const ResizeTaps& columns, const ResizeTaps& rows,
            const Frame& out, Executor& executor) {
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
      sum_columns(sum, 4, columns.whole(), 4, 1.0f / 256, 0.5f, row);
      std::uint8_t* pixel = out.row(0, y);
      for (std::size_t i = 0; i < out_samples; ++i) {
        pixel[i] = i % 4 == 3 ? 255 : static_cast<std::uint8_t>(row[i]);
      }
    }
  });
  return true;
}

}  // namespace

PlacedPicture place(int width, int height, int frame_width, int frame_height,
                    const Placement& placement) {
  const double across = static_cast<double>(frame_width) / width;
  const double down = static_cast<double>(frame_height) / height;
  const double scale =
      placement.fit == Fit::kCover ? std::max(across, down) : std::min(across, down);
  return {place_axis(width, frame_width, scale, placement.x),
          place_axis(height, frame_height, scale, placement.y)};
}

bool draw_placed(const ConstFrame& picture, const Placement& placement, const Frame& out,
                 Executor& executor) {
  BACKDROP_ASSERT(picture.format == PixelFormat::kRgba && out.format == PixelFormat::kRgba);
  const PlacedPicture placed =
      place(picture.width, picture.height, out.width, out.height, placement);
  const auto& [columns, rows] = placed;
  if (columns.count < out.width || rows.count < out.height) fill(out, bytes_of(placement.rgb));
  return resize(picture,
                make_resize_taps(picture.width, columns.from, columns.extent, columns.count),
                make_resize_taps(picture.height, rows.from, rows.extent, rows.count),
                part_of(out, placed), executor);
}

}  // namespace backdrop
