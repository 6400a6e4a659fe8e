#include "render/cpu/room_kernels.h"

#include <algorithm>

#include "base/assert.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "render/cpu/room_kernels.cpp"
#include "hwy/foreach_target.h"
#include "hwy/highway.h"
#include "render/cpu/room_vectors-inl.h"
#include "simd/fixed_point-inl.h"

HWY_BEFORE_NAMESPACE();
namespace backdrop {
namespace HWY_NAMESPACE {
namespace {

using Words = hn::CappedTag<std::int16_t, kRoomBlock>;
using Bytes = hn::CappedTag<std::uint8_t, kRoomBlock>;
using W = hn::Vec<Words>;

constexpr float kFitsMisfit = 2;  // of a pixel that surely shows the room

HWY_INLINE W load_bytes(const std::uint8_t* from) {
  return hn::PromoteTo(Words(), hn::LoadU(hn::Rebind<std::uint8_t, Words>(), from));
}

bool halve_pixels(const std::uint8_t* first, const std::uint8_t* second, std::size_t n,
                  const std::array<std::uint8_t*, 3>& means) {
  bool are_opaque = true;
  std::size_t x = 0;
#if HWY_TARGET != HWY_SCALAR
  const hn::FixedTag<std::uint8_t, 16> d;
  const hn::FixedTag<std::uint16_t, 8> d16;
  const hn::FixedTag<std::int16_t, 8> di16;
  const hn::FixedTag<std::uint8_t, 8> half;
  const auto opaque = hn::Set(d, 255);
  auto all = opaque;
  for (; x + 8 <= n; x += 8) {
    hn::Vec<decltype(d)> a[4], b[4];
    hn::LoadInterleaved4(d, first + 8 * x, a[0], a[1], a[2], a[3]);
    hn::LoadInterleaved4(d, second + 8 * x, b[0], b[1], b[2], b[3]);
    all = hn::And(all, hn::And(a[3], b[3]));
    for (std::size_t c = 0; c < 3; ++c) {
      auto sum = hn::Set(d16, 2);
      for (const auto samples : {a[c], b[c]}) {
        const auto pairs = hn::BitCast(d16, samples);
        sum = hn::Add(sum, hn::Add(hn::And(pairs, hn::Set(d16, 0xff)), hn::ShiftRight<8>(pairs)));
      }
      const auto mean = hn::BitCast(di16, hn::ShiftRight<2>(sum));
      hn::StoreU(hn::DemoteTo(half, mean), half, means[c] + x);
    }
  }
  are_opaque = hn::AllTrue(d, hn::Eq(all, opaque));
#endif
  for (; x < n; ++x) {
    for (std::size_t c = 0; c < 3; ++c) {
      const std::size_t at = 8 * x + c;
      const int sum = first[at] + first[at + 4] + second[at] + second[at + 4];
      means[c][x] = static_cast<std::uint8_t>((sum + 2) >> 2);
    }
    const std::size_t at = 8 * x + 3;
    are_opaque &= (first[at] & first[at + 4] & second[at] & second[at + 4]) == 255;
  }
  return are_opaque;
}

void split_bytes(const std::uint8_t* pairs, std::size_t n, std::uint8_t* first,
                 std::uint8_t* second) {
  const hn::CappedTag<std::uint8_t, 32> d;
  std::size_t x = 0;
  for (; x + hn::Lanes(d) <= n; x += hn::Lanes(d)) {
    hn::Vec<decltype(d)> a, b;
    hn::LoadInterleaved2(d, pairs + 2 * x, a, b);
    hn::StoreU(a, d, first + x);
    hn::StoreU(b, d, second + x);
  }
  for (; x < n; ++x) {
    first[x] = pairs[2 * x];
    second[x] = pairs[2 * x + 1];
  }
}

void sum_rows(const std::uint8_t* rows, std::ptrdiff_t stride, int count, std::size_t n,
              std::uint16_t* sums) {
  const hn::CappedTag<std::uint16_t, kRoomBlock> d;
  const hn::Rebind<std::uint8_t, decltype(d)> d8;
  for (std::size_t x = 0; x < n; x += hn::Lanes(d)) {
    auto sum = hn::Zero(d);
    for (int y = 0; y < count; ++y) {
      sum = hn::Add(sum, hn::PromoteTo(d, hn::LoadU(d8, rows + y * stride + x)));
    }
    hn::StoreU(sum, d, sums + x);
  }
}

void find_errors(const FrameRows& frame, const RoomRows& room, const ErrorScales& scales,
                 std::size_t n, std::uint16_t* errors) {
  static_assert(kRoomUnit == 1 << 6);
  const Words d;
  const hn::RebindToUnsigned<Words> du;
  for (std::size_t x = 0; x < n; x += hn::Lanes(d)) {
    auto sum = hn::Zero(du);
    for (std::size_t c = 0; c < 3; ++c) {
      const W difference =
          hn::Sub(hn::ShiftLeft<6>(load_bytes(frame[c] + x)), hn::LoadU(d, room[c] + x));
      const W scaled = multiply_q15(hn::Abs(difference), hn::Set(d, scales[c]));
      const auto root = hn::BitCast(du, hn::Min(scaled, hn::Set(d, 255)));
      sum = hn::SaturatedAdd(sum, hn::Mul(root, root));
    }
    hn::StoreU(sum, du, errors + x);
  }
}

void find_misfits(const std::array<const std::uint16_t*, 3>& errors, std::size_t n,
                  std::uint8_t* misfits) {
  const hn::RebindToUnsigned<Words> d;
  const hn::Rebind<std::uint8_t, decltype(d)> d8;
  const auto ninth = hn::Set(d, 7282);  // of 65536
  const auto load = [&](const std::uint16_t* from)
                        HWY_ATTR { return hn::ShiftRight<4>(hn::LoadU(d, from)); };
  for (std::size_t x = 0; x < n; x += hn::Lanes(d)) {
    auto sum = hn::Set(d, 4);  // what is cut off is a half on average
    for (const std::uint16_t* const row : errors) {
      sum = hn::Add(sum, hn::Add(load(row + x), hn::Add(load(row + x - 1), load(row + x + 1))));
    }
    const auto mean = hn::Min(hn::MulHigh(sum, ninth), hn::Set(d, 255));
    hn::StoreU(hn::DemoteTo(d8, hn::BitCast(Words(), mean)), d8, misfits + x);
  }
}

// pick(a, b) is the least or the most of two vectors.
template <class Pick>
HWY_INLINE void pick_window(const ByteRows& rows, int radius, std::size_t n, std::uint8_t* work,
                            std::uint8_t* out, const Pick& pick) {
  const Bytes d;
  std::uint8_t* const columns = work + kRoomBlock;
  const auto margin = static_cast<std::ptrdiff_t>(radius);
  const auto end = static_cast<std::ptrdiff_t>(n);
  const auto lanes = static_cast<std::ptrdiff_t>(hn::Lanes(d));
  const auto pick_column = [&](std::ptrdiff_t x) {
    auto value = hn::LoadU(d, rows.first + x);
    for (int y = 1; y < rows.count; ++y) {
      value = pick(value, hn::LoadU(d, rows.first + y * rows.stride + x));
    }
    hn::StoreU(value, d, columns + x);
  };
  // The last vectors end where the window does: nothing beyond may be read.
  for (std::ptrdiff_t x = -margin; x + lanes <= end + margin; x += lanes) pick_column(x);
  pick_column(end + margin - lanes);
  for (std::ptrdiff_t x = 0; x < end; x += lanes) {
    auto value = hn::LoadU(d, columns + x - margin);
    for (std::ptrdiff_t i = 1 - margin; i <= margin; ++i) {
      value = pick(value, hn::LoadU(d, columns + x + i));
    }
    hn::StoreU(value, d, out + x);
  }
}

void window_least(const ByteRows& rows, int radius, std::size_t n, std::uint8_t* work,
                  std::uint8_t* least) {
  pick_window(rows, radius, n, work, least, [](auto a, auto b) { return hn::Min(a, b); });
}

void window_most(const ByteRows& rows, int radius, std::size_t n, std::uint8_t* work,
                 std::uint8_t* most) {
  pick_window(rows, radius, n, work, most, [](auto a, auto b) { return hn::Max(a, b); });
}

constexpr std::int16_t kLittleAlpha = 25;
constexpr std::int16_t kPersonAlpha = 102;
constexpr std::int16_t kCoreAlpha = 230;

HWY_INLINE auto exceeds(W values, float limit) {
  return hn::Gt(values, hn::Set(Words(), static_cast<std::int16_t>(limit)));
}

HWY_INLINE auto are_known(W counts) { return exceeds(counts, kKnownCount - 1); }

HWY_INLINE void mark_if(hn::Mask<Words> which, BlockMark mark, std::uint8_t& marks) {
  if (!hn::AllFalse(Words(), which)) marks |= mark;
}

void mark_blocks(const std::int16_t* counts, const std::uint8_t* alpha, std::size_t n,
                 std::uint8_t* marks) {
  const Words d;
  for (std::size_t x = 0; x < n; x += hn::Lanes(d)) {
    const W values = load_bytes(alpha + x);
    std::uint8_t& block = marks[x / kRoomBlock];
    mark_if(are_known(hn::LoadU(d, counts + x)), kMarkKnown, block);
    mark_if(hn::Not(exceeds(values, kLittleAlpha)), kMarkClear, block);
    mark_if(exceeds(values, kPersonAlpha), kMarkDense, block);
  }
}

void mark_unsettled(const std::uint8_t* misfits, const std::uint8_t* alpha, std::size_t n,
                    std::uint8_t* marks) {
  const Words d;
  for (std::size_t x = 0; x < n; x += hn::Lanes(d)) {
    const auto differs = exceeds(load_bytes(misfits + x), kFitsMisfit * kMisfitUnit);
    const auto has_alpha = exceeds(load_bytes(alpha + x), 0);
    mark_if(hn::Or(differs, has_alpha), kMarkUnsettled, marks[x / kRoomBlock]);
  }
}

// Pixels with alpha far from the edge of the mask, but for those that look like the room, and such
// that surely do not.
HWY_INLINE auto is_core(const CoreRow& row, std::size_t x) {
  constexpr float kCoreMisfit = 3 * kMisfitUnit - 1;
  constexpr float kPersonMisfit = 10 * kMisfitUnit;
  const auto known = are_known(hn::LoadU(Words(), row.counts + x));
  const W misfits = load_bytes(row.misfits + x);
  const auto differs = hn::And(known, exceeds(misfits, kPersonMisfit));
  const auto person = hn::And(differs, exceeds(load_bytes(row.alpha + x), kPersonAlpha));
  const auto inside = exceeds(load_bytes(row.least_alpha + x), kCoreAlpha - 1);
  const auto looks_alike = hn::AndNot(exceeds(misfits, kCoreMisfit), known);
  return hn::Or(person, hn::AndNot(looks_alike, inside));
}

void add_core_colors(const CoreRow& row, std::size_t n, float* cells) {
  const Words d;
  for (std::size_t x = 0; x < n; x += hn::Lanes(d)) {
    const auto core = is_core(row, x);
    if (hn::AllFalse(d, core)) continue;
    const W which = hn::VecFromMask(d, core);  // GCC 12 fails on a masked load that widens
    float* const cell = cells + 4 * (x / kRoomBlock);
    for (std::size_t c = 0; c < 3; ++c) {
      const W colors = hn::And(which, load_bytes(row.frame[c] + x));
      cell[c] += static_cast<float>(kRoomUnit * hn::GetLane(hn::SumOfLanes(d, colors)));
    }
    cell[3] += static_cast<float>(hn::CountTrue(d, core));
  }
}

// 0 up to `from`, 1 from `to` on.
HWY_INLINE V smooth_step(float from, float to, V x) {
  const float scale = 1 / (to - from);
  const V t = hn::Clamp(hn::MulAdd(x, set(scale), set(-from * scale)), hn::Zero(Floats()), set(1));
  return hn::Mul(hn::Mul(t, t), hn::NegMulAdd(t, set(2), set(3)));
}

// Squares of lengths and the product of what lies between the room's colour and two others: the
// frame's and the person's.
struct Colors {
  V error, contrast, product;
};

HWY_INLINE Colors compare_colors(const EvidenceRow& row, const ErrorWeights& weights,
                                 std::size_t x) {
  const V zero = hn::Zero(Floats());
  Colors sums{zero, zero, zero};
  for (std::size_t c = 0; c < 3; ++c) {
    const V room = load_floats(row.room[c] + x);
    const V here = hn::MulSub(load_floats(row.frame[c] + x), set(kRoomUnit), room);
    const V apart = hn::Sub(load_floats(row.person[c] + x), room);
    const V weight = set(weights[c]);
    sums.error = hn::MulAdd(hn::Mul(here, here), weight, sums.error);
    sums.contrast = hn::MulAdd(hn::Mul(apart, apart), weight, sums.contrast);
    sums.product = hn::MulAdd(hn::Mul(apart, here), weight, sums.product);
  }
  return sums;
}

constexpr float kLeastStrange = 6;     // of the misfits around
constexpr float kLeastInside = 0.93F;  // of depths

// Thresholds of errors are in variances; those of shares and of alpha have no unit.
HWY_INLINE V changed_alpha(const Colors& colors, V known, V misfit, V around, V alpha, V depth) {
  const V zero = hn::Zero(Floats());
  const V one = set(1);
  // How much of the person's colour there is in a mixture with the room's, and what neither
  // explains.
  const V share =
      hn::Clamp(hn::Div(colors.product, hn::Max(colors.contrast, set(1e-6F))), zero, one);
  const V rest = hn::NegMulAdd(hn::Mul(share, share), colors.contrast, colors.error);
  const V strange = smooth_step(0.05F, 0.3F, hn::Div(rest, hn::Max(colors.error, set(3))));
  // A pixel that differs from the room is the person if the mask says so, and if it is no mixture:
  // because of its colour, or because no pixel around fits the room.
  const V differs = hn::Mul(hn::Mul(known, smooth_step(5, 16, colors.error)), strange);
  const V enclosed = smooth_step(2, kLeastStrange, around);
  const V person = hn::Mul(hn::Max(differs, enclosed), smooth_step(0.2F, 0.5F, alpha));
  const V outside = hn::Sub(one, smooth_step(kLeastInside, 0.998F, depth));
  const V near_edge = hn::Mul(smooth_step(0.002F, 0.04F, depth), outside);
  const V sure = hn::Mul(hn::Mul(known, smooth_step(3, 21, colors.contrast)), near_edge);
  const V mixed = hn::MulAdd(hn::Sub(hn::Max(share, person), alpha), sure, alpha);
  const V fits = hn::Mul(known, hn::Sub(one, smooth_step(kFitsMisfit, 5, misfit)));
  return hn::Mul(mixed, hn::NegMulAdd(fits, outside, one));
}

// Whether evidence changes none of a block's pixels: where the room is not known, where the person
// surely is, and where the room is and its pixels fit.
HWY_INLINE bool is_settled(const EvidenceRow& row, float trust, std::size_t block) {
  const Words d;
  for (std::size_t x = block; x < block + kRoomBlock; x += hn::Lanes(d)) {
    const W alpha = load_bytes(row.alpha + x);
    const W counts = hn::LoadU(d, row.counts + x);
    const auto is_strange = exceeds(load_bytes(row.least_misfits + x), kLeastStrange * kMisfitUnit);
    const auto is_person = hn::And(is_strange, exceeds(alpha, 254));
    const auto fits = hn::Not(exceeds(load_bytes(row.misfits + x), kFitsMisfit * kMisfitUnit));
    const auto is_outside =
        hn::AndNot(exceeds(hn::LoadU(d, row.depths + x), kLeastInside * 32767 - 1), fits);
    const auto is_room =
        hn::AndNot(exceeds(alpha, 0), hn::And(is_outside, exceeds(counts, kFullCount - 1)));
    auto is_sure = hn::Or(is_person, hn::Not(are_known(counts)));
    if (trust >= 1) is_sure = hn::Or(is_sure, is_room);
    if (!hn::AllTrue(d, is_sure)) return false;
  }
  return true;
}

void weigh_evidence(const EvidenceRow& row, const ErrorWeights& weights, float trust, std::size_t n,
                    std::int16_t* changes) {
  const Floats d;
  const hn::Rebind<std::int16_t, Floats> d16;
  const auto misfit_of = [](const std::uint8_t* from) {
    return hn::Mul(load_floats(from), set(1 / kMisfitUnit));
  };
  for (std::size_t block = 0; block < n; block += kRoomBlock) {
    if (is_settled(row, trust, block)) {
      std::fill_n(changes + block, kRoomBlock, std::int16_t{0});
      continue;
    }
    for (std::size_t x = block; x < block + kRoomBlock; x += hn::Lanes(d)) {
      const V known = hn::Mul(load_known(row.counts + x), set(trust));
      const V alpha = hn::Mul(load_floats(row.alpha + x), set(1.0F / 255));
      const V depth = hn::Mul(load_floats(row.depths + x), set(1.0F / 32767));
      const V changed =
          changed_alpha(compare_colors(row, weights, x), known, misfit_of(row.misfits + x),
                        misfit_of(row.least_misfits + x), alpha, depth);
      const V change = hn::Mul(hn::Sub(changed, alpha), set(255));
      hn::StoreU(hn::DemoteTo(d16, hn::NearestInt(change)), d16, changes + x);
    }
  }
}

// What a frame weighs in a mean with `count` before it, in 1/32768; at least 1/24.
HWY_INLINE W learning_rate(W count) {
  const Words d;
  struct Step {
    std::int16_t from, rate;
  };
  W rate = hn::Set(d, 32767);
  for (const auto [from, next] : {Step{1, 16384}, Step{2, 10923}, Step{3, 8192}, Step{4, 5958},
                                  Step{6, 4096}, Step{9, 2731}, Step{15, 1365}}) {
    rate = hn::IfThenElse(hn::Lt(count, hn::Set(d, from)), rate, hn::Set(d, next));
  }
  return rate;
}

using Mask16 = hn::Mask<Words>;

// Moves the pixels of `which` towards the frame; the counts of these are `counts`.
HWY_INLINE void learn_pixels(const LessonRow& row, std::size_t x, Mask16 which, W counts) {
  const Words d;
  const W rate = hn::IfThenElseZero(which, learning_rate(counts));
  for (std::size_t c = 0; c < 3; ++c) {
    const W room = hn::LoadU(d, row.room[c] + x);
    const W difference = hn::Sub(hn::ShiftLeft<6>(load_bytes(row.frame[c] + x)), room);
    hn::StoreU(hn::Add(room, multiply_q15(difference, rate)), d, row.room[c] + x);
  }
  const W next = hn::Min(hn::Add(counts, hn::Set(d, 1)), hn::Set(d, kMostCount));
  hn::StoreU(hn::IfThenElse(which, next, counts), d, row.counts + x);
}

void learn_row(const LessonRow& row, const std::array<std::int16_t, 3>& limits, std::size_t n) {
  static_assert(kRoomUnit == 1 << 6);
  const Words d;
  for (std::size_t x = 0; x < n; x += hn::Lanes(d)) {
    W beyond = hn::Zero(d);
    for (std::size_t c = 0; c < 3; ++c) {
      const W difference =
          hn::Sub(hn::ShiftLeft<6>(load_bytes(row.frame[c] + x)), hn::LoadU(d, row.room[c] + x));
      beyond = hn::Max(beyond, hn::Sub(hn::Abs(difference), hn::Set(d, limits[c])));
    }
    const Mask16 fits = hn::Eq(beyond, hn::Zero(d));
    const W counts = hn::IfThenElseZero(fits, hn::LoadU(d, row.counts + x));
    learn_pixels(row, x, hn::Eq(counts, counts), counts);
  }
}

void learn_edge_row(const LessonRow& row, const std::uint8_t* misfits,
                    const std::uint8_t* most_alpha, std::size_t n) {
  const Words d;
  constexpr std::int16_t kMostMisfit = 3 * static_cast<std::int16_t>(kMisfitUnit);
  for (std::size_t x = 0; x < n; x += hn::Lanes(d)) {
    const W counts = hn::LoadU(d, row.counts + x);
    const Mask16 is_known = are_known(counts);
    const Mask16 is_clear = hn::Lt(load_bytes(most_alpha + x), hn::Set(d, kLittleAlpha + 1));
    const Mask16 fits = hn::Lt(load_bytes(misfits + x), hn::Set(d, kMostMisfit + 1));
    const Mask16 is_lost = hn::And(is_clear, hn::AndNot(fits, is_known));
    const W fewer = hn::Sub(counts, hn::IfThenElseZero(is_lost, hn::Set(d, 1)));
    const W left = hn::IfThenElseZero(
        hn::Not(hn::And(is_lost, hn::Lt(fewer, hn::Set(d, kKnownCount)))), fewer);
    const Mask16 is_new = hn::AndNot(is_known, is_clear);
    const Mask16 is_learned = hn::Or(is_new, hn::And(is_known, fits));
    if (hn::AllFalse(d, hn::Or(is_learned, is_lost))) continue;
    learn_pixels(row, x, is_learned, left);
  }
}

void relight_row(float gain, float offset, std::size_t n, std::int16_t* colors) {
  const Words d;
  const W more = hn::Set(d, static_cast<std::int16_t>(32767 * (gain - 1)));
  const W added = hn::Set(d, static_cast<std::int16_t>(offset));
  for (std::size_t x = 0; x < n; x += hn::Lanes(d)) {
    const W color = hn::LoadU(d, colors + x);
    const W lit = hn::SaturatedAdd(hn::Add(color, multiply_q15(color, more)), added);
    hn::StoreU(hn::Clamp(lit, hn::Zero(d), hn::Set(d, 255 * kRoomUnit)), d, colors + x);
  }
}

void add_changes(const std::int16_t* nearer, const std::int16_t* other, std::size_t n,
                 std::uint8_t* alpha) {
  const Words d;
  const hn::Rebind<std::uint8_t, Words> d8;
  for (std::size_t i = 0; i < n; i += hn::Lanes(d)) {
    const auto x = static_cast<std::ptrdiff_t>(i);
    const auto any = [&](std::ptrdiff_t at) HWY_ATTR {
      return hn::Or(hn::LoadU(d, nearer + at), hn::LoadU(d, other + at));
    };
    const W changes = hn::Or(any(x), hn::Or(any(x - 1), any(x + 1)));
    if (hn::AllTrue(d, hn::Eq(changes, hn::Zero(d)))) continue;
    const auto column = [&](std::ptrdiff_t at) {
      const W near = hn::LoadU(d, nearer + at);
      return hn::Add(hn::Add(near, hn::Add(near, near)), hn::LoadU(d, other + at));
    };
    const W middle = column(x);
    const W thrice = hn::Add(hn::Set(d, 8), hn::Add(middle, hn::Add(middle, middle)));
    const W left = hn::ShiftRight<4>(hn::Add(thrice, column(x - 1)));
    const W right = hn::ShiftRight<4>(hn::Add(thrice, column(x + 1)));
    hn::Vec<decltype(d8)> even, odd;
    hn::LoadInterleaved2(d8, alpha + 2 * i, even, odd);
    even = hn::DemoteTo(d8, hn::Add(hn::PromoteTo(d, even), left));
    odd = hn::DemoteTo(d8, hn::Add(hn::PromoteTo(d, odd), right));
    hn::StoreInterleaved2(even, odd, d8, alpha + 2 * i);
  }
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace backdrop
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace backdrop {
namespace {

HWY_EXPORT(halve_pixels);
HWY_EXPORT(split_bytes);
HWY_EXPORT(sum_rows);
HWY_EXPORT(find_errors);
HWY_EXPORT(find_misfits);
HWY_EXPORT(window_least);
HWY_EXPORT(window_most);
HWY_EXPORT(mark_blocks);
HWY_EXPORT(mark_unsettled);
HWY_EXPORT(add_core_colors);
HWY_EXPORT(weigh_evidence);
HWY_EXPORT(learn_row);
HWY_EXPORT(learn_edge_row);
HWY_EXPORT(relight_row);
HWY_EXPORT(add_changes);

}  // namespace

bool halve_pixels(const std::uint8_t* first, const std::uint8_t* second, std::size_t n,
                  const std::array<std::uint8_t*, 3>& means) {
  return HWY_DYNAMIC_DISPATCH(halve_pixels)(first, second, n, means);
}

void split_bytes(const std::uint8_t* pairs, std::size_t n, std::uint8_t* first,
                 std::uint8_t* second) {
  HWY_DYNAMIC_DISPATCH(split_bytes)(pairs, n, first, second);
}

void sum_rows(const std::uint8_t* rows, std::ptrdiff_t stride, int count, std::size_t n,
              std::uint16_t* sums) {
  BACKDROP_ASSERT(n % kRoomBlock == 0 && count <= 256);
  HWY_DYNAMIC_DISPATCH(sum_rows)(rows, stride, count, n, sums);
}

void find_errors(const FrameRows& frame, const RoomRows& room, const ErrorScales& scales,
                 std::size_t n, std::uint16_t* errors) {
  BACKDROP_ASSERT(n % kRoomBlock == 0);
  HWY_DYNAMIC_DISPATCH(find_errors)(frame, room, scales, n, errors);
}

void find_misfits(const std::array<const std::uint16_t*, 3>& errors, std::size_t n,
                  std::uint8_t* misfits) {
  BACKDROP_ASSERT(n % kRoomBlock == 0);
  HWY_DYNAMIC_DISPATCH(find_misfits)(errors, n, misfits);
}

void window_least(const ByteRows& rows, int radius, std::size_t n, std::uint8_t* work,
                  std::uint8_t* least) {
  BACKDROP_ASSERT(n % kRoomBlock == 0 && n > 0 && radius <= kMostRadius);
  HWY_DYNAMIC_DISPATCH(window_least)(rows, radius, n, work, least);
}

void window_most(const ByteRows& rows, int radius, std::size_t n, std::uint8_t* work,
                 std::uint8_t* most) {
  BACKDROP_ASSERT(n % kRoomBlock == 0 && n > 0 && radius <= kMostRadius);
  HWY_DYNAMIC_DISPATCH(window_most)(rows, radius, n, work, most);
}

void mark_blocks(const std::int16_t* counts, const std::uint8_t* alpha, std::size_t n,
                 std::uint8_t* marks) {
  BACKDROP_ASSERT(n % kRoomBlock == 0);
  HWY_DYNAMIC_DISPATCH(mark_blocks)(counts, alpha, n, marks);
}

void mark_unsettled(const std::uint8_t* misfits, const std::uint8_t* alpha, std::size_t n,
                    std::uint8_t* marks) {
  BACKDROP_ASSERT(n % kRoomBlock == 0);
  HWY_DYNAMIC_DISPATCH(mark_unsettled)(misfits, alpha, n, marks);
}

void add_core_colors(const CoreRow& row, std::size_t n, float* cells) {
  BACKDROP_ASSERT(n % kRoomBlock == 0);
  HWY_DYNAMIC_DISPATCH(add_core_colors)(row, n, cells);
}

void weigh_evidence(const EvidenceRow& row, const ErrorWeights& weights, float trust, std::size_t n,
                    std::int16_t* changes) {
  BACKDROP_ASSERT(n % kRoomBlock == 0);
  HWY_DYNAMIC_DISPATCH(weigh_evidence)(row, weights, trust, n, changes);
}

void learn_row(const LessonRow& row, const std::array<std::int16_t, 3>& limits, std::size_t n) {
  BACKDROP_ASSERT(n % kRoomBlock == 0);
  HWY_DYNAMIC_DISPATCH(learn_row)(row, limits, n);
}

void learn_edge_row(const LessonRow& row, const std::uint8_t* misfits,
                    const std::uint8_t* most_alpha, std::size_t n) {
  BACKDROP_ASSERT(n % kRoomBlock == 0);
  HWY_DYNAMIC_DISPATCH(learn_edge_row)(row, misfits, most_alpha, n);
}

void relight_row(float gain, float offset, std::size_t n, std::int16_t* colors) {
  BACKDROP_ASSERT(n % kRoomBlock == 0);
  HWY_DYNAMIC_DISPATCH(relight_row)(gain, offset, n, colors);
}

void add_changes(const std::int16_t* nearer, const std::int16_t* other, std::size_t n,
                 std::uint8_t* alpha) {
  BACKDROP_ASSERT(n % kRoomBlock == 0);
  HWY_DYNAMIC_DISPATCH(add_changes)(nearer, other, n, alpha);
}

}  // namespace backdrop
#endif  // HWY_ONCE
