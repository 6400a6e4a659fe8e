#include "render/cpu/edge_kernels.h"

#include "base/assert.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "render/cpu/edge_kernels.cpp"
#include "hwy/foreach_target.h"
#include "hwy/highway.h"
#include "render/cpu/room_vectors-inl.h"

HWY_BEFORE_NAMESPACE();
namespace backdrop {
namespace HWY_NAMESPACE {
namespace {

// As many as a vector of floats has.
using Words = hn::Rebind<std::int16_t, Floats>;
using Bytes = hn::Rebind<std::uint8_t, Floats>;
using W = hn::Vec<Words>;

constexpr std::int16_t kClear = 5, kOpaque = 225;

HWY_INLINE V to_floats(W words) { return hn::ConvertTo(Floats(), hn::PromoteTo(Ints(), words)); }

HWY_INLINE W load_bytes(const std::uint8_t* from) {
  return hn::PromoteTo(Words(), hn::LoadU(Bytes(), from));
}

void mark_changes(const std::uint8_t* alpha, const std::int16_t* changes, std::size_t n,
                  std::uint8_t* marks) {
  const Words d;
  for (std::size_t x = 0; x < n; x += hn::Lanes(d)) {
    const W change = hn::LoadU(d, changes + x);
    const W corrected = hn::Add(load_bytes(alpha + x), change);
    const auto is_mixed =
        hn::And(hn::Gt(corrected, hn::Set(d, kClear)), hn::Lt(corrected, hn::Set(d, 255 - kClear)));
    std::uint8_t& block = marks[x / kRoomBlock];
    if (!hn::AllTrue(d, hn::Eq(change, hn::Zero(d)))) block |= kMarkChanged;
    if (!hn::AllFalse(d, is_mixed)) block |= kMarkMixed;
  }
}

void split_pixels(const std::uint8_t* pixels, std::size_t n,
                  const std::array<std::uint8_t*, 3>& channels) {
  const hn::CappedTag<std::uint8_t, 16> d;
  std::size_t x = 0;
  for (; x + hn::Lanes(d) <= n; x += hn::Lanes(d)) {
    hn::Vec<decltype(d)> samples[4];
    hn::LoadInterleaved4(d, pixels + 4 * x, samples[0], samples[1], samples[2], samples[3]);
    for (std::size_t c = 0; c < 3; ++c) hn::StoreU(samples[c], d, channels[c] + x);
  }
  for (; x < n; ++x) {
    for (std::size_t c = 0; c < 3; ++c) channels[c][x] = pixels[4 * x + c];
  }
}

// Where the mean of alpha over 3x3 pixels is far from all and nothing, and the room is known:
// elsewhere nothing is to be unmixed.
HWY_INLINE hn::Mask<Words> find_edge(const MixedRow& row, std::ptrdiff_t x) {
  constexpr std::int16_t kMargin = 9 * 255 / 10;
  const Words d;
  W sum = hn::Zero(d);
  for (std::size_t y = 0; y < 3; ++y) {
    for (std::ptrdiff_t at = x - 1; at <= x + 1; ++at) {
      sum = hn::Add(sum, hn::Add(load_bytes(row.alpha[y] + at), hn::LoadU(d, row.changes[y] + at)));
    }
  }
  const auto is_edge =
      hn::And(hn::Gt(sum, hn::Set(d, kMargin)), hn::Lt(sum, hn::Set(d, 9 * 255 - kMargin)));
  return hn::And(is_edge, hn::Gt(hn::LoadU(d, row.counts + x), hn::Set(d, kKnownCount - 1)));
}

// Sums over the opaque of 3x3 pixels.
struct Around {
  W colors[3];
  W opaque;  // their number
};

HWY_INLINE Around sum_around(const MixedRow& row, std::ptrdiff_t x) {
  const Words d;
  const W zero = hn::Zero(d);
  Around sums{{zero, zero, zero}, zero};
  for (std::size_t y = 0; y < 3; ++y) {
    for (std::ptrdiff_t at = x - 1; at <= x + 1; ++at) {
      const W alpha = hn::Add(load_bytes(row.alpha[y] + at), hn::LoadU(d, row.changes[y] + at));
      const W opaque = hn::VecFromMask(d, hn::Gt(alpha, hn::Set(d, kOpaque)));
      sums.opaque = hn::Sub(sums.opaque, opaque);
      for (std::size_t c = 0; c < 3; ++c) {
        sums.colors[c] = hn::Add(sums.colors[c], hn::And(opaque, load_bytes(row.frame[y][c] + at)));
      }
    }
  }
  return sums;
}

// The share of the person in a half-size pixel, how it grows with each channel, and what it weighs
// against the alpha that is there. Made with all its members: its own constructor would be of no
// instruction set, and GCC for ARM then refuses the vectors'.
struct Mixture {
  V share, weight;
  V slopes[3];
};

HWY_INLINE Mixture find_mixture(const MixedRow& row, const ErrorWeights& weights, float trust,
                                hn::Mask<Words> edge, std::ptrdiff_t x) {
  constexpr float kFarWeight = 0.2F;  // of the colour near by, in opaque pixels
  constexpr float kFaintContrast = 200;
  const V zero = hn::Zero(Floats());
  const Around around = sum_around(row, x);
  const V scale = hn::Div(set(1), hn::Add(to_floats(around.opaque), set(kFarWeight)));
  V contrast = zero, product = zero, slopes[3];
  for (std::size_t c = 0; c < 3; ++c) {
    const V room = load_floats(row.room[c] + x);
    const V person = hn::MulAdd(to_floats(around.colors[c]), set(kRoomUnit),
                                hn::Mul(load_floats(row.person[c] + x), set(kFarWeight)));
    const V apart = hn::MulSub(person, scale, room);
    const V here = hn::MulSub(load_floats(row.frame[1][c] + x), set(kRoomUnit), room);
    slopes[c] = hn::Mul(apart, set(weights[c]));
    contrast = hn::MulAdd(apart, slopes[c], contrast);
    product = hn::MulAdd(here, slopes[c], product);
  }
  const V inverse = hn::Div(set(1), hn::Max(contrast, set(1e-3F)));
  for (V& slope : slopes) slope = hn::Mul(slope, hn::Mul(inverse, set(kRoomUnit)));
  const V differs = hn::Div(contrast, hn::Add(contrast, set(kFaintContrast)));
  const W trusted = hn::And(hn::VecFromMask(Words(), edge), hn::Set(Words(), 1));
  const V weight = hn::Mul(hn::Mul(load_known(row.counts + x), differs),
                           hn::Mul(to_floats(trusted), set(trust)));
  return {hn::Mul(product, inverse), weight, {slopes[0], slopes[1], slopes[2]}};
}

// Alpha of the share in a mixture. Noise makes a share of all or nothing a little less.
HWY_INLINE W mixed_alpha(V share, V weight, W alpha) {
  constexpr float kBlurred = 0.04F;
  constexpr float kScale = 255 / (1 - 2 * kBlurred);
  const V target = hn::Clamp(hn::MulAdd(share, set(kScale), set(-kBlurred * kScale)),
                             hn::Zero(Floats()), set(255));
  const V before = to_floats(alpha);
  const V after = hn::MulAdd(hn::Sub(target, before), weight, before);
  return hn::DemoteTo(Words(), hn::NearestInt(after));
}

// The shares of the four pixels that a half-size pixel stands for, row by row.
HWY_INLINE void find_shares(const Mixture& mixture, FullChannels channels, const FullRows& full,
                            std::size_t x, V (&shares)[4]) {
  for (V& share : shares) share = mixture.share;
  for (std::size_t c = 0; c < static_cast<std::size_t>(channels); ++c) {
    V samples[4];
    for (std::size_t y = 0; y < 2; ++y) {
      hn::Vec<Bytes> even, odd;
      hn::LoadInterleaved2(Bytes(), full.frame[y][c] + 2 * x, even, odd);
      samples[2 * y] = to_floats(hn::PromoteTo(Words(), even));
      samples[2 * y + 1] = to_floats(hn::PromoteTo(Words(), odd));
    }
    const V sum = hn::Add(hn::Add(samples[0], samples[1]), hn::Add(samples[2], samples[3]));
    const V mean = hn::Mul(sum, set(0.25F));
    for (std::size_t i = 0; i < 4; ++i) {
      shares[i] = hn::MulAdd(hn::Sub(samples[i], mean), mixture.slopes[c], shares[i]);
    }
  }
}

void unmix(const MixedRow& row, const ErrorWeights& weights, float trust, FullChannels channels,
           std::size_t n, const FullRows& full) {
  const Words d;
  const Bytes d8;
  for (std::size_t x = 0; x < n; x += hn::Lanes(d)) {
    const auto edge = find_edge(row, static_cast<std::ptrdiff_t>(x));
    if (hn::AllFalse(d, edge)) continue;
    const Mixture mixture = find_mixture(row, weights, trust, edge, static_cast<std::ptrdiff_t>(x));
    V shares[4];
    find_shares(mixture, channels, full, x, shares);
    hn::Vec<Bytes> alphas[4];
    for (std::size_t y = 0; y < 2; ++y) {
      hn::LoadInterleaved2(d8, full.alpha[y] + 2 * x, alphas[2 * y], alphas[2 * y + 1]);
    }
    for (std::size_t i = 0; i < 4; ++i) {
      const W alpha = hn::PromoteTo(d, alphas[i]);
      alphas[i] = hn::DemoteTo(d8, mixed_alpha(shares[i], mixture.weight, alpha));
    }
    for (std::size_t y = 0; y < 2; ++y) {
      hn::StoreInterleaved2(alphas[2 * y], alphas[2 * y + 1], d8, full.alpha[y] + 2 * x);
    }
  }
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace backdrop
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace backdrop {
namespace {

HWY_EXPORT(mark_changes);
HWY_EXPORT(split_pixels);
HWY_EXPORT(unmix);

}  // namespace

void mark_changes(const std::uint8_t* alpha, const std::int16_t* changes, std::size_t n,
                  std::uint8_t* marks) {
  BACKDROP_ASSERT(n % kRoomBlock == 0);
  HWY_DYNAMIC_DISPATCH(mark_changes)(alpha, changes, n, marks);
}

void split_pixels(const std::uint8_t* pixels, std::size_t n,
                  const std::array<std::uint8_t*, 3>& channels) {
  HWY_DYNAMIC_DISPATCH(split_pixels)(pixels, n, channels);
}

void unmix(const MixedRow& row, const ErrorWeights& weights, float trust, FullChannels channels,
           std::size_t n, const FullRows& full) {
  BACKDROP_ASSERT(n % kRoomBlock == 0);
  HWY_DYNAMIC_DISPATCH(unmix)(row, weights, trust, channels, n, full);
}

}  // namespace backdrop
#endif  // HWY_ONCE
