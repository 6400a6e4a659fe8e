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
[[maybe_unused]] constexpr std::size_t kBlock = 16;

// The value of each fourth sample: its products are the weights.
constexpr int kUnit = 1 << kProductShift;

using Words = hn::CappedTag<std::uint16_t, kBlock>;
using Bytes = hn::Rebind<std::uint8_t, Words>;
using V = hn::Vec<Words>;

V load_bytes(const std::uint8_t* bytes) {
  return hn::PromoteTo(Words(), hn::LoadU(Bytes(), bytes));
}

// What a pixel of an alpha weighs. Up to kMostBackground, and from kLeastPerson on, all weigh the
// same: 0, 1 or 256.
struct ByBackground {
  [[maybe_unused]] static constexpr std::uint8_t kMostBackground = 0;
  [[maybe_unused]] static constexpr std::uint8_t kLeastPerson = 128;
  static int weight_of(int alpha) { return 256 - std::min(2 * alpha, 255); }
  static V load_weights(const std::uint8_t* alpha) {
    const auto a = hn::LoadU(Bytes(), alpha);
    return hn::Sub(hn::Set(Words(), 256), hn::PromoteTo(Words(), hn::SaturatedAdd(a, a)));
  }
};
struct ByPerson {
  [[maybe_unused]] static constexpr std::uint8_t kMostBackground = kMostUnsureAlpha;
  [[maybe_unused]] static constexpr std::uint8_t kLeastPerson = 255;
  static int weight_of(int alpha) { return person_weight(alpha); }
  static V load_weights(const std::uint8_t* alpha) {
    return hn::SaturatedSub(hn::ShiftLeft<2>(load_bytes(alpha)),
                            hn::Set(Words(), 4 * kMostUnsureAlpha));
  }
};

#if HWY_TARGET != HWY_SCALAR
enum class WeightClass { kBackground, kEdge, kPerson };

template <class Weighting>
WeightClass classify_block(const AlphaRows& rows, std::size_t x) {
  const hn::FixedTag<std::uint8_t, kBlock> d;
  auto most = hn::Zero(d);
  auto least = hn::Set(d, 255);
  for (int y = 0; y < rows.count; ++y) {
    const auto alpha = hn::LoadU(d, rows.alpha + y * rows.alpha_stride + x);
    most = hn::Max(most, alpha);
    least = hn::Min(least, alpha);
  }
  const auto background = hn::Set(d, Weighting::kMostBackground);
  const auto person = hn::Set(d, Weighting::kLeastPerson);
  if (hn::AllTrue(d, hn::Eq(hn::Max(most, background), background))) {
    return WeightClass::kBackground;
  }
  const bool is_person = hn::AllTrue(d, hn::Eq(hn::Min(least, person), person));
  return is_person ? WeightClass::kPerson : WeightClass::kEdge;
}

// The fourth samples of pixels that have four: alpha, which the weights replace.
class FourthSamples {
 public:
  explicit FourthSamples(std::size_t channels) {
    const hn::Repartition<std::uint64_t, Words> d;
    const std::uint64_t others = channels == 4 ? ~std::uint64_t{0} >> 16 : ~std::uint64_t{0};
    others_ = hn::BitCast(Words(), hn::Set(d, others));
  }

  V replace(V samples, int value) const {
    return hn::Or(hn::And(samples, others_), hn::AndNot(others_, set(value)));
  }

  // Remembers whether any fourth sample is another value than `opaque`.
  void check(V samples, int opaque) {
    differences_ = hn::Or(differences_, hn::AndNot(others_, hn::Xor(samples, set(opaque))));
  }
  bool are_opaque() const { return hn::AllTrue(Words(), hn::Eq(differences_, hn::Zero(Words()))); }

 private:
  static V set(int value) { return hn::Set(Words(), static_cast<std::uint16_t>(value)); }

  V others_;
  V differences_ = hn::Zero(Words());
};

// Sums a block whose pixels all have the weight 2^up or 2^-down.
HWY_INLINE void sum_block(const AlphaRows& rows, std::size_t x, int up, int down,
                          FourthSamples& fourth, std::uint16_t* sums) {
  const Words d;
  const V half = hn::Set(d, static_cast<std::uint16_t>((1 << down) / 2));
  const std::size_t end = rows.channels * (x + kBlock);
  for (std::size_t i = rows.channels * x; i < end; i += hn::Lanes(d)) {
    V sum = hn::Zero(d);
    const std::uint8_t* row = rows.samples + i;
    for (int y = 0; y < rows.count; ++y, row += rows.stride) sum = hn::Add(sum, load_bytes(row));
    fourth.check(sum, rows.count * 255);
    const V product = hn::ShiftLeftSame(fourth.replace(sum, rows.count * kUnit), up);
    hn::StoreU(hn::ShiftRightSame(hn::Add(product, half), down), d, sums + i);
  }
}

