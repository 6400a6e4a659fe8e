#include "render/cpu/background_blur.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <utility>

#include "base/assert.h"
#include "render/cpu/blend.h"
#include "render/cpu/blur_kernels.h"
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
  int factor = 2;
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
  half_width_ = (width + 1) / 2;
  half_height_ = (height + 1) / 2;
  factor_ = choose_factor(sigma);
  group_ = factor_ / 2;
  const int small_width = (width + factor_ - 1) / factor_;
  const int small_height = (height + factor_ - 1) / factor_;
  // An odd number of cache lines, so that the pixels of a column are not in the same cache sets.
  const std::size_t stride = (4 * static_cast<std::size_t>(small_width) + 63) / 64 * 64 + 16;
  row_ = padded(static_cast<std::size_t>(small_width * factor_));
  half_row_ = padded(static_cast<std::size_t>(small_width * group_));
  small_row_ = padded(static_cast<std::size_t>(small_width));

  const std::size_t threads = executor.concurrency();
  const double sigma_small = sigma / factor_;
  const double variance = std::max(sigma_small * sigma_small - resizing_variance(factor_), 0.0);
  rows_.resize(threads);
  if (!blur_.prepare(small_width, small_height, std::sqrt(variance), executor) ||
      !small_pixels_.resize(stride * static_cast<std::size_t>(small_height)) ||
      !normalized_.resize(3 * stride * static_cast<std::size_t>(small_height)) ||
      !sums_.resize(kSums * half_row_ * threads) ||
      !small_sums_.resize(kSums * small_row_ * threads) || !work_.resize(half_row_ * threads) ||
      !enlarged_rows_.resize(kEnlargedRows * 4 * row_ * threads)) {
    return false;
  }
  small_ = {small_pixels_.data(), small_width, small_height, stride};
  std::fill_n(small_pixels_.data(), small_pixels_.size(), 0.0f);
  return true;
}

void BackgroundBlur::run(const HalfPicture& half, const Matte& matte, const KnownRoom& room,
                         Executor& executor) {
  BACKDROP_ASSERT(half.width() == half_width_ && half.height() == half_height_);
  BACKDROP_ASSERT(rows_.size() == executor.concurrency());
  for_bands(executor, small_.height, [&](std::size_t part, int begin, int end) {
    for (int row = begin; row < end; ++row) {
      shrink_row(half, matte, part, row);
      if (room.trust > 0) fill_row(room, part, row);
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

// Sums blocks of group_ x group_ half-size pixels: first along y, then along x.
void BackgroundBlur::shrink_row(const HalfPicture& half, const Matte& matte, std::size_t part,
                                int row) {
  std::fill_n(small_sums(part)[0], kSums * small_row_, 0.0F);
  const AlphaPlane alpha = matte.half();
  for (int y = row * group_; y < end_row(row); y += kMaxRows) {
    const PlanarRows rows{.samples = {half.row(0, y), half.row(1, y), half.row(2, y)},
                          .stride = half.stride(),
                          .alpha = alpha.row(y),
                          .alpha_stride = alpha.stride,
                          .count = std::min(kMaxRows, end_row(row) - y)};
    sum_background(rows, static_cast<std::size_t>(half_width_), sums(part));
    add_across(part, half_width_, small_.width);
  }
  const auto [first, second, third, weight] = small_sums(part);
  interleave({first, second, third, weight}, static_cast<std::size_t>(small_.width),
             small_.data + small_.stride * static_cast<std::size_t>(row));
}

// Adds sums of half-size columns, of which there are so many, to those of small pixels.
void BackgroundBlur::add_across(std::size_t part, int columns, int small_columns) {
  for (std::size_t i = 0; i < kSums; ++i) {
    std::uint16_t* const sum = sums(part)[i];
    std::fill(sum + columns, sum + small_columns * group_, std::uint16_t{0});
    add_groups(sum, static_cast<std::size_t>(group_), static_cast<std::size_t>(small_columns),
               work_.data() + part * half_row_, small_sums(part)[i]);
  }
}

// Mixes the pixels of a small row that are not all background with what is known of the room.
void BackgroundBlur::fill_row(const KnownRoom& room, std::size_t part, int row) {
  float* const pixels = small_.data + small_.stride * static_cast<std::size_t>(row);
  const int rows = end_row(row) - row * group_;
  const auto half_pixels = [&](int x) {
    return static_cast<float>(rows * std::min(group_, half_width_ - x * group_));
  };
  const auto is_background = [&](int x) { return pixels[4 * x + 3] >= 256 * half_pixels(x); };
  int begin = 0;
  int end = small_.width;
  while (begin < end && is_background(begin)) ++begin;
  while (end > begin && is_background(end - 1)) --end;
  if (begin == end) return;
  sum_known(room, part, row, begin, end);
  const auto known_sums = small_sums(part);
  for (int x = begin; x < end; ++x) {
    const auto known = [&](std::size_t i) { return known_sums[i][x - begin]; };
    if (known(3) == 0 || is_background(x)) continue;
    const float missing = 1 - pixels[4 * x + 3] / (256 * half_pixels(x));
    const float trust = room.trust * std::min(kFillSlope * missing, 1.0F);
    const float kept = 1 - trust * known(3) / half_pixels(x);
    constexpr float kColorUnit = 256.0F / (kKnownSumUnit << kProductShift);
    for (std::size_t i = 0; i < 4; ++i) {
      float& value = pixels[4 * static_cast<std::size_t>(x) + i];
      value = kept * value + trust * (i < 3 ? kColorUnit : 256) * known(i);
    }
  }
}

// Sums the known pixels of the room in the small pixels [begin, end) of a row.
void BackgroundBlur::sum_known(const KnownRoom& room, std::size_t part, int row, int begin,
                               int end) {
  const int columns = std::min(end * group_, half_width_) - begin * group_;
  std::fill_n(small_sums(part)[0], kSums * small_row_, 0.0F);
  for (int y = row * group_; y < end_row(row); y += kMostKnownRows) {
    sum_known_rows(room.from(begin * group_, y), std::min(kMostKnownRows, end_row(row) - y),
                   static_cast<std::size_t>(columns), sums(part));
    add_across(part, columns, end - begin);
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

std::array<std::uint16_t*, BackgroundBlur::kSums> BackgroundBlur::sums(std::size_t part) {
  std::uint16_t* const first = sums_.data() + part * kSums * half_row_;
  return {first, first + half_row_, first + 2 * half_row_, first + 3 * half_row_};
}

std::array<float*, BackgroundBlur::kSums> BackgroundBlur::small_sums(std::size_t part) {
  float* const first = small_sums_.data() + part * kSums * small_row_;
  return {first, first + small_row_, first + 2 * small_row_, first + 3 * small_row_};
}

std::int16_t* BackgroundBlur::enlarged_row(std::size_t part, std::size_t index) {
  return enlarged_rows_.data() + (kEnlargedRows * part + index) * 4 * row_ + kRowPadding;
}

}  // namespace backdrop
