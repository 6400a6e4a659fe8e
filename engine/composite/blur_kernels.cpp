#include "composite/blur_kernels.h"

#include <algorithm>
#include <utility>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "composite/blur_kernels.cpp"
#include "hwy/foreach_target.h"
#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace backdrop {
namespace HWY_NAMESPACE {
namespace {
namespace hn = hwy::HWY_NAMESPACE;

inline void add(std::uint16_t& sum, int value) { sum = static_cast<std::uint16_t>(sum + value); }

inline int weight_of(int alpha) { return 256 - std::min(2 * alpha, 255); }

inline int product(int sample, int alpha) {
  return (sample * weight_of(alpha) + 8) >> kProductShift;
}

template <class D, class V8>
hn::Vec<D> weight_of(D d, V8 alpha) {
  return hn::Sub(hn::Set(d, 256), hn::PromoteTo(d, hn::SaturatedAdd(alpha, alpha)));
}

template <class D>
hn::Vec<D> multiply_bytes(D d, hn::Vec<D> sample, hn::Vec<D> weight) {
  return hn::ShiftRight<kProductShift>(hn::Add(hn::Mul(sample, weight), hn::Set(d, 8)));
}

#if HWY_TARGET != HWY_SCALAR
// The even and the odd bytes of a vector.
template <class D, class V8>
hn::Vec<D> even_part(D d, V8 bytes) {
  return hn::And(hn::BitCast(d, bytes), hn::Set(d, 0xff));
}
template <class D, class V8>
hn::Vec<D> odd_part(D d, V8 bytes) {
  return hn::ShiftRight<8>(hn::BitCast(d, bytes));
}

// Weights of pairs of pixels.
template <class D>
struct PairWeights {
  template <class V8>
  PairWeights(D d, V8 alpha) {
    const V8 twice = hn::SaturatedAdd(alpha, alpha);
    even = hn::Sub(hn::Set(d, 256), even_part(d, twice));
    odd = hn::Sub(hn::Set(d, 256), odd_part(d, twice));
  }

  hn::Vec<D> sum() const { return hn::Add(even, odd); }

  template <class V8>
  hn::Vec<D> products(D d, V8 samples) const {
    return hn::Add(multiply_bytes(d, even_part(d, samples), even),
                   multiply_bytes(d, odd_part(d, samples), odd));
  }