// Repeats each alpha for the channels of its pixel.
void spread_alpha(const std::uint8_t* alpha, std::size_t channels, std::uint8_t* out) {
  const hn::FixedTag<std::uint8_t, kBlock> d;
  const auto a = hn::LoadU(d, alpha);
  if (channels == 1) hn::StoreU(a, d, out);
  if (channels == 2) hn::StoreInterleaved2(a, a, d, out);
  if (channels == 4) hn::StoreInterleaved4(a, a, a, a, d, out);
}

template <class Weighting>
void weight_block(const AlphaRows& rows, std::size_t x, FourthSamples& fourth,
                  std::uint16_t* sums) {
  const Words d;
  const std::size_t first = rows.channels * x;
  const std::size_t samples = rows.channels * kBlock;
  const V half = hn::Set(d, kUnit / 2);
  std::fill_n(sums + first, samples, std::uint16_t{0});
  for (std::ptrdiff_t y = 0; y < rows.count; ++y) {
    std::array<std::uint8_t, 4 * kBlock> alphas;
    spread_alpha(rows.alpha + y * rows.alpha_stride + x, rows.channels, alphas.data());
    const std::uint8_t* row = rows.samples + y * rows.stride + first;
    for (std::size_t i = 0; i < samples; i += hn::Lanes(d)) {
      const V sample = load_bytes(row + i);
      fourth.check(sample, 255);
      const V product =
          hn::Mul(fourth.replace(sample, kUnit), Weighting::load_weights(alphas.data() + i));
      const V sum = hn::LoadU(d, sums + first + i);
      hn::StoreU(hn::Add(sum, hn::ShiftRight<kProductShift>(hn::Add(product, half))), d,
                 sums + first + i);
    }
  }
}

template <class Weighting>
void sum_weights(const AlphaRows& rows, std::size_t x, std::uint16_t* weights) {
  const Words d;
  for (std::size_t i = x; i < x + kBlock; i += hn::Lanes(d)) {
    V sum = hn::Zero(d);
    for (std::ptrdiff_t y = 0; y < rows.count; ++y) {
      sum = hn::Add(sum, Weighting::load_weights(rows.alpha + y * rows.alpha_stride + i));
    }
    hn::StoreU(sum, d, weights + i);
  }
}

// A block whose pixels all weigh the same.
HWY_INLINE void sum_uniform_block(const AlphaRows& rows, std::size_t x, int weight,
                                  FourthSamples& fourth, std::uint16_t* sums,
                                  std::uint16_t* weights) {
  const bool is_whole = weight == 256;
  if (weight == 0) {
    std::fill_n(sums + rows.channels * x, rows.channels * kBlock, std::uint16_t{0});
  } else {
    sum_block(rows, x, is_whole ? kProductShift : 0, is_whole ? 0 : kProductShift, fourth, sums);
  }
  if (weights) std::fill_n(weights + x, kBlock, static_cast<std::uint16_t>(rows.count * weight));
}
#endif

// Returns whether the pixels that weigh anything are opaque.
template <class Weighting>
bool weight_pixel(const AlphaRows& rows, std::size_t x, std::uint16_t* sums,
                  std::uint16_t* weights) {
  std::array<int, 4> products{};
  int weight_sum = 0;
  bool is_opaque = true;
  for (std::ptrdiff_t y = 0; y < rows.count; ++y) {
    const int weight =
        Weighting::weight_of(rows.alpha[y * rows.alpha_stride + static_cast<std::ptrdiff_t>(x)]);
    const std::uint8_t* pixel = rows.samples + y * rows.stride + rows.channels * x;
    is_opaque &= weight == 0 || rows.channels < 4 || pixel[3] == 255;
    for (std::size_t c = 0; c < rows.channels; ++c) {
      products[c] += (weight * (c < 3 ? pixel[c] : kUnit) + kUnit / 2) >> kProductShift;
    }
    weight_sum += weight;
  }
  for (std::size_t c = 0; c < rows.channels; ++c) {
    sums[rows.channels * x + c] = static_cast<std::uint16_t>(products[c]);
  }
  if (weights) weights[x] = static_cast<std::uint16_t>(weight_sum);
  return is_opaque;
}

