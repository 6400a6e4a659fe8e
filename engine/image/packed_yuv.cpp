#include "image/packed_yuv.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

#include "base/assert.h"
#include "base/parallel_for.h"

namespace backdrop {
namespace {

// Where a group of two pixels has its samples.
enum Sample : std::ptrdiff_t { kFirstLuma = 0, kU = 1, kSecondLuma = 2, kV = 3 };
constexpr std::ptrdiff_t kGroup = 4;

void unpack_luma(const std::uint8_t* packed, int width, std::uint8_t* luma) {
  for (int x = 0; x < width; ++x) luma[x] = packed[2 * x];
}

constexpr int mean(int a, int b) { return (a + b + 1) >> 1; }

void unpack_chroma(const std::uint8_t* first, const std::uint8_t* second, int groups,
                   std::uint8_t* u, std::uint8_t* v) {
  for (int x = 0; x < groups; ++x, first += kGroup, second += kGroup) {
    u[x] = static_cast<std::uint8_t>(mean(first[kU], second[kU]));
    v[x] = static_cast<std::uint8_t>(mean(first[kV], second[kV]));
  }
}

// `composited` and as much of what `own` differs from the mean as `alpha`, 0 to 255, says.
constexpr std::uint8_t restored(int composited, int own, int mean, int alpha) {
  const int share = alpha + (alpha >> 7);  // of 256
  return static_cast<std::uint8_t>(
      std::clamp(composited + (((own - mean) * share + 128) >> 8), 0, 255));
}

// Two rows that share their chroma in I420, or the last one twice. All samples of a group are read
// before the first is written.
void pack_rows(const std::array<const std::uint8_t*, 2>& original,
               const std::array<const std::uint8_t*, 2>& chroma, const std::uint8_t* alpha,
               int groups, const std::array<std::uint8_t*, 2>& out) {
  for (int x = 0; x < groups; ++x) {
    for (const Sample sample : {kU, kV}) {
      const std::ptrdiff_t at = kGroup * x + sample;
      const int first = original[0][at];
      const int second = original[1][at];
      const int composited = chroma[sample == kU ? 0 : 1][x];
      out[0][at] = restored(composited, first, mean(first, second), alpha[x]);
      out[1][at] = restored(composited, second, mean(first, second), alpha[x]);
    }
  }
}

void pack_luma(const std::uint8_t* luma, const std::uint8_t* original, int width,
               std::uint8_t* out) {
  for (int x = 0; x < width; ++x) out[2 * x] = luma[x];
  if (width % 2 != 0) out[2 * width] = original[2 * width];
}

}  // namespace

void unpack_yuy2(const ConstFrame& yuy2, const Frame& i420, Executor& executor) {
  BACKDROP_ASSERT(yuy2.format == PixelFormat::kYuy2 && i420.format == PixelFormat::kI420);
  BACKDROP_ASSERT(yuy2.width == i420.width && yuy2.height == i420.height);
  for_bands(executor, i420.plane_height(1), [&](std::size_t, int begin, int end) {
    for (int y = begin; y < end; ++y) {
      const int second = std::min(2 * y + 1, yuy2.height - 1);
      for (int row = 2 * y; row <= second; ++row) {
        unpack_luma(yuy2.row(0, row), yuy2.width, i420.row(0, row));
      }
      unpack_chroma(yuy2.row(0, 2 * y), yuy2.row(0, second), i420.plane_width(1), i420.row(1, y),
                    i420.row(2, y));
    }
  });
}

void pack_yuy2(const ConstFrame& i420, const ConstFrame& original, const ChromaAlpha& person,
               const Frame& out, Executor& executor) {
  BACKDROP_ASSERT(out.format == PixelFormat::kYuy2 && i420.format == PixelFormat::kI420);
  BACKDROP_ASSERT(out.width == i420.width && out.height == i420.height);
  for_bands(executor, i420.plane_height(1), [&](std::size_t, int begin, int end) {
    for (int y = begin; y < end; ++y) {
      const int second = std::min(2 * y + 1, out.height - 1);
      pack_rows({original.row(0, 2 * y), original.row(0, second)}, {i420.row(1, y), i420.row(2, y)},
                person.data + y * person.stride, i420.plane_width(1),
                {out.row(0, 2 * y), out.row(0, second)});
      for (int row = 2 * y; row <= second; ++row) {
        pack_luma(i420.row(0, row), original.row(0, row), out.width, out.row(0, row));
      }
    }
  });
}

}  // namespace backdrop
