#include "render/cpu/alpha.h"

#include <algorithm>
#include <cmath>

#include "base/assert.h"
#include "image/interpolation.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "render/cpu/alpha.cpp"
#include "hwy/foreach_target.h"
#include "hwy/highway.h"
#include "simd/fixed_point-inl.h"

HWY_BEFORE_NAMESPACE();
namespace backdrop {
namespace HWY_NAMESPACE {
namespace {
namespace hn = hwy::HWY_NAMESPACE;

void quantize(const float* probabilities, std::size_t n, std::int16_t* out) {
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

#if HWY_TARGET != HWY_SCALAR
template <class V>
V shuffle(V values, V bytes) {
#if HWY_TARGET == HWY_WASM
  return V{wasm_i8x16_swizzle(values.raw, bytes.raw)};  // in Highway 1.0 still a loop
#else
  return hn::TableLookupBytes(values, bytes);
#endif
}
#endif

void enlarge_row(const std::int16_t* row, std::span<const EnlargedBlock> blocks,
                 std::int16_t* out) {
  for (const EnlargedBlock& block : blocks) {
    const std::int16_t* from = row + block.first;
#if HWY_TARGET == HWY_SCALAR
    for (std::size_t i = 0; i < 8; ++i) {
      const std::int16_t* pair = from + block.bytes[2 * i] / 2;
      const int step = (pair[1] - pair[0]) * block.weights[i];
      out[i] = static_cast<std::int16_t>(pair[0] + ((step + (1 << 14)) >> 15));
    }
#else
    const hn::FixedTag<std::int16_t, 8> d;
    const hn::FixedTag<std::uint8_t, 16> d8;
    const auto bytes = hn::LoadU(d8, block.bytes.data());
    const auto shuffled = [&](const std::int16_t* values) {
      return hn::BitCast(d, shuffle(hn::BitCast(d8, hn::LoadU(d, values)), bytes));
    };
    const auto first = shuffled(from);
    const auto difference = hn::Sub(shuffled(from + 1), first);
    const auto step = multiply_q15(difference, hn::LoadU(d, block.weights.data()));
    hn::StoreU(hn::Add(first, step), d, out);
#endif
    out += 8;
  }
}

using Values = hn::CappedTag<std::int16_t, kBlockValues>;

void classify_blocks(const std::int16_t* values, const Ramp& ramp, std::size_t n,
                     std::uint8_t* classes) {
  const Values d;
  const auto low = hn::Set(d, ramp.low);
  const auto high = hn::Set(d, static_cast<std::int16_t>(std::min(ramp.low + ramp.range, 32767)));
  for (std::size_t block = 0; block < n; block += kBlockValues) {
    auto least = hn::Load(d, values + block);
    auto most = least;
    for (std::size_t i = hn::Lanes(d); i < kBlockValues; i += hn::Lanes(d)) {
      const auto value = hn::Load(d, values + block + i);
      least = hn::Min(least, value);
      most = hn::Max(most, value);
    }
    *classes++ = hn::AllTrue(d, hn::Eq(hn::Max(most, low), low))      ? kBackground
                 : hn::AllTrue(d, hn::Eq(hn::Min(least, high), high)) ? kPerson
                                                                      : kEdge;
  }
}

void alpha_row(const ProbabilityRow& first, const ProbabilityRow& second, std::int16_t weight,
               const Ramp& ramp, std::size_t n, std::uint8_t* alpha) {
  const Values d;
  const hn::Rebind<std::uint8_t, Values> d8;
  const auto w = hn::Set(d, weight);
  const auto low = hn::Set(d, ramp.low);
  const auto range = hn::Set(d, ramp.range);
  const auto stretch = hn::Set(d, ramp.stretch);
  const auto map = [&](std::size_t x) {
    const auto a = hn::Load(d, first.values + x);
    const auto step = multiply_q15(hn::Sub(hn::Load(d, second.values + x), a), w);
    const auto above = hn::Sub(hn::Add(a, step), low);
    const auto inside = hn::Min(hn::Max(above, hn::Zero(d)), range);
    const auto shifted = hn::ShiftLeftSame(inside, ramp.shift);
    const auto t = hn::SaturatedAdd(shifted, multiply_q15(shifted, stretch));
    // 255 * t^2 * (3 - 2t), where 3 - 2t is in 1/8192 and 1020 is 255 * 32768 / 8192.
    const auto slope = hn::Sub(hn::Set(d, 3 * 8192), hn::ShiftRight<1>(t));
    const auto smooth = multiply_q15(multiply_q15(t, t), slope);
    hn::StoreU(hn::DemoteTo(d8, multiply_q15(smooth, hn::Set(d, 1020))), d8, alpha + x);
  };
  for (std::size_t block = 0; block < n / kBlockValues; ++block) {
    const std::size_t begin = block * kBlockValues;
    const unsigned block_class = first.classes[block] & second.classes[block];
    if (block_class == kEdge) {
      for (std::size_t i = 0; i < kBlockValues; i += hn::Lanes(d)) map(begin + i);
    } else {
      std::fill_n(alpha + begin, kBlockValues,
                  static_cast<std::uint8_t>(block_class == kPerson ? 255 : 0));
    }
  }
}

void halve_rows(const std::uint8_t* first, const std::uint8_t* second, std::size_t n,
                std::uint8_t* means) {
  std::size_t x = 0;
#if HWY_TARGET == HWY_SCALAR
  for (; x < n; ++x) {
    const int sum = first[2 * x] + first[2 * x + 1] + second[2 * x] + second[2 * x + 1];
    means[x] = static_cast<std::uint8_t>((sum + 2) >> 2);
  }
#else
  const hn::CappedTag<std::uint16_t, 32> d;
  const hn::Repartition<std::uint8_t, decltype(d)> d8;
  const hn::Rebind<std::uint8_t, decltype(d)> narrow;
  const hn::Rebind<std::int16_t, decltype(d)> d16;
  for (; x < n; x += hn::Lanes(d)) {
    auto sum = hn::Set(d, 2);
    for (const std::uint8_t* row : {first, second}) {
      const auto pairs = hn::BitCast(d, hn::LoadU(d8, row + 2 * x));
      sum = hn::Add(sum, hn::Add(hn::And(pairs, hn::Set(d, 0xff)), hn::ShiftRight<8>(pairs)));
    }
    const auto mean = hn::BitCast(d16, hn::ShiftRight<2>(sum));
    hn::StoreU(hn::DemoteTo(narrow, mean), narrow, means + x);
  }
#endif
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace backdrop
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace backdrop {
namespace {

HWY_EXPORT(quantize);
HWY_EXPORT(enlarge_row);
HWY_EXPORT(classify_blocks);
HWY_EXPORT(alpha_row);
HWY_EXPORT(halve_rows);

}  // namespace

Ramp make_ramp(const Coverage& coverage) {
  BACKDROP_ASSERT(coverage.low >= 0 && coverage.low < coverage.high && coverage.high <= 1);
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
  HWY_DYNAMIC_DISPATCH(quantize)(probabilities, n, out);
}

[[gnu::cold]] std::vector<EnlargedBlock> make_enlarged_blocks(int size, int count) {
  std::vector<EnlargedBlock> blocks(static_cast<std::size_t>(count + 7) / 8);
  const double scale = static_cast<double>(count) / size;
  int x = 0;
  for (EnlargedBlock& block : blocks) {
    block.first = enlarged_from(std::min(x, count - 1), scale, size).first;
    for (std::size_t i = 0; i < 8; ++i) {
      const LinearSample between = enlarged_from(std::min(x, count - 1), scale, size);
      const int byte = 2 * (between.first - block.first);
      block.bytes[2 * i] = static_cast<std::uint8_t>(byte);
      block.bytes[2 * i + 1] = static_cast<std::uint8_t>(byte + 1);
      block.weights[i] = between.weight32768();
      ++x;
    }
  }
  return blocks;
}

void enlarge_row(const std::int16_t* row, std::span<const EnlargedBlock> blocks,
                 std::int16_t* out) {
  HWY_DYNAMIC_DISPATCH(enlarge_row)(row, blocks, out);
}

void classify_blocks(const std::int16_t* values, const Ramp& ramp, std::size_t n,
                     std::uint8_t* classes) {
  BACKDROP_ASSERT(n % kBlockValues == 0 && BACKDROP_IS_ALIGNED(values, 64));
  HWY_DYNAMIC_DISPATCH(classify_blocks)(values, ramp, n, classes);
}

void alpha_row(const ProbabilityRow& first, const ProbabilityRow& second, std::int16_t weight,
               const Ramp& ramp, std::size_t n, std::uint8_t* alpha) {
  BACKDROP_ASSERT(n % kBlockValues == 0);
  BACKDROP_ASSERT(BACKDROP_IS_ALIGNED(first.values, 64) && BACKDROP_IS_ALIGNED(second.values, 64));
  HWY_DYNAMIC_DISPATCH(alpha_row)(first, second, weight, ramp, n, alpha);
}

void halve_rows(const std::uint8_t* first, const std::uint8_t* second, std::size_t n,
                std::uint8_t* means) {
  BACKDROP_ASSERT(n % 32 == 0);
  HWY_DYNAMIC_DISPATCH(halve_rows)(first, second, n, means);
}

}  // namespace backdrop
#endif  // HWY_ONCE