template <class Weighting>
bool weight_rows(const AlphaRows& rows, std::size_t pixels, std::uint16_t* sums,
                 std::uint16_t* weights) {
  std::size_t x = 0;
  bool are_opaque = true;
#if HWY_TARGET != HWY_SCALAR
  FourthSamples fourth(rows.channels);
  for (; x + kBlock <= pixels; x += kBlock) {
    const WeightClass block_class = classify_block<Weighting>(rows, x);
    if (block_class == WeightClass::kEdge) {
      weight_block<Weighting>(rows, x, fourth, sums);
      if (weights) sum_weights<Weighting>(rows, x, weights);
    } else {
      const int weight = Weighting::weight_of(block_class == WeightClass::kBackground ? 0 : 255);
      sum_uniform_block(rows, x, weight, fourth, sums, weights);
    }
  }
  are_opaque = fourth.are_opaque();
#endif
  for (; x < pixels; ++x) are_opaque &= weight_pixel<Weighting>(rows, x, sums, weights);
  return are_opaque;
}

bool weight_rows_by_background(const AlphaRows& rows, std::size_t pixels, std::uint16_t* sums,
                               std::uint16_t* weights) {
  return weight_rows<ByBackground>(rows, pixels, sums, weights);
}

bool weight_rows_by_person(const AlphaRows& rows, std::size_t pixels, std::uint16_t* sums) {
  return weight_rows<ByPerson>(rows, pixels, sums, nullptr);
}

void split_pairs(const std::uint16_t* pairs, std::size_t n, std::uint16_t* first,
                 std::uint16_t* second) {
  const hn::CappedTag<std::uint16_t, 32> d;
  for (std::size_t x = 0; x < n; x += hn::Lanes(d)) {
    hn::Vec<decltype(d)> a, b;
    hn::LoadInterleaved2(d, pairs + 2 * x, a, b);
    hn::StoreU(a, d, first + x);
    hn::StoreU(b, d, second + x);
  }
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

void interleave(const YuvSums& sums, std::size_t n, float* pixels) {
  const Floats d;
  for (std::size_t x = 0; x < n; x += hn::Lanes(d)) {
    const VF weight = hn::LoadU(d, sums.y_weight + x);
    const VF ratio = hn::Div(weight, hn::LoadU(d, sums.uv_weight + x));
    hn::StoreInterleaved4(hn::LoadU(d, sums.y + x), hn::Mul(hn::LoadU(d, sums.u + x), ratio),
                          hn::Mul(hn::LoadU(d, sums.v + x), ratio), weight, d, pixels + 4 * x);
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

HWY_EXPORT(weight_rows_by_background);
HWY_EXPORT(weight_rows_by_person);
HWY_EXPORT(split_pairs);
HWY_EXPORT(add_groups);
HWY_EXPORT(add_pixel_groups);
HWY_EXPORT(interleave);
HWY_EXPORT(normalize);
HWY_EXPORT(double_rows);
HWY_EXPORT(double_row);
HWY_EXPORT(interleave_pairs);
HWY_EXPORT(interleave_rgba);

}  // namespace

bool weight_rows_by_background(const AlphaRows& rows, std::size_t pixels, std::uint16_t* sums,
                               std::uint16_t* weights) {
  BACKDROP_ASSERT(rows.count >= 1 && rows.count <= kMaxRows);
  BACKDROP_ASSERT(rows.channels == 1 || rows.channels == 2 || rows.channels == 4);
  return HWY_DYNAMIC_DISPATCH(weight_rows_by_background)(rows, pixels, sums, weights);
}

bool weight_rows_by_person(const AlphaRows& rows, std::size_t pixels, std::uint16_t* sums) {
  BACKDROP_ASSERT(rows.count >= 1 && rows.count <= kMaxRows && rows.channels == 4);
  return HWY_DYNAMIC_DISPATCH(weight_rows_by_person)(rows, pixels, sums);
}

void split_pairs(const std::uint16_t* pairs, std::size_t n, std::uint16_t* first,
                 std::uint16_t* second) {
  HWY_DYNAMIC_DISPATCH(split_pairs)(pairs, n, first, second);
}

void add_groups(const std::uint16_t* samples, std::size_t group, std::size_t n, float* work,
                float* out) {
  BACKDROP_ASSERT(std::has_single_bit(group));
  HWY_DYNAMIC_DISPATCH(add_groups)(samples, group, n, work, out);
}

void add_pixel_groups(const std::uint16_t* samples, std::size_t group, std::size_t n, float* out) {
  HWY_DYNAMIC_DISPATCH(add_pixel_groups)(samples, group, n, out);
}

void interleave(const YuvSums& sums, std::size_t n, float* pixels) {
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