  hn::Vec<D> even, odd;
};
#endif

void weigh_luma(const std::uint8_t* rows, std::ptrdiff_t stride, const AlphaPlane& alpha, int count,
                std::size_t n, const Sums& sums) {
  std::size_t x = 0;
#if HWY_TARGET != HWY_SCALAR
  const hn::ScalableTag<std::uint8_t> d8;
  const hn::RepartitionToWide<decltype(d8)> d;
  for (; x + hn::Lanes(d8) <= n; x += hn::Lanes(d8)) {
    auto luma = hn::Zero(d);
    auto weights = hn::Zero(d);
    for (int y = 0; y < count; ++y) {
      const PairWeights<decltype(d)> pairs(d, hn::LoadU(d8, alpha.row(y) + x));
      luma = hn::Add(luma, pairs.products(d, hn::LoadU(d8, rows + y * stride + x)));
      weights = hn::Add(weights, pairs.sum());
    }
    hn::StoreU(luma, d, sums[0] + x / 2);
    hn::StoreU(weights, d, sums[3] + x / 2);
  }
#endif
  for (; x < n; ++x) {
    for (int y = 0; y < count; ++y) {
      const int a = alpha.row(y)[x];
      add(sums[0][x / 2], product(rows[y * stride + static_cast<std::ptrdiff_t>(x)], a));
      add(sums[3][x / 2], weight_of(a));
    }
  }
}

void weigh_rgba(const std::uint8_t* rows, std::ptrdiff_t stride, const AlphaPlane& alpha, int count,
                std::size_t n, const Sums& sums) {
  std::size_t x = 0;
#if HWY_TARGET != HWY_SCALAR
  const hn::ScalableTag<std::uint8_t> d8;
  const hn::RepartitionToWide<decltype(d8)> d;
  for (; x + hn::Lanes(d8) <= n; x += hn::Lanes(d8)) {
    auto red = hn::Zero(d);
    auto green = hn::Zero(d);
    auto blue = hn::Zero(d);
    auto weights = hn::Zero(d);
    for (int y = 0; y < count; ++y) {
      const PairWeights<decltype(d)> pairs(d, hn::LoadU(d8, alpha.row(y) + x));
      hn::Vec<decltype(d8)> r, g, b, ignored;
      hn::LoadInterleaved4(d8, rows + y * stride + 4 * x, r, g, b, ignored);
      red = hn::Add(red, pairs.products(d, r));
      green = hn::Add(green, pairs.products(d, g));
      blue = hn::Add(blue, pairs.products(d, b));
      weights = hn::Add(weights, pairs.sum());
    }
    hn::StoreU(red, d, sums[0] + x / 2);
    hn::StoreU(green, d, sums[1] + x / 2);
    hn::StoreU(blue, d, sums[2] + x / 2);
    hn::StoreU(weights, d, sums[3] + x / 2);
  }
#endif
  for (; x < n; ++x) {
    for (int y = 0; y < count; ++y) {
      const int a = alpha.row(y)[x];
      const std::uint8_t* pixel = rows + y * stride + static_cast<std::ptrdiff_t>(4 * x);
      for (std::size_t c = 0; c < 3; ++c) add(sums[c][x / 2], product(pixel[c], a));
      add(sums[3][x / 2], weight_of(a));
    }
  }
}

// load(d, y, x, u, v) loads the samples from x on of row y; at(y, x) is a single pair of them.
template <class Load, class At>
HWY_INLINE void weigh_uv([[maybe_unused]] const Load& load, const At& at, const AlphaPlane& alpha,
                         int count, std::size_t n, const Sums& sums) {
  std::size_t x = 0;
#if HWY_TARGET != HWY_SCALAR
  const hn::ScalableTag<std::uint16_t> d;
  const hn::Rebind<std::uint8_t, decltype(d)> d8;
  for (; x + hn::Lanes(d) <= n; x += hn::Lanes(d)) {
    auto u = hn::Zero(d);
    auto v = hn::Zero(d);
    auto weights = hn::Zero(d);
    for (int y = 0; y < count; ++y) {
      const auto weight = weight_of(d, hn::LoadU(d8, alpha.row(y) + x));
      hn::Vec<decltype(d)> u_sample, v_sample;
      load(d, y, x, u_sample, v_sample);
      u = hn::Add(u, multiply_bytes(d, u_sample, weight));
      v = hn::Add(v, multiply_bytes(d, v_sample, weight));
      weights = hn::Add(weights, weight);
    }
    hn::StoreU(u, d, sums[1] + x);
    hn::StoreU(v, d, sums[2] + x);
    hn::StoreU(weights, d, sums[4] + x);
  }
#endif
  for (; x < n; ++x) {
    for (int y = 0; y < count; ++y) {
      const int a = alpha.row(y)[x];
      const auto [u, v] = at(y, static_cast<std::ptrdiff_t>(x));
      add(sums[1][x], product(u, a));
      add(sums[2][x], product(v, a));
      add(sums[4][x], weight_of(a));
    }
  }
}

void weigh_chroma(const std::uint8_t* u_rows, std::ptrdiff_t u_stride, const std::uint8_t* v_rows,
                  std::ptrdiff_t v_stride, const AlphaPlane& alpha, int count, std::size_t n,
                  const Sums& sums) {
  const auto load = [=](auto d, int y, std::size_t x, auto& u, auto& v) {
    const hn::Rebind<std::uint8_t, decltype(d)> d8;
    u = hn::PromoteTo(d, hn::LoadU(d8, u_rows + y * u_stride + x));
    v = hn::PromoteTo(d, hn::LoadU(d8, v_rows + y * v_stride + x));
  };
  const auto at = [=](int y, std::ptrdiff_t x) {
    return std::pair(u_rows[y * u_stride + x], v_rows[y * v_stride + x]);
  };
  weigh_uv(load, at, alpha, count, n, sums);
}

void weigh_chroma_pairs(const std::uint8_t* rows, std::ptrdiff_t stride, const AlphaPlane& alpha,
                        int count, std::size_t n, const Sums& sums) {
  const auto load = [=](auto d, int y, std::size_t x, auto& u, auto& v) {
    const hn::Repartition<std::uint8_t, decltype(d)> d8;
    const auto pairs = hn::LoadU(d8, rows + y * stride + 2 * x);
    u = even_part(d, pairs);
    v = odd_part(d, pairs);
  };
  const auto at = [=](int y, std::ptrdiff_t x) {
    const std::uint8_t* pair = rows + y * stride + 2 * x;
    return std::pair(pair[0], pair[1]);
  };
  weigh_uv(load, at, alpha, count, n, sums);
}

void add_to(const std::uint16_t* products, std::size_t n, float* sums) {
  const hn::CappedTag<float, 16> d;
  const hn::Rebind<std::int32_t, decltype(d)> d32;
  const hn::Rebind<std::uint16_t, decltype(d)> d16;
  for (std::size_t x = 0; x < n; x += hn::Lanes(d)) {
    const auto product = hn::ConvertTo(d, hn::PromoteTo(d32, hn::LoadU(d16, products + x)));
    hn::StoreU(hn::Add(hn::LoadU(d, sums + x), product), d, sums + x);
  }
}

void sum_pairs(float* values, std::size_t n) {
  const hn::CappedTag<float, 16> d;
  for (std::size_t x = 0; x < n; x += hn::Lanes(d)) {
    hn::Vec<decltype(d)> even, odd;
    hn::LoadInterleaved2(d, values + 2 * x, even, odd);
    hn::StoreU(hn::Add(even, odd), d, values + x);
  }
}

void interleave(const FloatSums& sums, std::size_t n, float* pixels) {
  const hn::CappedTag<float, 16> d;
  for (std::size_t x = 0; x < n; x += hn::Lanes(d)) {
    const auto weight = hn::LoadU(d, sums[3] + x);
    const auto ratio = hn::Div(weight, hn::LoadU(d, sums[4] + x));
    hn::StoreInterleaved4(hn::LoadU(d, sums[0] + x), hn::Mul(hn::LoadU(d, sums[1] + x), ratio),
                          hn::Mul(hn::LoadU(d, sums[2] + x), ratio), weight, d, pixels + 4 * x);
  }
}

void normalize(const float* pixels, std::size_t n, const ColourRows& out) {
  const hn::CappedTag<float, 16> d;
  const hn::Rebind<std::int16_t, decltype(d)> d16;
  const auto most = hn::Set(d, 255.0f * 128);
  for (std::size_t x = 0; x < n; x += hn::Lanes(d)) {
    hn::Vec<decltype(d)> first, second, third, weight;
    hn::LoadInterleaved4(d, pixels + 4 * x, first, second, third, weight);
    const auto scale = hn::Div(hn::Set(d, 128 << kProductShift), weight);
    const auto store = [&](auto colour, std::int16_t* row) {
      const auto value = hn::Clamp(hn::Mul(colour, scale), hn::Zero(d), most);
      hn::StoreU(hn::DemoteTo(d16, hn::NearestInt(value)), d16, row + x);
    };
    store(first, out[0]);
    store(second, out[1]);
    store(third, out[2]);
  }
}

void double_row(std::int16_t* in, std::size_t n, std::int16_t* out) {
  const hn::CappedTag<std::int16_t, 32> d;
  in[-1] = in[0];
  in[n] = in[n - 1];
  for (std::size_t x = 0; x < n; x += hn::Lanes(d)) {
    const auto value = hn::LoadU(d, in + x);
    const auto before = hn::Sub(hn::LoadU(d, in + x - 1), value);
    const auto after = hn::Sub(hn::LoadU(d, in + x + 1), value);
    hn::StoreInterleaved2(hn::Add(value, hn::ShiftRight<2>(before)),
                          hn::Add(value, hn::ShiftRight<2>(after)), d, out + 2 * x);
  }
}

void interleave_pairs(const std::int16_t* first, const std::int16_t* second, std::size_t n,
                      std::int16_t* out) {
  const hn::CappedTag<std::int16_t, 32> d;
  for (std::size_t x = 0; x < n; x += hn::Lanes(d)) {
    hn::StoreInterleaved2(hn::LoadU(d, first + x), hn::LoadU(d, second + x), d, out + 2 * x);
  }
}

void interleave_rgba(const std::int16_t* red, const std::int16_t* green, const std::int16_t* blue,
                     std::size_t n, std::int16_t* out) {
  const hn::CappedTag<std::int16_t, 32> d;
  for (std::size_t x = 0; x < n; x += hn::Lanes(d)) {
    hn::StoreInterleaved4(hn::LoadU(d, red + x), hn::LoadU(d, green + x), hn::LoadU(d, blue + x),
                          hn::Set(d, 255 * 128), d, out + 4 * x);
  }
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace backdrop
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace backdrop {
namespace {

HWY_EXPORT(weigh_luma);
HWY_EXPORT(weigh_rgba);
HWY_EXPORT(weigh_chroma);
HWY_EXPORT(weigh_chroma_pairs);
HWY_EXPORT(add_to);
HWY_EXPORT(sum_pairs);
HWY_EXPORT(interleave);
HWY_EXPORT(normalize);
HWY_EXPORT(double_row);
HWY_EXPORT(interleave_pairs);
HWY_EXPORT(interleave_rgba);

}  // namespace

void weigh_luma(const std::uint8_t* rows, std::ptrdiff_t stride, const AlphaPlane& alpha, int count,
                std::size_t n, const Sums& sums) {
  HWY_DYNAMIC_DISPATCH(weigh_luma)(rows, stride, alpha, count, n, sums);
}

void weigh_rgba(const std::uint8_t* rows, std::ptrdiff_t stride, const AlphaPlane& alpha, int count,
                std::size_t n, const Sums& sums) {
  HWY_DYNAMIC_DISPATCH(weigh_rgba)(rows, stride, alpha, count, n, sums);
}

void weigh_chroma(const std::uint8_t* u_rows, std::ptrdiff_t u_stride, const std::uint8_t* v_rows,
                  std::ptrdiff_t v_stride, const AlphaPlane& alpha, int count, std::size_t n,
                  const Sums& sums) {
  HWY_DYNAMIC_DISPATCH(weigh_chroma)(u_rows, u_stride, v_rows, v_stride, alpha, count, n, sums);
}

void weigh_chroma_pairs(const std::uint8_t* rows, std::ptrdiff_t stride, const AlphaPlane& alpha,
                        int count, std::size_t n, const Sums& sums) {
  HWY_DYNAMIC_DISPATCH(weigh_chroma_pairs)(rows, stride, alpha, count, n, sums);
}

void add_to(const std::uint16_t* products, std::size_t n, float* sums) {
  HWY_DYNAMIC_DISPATCH(add_to)(products, n, sums);
}

void sum_pairs(float* values, std::size_t n) { HWY_DYNAMIC_DISPATCH(sum_pairs)(values, n); }

void interleave(const FloatSums& sums, std::size_t n, float* pixels) {
  HWY_DYNAMIC_DISPATCH(interleave)(sums, n, pixels);
}

void normalize(const float* pixels, std::size_t n, const ColourRows& out) {
  HWY_DYNAMIC_DISPATCH(normalize)(pixels, n, out);
}

void double_row(std::int16_t* in, std::size_t n, std::int16_t* out) {
  HWY_DYNAMIC_DISPATCH(double_row)(in, n, out);
}

void interleave_pairs(const std::int16_t* first, const std::int16_t* second, std::size_t n,
                      std::int16_t* out) {
  HWY_DYNAMIC_DISPATCH(interleave_pairs)(first, second, n, out);
}

void interleave_rgba(const std::int16_t* red, const std::int16_t* green, const std::int16_t* blue,
                     std::size_t n, std::int16_t* out) {
  HWY_DYNAMIC_DISPATCH(interleave_rgba)(red, green, blue, n, out);
}

}  // namespace backdrop
#endif  // HWY_ONCE
