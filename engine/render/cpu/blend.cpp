#include "render/cpu/blend.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "render/cpu/blend.cpp"
#include "hwy/foreach_target.h"
#include "hwy/highway.h"
#include "simd/fixed_point-inl.h"

HWY_BEFORE_NAMESPACE();
namespace backdrop {
namespace HWY_NAMESPACE {
namespace {
namespace hn = hwy::HWY_NAMESPACE;

void blend_samples(const std::uint8_t* foreground, const std::uint8_t* background,
                   const std::uint8_t* alpha, std::size_t n, std::uint8_t* out) {
  const hn::ScalableTag<std::uint16_t> d;
  const hn::Rebind<std::uint8_t, decltype(d)> d8;
  const hn::Rebind<std::int16_t, decltype(d)> d16;
  std::size_t x = 0;
  for (; x + hn::Lanes(d) <= n; x += hn::Lanes(d)) {
    const auto a = hn::PromoteTo(d, hn::LoadU(d8, alpha + x));
    const auto over = hn::Mul(hn::PromoteTo(d, hn::LoadU(d8, foreground + x)), a);
    const auto under =
        hn::Mul(hn::PromoteTo(d, hn::LoadU(d8, background + x)), hn::Sub(hn::Set(d, 255), a));
    // Division by 255, exact and rounded: (s + (s >> 8)) >> 8 with s = sum + 128.
    const auto sum = hn::Add(hn::Add(over, under), hn::Set(d, 128));
    const auto mean = hn::ShiftRight<8>(hn::Add(sum, hn::ShiftRight<8>(sum)));
    hn::StoreU(hn::DemoteTo(d8, hn::BitCast(d16, mean)), d8, out + x);
  }
  for (; x < n; ++x) {
    const int sum = foreground[x] * alpha[x] + background[x] * (255 - alpha[x]) + 128;
    out[x] = static_cast<std::uint8_t>((sum + (sum >> 8)) >> 8);
  }
}

// Blends pixels of kChannels samples. spread(d, alphas, out) repeats each alpha for its pixel's
// samples.
template <std::size_t kChannels, class Spread>
HWY_INLINE void blend_pixels(const std::uint8_t* foreground, const std::uint8_t* background,
                             const std::uint8_t* alpha, std::size_t n, const Spread& spread,
                             std::uint8_t* out) {
  constexpr std::size_t kBlock = 64;
  const hn::CappedTag<std::uint8_t, 16> d8;
  alignas(64) std::array<std::uint8_t, kChannels * kBlock> alphas;
  for (std::size_t x = 0; x < n; x += kBlock) {
    const std::size_t pixels = std::min(kBlock, n - x);
    for (std::size_t i = 0; i < pixels; i += hn::Lanes(d8)) {
      spread(d8, hn::LoadU(d8, alpha + x + i), alphas.data() + kChannels * i);
    }
    const std::size_t at = kChannels * x;
    blend_samples(foreground + at, background + at, alphas.data(), kChannels * pixels, out + at);
  }
}

void blend_pairs(const std::uint8_t* foreground, const std::uint8_t* background,
                 const std::uint8_t* alpha, std::size_t n, std::uint8_t* out) {
  const auto spread = [](auto d, auto a, std::uint8_t* alphas) {
    hn::StoreInterleaved2(a, a, d, alphas);
  };
  blend_pixels<2>(foreground, background, alpha, n, spread, out);
}

// The fourth sample is blended with an alpha of its own, 0 or 255.
void blend_fours(const std::uint8_t* foreground, const std::uint8_t* background,
                 const std::uint8_t* alpha, FourthSample fourth, std::size_t n, std::uint8_t* out) {
  const auto spread = [=](auto d, auto a, std::uint8_t* alphas) {
    hn::StoreInterleaved4(a, a, a, hn::Set(d, static_cast<std::uint8_t>(fourth)), d, alphas);
  };
  blend_pixels<4>(foreground, background, alpha, n, spread, out);
}

// Calls visit(x, pixel) for each pixel. Returns whether the fourth samples of all are 255.
// Compilers vectorize it.
template <class Visit>
HWY_INLINE bool visit_pixels(const std::uint8_t* HWY_RESTRICT rgba, std::size_t n,
                             const Visit& visit) {
  static_assert(std::endian::native == std::endian::little, "alpha is a pixel's highest byte");
  std::uint32_t all = ~std::uint32_t{0};
  for (std::size_t x = 0; x < n; ++x) {
    std::uint32_t pixel;
    std::memcpy(&pixel, rgba + 4 * x, 4);
    all &= pixel;
    visit(x, pixel);
  }
  return all >> 24 == 255;
}

bool are_opaque(const std::uint8_t* rgba, std::size_t n) {
  return visit_pixels(rgba, n, [](std::size_t, std::uint32_t) {});
}

bool copy_opaque(const std::uint8_t* rgba, std::size_t n, std::uint8_t* HWY_RESTRICT out) {
  return visit_pixels(
      rgba, n, [=](std::size_t x, std::uint32_t pixel) { std::memcpy(out + 4 * x, &pixel, 4); });
}

void replace_colors(const std::uint8_t* fourths, const std::uint8_t* colors, std::size_t n,
                    std::uint8_t* out) {
  std::size_t i = 0;
#if HWY_TARGET != HWY_SCALAR
  const hn::CappedTag<std::uint8_t, 64> d;
  const hn::Repartition<std::uint32_t, decltype(d)> pixels;
  const auto is_fourth = hn::BitCast(d, hn::Set(pixels, 0xff000000U));
  for (; i + hn::Lanes(d) <= 4 * n; i += hn::Lanes(d)) {
    const auto fourth = hn::And(is_fourth, hn::LoadU(d, fourths + i));
    hn::StoreU(hn::Or(fourth, hn::AndNot(is_fourth, hn::LoadU(d, colors + i))), d, out + i);
  }
#endif
  for (; i < 4 * n; ++i) out[i] = i % 4 == 3 ? fourths[i] : colors[i];
}

void blend_rows(const std::int16_t* first, const std::int16_t* second, std::int16_t weight,
                std::size_t n, std::uint8_t* out) {
  const hn::ScalableTag<std::int16_t> d;
  const hn::Rebind<std::uint8_t, decltype(d)> d8;
  const auto w = hn::Set(d, weight);
  std::size_t x = 0;
  for (; x + hn::Lanes(d) <= n; x += hn::Lanes(d)) {
    const auto a = hn::LoadU(d, first + x);
    const auto step = multiply_q15(hn::Sub(hn::LoadU(d, second + x), a), w);
    hn::StoreU(hn::DemoteTo(d8, hn::ShiftRight<7>(hn::Add(a, step))), d8, out + x);
  }
  for (; x < n; ++x) {
    const int step = ((second[x] - first[x]) * weight + (1 << 14)) >> 15;
    out[x] = static_cast<std::uint8_t>((first[x] + step) >> 7);
  }
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace backdrop
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace backdrop {
namespace {

HWY_EXPORT(blend_samples);
HWY_EXPORT(blend_pairs);
HWY_EXPORT(blend_fours);
HWY_EXPORT(are_opaque);
HWY_EXPORT(copy_opaque);
HWY_EXPORT(replace_colors);
HWY_EXPORT(blend_rows);

}  // namespace

void blend_samples(const std::uint8_t* foreground, const std::uint8_t* background,
                   const std::uint8_t* alpha, std::size_t n, std::uint8_t* out) {
  HWY_DYNAMIC_DISPATCH(blend_samples)(foreground, background, alpha, n, out);
}

void blend_pairs(const std::uint8_t* foreground, const std::uint8_t* background,
                 const std::uint8_t* alpha, std::size_t n, std::uint8_t* out) {
  HWY_DYNAMIC_DISPATCH(blend_pairs)(foreground, background, alpha, n, out);
}

void blend_fours(const std::uint8_t* foreground, const std::uint8_t* background,
                 const std::uint8_t* alpha, FourthSample fourth, std::size_t n, std::uint8_t* out) {
  HWY_DYNAMIC_DISPATCH(blend_fours)(foreground, background, alpha, fourth, n, out);
}

bool are_opaque(const std::uint8_t* rgba, std::size_t n) {
  return HWY_DYNAMIC_DISPATCH(are_opaque)(rgba, n);
}

bool copy_opaque(const std::uint8_t* rgba, std::size_t n, std::uint8_t* out) {
  if (out == rgba) return are_opaque(rgba, n);
  return HWY_DYNAMIC_DISPATCH(copy_opaque)(rgba, n, out);
}

void replace_colors(const std::uint8_t* fourths, const std::uint8_t* colors, std::size_t n,
                    std::uint8_t* out) {
  HWY_DYNAMIC_DISPATCH(replace_colors)(fourths, colors, n, out);
}

void blend_rows(const std::int16_t* first, const std::int16_t* second, std::int16_t weight,
                std::size_t n, std::uint8_t* out) {
  HWY_DYNAMIC_DISPATCH(blend_rows)(first, second, weight, n, out);
}

}  // namespace backdrop
#endif  // HWY_ONCE
