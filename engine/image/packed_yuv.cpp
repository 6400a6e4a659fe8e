#include "image/packed_yuv.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

#include "base/assert.h"
#include "base/parallel_for.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "image/packed_yuv.cpp"
#include "hwy/foreach_target.h"
#include "hwy/highway.h"

#ifndef BACKDROP_IMAGE_PACKED_YUV_ONCE
#define BACKDROP_IMAGE_PACKED_YUV_ONCE
namespace backdrop {
namespace {

// A group is two pixels of a row, whose samples are Y, U, Y, V.
constexpr std::size_t kGroup = 4;

// Two rows that share their chroma in I420, or the last row twice.
template <typename Byte>
struct RowPair {
  Byte *first, *second;
};
using Rows = RowPair<std::uint8_t>;
using ConstRows = RowPair<const std::uint8_t>;

}  // namespace
}  // namespace backdrop
#endif

HWY_BEFORE_NAMESPACE();
namespace backdrop {
namespace HWY_NAMESPACE {
namespace {
namespace hn = hwy::HWY_NAMESPACE;

using Words = hn::CappedTag<std::int16_t, 32>;
using Bytes = hn::Rebind<std::uint8_t, Words>;
using B = hn::Vec<Bytes>;

// As many whole vectors as `groups` have. Returns how many groups those are.
std::size_t unpack_rows(const ConstRows& yuy2, std::size_t groups, const Rows& luma,
                        std::uint8_t* u, std::uint8_t* v) {
  const Bytes d;
  std::size_t x = 0;
  for (; x + hn::Lanes(d) <= groups; x += hn::Lanes(d)) {
    B left, right, first_u, first_v, second_u, second_v;
    hn::LoadInterleaved4(d, yuy2.first + kGroup * x, left, first_u, right, first_v);
    hn::StoreInterleaved2(left, right, d, luma.first + 2 * x);
    hn::LoadInterleaved4(d, yuy2.second + kGroup * x, left, second_u, right, second_v);
    hn::StoreInterleaved2(left, right, d, luma.second + 2 * x);
    hn::StoreU(hn::AverageRound(first_u, second_u), d, u + x);
    hn::StoreU(hn::AverageRound(first_v, second_v), d, v + x);
  }
  return x;
}

// `composited` and as much of what `own` differs from the mean as `share`, of 256, says.
B restore(B composited, B own, B mean, hn::Vec<Words> share) {
  const Words d;
  const auto lost = hn::Sub(hn::PromoteTo(d, own), hn::PromoteTo(d, mean));
  const auto part = hn::ShiftRight<8>(hn::Add(hn::Mul(lost, share), hn::Set(d, 128)));
  return hn::DemoteTo(Bytes(), hn::Add(hn::PromoteTo(d, composited), part));
}

// The chroma of a vector's groups is read before the first is written.
std::size_t pack_rows(const ConstRows& original, std::size_t groups, const ConstRows& luma,
                      const ConstRows& chroma, const std::uint8_t* alpha, const Rows& out) {
  const Bytes d;
  const Words words;
  std::size_t x = 0;
  for (; x + hn::Lanes(d) <= groups; x += hn::Lanes(d)) {
    B left, right, first_u, first_v, second_u, second_v;
    hn::LoadInterleaved4(d, original.first + kGroup * x, left, first_u, right, first_v);
    hn::LoadInterleaved4(d, original.second + kGroup * x, left, second_u, right, second_v);
    const auto person = hn::PromoteTo(words, hn::LoadU(d, alpha + x));
    const auto share = hn::Add(person, hn::ShiftRight<7>(person));
    const B u = hn::LoadU(d, chroma.first + x);
    const B v = hn::LoadU(d, chroma.second + x);
    const B mean_u = hn::AverageRound(first_u, second_u);
    const B mean_v = hn::AverageRound(first_v, second_v);
    hn::LoadInterleaved2(d, luma.first + 2 * x, left, right);
    hn::StoreInterleaved4(left, restore(u, first_u, mean_u, share), right,
                          restore(v, first_v, mean_v, share), d, out.first + kGroup * x);
    hn::LoadInterleaved2(d, luma.second + 2 * x, left, right);
    hn::StoreInterleaved4(left, restore(u, second_u, mean_u, share), right,
                          restore(v, second_v, mean_v, share), d, out.second + kGroup * x);
  }
  return x;
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace backdrop
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace backdrop {
namespace {

HWY_EXPORT(unpack_rows);
HWY_EXPORT(pack_rows);

enum Sample : std::size_t { kFirstLuma = 0, kU = 1, kSecondLuma = 2, kV = 3 };

constexpr int mean(int a, int b) { return (a + b + 1) >> 1; }

constexpr std::uint8_t restored(int composited, int own, int mean, int alpha) {
  const int share = alpha + (alpha >> 7);  // of 256
  return static_cast<std::uint8_t>(
      std::clamp(composited + (((own - mean) * share + 128) >> 8), 0, 255));
}

void unpack_luma(const std::uint8_t* yuy2, std::size_t begin, std::size_t width,
                 std::uint8_t* luma) {
  for (std::size_t x = begin; x < width; ++x) luma[x] = yuy2[2 * x];
}

void unpack_pair(const ConstRows& yuy2, std::size_t width, const Rows& luma, std::uint8_t* u,
                 std::uint8_t* v) {
  const std::size_t done =
      HWY_DYNAMIC_DISPATCH(unpack_rows)(yuy2, width / 2, luma, u, v);  // without a half group
  unpack_luma(yuy2.first, 2 * done, width, luma.first);
  unpack_luma(yuy2.second, 2 * done, width, luma.second);
  for (std::size_t x = done; x < (width + 1) / 2; ++x) {
    const std::uint8_t* first = yuy2.first + kGroup * x;
    const std::uint8_t* second = yuy2.second + kGroup * x;
    u[x] = static_cast<std::uint8_t>(mean(first[kU], second[kU]));
    v[x] = static_cast<std::uint8_t>(mean(first[kV], second[kV]));
  }
}

// The second luma of a half group is padding.
void pack_luma(const std::uint8_t* luma, const std::uint8_t* original, std::size_t begin,
               std::size_t width, std::uint8_t* out) {
  for (std::size_t x = begin; x < width; ++x) out[2 * x] = luma[x];
  if (width % 2 != 0) out[2 * width] = original[2 * width];
}

void pack_pair(const ConstRows& original, std::size_t width, const ConstRows& luma,
               const ConstRows& chroma, const std::uint8_t* alpha, const Rows& out) {
  const std::size_t done =
      HWY_DYNAMIC_DISPATCH(pack_rows)(original, width / 2, luma, chroma, alpha, out);
  for (std::size_t x = done; x < (width + 1) / 2; ++x) {
    for (const Sample sample : {kU, kV}) {
      const std::size_t at = kGroup * x + sample;
      const int first = original.first[at];
      const int second = original.second[at];
      const int composited = (sample == kU ? chroma.first : chroma.second)[x];
      out.first[at] = restored(composited, first, mean(first, second), alpha[x]);
      out.second[at] = restored(composited, second, mean(first, second), alpha[x]);
    }
  }
  pack_luma(luma.first, original.first, 2 * done, width, out.first);
  pack_luma(luma.second, original.second, 2 * done, width, out.second);
}

// The rows 2y and 2y + 1, if there is one.
template <typename Byte>
RowPair<Byte> rows_of(const BasicFrame<Byte>& frame, int y) {
  return {frame.row(0, 2 * y), frame.row(0, std::min(2 * y + 1, frame.height - 1))};
}

}  // namespace

void unpack_yuy2(const ConstFrame& yuy2, const Frame& i420, Executor& executor) {
  BACKDROP_ASSERT(yuy2.format == PixelFormat::kYuy2 && i420.format == PixelFormat::kI420);
  BACKDROP_ASSERT(yuy2.width == i420.width && yuy2.height == i420.height);
  for_bands(executor, i420.plane_height(1), [&](std::size_t, int begin, int end) {
    for (int y = begin; y < end; ++y) {
      unpack_pair(rows_of(yuy2, y), static_cast<std::size_t>(yuy2.width), rows_of(i420, y),
                  i420.row(1, y), i420.row(2, y));
    }
  });
}

void pack_yuy2(const ConstFrame& i420, const ConstFrame& original, const ChromaAlpha& person,
               const Frame& out, Executor& executor) {
  BACKDROP_ASSERT(out.format == PixelFormat::kYuy2 && i420.format == PixelFormat::kI420);
  BACKDROP_ASSERT(out.width == i420.width && out.height == i420.height);
  for_bands(executor, i420.plane_height(1), [&](std::size_t, int begin, int end) {
    for (int y = begin; y < end; ++y) {
      pack_pair(rows_of(original, y), static_cast<std::size_t>(out.width), rows_of(i420, y),
                {i420.row(1, y), i420.row(2, y)}, person.data + y * person.stride, rows_of(out, y));
    }
  });
}

}  // namespace backdrop
#endif  // HWY_ONCE
