// Alpha at the frame's own size against plain definitions, for every instruction set.
#include "render/cpu/edge_kernels.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "room_planes.h"
#include "targets.h"

namespace backdrop::test {
namespace {

TEST(EdgeKernels, MarkChangedAndMixedBlocks) {
  constexpr std::size_t n = 72;
  for_targets([] {
    for (const int corrected : {0, 5, 6, 128, 249, 250, 255}) {
      Bytes alpha(n, 0, 0, 1);
      Words changes(n, 0, 0, 1);
      alpha.data()[19] = 128;
      changes.data()[19] = static_cast<std::int16_t>(corrected - 128);
      std::vector<std::uint8_t> marks(n / kRoomBlock, kMarkKnown), expected = marks;
      if (corrected != 128) expected[2] |= kMarkChanged;
      if (corrected > 5 && corrected < 250) expected[2] |= kMarkMixed;
      mark_changes(alpha.data(), changes.data(), n, marks.data());
      EXPECT_EQ(marks, expected) << corrected;
    }
  });
}

// A row of an edge, and its neighbours, with noise for everything else.
struct Edge {
  explicit Edge(std::size_t n)
      : rows{Planes(n), Planes(n), Planes(n)},
        person(n),
        counts(n, 0, kMostCount, 8),
        alpha{Bytes(n, 0, 255, 9), Bytes(n, 0, 255, 10), Bytes(n, 0, 255, 11)},
        changes{Words(n, 0, 0, 1), Words(n, 0, 0, 1), Words(n, 0, 0, 1)},
        frame{Planes(2 * n), Planes(2 * n)},
        full{Bytes(2 * n, 0, 255, 14), Bytes(2 * n, 0, 255, 15)} {
    // From the room to the person and back, so that some windows are all of one.
    constexpr std::ptrdiff_t kBefore = kMargin;
    for (std::size_t y = 0; y < 3; ++y) {
      for (std::ptrdiff_t at = -kBefore; at < static_cast<std::ptrdiff_t>(n) + kBefore; ++at) {
        const auto phase = static_cast<int>((at + kBefore) % 24);
        if (phase < 7) alpha[y].data()[at] = static_cast<std::uint8_t>(255 - phase % 2);
        if (phase >= 12 && phase < 19) alpha[y].data()[at] = static_cast<std::uint8_t>(phase % 3);
        const int corrected = phase == 20 ? 128 : alpha[y].data()[at];
        changes[y].data()[at] = static_cast<std::int16_t>(corrected - alpha[y].data()[at]);
      }
    }
  }

  MixedRow row() const {
    MixedRow row{.frame = {},
                 .alpha = {},
                 .changes = {},
                 .room = rows[1].room_rows(),
                 .person = person.room_rows(),
                 .counts = counts.data()};
    for (std::size_t y = 0; y < 3; ++y) {
      row.frame[y] = rows[y].frame_rows();
      row.alpha[y] = alpha[y].data();
      row.changes[y] = changes[y].data();
    }
    return row;
  }

