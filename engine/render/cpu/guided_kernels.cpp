#include "render/cpu/guided_kernels.h"

#include "base/assert.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "render/cpu/guided_kernels.cpp"
#include "hwy/foreach_target.h"
#include "hwy/highway.h"
#include "simd/fixed_point-inl.h"

HWY_BEFORE_NAMESPACE();
namespace backdrop {
namespace HWY_NAMESPACE {
namespace {
namespace hn = hwy::HWY_NAMESPACE;

using Words = hn::CappedTag<std::uint16_t, 32>;
using Floats = hn::CappedTag<float, kMostLanes>;

// Largest slope: lines, and differences of neighbouring ones, then fit 16 bits.
constexpr float kSteepest = 4;

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

// The sum of 2 * radius + 1 neighbours of each of a vector's values.
template <class D>
HWY_INLINE hn::Vec<D> sum_neighbours(D d, const float* values, int radius) {
  auto sum = hn::LoadU(d, values - radius);
  for (int i = 1 - radius; i <= radius; ++i) sum = hn::Add(sum, hn::LoadU(d, values + i));
  return sum;
}

float window_scale(int radius) {
  const auto diameter = static_cast<float>(2 * radius + 1);
  return 1 / (diameter * diameter);
}

void fit_lines(const WindowRows& guide, const WindowRows& mask, int radius, float epsilon,
               std::size_t n, const std::array<float*, 4>& sums, float* slopes, float* intercepts) {
  const Floats d;
  const auto end = static_cast<std::ptrdiff_t>(n);
  const auto lanes = static_cast<std::ptrdiff_t>(hn::Lanes(d));
  for (std::ptrdiff_t x = -radius; x < end + radius; x += lanes) {
    auto lumas = hn::Zero(d);
    auto values = hn::Zero(d);
    auto squares = hn::Zero(d);
    auto products = hn::Zero(d);
    for (std::size_t row = 0; row < window_rows(radius); ++row) {
      const auto luma = hn::LoadU(d, guide[row] + x);
      const auto value = hn::LoadU(d, mask[row] + x);
      lumas = hn::Add(lumas, luma);
      values = hn::Add(values, value);
      squares = hn::MulAdd(luma, luma, squares);
      products = hn::MulAdd(luma, value, products);
    }
    hn::StoreU(lumas, d, sums[0] + x);
    hn::StoreU(values, d, sums[1] + x);
    hn::StoreU(squares, d, sums[2] + x);
    hn::StoreU(products, d, sums[3] + x);
  }
  const auto scale = hn::Set(d, window_scale(radius));
  for (std::ptrdiff_t x = 0; x < end; x += lanes) {
    const auto mean = [&](const float* of)
                          HWY_ATTR { return hn::Mul(sum_neighbours(d, of + x, radius), scale); };
    const auto luma = mean(sums[0]);
    const auto value = mean(sums[1]);
    const auto variance = hn::Max(hn::NegMulAdd(luma, luma, mean(sums[2])), hn::Zero(d));
    const auto covariance = hn::NegMulAdd(luma, value, mean(sums[3]));
    const auto steepness = hn::Div(covariance, hn::Add(variance, hn::Set(d, epsilon)));
    const auto slope = hn::Clamp(steepness, hn::Set(d, -kSteepest), hn::Set(d, kSteepest));
    hn::StoreU(slope, d, slopes + x);
    hn::StoreU(hn::NegMulAdd(slope, luma, value), d, intercepts + x);
  }
}

void mean_row(const WindowRows& rows, int radius, std::size_t n, float* sums, std::int16_t* means) {
  const Floats d;
  const hn::Rebind<std::int16_t, Floats> d16;
  const auto end = static_cast<std::ptrdiff_t>(n);
  const auto lanes = static_cast<std::ptrdiff_t>(hn::Lanes(d));
  for (std::ptrdiff_t x = -radius; x < end + radius; x += lanes) {
    auto sum = hn::LoadU(d, rows[0] + x);
    for (std::size_t row = 1; row < window_rows(radius); ++row) {
      sum = hn::Add(sum, hn::LoadU(d, rows[row] + x));
    }
    hn::StoreU(sum, d, sums + x);
  }
  const auto scale = hn::Set(d, window_scale(radius) * kLineUnit);
  for (std::ptrdiff_t x = 0; x < end; x += lanes) {
    const auto mean = hn::Mul(sum_neighbours(d, sums + x, radius), scale);
    hn::StoreU(hn::DemoteTo(d16, hn::NearestInt(mean)), d16, means + x);
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
HWY_EXPORT(fit_lines);
HWY_EXPORT(mean_row);

}  // namespace

// In the order of a pixel's channels; the sum is 256.
std::array<std::uint16_t, 3> luma_weights(PixelFormat format) {
  if (traits_of(format).blue_first) return {29, 150, 77};
  return {77, 150, 29};
}

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

void fit_lines(const WindowRows& guide, const WindowRows& mask, int radius, float epsilon,
               std::size_t n, const std::array<float*, 4>& sums, float* slopes, float* intercepts) {
  BACKDROP_ASSERT(radius <= kMostWindowRadius);
  HWY_DYNAMIC_DISPATCH(fit_lines)(guide, mask, radius, epsilon, n, sums, slopes, intercepts);
}

void mean_row(const WindowRows& rows, int radius, std::size_t n, float* sums, std::int16_t* means) {
  BACKDROP_ASSERT(radius <= kMostWindowRadius);
  HWY_DYNAMIC_DISPATCH(mean_row)(rows, radius, n, sums, means);
}

}  // namespace backdrop
#endif  // HWY_ONCE
