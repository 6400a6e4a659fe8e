#include "render/cpu/guided_filter.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "base/assert.h"
#include "base/parallel_for.h"
#include "image/color.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "render/cpu/guided_filter.cpp"
#include "hwy/foreach_target.h"
#include "hwy/highway.h"
#include "simd/fixed_point-inl.h"

HWY_BEFORE_NAMESPACE();
namespace backdrop {
namespace HWY_NAMESPACE {
namespace {
namespace hn = hwy::HWY_NAMESPACE;

using Words = hn::CappedTag<std::uint16_t, 32>;

// In 1/65536; a white pixel has 256 * 256.
void luma_row(const std::uint8_t* luma, std::size_t n, std::int16_t* guide) {
  const Words d;
  const hn::Rebind<std::uint8_t, Words> d8;
  const hn::RebindToSigned<Words> d16;
  const auto middle = hn::Set(d, 128);
  std::size_t x = 0;
  for (; x + hn::Lanes(d) <= n; x += hn::Lanes(d)) {
    const auto above = hn::Sub(hn::PromoteTo(d, hn::LoadU(d8, luma + x)), middle);
    hn::StoreU(hn::BitCast(d16, hn::ShiftLeft<8>(above)), d16, guide + x);
  }
  for (; x < n; ++x) guide[x] = static_cast<std::int16_t>((luma[x] - 128) * 256);
}

void rgb_row(const std::uint8_t* pixels, std::array<std::uint16_t, 3> weights, std::size_t n,
             std::int16_t* guide) {
  const Words d;
  const hn::Rebind<std::uint8_t, Words> d8;
  const hn::RebindToSigned<Words> d16;
  const auto weighted = [&](auto samples, std::size_t c) {
    return hn::Mul(hn::PromoteTo(d, samples), hn::Set(d, weights[c]));
  };
  std::size_t x = 0;
  for (; x + hn::Lanes(d) <= n; x += hn::Lanes(d)) {
    hn::Vec<decltype(d8)> c0, c1, c2, alpha;
    hn::LoadInterleaved4(d8, pixels + 4 * x, c0, c1, c2, alpha);
    const auto luma = hn::Add(hn::Add(weighted(c0, 0), weighted(c1, 1)), weighted(c2, 2));
    hn::StoreU(hn::BitCast(d16, hn::Xor(luma, hn::Set(d, 0x8000))), d16, guide + x);
  }
  for (; x < n; ++x) {
    const std::uint8_t* pixel = pixels + 4 * x;
    const int luma = pixel[0] * weights[0] + pixel[1] * weights[1] + pixel[2] * weights[2];
    guide[x] = static_cast<std::int16_t>(luma - 0x8000);
  }
}

void apply_lines(const Lines& first, const Lines& second, std::int16_t weight, std::size_t n,
                 std::int16_t* guide) {
  const hn::CappedTag<std::int16_t, 32> d;
  const auto w = hn::Set(d, weight);
  const auto between = [&](const std::int16_t* one, const std::int16_t* other) {
    const auto from = hn::Load(d, one);
    return hn::Add(from, multiply_q15(hn::Sub(hn::Load(d, other), from), w));
  };
  for (std::size_t x = 0; x < n; x += hn::Lanes(d)) {
    const auto slope = between(first.slopes + x, second.slopes + x);
    const auto intercept = between(first.intercepts + x, second.intercepts + x);
    const auto rise = multiply_q15(slope, hn::Load(d, guide + x));
    auto probability = hn::SaturatedAdd(rise, intercept);
    for (int unit = kLineUnit; unit < 32768; unit *= 2) {
      probability = hn::SaturatedAdd(probability, probability);
    }
    hn::Store(hn::Max(probability, hn::Zero(d)), d, guide + x);
  }
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace backdrop
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace backdrop {
namespace {

HWY_EXPORT(luma_row);
HWY_EXPORT(rgb_row);
HWY_EXPORT(apply_lines);

// Rows are shrunk in groups: four rows of luma together, like the four channels of RGBA.
constexpr int kGroup = 4;
// Values that kernels read beyond a row of lines.
constexpr std::size_t kBeyondRow = 8;
// Largest slope: lines, and differences of neighbouring ones, then fit 16 bits.
constexpr float kSteepest = 4;

// In the order of a pixel's channels; the sum is 256.
std::array<std::uint16_t, 3> luma_weights(PixelFormat format) {
  if (traits_of(format).blue_first) return {29, 150, 77};
  return {77, 150, 29};
}

// White minus black of the guide.
float guide_range(const ConstFrame& frame) {
  const float levels = is_yuv(frame.format) ? 255 / make_yuv_to_rgb(frame.color_space).gain : 255;
  return levels / 128;
}

std::int16_t in_line_units(float value) {
  constexpr int kOffset = 32768;  // makes the value positive, so that the conversion rounds down
  return static_cast<std::int16_t>(static_cast<int>(value * kLineUnit + (kOffset + 0.5f)) -
                                   kOffset);
}

struct BoxSize {
  int width, height, radius;
};

// Calls use(index, means) for each pixel with the means over its window, computed by running sums
// along y, then along x. Beyond the picture its outermost pixels repeat.
template <std::size_t kChannels, typename Use>
void box_means(const float* picture, const BoxSize& size, float* columns, const Use& use) {
  const auto [width, height, radius] = size;
  const std::size_t row_values = kChannels * static_cast<std::size_t>(width);
  const auto row = [&](int y) {
    return picture + row_values * static_cast<std::size_t>(std::clamp(y, 0, height - 1));
  };
  const auto column = [&](int x) {
    return columns + kChannels * static_cast<std::size_t>(std::clamp(x, 0, width - 1));
  };
  const auto diameter = static_cast<float>(2 * radius + 1);
  const float scale = 1 / (diameter * diameter);
  // Starts with the window before the first: each window is computed from the one before.
  std::fill_n(columns, row_values, 0.0f);
  for (int y = -radius - 1; y < radius; ++y) {
    for (std::size_t i = 0; i < row_values; ++i) columns[i] += row(y)[i];
  }
  std::size_t index = 0;
  for (int y = 0; y < height; ++y) {
    const float* entering = row(y + radius);
    const float* leaving = row(y - radius - 1);
    for (std::size_t i = 0; i < row_values; ++i) columns[i] += entering[i] - leaving[i];

    std::array<float, kChannels> sums{}, means;
    for (int x = -radius - 1; x < radius; ++x) {
      for (std::size_t c = 0; c < kChannels; ++c) sums[c] += column(x)[c];
    }
    for (int x = 0; x < width; ++x) {
      const float* right = column(x + radius);
      const float* left = column(x - radius - 1);
      for (std::size_t c = 0; c < kChannels; ++c) {
        sums[c] += right[c] - left[c];
        means[c] = sums[c] * scale;
      }
      use(index++, means);
    }
  }
}

}  // namespace

void guide_row(const std::uint8_t* pixels, PixelFormat format, int width, std::int16_t* guide) {
  const auto n = static_cast<std::size_t>(width);
  if (is_yuv(format)) {
    HWY_DYNAMIC_DISPATCH(luma_row)(pixels, n, guide);
  } else {
    HWY_DYNAMIC_DISPATCH(rgb_row)(pixels, luma_weights(format), n, guide);
  }
}

void apply_lines(const Lines& first, const Lines& second, std::int16_t weight, std::size_t n,
                 std::int16_t* guide) {
  BACKDROP_ASSERT(n % 32 == 0 && BACKDROP_IS_ALIGNED(guide, 64));
  BACKDROP_ASSERT(BACKDROP_IS_ALIGNED(first.slopes, 64) &&
                  BACKDROP_IS_ALIGNED(first.intercepts, 64));
  BACKDROP_ASSERT(BACKDROP_IS_ALIGNED(second.slopes, 64) &&
                  BACKDROP_IS_ALIGNED(second.intercepts, 64));
  HWY_DYNAMIC_DISPATCH(apply_lines)(first, second, weight, n, guide);
}

// Out of line: one copy for all callers.
GuidedFilter::~GuidedFilter() = default;

[[gnu::cold]] bool GuidedFilter::prepare(int mask_width, int mask_height, PixelFormat format,
                                         int width, int height, const Executor& executor) {
  BACKDROP_ASSERT(mask_width <= width && mask_height <= height);
  width_ = static_cast<std::size_t>(mask_width);
  height_ = static_cast<std::size_t>(mask_height);
  frame_columns_ = make_resize_taps(width, mask_width);
  frame_rows_ = make_resize_taps(height, mask_height);
  samples_ = static_cast<std::size_t>(width * channels_of(format, 0));
  const std::size_t size = width_ * height_;
  sums_size_ = samples_ * (is_yuv(format) ? 2 * kGroup : 1);
  return sums_.resize(sums_size_ * executor.concurrency()) &&
         shrunk_.resize(kGroup * width_ * executor.concurrency()) && guide_.resize(size) &&
         moments_.resize(4 * size) && lines_.resize(2 * size) && columns_.resize(4 * width_) &&
         slopes_.resize(size + kBeyondRow) && intercepts_.resize(size + kBeyondRow);
}

void GuidedFilter::fit(std::span<const float> mask, const ConstFrame& frame,
                       const Refinement& refinement, Executor& executor) {
  BACKDROP_ASSERT(mask.size() == width_ * height_);
  BACKDROP_ASSERT(static_cast<std::size_t>(frame.row_bytes(0)) == samples_);
  shrink_frame(frame, executor);
  for (std::size_t i = 0; i < mask.size(); ++i) {
    const float luma = guide_.data()[i];
    float* moments = moments_.data() + 4 * i;
    moments[0] = luma;
    moments[1] = mask[i];
    moments[2] = luma * luma;
    moments[3] = luma * mask[i];
  }
  const int radius = guided_radius(refinement);
  const float deviation = refinement.sigma_color * guide_range(frame);
  const float epsilon = deviation * deviation;
  const BoxSize size{static_cast<int>(width_), static_cast<int>(height_), radius};
  box_means<4>(moments_.data(), size, columns_.data(),
               [&, lines = lines_.data()](std::size_t i, const std::array<float, 4>& means) {
                 const auto [luma, value, luma_squared, product] = means;
                 const float variance = std::max(0.0f, luma_squared - luma * luma);
                 const float covariance = product - luma * value;
                 const float slope =
                     std::clamp(covariance / (variance + epsilon), -kSteepest, kSteepest);
                 lines[2 * i] = slope;
                 lines[2 * i + 1] = value - slope * luma;
               });
  box_means<2>(lines_.data(), size, columns_.data(),
               [slopes = slopes_.data(), intercepts = intercepts_.data()](
                   std::size_t i, const std::array<float, 2>& line) {
                 slopes[i] = in_line_units(line[0]);
                 intercepts[i] = in_line_units(line[1]);
               });
}

// Averages the guide by area to the mask's size.
void GuidedFilter::shrink_frame(const ConstFrame& frame, Executor& executor) {
  const int height = static_cast<int>(height_);
  for_bands(executor, (height + kGroup - 1) / kGroup, [&](std::size_t part, int begin, int end) {
    std::uint16_t* sums = sums_.data() + part * sums_size_;
    float* shrunk = shrunk_.data() + part * kGroup * width_;
    for (int y = kGroup * begin; y < std::min(kGroup * end, height); y += kGroup) {
      if (is_yuv(frame.format)) {
        shrink_luma(frame, y, sums, shrunk);
      } else {
        for (int row = y; row < std::min(y + kGroup, height); ++row) {
          shrink_rgb(frame, row, sums, shrunk);
        }
      }
    }
  });
}

void GuidedFilter::shrink_luma(const ConstFrame& frame, int y, std::uint16_t* sums, float* shrunk) {
  std::array<const std::uint16_t*, kGroup> rows;
  for (std::size_t k = 0; k < kGroup; ++k) {
    const int row = std::min(y + static_cast<int>(k), static_cast<int>(height_) - 1);
    sum_weighted_rows(frame.row(0, frame_rows_.first_of(row)), frame.strides[0],
                      frame_rows_.parts256_of(row), samples_, sums + k * samples_);
    rows[k] = sums + k * samples_;
  }
  std::uint16_t* interleaved = sums + kGroup * samples_;
  interleave_rows(rows, samples_, interleaved);
  sum_columns(interleaved, kGroup, frame_columns_, kGroup, 1.0f / (256 * 128), -1, shrunk);
  const auto first = static_cast<std::size_t>(y);
  for (std::size_t k = 0; k < std::min<std::size_t>(kGroup, height_ - first); ++k) {
    float* guide = guide_.data() + (first + k) * width_;
    for (std::size_t x = 0; x < width_; ++x) guide[x] = shrunk[kGroup * x + k];
  }
}

void GuidedFilter::shrink_rgb(const ConstFrame& frame, int y, std::uint16_t* sums, float* shrunk) {
  sum_weighted_rows(frame.row(0, frame_rows_.first_of(y)), frame.strides[0],
                    frame_rows_.parts256_of(y), samples_, sums);
  sum_columns(sums, 4, frame_columns_, 4, 1.0f / (256 * 256 * 128), 0, shrunk);
  const auto [first, second, third] = luma_weights(frame.format);
  float* guide = guide_.data() + static_cast<std::size_t>(y) * width_;
  for (std::size_t x = 0; x < width_; ++x) {
    const float* pixel = shrunk + 4 * x;
    guide[x] = pixel[0] * first + pixel[1] * second + pixel[2] * third - 1;
  }
}

}  // namespace backdrop
#endif  // HWY_ONCE