  std::array<Planes, 3> rows;
  Planes person;
  Words counts;
  std::array<Bytes, 3> alpha;
  std::array<Words, 3> changes;
  std::array<Planes, 2> frame;
  std::array<Bytes, 2> full;
};

constexpr float kTrust = 0.75F;

// The person's colour around a pixel, and the sum of alpha there.
struct Surroundings {
  std::array<double, 3> person{};
  int alpha = 0;
};

Surroundings surroundings_of(const Edge& edge, std::ptrdiff_t x) {
  Surroundings around;
  double weight = 0.2;
  for (std::size_t c = 0; c < 3; ++c) around.person[c] = 0.2 * edge.person.room[c][x];
  for (std::size_t y = 0; y < 3; ++y) {
    for (std::ptrdiff_t at = x - 1; at <= x + 1; ++at) {
      const int alpha = edge.alpha[y][at] + edge.changes[y][at];
      around.alpha += alpha;
      if (alpha <= 225) continue;
      weight += 1;
      for (std::size_t c = 0; c < 3; ++c) around.person[c] += 64.0 * edge.rows[y].frame[c][at];
    }
  }
  for (double& color : around.person) color /= weight;
  return around;
}

// Alpha of the pixel (2x + right, bottom) of the frame.
double unmixed(const Edge& edge, std::ptrdiff_t x, std::size_t bottom, std::ptrdiff_t right,
               FullChannels channels) {
  const Surroundings around = surroundings_of(edge, x);
  const double alpha = edge.full[bottom][2 * x + right];
  if (around.alpha <= 229 || around.alpha >= 2066) return alpha;
  double contrast = 0, product = 0;
  for (std::size_t c = 0; c < 3; ++c) {
    const double room = edge.rows[1].room[c][x];
    double color = edge.rows[1].frame[c][x];
    if (c < static_cast<std::size_t>(channels)) {
      color += edge.frame[bottom].frame[c][2 * x + right];
      for (const Planes& row : edge.frame) {
        color -= (row.frame[c][2 * x] + row.frame[c][2 * x + 1]) / 4.0;
      }
    }
    const double here = 64 * color - room;
    const double apart = around.person[c] - room;
    contrast += static_cast<double>(kWeights[c]) * apart * apart;
    product += static_cast<double>(kWeights[c]) * apart * here;
  }
  const double known = std::clamp((edge.counts[x] - 3) / 6.0, 0.0, 1.0);
  const double weight = static_cast<double>(kTrust) * known * contrast / (contrast + 200);
  const double share = (product / std::max(contrast, 1e-3) - 0.04) / 0.92;
  return alpha + weight * (255 * std::clamp(share, 0.0, 1.0) - alpha);
}

void run(const Edge& edge, FullChannels channels, std::size_t n,
         const std::array<std::uint8_t*, 2>& alpha) {
  unmix(edge.row(), kWeights, kTrust, channels, n,
        {{edge.frame[0].frame_rows(), edge.frame[1].frame_rows()}, alpha});
}

TEST(EdgeKernels, Unmix) {
  for_targets([&] {
    for (const FullChannels channels : {FullChannels::kLuma, FullChannels::kColors}) {
      for (const std::size_t n : kSizes) {
        const Edge edge(n);
        std::array got = edge.full;
        run(edge, channels, n, {got[0].data(), got[1].data()});
        const auto end = static_cast<std::ptrdiff_t>(2 * n);
        for (std::size_t y = 0; y < 2; ++y) {
          for (std::ptrdiff_t i = 0; i < end; ++i) {
            const double expected = unmixed(edge, i / 2, y, i % 2, channels);
            ASSERT_NEAR(got[y][i], expected, 0.6) << i << ", " << y << " of " << n;
          }
          EXPECT_EQ(got[y][-1], edge.full[y][-1]);
          EXPECT_EQ(got[y][end], edge.full[y][end]);
        }
      }
    }
  });
}

// The last row of an odd height stands for itself.
TEST(EdgeKernels, UnmixesOneRowTwice) {
  constexpr std::size_t n = 72;
  for_targets([] {
    Edge edge(n);
    edge.frame[1] = edge.frame[0];
    edge.full[1] = edge.full[0];
    std::array apart = edge.full;
    Bytes one = edge.full[0];
    run(edge, FullChannels::kColors, n, {apart[0].data(), apart[1].data()});
    run(edge, FullChannels::kColors, n, {one.data(), one.data()});
    EXPECT_EQ(one, apart[0]);
    EXPECT_EQ(one, apart[1]);
    EXPECT_NE(one, edge.full[0]);
  });
}

TEST(EdgeKernels, SplitPixels) {
  for_targets([] {
    for (const std::size_t n : {1U, 7U, 16U, 33U, 100U}) {
      const Bytes pixels(4 * n, 0, 255, 1);
      std::array got{Bytes(n, 0, 0, 1), Bytes(n, 0, 0, 1), Bytes(n, 0, 0, 1)};
      std::array expected = got;
      for (std::size_t i = 0; i < 3 * n; ++i) {
        expected[i % 3].data()[i / 3] = pixels.data()[4 * (i / 3) + i % 3];
      }
      split_pixels(pixels.data(), n, {got[0].data(), got[1].data(), got[2].data()});
      EXPECT_EQ(got, expected) << n;
    }
  });
}

}  // namespace
}  // namespace backdrop::test
