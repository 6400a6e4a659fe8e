#include "render/cpu/background_blur.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <utility>

#include "base/assert.h"
#include "render/cpu/blend.h"
#include "render/cpu/blur_kernels.h"
#include "image/pixel_buffer.h"
#include "base/parallel_for.h"

namespace backdrop {
namespace {

constexpr int kMaxFactor = 256;
constexpr double kMinSigma = 1.5;  // of a shrunk picture

// From a missing weight of a quarter on, only the room counts where it is known.
constexpr float kFillSlope = 4;

// The variance that shrinking by boxes and enlarging add, in small pixels: along x 1/12 by the
// boxes and 1/4 by the B-spline, along y a little less. Detail finer than the frame's own pixels is
// missing from both.
double resizing_variance(int factor) { return 0.32 * (1 - 1.0 / (factor * factor)); }

int choose_factor(double sigma) {
  int factor = 2;  // chroma may be at half size
  while (factor < kMaxFactor && sigma / (2 * factor) >= kMinSigma) factor *= 2;
  return factor;
}

std::size_t padded(std::size_t samples) {
  return (samples + 3 * kRowPadding - 1) / kRowPadding * kRowPadding;
}

}  // namespace

bool BackgroundBlur::prepare(PixelFormat format, int width, int height, double sigma,
                             const Executor& executor) {
  format_ = format;
  width_ = width;
  factor_ = choose_factor(sigma);
  const int small_width = (width + factor_ - 1) / factor_;
  const int small_height = (height + factor_ - 1) / factor_;
  // An odd number of cache lines, so that the pixels of a column are not in the same cache sets.
  const std::size_t stride = (4 * static_cast<std::size_t>(small_width) + 63) / 64 * 64 + 16;
  row_ = padded(static_cast<std::size_t>(small_width * factor_));
  small_row_ = padded(static_cast<std::size_t>(small_width));

  const std::size_t threads = executor.concurrency();
  const double sigma_small = sigma / factor_;
  const double variance = std::max(sigma_small * sigma_small - resizing_variance(factor_), 0.0);
  rows_.resize(threads);
  if (!blur_.prepare(small_width, small_height, std::sqrt(variance), executor) ||
      !small_pixels_.resize(stride * static_cast<std::size_t>(small_height)) ||
      !normalized_.resize(3 * stride * static_cast<std::size_t>(small_height)) ||
      !sums_.resize(4 * row_ * threads) ||
      !small_sums_.resize((kSmallSums * small_row_ + row_) * threads) ||
      !enlarged_rows_.resize(kEnlargedRows * 4 * row_ * threads) ||
      !on_black_.resize(traits_of(format).has_alpha ? kMaxRows * 4 * row_ * threads : 1)) {
    return false;
  }
  small_ = {small_pixels_.data(), small_width, small_height, stride};
  std::fill_n(small_pixels_.data(), small_pixels_.size(), 0.0f);
  return true;
}

void BackgroundBlur::run(const ConstFrame& frame, Matte& matte, const KnownRoom& room,
                         Executor& executor) {
  BACKDROP_ASSERT(frame.format == format_ && frame.width == width_);
  BACKDROP_ASSERT(rows_.size() == executor.concurrency());
  for_bands(executor, small_.height, [&](std::size_t part, int begin, int end) {
    for (int row = begin; row < end; ++row) {
      shrink_row(frame, matte, part, row);
      if (room.trust > 0) fill_row(frame, room, part, row);
    }
  });
  blur_.run(small_, executor);
  for_bands(executor, small_.height, [&](std::size_t, int begin, int end) {
    for (int row = begin; row < end; ++row) normalize_row(row);
  });
  for (std::size_t part = 0; part < rows_.size(); ++part) {
    for (std::size_t plane = 0; plane < 3; ++plane) {
      EnlargedRow& row = rows_[part][plane];
      row.pair.reset(enlarged_row(part, 2 * plane), enlarged_row(part, 2 * plane + 1));
      row.y = -1;
    }
  }
}

// Sums blocks of factor_ x factor_ pixels: first along y, then along x.
void BackgroundBlur::shrink_row(const ConstFrame& frame, Matte& matte, std::size_t part, int row) {
  float* pixels = small_.data + small_.stride * static_cast<std::size_t>(row);
  const bool is_split = is_yuv(format_);
  if (is_split) {
    std::fill_n(small_sum(part, 0), kSmallSums * small_row_, 0.0f);
  } else {
    std::fill_n(pixels, small_.stride, 0.0f);
  }
  for (int plane = 0; plane < plane_count(format_); ++plane) {
    const int end = std::min((row + 1) * factor(plane), frame.plane_height(plane));
    for (int y = row * factor(plane); y < end; y += kMaxRows) {
      weight_by_background(frame, matte, part, plane, y, std::min(kMaxRows, end - y));
      add_across(part, plane, pixels);
    }
  }
  if (!is_split) return;
  interleave({small_sum(part, 0), small_sum(part, 1), small_sum(part, 2), small_sum(part, 3),
              small_sum(part, 4)},
             static_cast<std::size_t>(small_.width), pixels);
}

// Sums `count` rows along y. Row 0 of the sums: samples times weights; a plane of pairs has as many
// as luma. Row 1: weights. Zeros beyond the frame's width.
void BackgroundBlur::weight_by_background(const ConstFrame& frame, Matte& matte, std::size_t part,
                                          int plane, int y, int count) {
  const auto channels = static_cast<std::size_t>(channels_of(format_, plane));
  const auto width = static_cast<std::size_t>(plane_width(format_, width_, plane));
  const auto full_width = static_cast<std::size_t>(small_.width * factor(plane));
  std::uint16_t* sums = sum(part, 0);
  std::uint16_t* weights = has_weights(plane) ? sum(part, 1) : nullptr;
  const AlphaPlane alpha = matte.plane(plane);
  AlphaRows rows{channels,     frame.row(plane, y), frame.strides[static_cast<std::size_t>(plane)],
                 alpha.row(y), alpha.stride,        count};
  const bool are_opaque = weight_rows_by_background(rows, width, sums, weights);
  if (!are_opaque && traits_of(format_).has_alpha) {
    for (int i = 0; i < count; ++i) matte.limit(frame, y + i, 0, frame.width);
    const Frame laid = lay_on_black(frame, part, y, count);
    rows.samples = laid.planes[0];
    rows.stride = laid.strides[0];
    weight_rows_by_background(rows, width, sums, weights);
  }
  std::fill(sums + channels * width, sums + channels * full_width, std::uint16_t{0});
  if (weights) std::fill(weights + width, weights + full_width, std::uint16_t{0});
}

// Rows of a frame with alpha.
Frame BackgroundBlur::lay_on_black(const ConstFrame& frame, std::size_t part, int y, int count) {
  ConstFrame rows = frame;
  rows.height = count;
  rows.planes[0] = frame.row(0, y);
  Frame out{.format = frame.format, .width = frame.width, .height = count};
  out.planes[0] = on_black_.data() + kMaxRows * 4 * row_ * part;
  out.strides[0] = frame.row_bytes(0);
  copy_pixels(rows, out);
  lay_on(out, {0, 0, 0});
  return out;
}

void BackgroundBlur::add_across(std::size_t part, int plane, float* pixels) {
  const auto group = static_cast<std::size_t>(factor(plane));
  const auto width = static_cast<std::size_t>(small_.width);
  const int channels = channels_of(format_, plane);
  if (channels == 4) return add_pixel_groups(sum(part, 0), group, width, pixels);
  const auto add = [&](const std::uint16_t* samples, std::size_t index) {
    add_groups(samples, group, width, small_sum(part, kSmallSums), small_sum(part, index));
  };
  const auto p = static_cast<std::size_t>(plane);
  if (channels == 2) {
    split_pairs(sum(part, 0), group * width, sum(part, 2), sum(part, 3));
    add(sum(part, 2), 1);
    add(sum(part, 3), 2);
  } else {
    add(sum(part, 0), p);
  }
  if (has_weights(plane)) add(sum(part, 1), 3 + p);
}

// Mixes the pixels of a small row that are not all background with what is known of the room.
void BackgroundBlur::fill_row(const ConstFrame& frame, const KnownRoom& room, std::size_t part,
                              int row) {
  float* const pixels = small_.data + small_.stride * static_cast<std::size_t>(row);
  const int rows = std::min(factor_, frame.height - row * factor_);
  const auto columns = [&](int x) { return std::min(factor_, frame.width - x * factor_); };
  const auto full_weight = [&](int x) { return static_cast<float>(256 * rows * columns(x)); };
  const auto is_background = [&](int x) { return pixels[4 * x + 3] >= full_weight(x); };
  int begin = 0;
  int end = small_.width;
  while (begin < end && is_background(begin)) ++begin;
  while (end > begin && is_background(end - 1)) --end;
  if (begin == end) return;
  sum_known(frame, room, part, row, begin, end);
  const std::array sums{small_sum(part, 0), small_sum(part, 1), small_sum(part, 2),
                        small_sum(part, 3)};
  for (int x = begin; x < end; ++x) {
    const auto known = [&](std::size_t i) { return sums[i][x - begin]; };
    if (known(3) == 0 || is_background(x)) continue;
    const int half_pixels = (rows + 1) / 2 * ((columns(x) + 1) / 2);
    const auto halves = static_cast<float>(half_pixels);
    const float missing = 1 - pixels[4 * x + 3] / full_weight(x);
    const float trust = room.trust * std::min(kFillSlope * missing, 1.0F);
    const float scale = trust * full_weight(x) / halves;
    const float kept = 1 - trust * known(3) / halves;
    constexpr float kColorUnit = 1.0F / (kKnownSumUnit << kProductShift);
    for (std::size_t i = 0; i < 4; ++i) {
      float& value = pixels[4 * static_cast<std::size_t>(x) + i];
      value = kept * value + scale * (i < 3 ? kColorUnit : 1) * known(i);
    }
  }
}

// Sums the known pixels of the room in the small pixels [begin, end) of a row.
void BackgroundBlur::sum_known(const ConstFrame& frame, const KnownRoom& room, std::size_t part,
                               int row, int begin, int end) {
  const int half = factor_ / 2;
  const int end_row = std::min((row + 1) * half, (frame.height + 1) / 2);
  const int columns = std::min(end * half, (frame.width + 1) / 2) - begin * half;
  std::fill_n(small_sum(part, 0), 4 * small_row_, 0.0F);
  for (int y = row * half; y < end_row; y += kMostKnownRows) {
    sum_known_rows(room.from(begin * half, y), std::min(kMostKnownRows, end_row - y),
                   static_cast<std::size_t>(columns),
                   {sum(part, 0), sum(part, 1), sum(part, 2), sum(part, 3)});
    for (std::size_t i = 0; i < 4; ++i) {
      std::fill(sum(part, i) + columns, sum(part, i) + (end - begin) * half, std::uint16_t{0});
      add_groups(sum(part, i), static_cast<std::size_t>(half),
                 static_cast<std::size_t>(end - begin), small_sum(part, kSmallSums),
                 small_sum(part, i));
    }
  }
}

const std::uint8_t* BackgroundBlur::samples(std::size_t part, int plane, int y, int begin, int end,
                                            std::uint8_t* scratch) {
  EnlargedRow& row = rows_[part][static_cast<std::size_t>(plane)];
  if (row.y != y) find_row(part, plane, y, row);
  const int channels = channels_of(format_, plane);
  blend_rows(row.first + channels * begin, row.second + channels * begin, row.weight,
             static_cast<std::size_t>(channels * (end - begin)), scratch);
  return scratch;
}

void BackgroundBlur::find_row(std::size_t part, int plane, int y, EnlargedRow& row) {
  const int rows = std::min(factor(plane), 2);  // that a small row is enlarged to first
  const double scale = static_cast<double>(factor(plane)) / rows;
  const LinearSample between = enlarged_from(y, scale, rows * small_.height);
  const auto enlarge = [&](int index, std::int16_t* out) { enlarge_row(part, plane, index, out); };
  row.first = row.pair.row(between.first, enlarge);
  row.second = row.pair.row(between.second, enlarge);
  row.weight = between.weight32768();
  row.y = y;
}

void BackgroundBlur::normalize_row(int row) {
  std::int16_t* first = normalized_.data() + 3 * small_.stride * static_cast<std::size_t>(row);
  normalize(small_.data + small_.stride * static_cast<std::size_t>(row),
            static_cast<std::size_t>(small_.width),
            {first, first + small_.stride, first + 2 * small_.stride});
}

void BackgroundBlur::enlarge_row(std::size_t part, int plane, int row, std::int16_t* out) {
  std::array<std::int16_t*, 4> work;
  for (std::size_t i = 0; i < 4; ++i) work[i] = enlarged_row(part, kEnlargedRows - 4 + i);
  const int channels = channels_of(format_, plane);
  if (channels == 1) return enlarge_channel(row, plane, factor(plane), out, work[0]);
  for (int c = 0; c < std::min(channels, 3); ++c) {
    enlarge_channel(row, plane + c, factor(plane), work[static_cast<std::size_t>(c)], work[3]);
  }
  const auto width = static_cast<std::size_t>(plane_width(format_, width_, plane));
  if (channels == 2) return interleave_pairs(work[0], work[1], width, out);
  interleave_rgba(work[0], work[1], work[2], width, out);
}

void BackgroundBlur::enlarge_channel(int row, int channel, int factor, std::int16_t* out,
                                     std::int16_t* work) const {
  const bool doublings_are_odd = std::countr_zero(static_cast<unsigned>(factor)) % 2 == 1;
  if (doublings_are_odd) std::swap(out, work);
  const auto small_width = static_cast<std::size_t>(small_.width);
  if (factor == 1) {
    std::copy_n(normalized_row(row, channel), small_width, out);
  } else {
    const int other = std::clamp(row / 2 + (row % 2 == 0 ? -1 : 1), 0, small_.height - 1);
    double_rows(normalized_row(row / 2, channel), normalized_row(other, channel), small_width, out);
  }
  const std::size_t width = small_width * static_cast<std::size_t>(factor);
  for (std::size_t n = small_width; n < width; n *= 2) {
    double_row(out, n, work);
    std::swap(out, work);
  }
}

const std::int16_t* BackgroundBlur::normalized_row(int row, int channel) const {
  return normalized_.data() + static_cast<std::size_t>(3 * row + channel) * small_.stride;
}

std::uint16_t* BackgroundBlur::sum(std::size_t part, std::size_t index) {
  return sums_.data() + (4 * part + index) * row_;
}

float* BackgroundBlur::small_sum(std::size_t part, std::size_t index) {
  return small_sums_.data() + part * (kSmallSums * small_row_ + row_) + index * small_row_;
}

std::int16_t* BackgroundBlur::enlarged_row(std::size_t part, std::size_t index) {
  return enlarged_rows_.data() + (kEnlargedRows * part + index) * 4 * row_ + kRowPadding;
}

}  // namespace backdrop
