#include "composite/background_blur.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <utility>

#include "composite/blend.h"
#include "composite/blur_kernels.h"
#include "image/bands.h"

namespace backdrop {
namespace {

constexpr int kMostFactor = 256;
constexpr double kLeastSigma = 3;  // of a shrunk picture

// What shrinking over boxes and enlarging again adds to the variance, in small pixels, on average
// of the two directions.
constexpr double kResizingVariance = 0.3;

int choose_factor(double sigma) {
  int factor = 2;  // YUV has chroma at half size only
  while (factor < kMostFactor && sigma / (2 * factor) >= kLeastSigma) factor *= 2;
  return factor;
}

}  // namespace

bool BackgroundBlur::prepare(PixelFormat format, int width, int height, double sigma,
                             const Executor& executor) {
  format_ = format;
  width_ = width;
  factor_ = choose_factor(sigma);
  const int small_width = (width + factor_ - 1) / factor_;
  const int small_height = (height + factor_ - 1) / factor_;
  // An odd count of cache lines, so that the pixels of a column do not share cache sets.
  const std::size_t stride = (4 * static_cast<std::size_t>(small_width) + 63) / 64 * 64 + 16;
  row_ = (static_cast<std::size_t>(small_width * factor_) + 3 * kRowPadding - 1) / kRowPadding *
         kRowPadding;

  const std::size_t threads = executor.concurrency();
  const double sigma_small = sigma / factor_;
  const double variance = std::max(sigma_small * sigma_small - kResizingVariance, 0.0);
  pairs_.resize(threads);
  if (!blur_.prepare(small_width, small_height, std::sqrt(variance), executor) ||
      !small_pixels_.resize(stride * static_cast<std::size_t>(small_height)) ||
      !normalized_.resize(3 * stride * static_cast<std::size_t>(small_height)) ||
      !products_.resize(kSums * row_ * threads) || !sums_.resize(kSums * row_ * threads) ||
      !enlarged_rows_.resize(kEnlargedRows * 4 * row_ * threads)) {
    return false;
  }
  small_ = {small_pixels_.data(), small_width, small_height, stride};
  std::fill_n(small_pixels_.data(), small_pixels_.size(), 0.0f);
  return true;
}

void BackgroundBlur::run(const ConstFrame& frame, const Matte& matte, Executor& executor) {
  for_bands(executor, small_.height, [&](std::size_t part, int begin, int end) {
    for (int row = begin; row < end; ++row) shrink_row(frame, matte, part, row);
  });
  blur_.run(small_, executor);
  for_bands(executor, small_.height, [&](std::size_t, int begin, int end) {
    for (int row = begin; row < end; ++row) normalize_row(row);
  });
  for (std::size_t part = 0; part < pairs_.size(); ++part) {
    for (std::size_t plane = 0; plane < 3; ++plane) {
      pairs_[part][plane].reset(enlarged_row(part, 2 * plane), enlarged_row(part, 2 * plane + 1));
    }
  }
}

// Sums of blocks of factor_ x factor_ pixels, down and then across.
void BackgroundBlur::shrink_row(const ConstFrame& frame, const Matte& matte, std::size_t part,
                                int row) {
  std::uint16_t* products = products_.data() + kSums * row_ * part;
  float* sums = sums_.data() + kSums * row_ * part;
  std::fill_n(sums, kSums * row_, 0.0f);
  const int end = std::min((row + 1) * factor_, frame.height);
  for (int y = row * factor_; y < end; y += kMostRows) {
    weigh_rows(frame, matte, y, std::min(kMostRows, end - y), products);
    add_to(products, kSums * row_, sums);
  }

  // Luma and RGB are in pairs already, and so is chroma, when compared to luma.
  FloatSums rows;
  const auto small_width = static_cast<std::size_t>(small_.width);
  const std::size_t pairs = small_width * static_cast<std::size_t>(factor_) / 2;
  for (std::size_t k = 0; k < kSums; ++k) {
    rows[k] = sums + row_ * k;
    for (std::size_t n = pairs / 2; n >= small_width; n /= 2) {
      sum_pairs(rows[k], n);
    }
  }
  if (!is_yuv(format_)) rows[4] = rows[3];
  float* pixels = small_.data + small_.stride * static_cast<std::size_t>(row);
  interleave(rows, small_width, pixels);
}

// The products of up to kMostRows rows, summed; beyond the frame's width they are 0.
void BackgroundBlur::weigh_rows(const ConstFrame& frame, const Matte& matte, int y, int count,
                                std::uint16_t* products) const {
  const auto from = [](AlphaPlane alpha, int row) {
    return AlphaPlane{alpha.row(row), alpha.stride};
  };
  const auto width = static_cast<std::size_t>(width_);
  const AlphaPlane alpha = from(matte.plane(0), y);
  std::fill_n(products, kSums * row_, std::uint16_t{0});
  Sums sums;
  for (std::size_t k = 0; k < kSums; ++k) sums[k] = products + k * row_;
  if (!is_yuv(format_)) {
    weigh_rgba(frame.row(0, y), frame.strides[0], alpha, count, width, sums);
    return;
  }
  weigh_luma(frame.row(0, y), frame.strides[0], alpha, count, width, sums);
  const AlphaPlane half = from(matte.plane(1), y / 2);
  const int half_count = plane_extent(count, 1);
  const auto half_width = static_cast<std::size_t>(plane_extent(width_, 1));
  if (format_ == PixelFormat::kNv12) {
    weigh_chroma_pairs(frame.row(1, y / 2), frame.strides[1], half, half_count, half_width, sums);
  } else {
    weigh_chroma(frame.row(1, y / 2), frame.strides[1], frame.row(2, y / 2), frame.strides[2], half,
                 half_count, half_width, sums);
  }
}

const std::uint8_t* BackgroundBlur::samples(std::size_t part, int plane, int y, int begin, int end,
                                            std::uint8_t* scratch) {
  RowPair<std::int16_t>& pair = pairs_[part][static_cast<std::size_t>(plane)];
  const Between between = enlarged_from(y, factor(plane), small_.height);
  const auto enlarge = [&](int row, std::int16_t* out) { enlarge_row(part, plane, row, out); };
  const std::int16_t* first = pair.row(between.first, enlarge);
  const std::int16_t* second = pair.row(between.second, enlarge);
  const int channels = channels_of(format_, plane);
  blend_rows(first + channels * begin, second + channels * begin, between.weight32768(),
             static_cast<std::size_t>(channels * (end - begin)), scratch);
  return scratch;
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
  const auto width = static_cast<std::size_t>(plane_extent(width_, plane));
  if (channels == 2) return interleave_pairs(work[0], work[1], width, out);
  interleave_rgba(work[0], work[1], work[2], width, out);
}

void BackgroundBlur::enlarge_channel(int row, int channel, int factor, std::int16_t* out,
                                     std::int16_t* work) const {
  const bool doublings_are_odd = std::countr_zero(static_cast<unsigned>(factor)) % 2 == 1;
  if (doublings_are_odd) std::swap(out, work);
  const auto small_width = static_cast<std::size_t>(small_.width);
  const auto index = static_cast<std::size_t>(3 * row + channel);
  std::copy_n(normalized_.data() + index * small_.stride, small_width, out);
  const std::size_t width = small_width * static_cast<std::size_t>(factor);
  for (std::size_t n = small_width; n < width; n *= 2) {
    double_row(out, n, work);
    std::swap(out, work);
  }
}

std::int16_t* BackgroundBlur::enlarged_row(std::size_t part, std::size_t index) {
  return enlarged_rows_.data() + (kEnlargedRows * part + index) * 4 * row_ + kRowPadding;
}

}  // namespace backdrop
