#include "image/sampler.h"

#include <algorithm>
#include <array>

#include "base/assert.h"
#include "base/parallel_for.h"
#include "image/color.h"

namespace backdrop {
namespace {

// Reverses the three channels of each pixel. n is the number of floats.
void copy_reversed(const float* in, std::size_t n, float* out) {
  for (std::size_t i = 0; i < n; i += 3) {
    out[i] = in[i + 2];
    out[i + 1] = in[i + 1];
    out[i + 2] = in[i];
  }
}

}  // namespace

void Sampler::Plane::reserve(const Target& target) {
  reserve_resize_taps(columns, width, target.width);
  reserve_resize_taps(rows, height, target.height);
}

void Sampler::Plane::look_at(const Region& region, const Target& target) {
  set_resize_taps(columns, width, region.left * width, region.width * width, target.width);
  set_resize_taps(rows, height, region.top * height, region.height * height, target.height);
}

bool Sampler::prepare(PixelFormat format, int width, int height, const Target& target,
                      const Executor& executor) {
  const auto plane = [&](int index) {
    Plane of_frame{plane_width(format, width, index), plane_height(format, height, index), {}, {}};
    of_frame.reserve(target);
    return of_frame;
  };
  const ConstFrame frame{.format = format, .width = width, .height = height};
  target_ = target;
  first_ = plane(0);
  chroma_ = is_yuv(format) ? plane(1) : Plane{};
  look_at(Region{});
  row_sums_ = static_cast<std::size_t>(std::max(frame.row_bytes(0), frame.row_bytes(1)));
  row_ = static_cast<std::size_t>(target.width) + kRgbPadding;
  return sums_.resize(2 * kGroup * row_sums_ * executor.concurrency()) &&
         rows_.resize(6 * kGroup * row_ * executor.concurrency());
}

void Sampler::look_at(const Region& region) {
  first_.look_at(region, target_);
  if (chroma_.width > 0) chroma_.look_at(region, target_);
}

void Sampler::run(const ConstFrame& frame, float* input, Executor& executor) {
  BACKDROP_ASSERT(static_cast<std::size_t>(frame.row_bytes(0)) <= row_sums_);
  const std::size_t row_values = 3 * static_cast<std::size_t>(target_.width);
  for_bands(executor, (target_.height + kGroup - 1) / kGroup,
            [&](std::size_t part, int begin, int end) {
              std::uint16_t* sums = sums_.data() + part * 2 * kGroup * row_sums_;
              float* rows = rows_.data() + part * 6 * kGroup * row_;
              for (int group = begin; group < end; ++group) {
                const int y = group * kGroup;
                if (is_yuv(frame.format)) {
                  sample_yuv(frame, y, sums, rows);
                } else {
                  sample_rgb(frame, y, sums, rows);
                }
                for (int k = 0; k < std::min(kGroup, target_.height - y); ++k) {
                  const float* row = rows + 3 * row_ * static_cast<std::size_t>(k);
                  float* out = input + row_values * static_cast<std::size_t>(y + k);
                  if (traits_of(frame.format).blue_first) {
                    copy_reversed(row, row_values, out);
                  } else {
                    std::copy_n(row, row_values, out);
                  }
                }
              }
            });
}

// Whole blocks of the kernel that sums rows, as far as the row goes.
auto Sampler::covered_by(const Plane& plane, int channels) -> Covered {
  constexpr std::size_t kBlock = 128;
  const auto pixel = static_cast<std::size_t>(channels);
  const auto samples = static_cast<std::size_t>(plane.width) * pixel;
  const auto begin = static_cast<std::size_t>(plane.columns.first.front()) * pixel;
  const auto end =
      static_cast<std::size_t>(plane.columns.first.back() + plane.columns.taps) * pixel;
  const std::size_t first = begin / kBlock * kBlock;
  return {first, std::min(samples, (end + kBlock - 1) / kBlock * kBlock) - first};
}

void Sampler::sample_rgb(const ConstFrame& frame, int y, std::uint16_t* sums, float* rgb) const {
  const float scale = (target_.white - target_.black) / (255 * 256);
  const auto [first, count] = covered_by(first_, 4);
  for (int k = 0; k < kGroup; ++k) {
    const int row = std::min(y + k, target_.height - 1);
    sum_weighted_rows(frame.row(0, first_.rows.first_of(row)) + first, frame.strides[0],
                      first_.rows.parts256_of(row), count, sums + first);
    sum_columns(sums, 4, first_.columns.whole(), 3, scale, target_.black,
                rgb + 3 * row_ * static_cast<std::size_t>(k));
  }
}

void Sampler::sample_yuv(const ConstFrame& frame, int y, std::uint16_t* sums, float* rgb) const {
  std::array<float*, 3> yuv;
  std::size_t made = 0;
  for (int p = 0; p < plane_count(frame.format); ++p) {
    const Plane& plane = p == 0 ? first_ : chroma_;
    const auto samples = static_cast<std::size_t>(frame.row_bytes(p));
    const int channels = channels_of(frame.format, p);
    const auto [first, count] = covered_by(plane, channels);
    std::array<const std::uint16_t*, kGroup> rows;
    for (int k = 0; k < kGroup; ++k) {
      const int row = std::min(y + k, target_.height - 1);
      std::uint16_t* sum = sums + static_cast<std::size_t>(k) * samples;
      sum_weighted_rows(frame.row(p, plane.rows.first_of(row)) + first,
                        frame.strides[static_cast<std::size_t>(p)], plane.rows.parts256_of(row),
                        count, sum + first);
      rows[static_cast<std::size_t>(k)] = sum + first;
    }
    std::uint16_t* interleaved = sums + kGroup * samples;
    interleave_rows(rows, count, interleaved + kGroup * first);
    for (int c = 0; c < channels; ++c, ++made) {
      yuv[made] = rgb + kGroup * (3 + made) * row_;
      sum_columns(interleaved + kGroup * c, kGroup * channels, plane.columns.whole(), 4, 1.0f / 256,
                  0, yuv[made]);
    }
  }
  yuv_to_rgb({yuv[0], yuv[1], yuv[2]}, make_yuv_to_rgb(frame.color_space),
             static_cast<std::size_t>(target_.width), (target_.white - target_.black) / 255,
             target_.black, {rgb, rgb + 3 * row_, rgb + 6 * row_, rgb + 9 * row_});
}

}  // namespace backdrop
