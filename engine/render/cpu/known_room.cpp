#include "render/cpu/known_room.h"

#include <algorithm>
#include <cstring>

#include "base/assert.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "render/cpu/known_room.cpp"
#include "hwy/foreach_target.h"
#include "hwy/highway.h"
#include "simd/fixed_point-inl.h"

HWY_BEFORE_NAMESPACE();
namespace backdrop {
namespace HWY_NAMESPACE {
namespace {
namespace hn = hwy::HWY_NAMESPACE;

void sum_known_rows(const KnownRoom& room, int rows, std::size_t n,
                    const std::array<std::uint16_t*, 4>& sums) {
  static_assert(kMostKnownRows * 255 * kKnownSumUnit < 1 << 16);
  const hn::CappedTag<std::int16_t, kKnownPadding> d;
  const hn::RebindToUnsigned<decltype(d)> du;
  for (std::size_t x = 0; x < n; x += hn::Lanes(d)) {
    hn::Vec<decltype(d)> totals[4];
    for (auto& total : totals) total = hn::Zero(d);
    for (std::ptrdiff_t y = 0; y < rows; ++y) {
      const std::ptrdiff_t at = y * room.stride + static_cast<std::ptrdiff_t>(x);
      const auto is_known = hn::Gt(hn::LoadU(d, room.counts + at), hn::Set(d, kKnownCount - 1));
      const auto add = [&](auto& total, auto value) {
        total = hn::Add(total, hn::IfThenElseZero(is_known, value));
      };
      for (std::size_t c = 0; c < 3; ++c) {
        add(totals[c], hn::ShiftRight<1>(hn::LoadU(d, room.colors[c] + at)));
      }
      add(totals[3], hn::Set(d, 1));
    }
    for (std::size_t i = 0; i < 4; ++i) {
      hn::StoreU(hn::BitCast(du, totals[i]), du, sums[i] + x);
    }
  }
}

using Words = hn::CappedTag<std::int16_t, kKnownPadding>;
using WordRow = std::array<std::int16_t, kMostUnblended>;

// Each value of a room's row for one or two pixels.
const std::int16_t* spread_room(const std::int16_t* values, bool is_halved, std::size_t n,
                                WordRow& out) {
  if (!is_halved) return values;
  const Words d;
  for (std::size_t x = 0; x < n; x += 2 * hn::Lanes(d)) {
    const auto value = hn::LoadU(d, values + x / 2);
    hn::StoreInterleaved2(value, value, d, out.data() + x);
  }
  return out.data();
}

// A quarter of how far a sample is moved away from the room, in 1/32768 of their difference.
void find_gains(const std::int16_t* counts, const std::uint8_t* alpha, float trust, std::size_t n,
                WordRow& gains) {
  const Words d;
  const hn::Rebind<std::uint8_t, Words> d8;
  const auto most = hn::Set(d, static_cast<std::int16_t>(trust * 32767));
  const auto quarter = hn::Set(d, 1 << 13);
  for (std::size_t x = 0; x < n; x += hn::Lanes(d)) {
    const auto rest =
        hn::ShiftLeft<7>(hn::Sub(hn::Set(d, 255), hn::PromoteTo(d, hn::LoadU(d8, alpha + x))));
    // (1 - rest^4) / (1 - rest) = 1 + rest + rest^2 + rest^3
    auto sum = quarter;
    for (int i = 0; i < 3; ++i) sum = hn::Add(quarter, multiply_q15(rest, sum));
    const auto gain = multiply_q15(multiply_q15(rest, sum), most);
    const auto is_known = hn::Gt(hn::LoadU(d, counts + x), hn::Set(d, kKnownCount - 1));
    hn::StoreU(hn::IfThenElseZero(is_known, gain), d, gains.data() + x);
  }
}

template <std::size_t kChannels>
void move_away(const std::array<const std::int16_t*, 3>& colors, const WordRow& gains,
               std::size_t n, std::uint8_t* samples) {
  static_assert(kRoomUnit == 1 << 6);
  const Words d;
  const hn::Rebind<std::uint8_t, Words> d8;
  for (std::size_t x = 0; x < n; x += hn::Lanes(d), samples += kChannels * hn::Lanes(d)) {
    hn::Vec<decltype(d8)> pixels[4];
    if constexpr (kChannels == 1) pixels[0] = hn::LoadU(d8, samples);
    if constexpr (kChannels == 2) hn::LoadInterleaved2(d8, samples, pixels[0], pixels[1]);
    if constexpr (kChannels == 4) {
      hn::LoadInterleaved4(d8, samples, pixels[0], pixels[1], pixels[2], pixels[3]);
    }
    const auto gain = hn::LoadU(d, gains.data() + x);
    for (std::size_t c = 0; c < std::min<std::size_t>(kChannels, 3); ++c) {
      const auto sample = hn::PromoteTo(d, pixels[c]);
      const auto difference = hn::Sub(hn::ShiftLeft<6>(sample), hn::LoadU(d, colors[c] + x));
      const auto step = hn::Add(multiply_q15(difference, gain), hn::Set(d, 8));
      pixels[c] = hn::DemoteTo(d8, hn::Add(sample, hn::ShiftRight<4>(step)));
    }
    if constexpr (kChannels == 1) hn::StoreU(pixels[0], d8, samples);
    if constexpr (kChannels == 2) hn::StoreInterleaved2(pixels[0], pixels[1], d8, samples);
    if constexpr (kChannels == 4) {
      hn::StoreInterleaved4(pixels[0], pixels[1], pixels[2], pixels[3], d8, samples);
    }
  }
}

void unblend_row(const KnownRoom& room, const RoomPlane& plane, const std::uint8_t* alpha,
                 std::size_t n, std::uint8_t* samples) {
  WordRow counts, gains;
  find_gains(spread_room(room.counts, plane.is_halved, n, counts), alpha, room.trust, n, gains);
  std::array<WordRow, 3> memory;
  std::array<const std::int16_t*, 3> colors{};
  for (std::size_t c = 0; c < std::min<std::size_t>(plane.channels, 3); ++c) {
    colors[c] = spread_room(room.colors[c], plane.is_halved, n, memory[c]);
  }
  if (plane.channels == 1) return move_away<1>(colors, gains, n, samples);
  if (plane.channels == 2) return move_away<2>(colors, gains, n, samples);
  move_away<4>(colors, gains, n, samples);
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace backdrop
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace backdrop {
namespace {

HWY_EXPORT(sum_known_rows);
HWY_EXPORT(unblend_row);

}  // namespace

void sum_known_rows(const KnownRoom& room, int rows, std::size_t n,
                    const std::array<std::uint16_t*, 4>& sums) {
  BACKDROP_ASSERT(rows >= 1 && rows <= kMostKnownRows);
  HWY_DYNAMIC_DISPATCH(sum_known_rows)(room, rows, n, sums);
}

void unblend(const RoomPlane& plane, int x, int y, const std::uint8_t* from,
             const std::uint8_t* alpha, std::size_t n, std::uint8_t* samples) {
  BACKDROP_ASSERT(n <= kMostUnblended && x % 2 == 0);
  std::memcpy(samples, from, plane.channels * n);
  const int scale = plane.is_halved ? 2 : 1;
  HWY_DYNAMIC_DISPATCH(unblend_row)(plane.room.from(x / scale, y / scale), plane, alpha, n,
                                    samples);
}

}  // namespace backdrop
#endif  // HWY_ONCE
