#include "render/cpu/blur_kernels.h"

#include <algorithm>
#include <array>
#include <bit>

#include "base/assert.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "render/cpu/blur_kernels.cpp"
#include "hwy/foreach_target.h"
#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace backdrop {
namespace HWY_NAMESPACE {
namespace {
namespace hn = hwy::HWY_NAMESPACE;

// Pixels are classified in blocks: most blocks are all person or all background.
constexpr std::size_t kBlock = 16;

using Words = hn::CappedTag<std::uint16_t, kBlock>;
using Bytes = hn::Rebind<std::uint8_t, Words>;
using V = hn::Vec<Words>;

V load_bytes(const std::uint8_t* bytes) {
  return hn::PromoteTo(Words(), hn::LoadU(Bytes(), bytes));
}

V set_words(int value) { return hn::Set(Words(), static_cast<std::uint16_t>(value)); }

constexpr int kUnit = 1 << kProductShift;  // of the sums

enum class WeightClass { kBackground, kMixed, kPerson };

// Of a block's pixels: alpha is kBackground up to `most_background`, kPerson from `least_person`
// on.
HWY_INLINE WeightClass classify_block(const std::uint8_t* alpha, std::ptrdiff_t stride, int count,
                                      std::uint8_t most_background, std::uint8_t least_person) {
  const hn::CappedTag<std::uint8_t, kBlock> d;
  auto most = hn::Set(d, most_background);
  auto least = hn::Set(d, least_person);
  for (int y = 0; y < count; ++y, alpha += stride) {
    for (std::size_t x = 0; x < kBlock; x += hn::Lanes(d)) {
      const auto values = hn::LoadU(d, alpha + x);
      most = hn::Max(most, values);
      least = hn::Min(least, values);
    }
  }
  if (hn::AllTrue(d, hn::Eq(most, hn::Set(d, most_background)))) return WeightClass::kBackground;
  const bool is_person = hn::AllTrue(d, hn::Eq(least, hn::Set(d, least_person)));
  return is_person ? WeightClass::kPerson : WeightClass::kMixed;
}

// Sums a block whose pixels all have the weight 256 or, of the person, 1.
HWY_INLINE void sum_uniform(const PlanarRows& rows, std::size_t x, bool is_background,
                            const std::array<std::uint16_t*, 4>& sums) {
  const Words d;
  const V half = set_words(kUnit / 2);
  for (std::size_t i = x; i < x + kBlock; i += hn::Lanes(d)) {
    for (std::size_t c = 0; c < 3; ++c) {
      V sum = hn::Zero(d);
      const std::uint8_t* row = rows.samples[c] + i;
      for (int y = 0; y < rows.count; ++y, row += rows.stride) sum = hn::Add(sum, load_bytes(row));
      const V product = is_background ? hn::ShiftLeft<8 - kProductShift>(sum)
                                      : hn::ShiftRight<kProductShift>(hn::Add(sum, half));
      hn::StoreU(product, d, sums[c] + i);
    }
    hn::StoreU(set_words(rows.count * (is_background ? 256 : 1)), d, sums[3] + i);
  }
}

HWY_INLINE void sum_mixed(const PlanarRows& rows, std::size_t x,
                          const std::array<std::uint16_t*, 4>& sums) {
  const Words d;
  const V half = set_words(kUnit / 2);
  for (std::size_t i = x; i < x + kBlock; i += hn::Lanes(d)) {
    const V zero = hn::Zero(d);
    V totals[4] = {zero, zero, zero, zero};
    for (std::ptrdiff_t y = 0; y < rows.count; ++y) {
      const auto alpha = hn::LoadU(Bytes(), rows.alpha + y * rows.alpha_stride + i);
      const auto twice = hn::SaturatedAdd(alpha, alpha);
      const V person = hn::PromoteTo(d, hn::SaturatedAdd(twice, twice));
      const V weight = hn::Sub(set_words(256), person);
      for (std::size_t c = 0; c < 3; ++c) {
        const V product = hn::Mul(load_bytes(rows.samples[c] + y * rows.stride + i), weight);
        totals[c] = hn::Add(totals[c], hn::ShiftRight<kProductShift>(hn::Add(product, half)));
      }
      totals[3] = hn::Add(totals[3], weight);
    }
    for (std::size_t c = 0; c < 4; ++c) hn::StoreU(totals[c], d, sums[c] + i);
  }
}

void sum_background(const PlanarRows& rows, std::size_t n,
                    const std::array<std::uint16_t*, 4>& sums) {
  for (std::size_t x = 0; x < n; x += kBlock) {
    const WeightClass block_class =
        classify_block(rows.alpha + x, rows.alpha_stride, rows.count, 0, 64);
    if (block_class == WeightClass::kMixed) {
      sum_mixed(rows, x, sums);
    } else {
      sum_uniform(rows, x, block_class == WeightClass::kBackground, sums);
    }
  }
}

#if HWY_TARGET != HWY_SCALAR
// The fourth samples of pixels, their own alpha. kUnit replaces them: its products are the weights.
class FourthSamples {
 public:
  // Written out: GCC makes a constructor of its own for no instruction set.
  FourthSamples() : differences_(hn::Zero(Words())) {}

