#include "image/sampler.h"

#include <algorithm>
#include <array>

#include "image/bands.h"
#include "image/color.h"

namespace backdrop {

bool Sampler::prepare(PixelFormat format, int width, int height, const Target& target,
                      const Executor& executor) {
  const auto plane = [&](int w, int h, int channels) {
    return Plane{static_cast<std::size_t>(w) * static_cast<std::size_t>(channels),
                 make_taps(w, target.width), make_taps(h, target.height)};
  };
  target_ = target;
  full_ = plane(width, height, format == PixelFormat::kRgba ? 4 : 1);
  half_ = plane((width + 1) / 2, (height + 1) / 2, 1);
  row_ = static_cast<std::size_t>(target.width) + kRgbPadding;
  return sums_.resize(2 * kGroup * full_.row_samples * executor.concurrency()) &&
         rows_.resize(6 * kGroup * row_ * executor.concurrency());
}

void Sampler::run(const ConstFrame& frame, float* input, Executor& executor) {
  const std::size_t row_values = 3 * static_cast<std::size_t>(target_.width);
  for_bands(executor, (target_.height + kGroup - 1) / kGroup,
            [&](std::size_t part, int begin, int end) {
              std::uint16_t* sums = sums_.data() + part * 2 * kGroup * full_.row_samples;
              float* rows = rows_.data() + part * 6 * kGroup * row_;
              for (int group = begin; group < end; ++group) {
                const int y = group * kGroup;
                if (frame.format == PixelFormat::kRgba) {
                  sample_rgba(frame, y, sums, rows);
                } else {
                  sample_i420(frame, y, sums, rows);
                }
                for (int k = 0; k < std::min(kGroup, target_.height - y); ++k) {
                  std::copy_n(rows + 3 * row_ * static_cast<std::size_t>(k), row_values,
                              input + row_values * static_cast<std::size_t>(y + k));
                }
              }
            });
}

void Sampler::sample_rgba(const ConstFrame& frame, int y, std::uint16_t* sums, float* rgb) const {
  const float scale = (target_.white - target_.black) / (255 * 256);
  for (int k = 0; k < kGroup; ++k) {
    const int row = std::min(y + k, target_.height - 1);
    sum_rows(frame.row(0, full_.rows.first_of(row)), frame.strides[0], full_.rows.parts256_of(row),
             full_.row_samples, sums);
    sum_columns(sums, full_.columns, 3, scale, target_.black,
                rgb + 3 * row_ * static_cast<std::size_t>(k));
  }
}

void Sampler::sample_i420(const ConstFrame& frame, int y, std::uint16_t* sums, float* rgb) const {
  std::array<float*, 3> yuv;
  for (int p = 0; p < 3; ++p) {
    const auto index = static_cast<std::size_t>(p);
    const Plane& plane = p == 0 ? full_ : half_;
    std::array<const std::uint16_t*, kGroup> rows;
    for (int k = 0; k < kGroup; ++k) {
      const int row = std::min(y + k, target_.height - 1);
      std::uint16_t* sum = sums + static_cast<std::size_t>(k) * plane.row_samples;
      sum_rows(frame.row(p, plane.rows.first_of(row)), frame.strides[index],
               plane.rows.parts256_of(row), plane.row_samples, sum);
      rows[static_cast<std::size_t>(k)] = sum;
    }
    std::uint16_t* interleaved = sums + kGroup * plane.row_samples;
    interleave_rows(rows, plane.row_samples, interleaved);
    yuv[index] = rgb + kGroup * (3 + index) * row_;
    sum_columns(interleaved, plane.columns, 4, 1.0f / 256, 0, yuv[index]);
  }
  yuv_to_rgb({yuv[0], yuv[1], yuv[2]}, static_cast<std::size_t>(target_.width),
             (target_.white - target_.black) / 255, target_.black,
             {rgb, rgb + 3 * row_, rgb + 6 * row_, rgb + 9 * row_});
}

}  // namespace backdrop
