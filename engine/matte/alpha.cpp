#include "matte/alpha.h"

#include <algorithm>
#include <cmath>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "matte/alpha.cpp"
#include "hwy/foreach_target.h"
#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace backdrop {
namespace HWY_NAMESPACE {
namespace {
namespace hn = hwy::HWY_NAMESPACE;

void Quantize(const float* probabilities, std::size_t n, std::int16_t* out) {
  const hn::CappedTag<float, 16> d;
  const hn::Rebind<std::int16_t, decltype(d)> d16;
  std::size_t x = 0;
  for (; x + hn::Lanes(d) <= n; x += hn::Lanes(d)) {
    const auto clamped = hn::Clamp(hn::LoadU(d, probabilities + x), hn::Zero(d), hn::Set(d, 1.0f));
    const auto value = hn::NearestInt(hn::Mul(clamped, hn::Set(d, 32767.0f)));
    hn::StoreU(hn::DemoteTo(d16, value), d16, out + x);
  }
  for (; x < n; ++x) {
    out[x] = static_cast<std::int16_t>(std::clamp(probabilities[x], 0.0f, 1.0f) * 32767 + 0.5f);
  }
}

void AlphaRow(const std::int16_t* first, const std::int16_t* second, std::int16_t weight,
              const Ramp& ramp, std::size_t n, std::uint8_t* alpha) {
  const hn::CappedTag<std::int16_t, 32> d;
  const hn::Rebind<std::uint8_t, decltype(d)> d8;
  const auto w = hn::Set(d, weight);
  const auto low = hn::Set(d, ramp.low);
  const auto range = hn::Set(d, ramp.range);
  const auto stretch = hn::Set(d, ramp.stretch);
  for (std::size_t x = 0; x < n; x += hn::Lanes(d)) {
    const auto a = hn::Load(d, first + x);
    const auto step = hn::MulFixedPoint15(hn::Sub(hn::Load(d, second + x), a), w);
    const auto above = hn::Sub(hn::Add(a, step), low);
    const auto inside = hn::Min(hn::Max(above, hn::Zero(d)), range);
    const auto shifted = hn::ShiftLeftSame(inside, ramp.shift);
    const auto t = hn::SaturatedAdd(shifted, hn::MulFixedPoint15(shifted, stretch));
    // 255 * t^2 * (3 - 2t), where 3 - 2t is in 1/8192 and 1020 is 255 * 32768 / 8192.
    const auto slope = hn::Sub(hn::Set(d, 3 * 8192), hn::ShiftRight<1>(t));
    const auto smooth = hn::MulFixedPoint15(hn::MulFixedPoint15(t, t), slope);
    hn::StoreU(hn::DemoteTo(d8, hn::MulFixedPoint15(smooth, hn::Set(d, 1020))), d8, alpha + x);
  }
}

void HalveRows(const std::uint8_t* first, const std::uint8_t* second, std::size_t n,
               std::uint8_t* means) {
  const hn::CappedTag<std::uint16_t, 32> d;
  const hn::Rebind<std::uint8_t, decltype(d)> d8;
  const hn::Rebind<std::int16_t, decltype(d)> d16;
  for (std::size_t x = 0; x < n; x += hn::Lanes(d)) {
    auto sum = hn::Set(d, 2);
    for (const std::uint8_t* row : {first, second}) {
      hn::Vec<decltype(d8)> even, odd;
      hn::LoadInterleaved2(d8, row + 2 * x, even, odd);
      sum = hn::Add(sum, hn::Add(hn::PromoteTo(d, even), hn::PromoteTo(d, odd)));
    }
    const auto mean = hn::BitCast(d16, hn::ShiftRight<2>(sum));
    hn::StoreU(hn::DemoteTo(d8, mean), d8, means + x);
  }
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace backdrop
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace backdrop {
namespace {

HWY_EXPORT(Quantize);
HWY_EXPORT(AlphaRow);
HWY_EXPORT(HalveRows);

}  // namespace

Ramp make_ramp(const Coverage& coverage) {
  const float width = coverage.high - coverage.low;
  int shift = 0;
  while (shift < 14 && width * static_cast<float>(2 << shift) <= 1) ++shift;
  const auto range = std::clamp(static_cast<int>(std::lround(width * 32767)), 1, 32767 >> shift);
  const double stretch = 32767.0 / (range << shift) - 1;
  return {static_cast<std::int16_t>(std::lround(coverage.low * 32767)),
          static_cast<std::int16_t>(range), shift,
          static_cast<std::int16_t>(std::min(stretch * 32768, 32767.0))};
}

void quantize(const float* probabilities, std::size_t n, std::int16_t* out) {
  HWY_DYNAMIC_DISPATCH(Quantize)(probabilities, n, out);
}

void alpha_row(const std::int16_t* first, const std::int16_t* second, std::int16_t weight,
               const Ramp& ramp, std::size_t n, std::uint8_t* alpha) {
  HWY_DYNAMIC_DISPATCH(AlphaRow)(first, second, weight, ramp, n, alpha);
}

void halve_rows(const std::uint8_t* first, const std::uint8_t* second, std::size_t n,
                std::uint8_t* means) {
  HWY_DYNAMIC_DISPATCH(HalveRows)(first, second, n, means);
}

}  // namespace backdrop
#endif  // HWY_ONCE