  static V replace(V samples, int value) {
    return hn::Or(hn::And(samples, others()), hn::AndNot(others(), set_words(value)));
  }

  // Remembers whether any fourth sample is another value than `opaque`.
  void check(V samples, int opaque) {
    differences_ = hn::Or(differences_, hn::AndNot(others(), hn::Xor(samples, set_words(opaque))));
  }
  bool are_opaque() const { return hn::AllTrue(Words(), hn::Eq(differences_, hn::Zero(Words()))); }

 private:
  static V others() {
    const hn::Repartition<std::uint64_t, Words> d;
    return hn::BitCast(Words(), hn::Set(d, ~std::uint64_t{0} >> 16));
  }

  V differences_;
};

// Sums a block whose pixels are the person's: they weigh 256.
HWY_INLINE void sum_person_block(const AlphaRows& rows, std::size_t x, FourthSamples& fourth,
                                 std::uint16_t* sums) {
  const Words d;
  for (std::size_t i = 4 * x; i < 4 * (x + kBlock); i += hn::Lanes(d)) {
    V sum = hn::Zero(d);
    const std::uint8_t* row = rows.samples + i;
    for (int y = 0; y < rows.count; ++y, row += rows.stride) sum = hn::Add(sum, load_bytes(row));
    fourth.check(sum, rows.count * 255);
    const V whole = fourth.replace(sum, rows.count * kUnit);
    hn::StoreU(hn::ShiftLeft<8 - kProductShift>(whole), d, sums + i);
  }
}

HWY_INLINE void sum_edge_block(const AlphaRows& rows, std::size_t x, FourthSamples& fourth,
                               std::uint16_t* sums) {
  const Words d;
  const hn::CappedTag<std::uint8_t, kBlock> d8;
  const V half = set_words(kUnit / 2);
  std::fill_n(sums + 4 * x, 4 * kBlock, std::uint16_t{0});
  for (std::ptrdiff_t y = 0; y < rows.count; ++y) {
    std::array<std::uint8_t, 4 * kBlock> alphas;  // each for the channels of its pixel
    for (std::size_t i = 0; i < kBlock; i += hn::Lanes(d8)) {
      const auto a = hn::LoadU(d8, rows.alpha + y * rows.alpha_stride + x + i);
      hn::StoreInterleaved4(a, a, a, a, d8, alphas.data() + 4 * i);
    }
    const std::uint8_t* row = rows.samples + y * rows.stride + 4 * x;
    for (std::size_t i = 0; i < 4 * kBlock; i += hn::Lanes(d)) {
      const V sample = load_bytes(row + i);
      fourth.check(sample, 255);
      const V weight = hn::SaturatedSub(hn::ShiftLeft<2>(load_bytes(alphas.data() + i)),
                                        set_words(4 * kMostUnsureAlpha));
      const V product = hn::Mul(fourth.replace(sample, kUnit), weight);
      const V sum = hn::LoadU(d, sums + 4 * x + i);
      hn::StoreU(hn::Add(sum, hn::ShiftRight<kProductShift>(hn::Add(product, half))), d,
                 sums + 4 * x + i);
    }
  }
}
#endif

// Returns whether the pixels that weigh anything are opaque.
bool sum_person_pixel(const AlphaRows& rows, std::size_t x, std::uint16_t* sums) {
  std::array<int, 4> products{};
  bool is_opaque = true;
  for (std::ptrdiff_t y = 0; y < rows.count; ++y) {
    const int weight =
        person_weight(rows.alpha[y * rows.alpha_stride + static_cast<std::ptrdiff_t>(x)]);
    const std::uint8_t* pixel = rows.samples + y * rows.stride + 4 * x;
    is_opaque &= weight == 0 || pixel[3] == 255;
    for (std::size_t c = 0; c < 4; ++c) {
      products[c] += (weight * (c < 3 ? pixel[c] : kUnit) + kUnit / 2) >> kProductShift;
    }
  }
  for (std::size_t c = 0; c < 4; ++c) sums[4 * x + c] = static_cast<std::uint16_t>(products[c]);
  return is_opaque;
}

bool sum_person(const AlphaRows& rows, std::size_t pixels, std::uint16_t* sums) {
  std::size_t x = 0;
  bool are_opaque = true;
#if HWY_TARGET != HWY_SCALAR
  FourthSamples fourth;
  for (; x + kBlock <= pixels; x += kBlock) {
    switch (classify_block(rows.alpha + x, rows.alpha_stride, rows.count, kMostUnsureAlpha, 255)) {
      case WeightClass::kBackground:
        std::fill_n(sums + 4 * x, 4 * kBlock, std::uint16_t{0});
        break;
      case WeightClass::kMixed:
        sum_edge_block(rows, x, fourth, sums);
        break;
      case WeightClass::kPerson:
        sum_person_block(rows, x, fourth, sums);
    }
  }
  are_opaque = fourth.are_opaque();
#endif
  for (; x < pixels; ++x) are_opaque &= sum_person_pixel(rows, x, sums);
  return are_opaque;
}

using Floats = hn::CappedTag<float, 16>;
using VF = hn::Vec<Floats>;

void widen(const std::uint16_t* samples, std::size_t n, float* out) {
  const Floats d;
  const hn::RebindToSigned<Floats> d32;
  const hn::Rebind<std::uint16_t, Floats> d16;
  for (std::size_t x = 0; x < n; x += hn::Lanes(d)) {
    hn::StoreU(hn::ConvertTo(d, hn::PromoteTo(d32, hn::LoadU(d16, samples + x))), d, out + x);
  }
}

// n sums of 2 neighbours each.
void sum_pairs(const std::uint16_t* samples, std::size_t n, float* out) {
#if HWY_TARGET == HWY_SCALAR
  for (std::size_t x = 0; x < n; ++x) {
    out[x] = static_cast<float>(samples[2 * x] + samples[2 * x + 1]);
  }
#else
  const Floats d;
  const hn::RebindToSigned<Floats> d32;
  const hn::RebindToUnsigned<Floats> du32;
  const hn::Repartition<std::uint16_t, Floats> d16;
  for (std::size_t x = 0; x < n; x += hn::Lanes(d)) {
    const auto pairs = hn::BitCast(du32, hn::LoadU(d16, samples + 2 * x));
    const auto sum = hn::Add(hn::And(pairs, hn::Set(du32, 0xffff)), hn::ShiftRight<16>(pairs));
    hn::StoreU(hn::ConvertTo(d, hn::BitCast(d32, sum)), d, out + x);
  }
#endif
}

// The same in place.
void sum_pairs(float* values, std::size_t n) {
  const Floats d;
  for (std::size_t x = 0; x < n; x += hn::Lanes(d)) {
    VF even, odd;
    hn::LoadInterleaved2(d, values + 2 * x, even, odd);
    hn::StoreU(hn::Add(even, odd), d, values + x);
  }
}

void add_groups(const std::uint16_t* samples, std::size_t group, std::size_t n, float* work,
                float* out) {
  if (group == 1) {
    widen(samples, n, work);
  } else {
    sum_pairs(samples, n * group / 2, work);
    for (std::size_t left = group / 4; left > 0; left /= 2) sum_pairs(work, n * left);
  }
  const Floats d;
  for (std::size_t x = 0; x < n; x += hn::Lanes(d)) {
    hn::StoreU(hn::Add(hn::LoadU(d, out + x), hn::LoadU(d, work + x)), d, out + x);
  }
}

void add_pixel_groups(const std::uint16_t* samples, std::size_t group, std::size_t n, float* out) {
  const hn::CappedTag<float, 4> d;
  const hn::RebindToSigned<decltype(d)> d32;
  const hn::Rebind<std::uint16_t, decltype(d)> d16;
  for (std::size_t x = 0; x < n; ++x, out += 4, samples += 4 * group) {
    for (std::size_t c = 0; c < 4; c += hn::Lanes(d)) {
      auto sum = hn::Zero(d32);
      for (std::size_t i = 0; i < group; ++i) {
        sum = hn::Add(sum, hn::PromoteTo(d32, hn::LoadU(d16, samples + 4 * i + c)));
      }
      hn::StoreU(hn::Add(hn::LoadU(d, out + c), hn::ConvertTo(d, sum)), d, out + c);
    }
  }
}

void interleave(const std::array<const float*, 4>& sums, std::size_t n, float* pixels) {
  const Floats d;
  for (std::size_t x = 0; x < n; x += hn::Lanes(d)) {
    hn::StoreInterleaved4(hn::LoadU(d, sums[0] + x), hn::LoadU(d, sums[1] + x),
                          hn::LoadU(d, sums[2] + x), hn::LoadU(d, sums[3] + x), d, pixels + 4 * x);
  }
}

void normalize(const float* pixels, std::size_t n, const ColourRows& out) {
  const Floats d;
  const hn::Rebind<std::int16_t, Floats> d16;
  const auto most = hn::Set(d, 255.0f * 128);
  for (std::size_t x = 0; x < n; x += hn::Lanes(d)) {
    VF first, second, third, weight;
    hn::LoadInterleaved4(d, pixels + 4 * x, first, second, third, weight);
    const auto scale = hn::Div(hn::Set(d, 128 << kProductShift), weight);
    const auto store = [&](auto colour, std::int16_t* row) {
      const auto value = hn::NearestInt(hn::Clamp(hn::Mul(colour, scale), hn::Zero(d), most));
      hn::StoreU(hn::Add(hn::DemoteTo(d16, value), hn::Set(d16, kRounding)), d16, row + x);
    };
    store(first, out[0]);
    store(second, out[1]);
    store(third, out[2]);
  }
}

void double_rows(const std::int16_t* nearer, const std::int16_t* other, std::size_t n,
                 std::int16_t* out) {
  const hn::CappedTag<std::int16_t, 32> d;
  for (std::size_t x = 0; x < n; x += hn::Lanes(d)) {
    const auto value = hn::LoadU(d, nearer + x);
    const auto difference = hn::Sub(hn::LoadU(d, other + x), value);
    hn::StoreU(hn::Add(value, hn::ShiftRight<2>(difference)), d, out + x);
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
                          hn::Set(d, 255 * 128 + kRounding), d, out + 4 * x);
  }
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace backdrop
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace backdrop {
namespace {

HWY_EXPORT(sum_background);
HWY_EXPORT(sum_person);
HWY_EXPORT(add_groups);
HWY_EXPORT(add_pixel_groups);
HWY_EXPORT(interleave);
HWY_EXPORT(normalize);
HWY_EXPORT(double_rows);
HWY_EXPORT(double_row);
HWY_EXPORT(interleave_pairs);
HWY_EXPORT(interleave_rgba);

}  // namespace

void sum_background(const PlanarRows& rows, std::size_t n,
                    const std::array<std::uint16_t*, 4>& sums) {
  BACKDROP_ASSERT(rows.count >= 1 && rows.count <= kMaxRows);
  HWY_DYNAMIC_DISPATCH(sum_background)(rows, n, sums);
}

bool sum_person(const AlphaRows& rows, std::size_t pixels, std::uint16_t* sums) {
  BACKDROP_ASSERT(rows.count >= 1 && rows.count <= kMaxRows);
  return HWY_DYNAMIC_DISPATCH(sum_person)(rows, pixels, sums);
}

void add_groups(const std::uint16_t* samples, std::size_t group, std::size_t n, float* work,
                float* out) {
  BACKDROP_ASSERT(std::has_single_bit(group));
  HWY_DYNAMIC_DISPATCH(add_groups)(samples, group, n, work, out);
}

void add_pixel_groups(const std::uint16_t* samples, std::size_t group, std::size_t n, float* out) {
  HWY_DYNAMIC_DISPATCH(add_pixel_groups)(samples, group, n, out);
}

void interleave(const std::array<const float*, 4>& sums, std::size_t n, float* pixels) {
  HWY_DYNAMIC_DISPATCH(interleave)(sums, n, pixels);
}

void normalize(const float* pixels, std::size_t n, const ColourRows& out) {
  HWY_DYNAMIC_DISPATCH(normalize)(pixels, n, out);
}

void double_rows(const std::int16_t* nearer, const std::int16_t* other, std::size_t n,
                 std::int16_t* out) {
  HWY_DYNAMIC_DISPATCH(double_rows)(nearer, other, n, out);
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
