#include "image/resize.h"

#include <algorithm>
#include <cmath>

#include "base/assert.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "image/resize.cpp"
#include "hwy/foreach_target.h"
#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace backdrop {
namespace HWY_NAMESPACE {
namespace {
namespace hn = hwy::HWY_NAMESPACE;

void sum_weighted_rows(const std::uint8_t* rows, std::ptrdiff_t stride,
                       std::span<const std::uint16_t> weights, std::size_t n, std::uint16_t* sums) {
  const hn::CappedTag<std::uint16_t, 32> d;
  const hn::Rebind<std::uint8_t, decltype(d)> d8;
  constexpr std::size_t kLanes = hn::MaxLanes(d);
  constexpr std::size_t kVectors = 4;
  std::size_t x = 0;
  for (; x + kVectors * kLanes <= n; x += kVectors * kLanes) {
    hn::Vec<decltype(d)> sum[kVectors];
    for (auto& part : sum) part = hn::Zero(d);
    const std::uint8_t* row = rows + x;
    for (const std::uint16_t weight : weights) {
      const auto w = hn::Set(d, weight);
      const std::uint8_t* samples = row;
      for (auto& part : sum) {
        part = hn::Add(part, hn::Mul(hn::PromoteTo(d, hn::LoadU(d8, samples)), w));
        samples += kLanes;
      }
      row += stride;
    }
    for (std::size_t i = 0; i < kVectors; ++i) hn::StoreU(sum[i], d, sums + x + i * kLanes);
  }
  for (; x < n; ++x) {
    int sum = 0;
    const std::uint8_t* row = rows + x;
    for (const std::uint16_t weight : weights) {
      sum += *row * weight;
      row += stride;
    }
    sums[x] = static_cast<std::uint16_t>(sum);
  }
}

void sum_columns(const std::uint16_t* row, std::ptrdiff_t step, const ResizePart& columns,
                 int channels, float scale, float offset, float* out) {
  const hn::CappedTag<float, 4> d;
  const hn::Rebind<std::int32_t, decltype(d)> d32;
  const hn::Rebind<std::uint16_t, decltype(d)> d16;
  const float* weights = columns.weights;
  for (const int first : columns.first) {
    const std::uint16_t* pixels = row + step * first;
    for (std::size_t c = 0; c < 4; c += hn::Lanes(d)) {
      auto sum = hn::Zero(d);
      for (int tap = 0; tap < columns.taps; ++tap) {
        const auto samples = hn::PromoteTo(d32, hn::LoadU(d16, pixels + step * tap + c));
        sum = hn::MulAdd(hn::ConvertTo(d, samples), hn::Set(d, weights[tap]), sum);
      }
      hn::StoreU(hn::MulAdd(sum, hn::Set(d, scale), hn::Set(d, offset)), d, out + c);
    }
    weights += columns.taps;
    out += channels;
  }
}

void interleave_rows(const std::array<const std::uint16_t*, 4>& rows, std::size_t n,
                     std::uint16_t* out) {
  const hn::ScalableTag<std::uint16_t> d;
  std::size_t x = 0;
  for (; x + hn::Lanes(d) <= n; x += hn::Lanes(d)) {
    hn::StoreInterleaved4(hn::LoadU(d, rows[0] + x), hn::LoadU(d, rows[1] + x),
                          hn::LoadU(d, rows[2] + x), hn::LoadU(d, rows[3] + x), d, out + 4 * x);
  }
  for (; x < n; ++x) {
    for (std::size_t k = 0; k < 4; ++k) out[4 * x + k] = rows[k][x];
  }
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace backdrop
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace backdrop {
namespace {

HWY_EXPORT(sum_weighted_rows);
HWY_EXPORT(sum_columns);
HWY_EXPORT(interleave_rows);

// Rounds cumulative sums, so that the total stays exact.
void quantize(std::span<const float> weights, std::uint16_t* parts256) {
  double sum = 0;
  int before = 0;
  for (const float weight : weights) {
    sum += static_cast<double>(weight);
    const int after = static_cast<int>(std::lround(sum * 256));
    *parts256++ = static_cast<std::uint16_t>(after - before);
    before = after;
  }
}

// The inputs floor(from) ... ceil(to) - 1, each weighted by its overlap with the interval.
struct Interval {
  double from, to;
  int first() const { return static_cast<int>(std::floor(from + kTolerance)); }
  int last() const { return static_cast<int>(std::ceil(to - kTolerance)) - 1; }
  double coverage(int input) const {
    return std::max(0.0, std::min(to, input + 1.0) - std::max(from, input + 0.0));
  }
  static constexpr double kTolerance = 1e-6;
};

}  // namespace

[[gnu::cold]] void set_resize_taps(ResizeTaps& taps, int size, double begin, double extent,
                                   int count) {
  BACKDROP_ASSERT(size > 0 && extent > 0 && count > 0);
  const double step = extent / count;
  // A window one input wide interpolates linearly, wherever it lies.
  const bool shrinks = step > 1;
  const auto interval = [&](int i) {
    const double centre = begin + (i + 0.5) * step;
    if (shrinks) return Interval{centre - step / 2, centre + step / 2};
    const double clamped = std::clamp(centre, 0.5, size - 0.5);
    return Interval{clamped - 0.5, clamped + 0.5};
  };

  taps.count = count;
  taps.taps = 0;
  for (int i = 0; i < count; ++i) {
    taps.taps = std::max(taps.taps, interval(i).last() - interval(i).first() + 1);
  }
  taps.taps = std::min(taps.taps, size);
  const auto length = static_cast<std::size_t>(taps.taps);
  const auto total = static_cast<std::size_t>(count) * length;
  taps.first.resize(static_cast<std::size_t>(count));
  taps.weights.resize(total);
  taps.parts256.resize(total);
  for (int i = 0; i < count; ++i) {
    const Interval covered = interval(i);
    const int first = std::clamp(covered.first(), 0, size - taps.taps);
    taps.first[static_cast<std::size_t>(i)] = first;
    double sum = 0;
    for (int tap = 0; tap < taps.taps; ++tap) sum += covered.coverage(first + tap);
    const std::size_t at = static_cast<std::size_t>(i) * length;
    const auto weights = std::span(taps.weights).subspan(at, length);
    for (int tap = 0; tap < taps.taps; ++tap) {
      weights[static_cast<std::size_t>(tap)] =
          static_cast<float>(covered.coverage(first + tap) / sum);
    }
    quantize(weights, taps.parts256.data() + at);
  }
}

void reserve_resize_taps(ResizeTaps& taps, int size, int count) {
  BACKDROP_ASSERT(size > 0 && count > 0);
  // An output covers at most size / count inputs, and at each end another one in part.
  const auto total = static_cast<std::size_t>(size) + 2 * static_cast<std::size_t>(count);
  taps.first.reserve(static_cast<std::size_t>(count));
  taps.weights.reserve(total);
  taps.parts256.reserve(total);
}

ResizeTaps make_resize_taps(int size, double begin, double extent, int count) {
  ResizeTaps taps;
  set_resize_taps(taps, size, begin, extent, count);
  return taps;
}

ResizeTaps make_resize_taps(int size, int count) { return make_resize_taps(size, 0, size, count); }

void sum_weighted_rows(const std::uint8_t* rows, std::ptrdiff_t stride,
                       std::span<const std::uint16_t> weights, std::size_t n, std::uint16_t* sums) {
  HWY_DYNAMIC_DISPATCH(sum_weighted_rows)(rows, stride, weights, n, sums);
}

void sum_columns(const std::uint16_t* row, std::ptrdiff_t step, const ResizePart& columns,
                 int channels, float scale, float offset, float* out) {
  BACKDROP_ASSERT(channels == 3 || channels == 4);
  HWY_DYNAMIC_DISPATCH(sum_columns)(row, step, columns, channels, scale, offset, out);
}

void interleave_rows(const std::array<const std::uint16_t*, 4>& rows, std::size_t n,
                     std::uint16_t* out) {
  HWY_DYNAMIC_DISPATCH(interleave_rows)(rows, n, out);
}

}  // namespace backdrop
#endif  // HWY_ONCE
