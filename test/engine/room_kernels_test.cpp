// The learned room's kernels against plain definitions, for every instruction set.
#include "render/cpu/room_kernels.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "room_planes.h"
#include "targets.h"

namespace backdrop::test {
namespace {

TEST(RoomKernels, HalvePixelsAndSplitPairs) {
  for_targets([] {
    for (const std::size_t n : {1U, 7U, 8U, 33U, 100U}) {
      const Bytes first(8 * n, 0, 255, 1), second(8 * n, 0, 255, 2);
      std::array planes{Bytes(n, 0, 0, 1), Bytes(n, 0, 0, 1), Bytes(n, 0, 0, 1)};
      auto expected = planes;
      for (std::size_t i = 0; i < 3 * n; ++i) {
        const auto at = static_cast<std::ptrdiff_t>(8 * (i / 3) + i % 3);
        const int sum = first[at] + first[at + 4] + second[at] + second[at + 4];
        expected[i % 3].data()[i / 3] = static_cast<std::uint8_t>((sum + 2) / 4);
      }
      halve_pixels(first.data(), second.data(), n,
                   {planes[0].data(), planes[1].data(), planes[2].data()});
      EXPECT_EQ(planes, expected);

      Bytes u(n, 0, 0, 1), v(n, 0, 0, 1);
      split_bytes(first.data(), n, u.data(), v.data());
      for (std::size_t i = 0; i < n; ++i) {
        ASSERT_EQ(u.data()[i], first.data()[2 * i]);
        ASSERT_EQ(v.data()[i], first.data()[2 * i + 1]);
      }
      EXPECT_EQ(u[static_cast<std::ptrdiff_t>(n)], 0);
    }
  });
}

TEST(RoomKernels, FindsPixelsThatAreNotOpaque) {
  for_targets([] {
    for (const std::size_t n : {1U, 7U, 8U, 33U}) {
      std::vector<std::uint8_t> rows(16 * n, 255), means(3 * n);
      const auto are_opaque = [&] {
        return halve_pixels(rows.data(), rows.data() + 8 * n, n,
                            {means.data(), means.data() + n, means.data() + 2 * n});
      };
      for (std::size_t i = 0; i < rows.size(); ++i) {
        rows[i] = static_cast<std::uint8_t>(i % 255);
        EXPECT_EQ(are_opaque(), i % 4 < 3) << n << ", " << i;
        if (i % 4 == 3) rows[i] = 255;
      }
    }
  });
}

TEST(RoomKernels, SumsRows) {
  for_targets([] {
    for (const std::size_t n : kSizes) {
      const Bytes rows(8 * n, 0, 255, 3);
      std::vector<std::uint16_t> sums(n);
      sum_rows(rows.data(), static_cast<std::ptrdiff_t>(n), 8, n, sums.data());
      for (std::size_t x = 0; x < n; ++x) {
        int sum = 0;
        for (std::size_t y = 0; y < 8; ++y) sum += rows.data()[y * n + x];
        ASSERT_EQ(sums[x], sum);
      }
    }
  });
}

TEST(RoomKernels, FindErrorsAndMisfits) {
  for_targets([] {
    for (const std::size_t n : kSizes) {
      const Planes planes(n);
      std::vector<std::uint16_t> errors(n + 2);
      ErrorScales scales;
      for (std::size_t c = 0; c < 3; ++c) {
        scales[c] = static_cast<std::int16_t>(std::sqrt(kWeights[c]) * kRootUnit * 32768);
      }
      find_errors(planes.frame_rows(), planes.room_rows(), scales, n, errors.data() + 1);
      for (std::size_t x = 0; x < n; ++x) {
        double sum = 0;
        for (std::size_t c = 0; c < 3; ++c) {
          const double difference = std::abs(planes.difference(c, x));
          const double root = std::sqrt(static_cast<double>(kWeights[c])) * difference;
          sum += std::pow(std::min(root, 255 / static_cast<double>(kRootUnit)), 2);
        }
        // Roots are rounded to 1/16, and scales to 1/32768.
        ASSERT_NEAR(errors[x + 1] / 256.0, std::min(sum, 65535 / 256.0),
                    0.12 * (1 + std::sqrt(sum)));
      }
      Bytes misfits(n, 0, 0, 1);
      const std::uint16_t* const row = errors.data() + 1;
      find_misfits({row, row, row}, n, misfits.data());
      for (std::size_t x = 0; x < n; ++x) {
        const double mean = (static_cast<double>(errors[x]) + static_cast<double>(errors[x + 1]) +
                             static_cast<double>(errors[x + 2])) /
                            (3 * 256);
        ASSERT_NEAR(misfits.data()[x], std::min(16 * mean, 255.0), 1.1);
      }
      EXPECT_EQ(misfits[static_cast<std::ptrdiff_t>(n)], 0);
    }
  });
}

TEST(RoomKernels, FindExtremesOfWindows) {
  for_targets([] {
    for (const std::size_t n : kSizes) {
      for (const int radius : {0, 1, 2, 4}) {
        const auto stride = static_cast<std::ptrdiff_t>(n + 2 * kMargin);
        const Bytes picture(9 * static_cast<std::size_t>(stride), 0, 255, 7);
        Bytes least(n, 9, 9, 1), most(n, 9, 9, 1);
        std::vector<std::uint8_t> work(n + 2 * kRoomBlock);
        const ByteRows rows{picture.data() + kMargin, stride, 2 * radius + 1};
        window_least(rows, radius, n, work.data(), least.data());
        window_most(rows, radius, n, work.data(), most.data());
        for (std::ptrdiff_t x = 0; x < static_cast<std::ptrdiff_t>(n); ++x) {
          std::uint8_t low = 255, high = 0;
          for (int y = 0; y < rows.count; ++y) {
            for (std::ptrdiff_t i = x - radius; i <= x + radius; ++i) {
              low = std::min(low, rows.first[y * stride + i]);
              high = std::max(high, rows.first[y * stride + i]);
            }
          }
          ASSERT_EQ(least[x], low) << x;
          ASSERT_EQ(most[x], high) << x;
        }
        EXPECT_EQ(least[static_cast<std::ptrdiff_t>(n)], 9);
        EXPECT_EQ(most[-1], 9);
      }
    }
  });
}

TEST(RoomKernels, MarkBlocks) {
  for_targets([] {
    for (const std::size_t n : kSizes) {
      for (const int most : {0, 3, 6}) {  // of counts, and of alpha and misfits times 20
        const Words counts(n, 0, most, 4);
        const Bytes alpha(n, most == 6 ? 20 : 0, 20 * most, 5), misfits(n, 0, 8 * most, 6);
        std::vector<std::uint8_t> got(n / kRoomBlock, 16), expected = got;
        for (std::size_t x = 0; x < n; ++x) {
          std::uint8_t& marks = expected[x / kRoomBlock];
          if (counts.data()[x] >= kKnownCount) marks |= kMarkKnown;
          if (alpha.data()[x] <= 25) marks |= kMarkClear;
          if (alpha.data()[x] > 102) marks |= kMarkDense;
          if (misfits.data()[x] > 32 || alpha.data()[x] > 0) marks |= kMarkUnsettled;
        }
        mark_blocks(counts.data(), alpha.data(), n, got.data());
        mark_unsettled(misfits.data(), alpha.data(), n, got.data());
        EXPECT_EQ(got, expected) << n << " " << most;
      }
    }
  });
}

TEST(RoomKernels, AddCoreColors) {
  for_targets([] {
    for (const std::size_t n : kSizes) {
      const Planes planes(n);
      const Words counts(n, 0, 8, 4);
      const Bytes misfits(n, 0, 255, 5), alpha(n, 60, 160, 6), least(n, 200, 255, 7);
      std::vector<float> got(4 * n / kRoomBlock, 2), expected = got;
      for (std::size_t x = 0; x < n; ++x) {
        const bool is_known = counts.data()[x] >= kKnownCount;
        const bool differs = is_known && misfits.data()[x] > 160 && alpha.data()[x] > 102;
        const bool looks_alike = is_known && misfits.data()[x] < 48;
        if (!differs && (least.data()[x] < 230 || looks_alike)) continue;
        float* const cell = expected.data() + 4 * (x / kRoomBlock);
        for (std::size_t c = 0; c < 3; ++c) cell[c] += 64.0F * planes.frame[c].data()[x];
        cell[3] += 1;
      }
      add_core_colors(
          {planes.frame_rows(), counts.data(), misfits.data(), alpha.data(), least.data()}, n,
          got.data());
      EXPECT_EQ(got, expected) << n;
    }
  });
}

double smooth_step(double from, double to, double x) {
  const double t = std::clamp((x - from) / (to - from), 0.0, 1.0);
  return t * t * (3 - 2 * t);
}

TEST(RoomKernels, WeighEvidence) {
  constexpr std::size_t n = 2000;
  const Planes planes(n);
  const Planes person(n);
  const Words counts(n, 0, kMostCount, 8), depths(n, 0, 32767, 9);
  const Bytes misfits(n, 0, 160, 10), least(n, 0, 160, 11), alpha(n, 0, 255, 12);
  const RoomRows colors{person.room[1].data(), person.room[2].data(), person.room[0].data()};
  const EvidenceRow row{planes.frame_rows(), planes.room_rows(), colors,       counts.data(),
                        misfits.data(),      least.data(),       alpha.data(), depths.data()};
  const float trust = 0.75F;
  for_targets([&] {
    Words changes(n, 7, 7, 1);
    weigh_evidence(row, kWeights, trust, n, changes.data());
    for (std::size_t x = 0; x < n; ++x) {
      double error = 0, contrast = 0, product = 0;
      for (std::size_t c = 0; c < 3; ++c) {
        const double here = planes.difference(c, x);
        const double apart = colors[c][x] - planes.room[c].data()[x];
        const auto weight = static_cast<double>(kWeights[c]);
        error += weight * here * here;
        contrast += weight * apart * apart;
        product += weight * here * apart;
      }
      const double known =
          static_cast<double>(trust) * std::clamp((counts.data()[x] - 3) / 6.0, 0.0, 1.0);
      const double a = alpha.data()[x] / 255.0;
      const double depth = depths.data()[x] / 32767.0;
      const double share = std::clamp(product / std::max(contrast, 1e-6), 0.0, 1.0);
      const double rest = (error - share * share * contrast) / std::max(error, 3.0);
      const double differs = known * smooth_step(5, 16, error) * smooth_step(0.05, 0.3, rest);
      const double enclosed = smooth_step(2, 6, least.data()[x] / 16.0);
      const double is_person = std::max(differs, enclosed) * smooth_step(0.2, 0.5, a);
      const double outside = 1 - smooth_step(0.93, 0.998, depth);
      const double sure =
          known * smooth_step(3, 21, contrast) * smooth_step(0.002, 0.04, depth) * outside;
      const double mixed = a + (std::max(share, is_person) - a) * sure;
      const double fits = known * (1 - smooth_step(2, 5, misfits.data()[x] / 16.0));
      const double expected = 255 * (mixed * (1 - fits * outside) - a);
      ASSERT_NEAR(changes.data()[x], expected, 0.52) << x;
    }
    EXPECT_EQ(changes[n], 7);
  });
}

int rate_of(int count) {
  const int rates[] = {32767, 16384, 10923, 8192, 5958, 5958, 4096, 4096, 4096};
  return count < 9 ? rates[count] : count < 15 ? 2731 : 1365;
}

struct Lesson {
  explicit Lesson(std::size_t n) : planes(n), counts(n, 0, kMostCount, 8) {}
  LessonRow row() {
    return {planes.frame_rows(),
            {planes.room[0].data(), planes.room[1].data(), planes.room[2].data()},
            counts.data()};
  }
  void learn(std::size_t x, int count) {
    for (std::size_t c = 0; c < 3; ++c) {
      const int step = (planes.difference(c, x) * rate_of(count) + (1 << 14)) >> 15;
      planes.room[c].data()[x] = static_cast<std::int16_t>(planes.room[c].data()[x] + step);
    }
    counts.data()[x] = static_cast<std::int16_t>(std::min(count + 1, int{kMostCount}));
  }

  Planes planes;
  Words counts;
};

void expect_same(const Lesson& got, const Lesson& expected) {
  EXPECT_EQ(got.counts, expected.counts);
  for (std::size_t c = 0; c < 3; ++c) EXPECT_EQ(got.planes.room[c], expected.planes.room[c]);
}

TEST(RoomKernels, Learn) {
  const std::array<std::int16_t, 3> limits{400, 500, 600};
  for_targets([&] {
    for (const std::size_t n : kSizes) {
      Lesson got(n), expected(n);
      for (std::size_t x = 0; x < n; ++x) {
        bool fits = true;
        for (std::size_t c = 0; c < 3; ++c) {
          fits &= std::abs(expected.planes.difference(c, x)) <= limits[c];
        }
        expected.learn(x, fits ? expected.counts.data()[x] : 0);
      }
      learn_row(got.row(), limits, n);
      expect_same(got, expected);
    }
  });
}

TEST(RoomKernels, LearnNearTheEdge) {
  for_targets([&] {
    for (const std::size_t n : kSizes) {
      Lesson got(n), expected(n);
      const Bytes misfits(n, 0, 96, 4), alpha(n, 0, 50, 5);
      for (std::size_t x = 0; x < n; ++x) {
        const int count = expected.counts.data()[x];
        const bool is_known = count >= kKnownCount;
        const bool is_clear = alpha.data()[x] <= 25;
        const bool fits = misfits.data()[x] <= 48;
        if (is_known ? fits : is_clear) {
          expected.learn(x, count);
        } else if (is_known && is_clear) {
          const int left = count - 1 < kKnownCount ? 0 : count - 1;
          expected.counts.data()[x] = static_cast<std::int16_t>(left);
        }
      }
      learn_edge_row(got.row(), misfits.data(), alpha.data(), n);
      expect_same(got, expected);
    }
  });
}

TEST(RoomKernels, Relight) {
  for_targets([&] {
    for (const std::size_t n : kSizes) {
      const Words colors(n, 0, 255 * 64, 4);
      for (const auto& [gain, offset] :
           {std::pair{1.25F, -300.0F}, {0.5F, 100.0F}, {2.0F, 0.0F}, {0.3F, 9999.0F}}) {
        Words got = colors;
        relight_row(gain, offset, n, got.data());
        for (std::size_t x = 0; x < n; ++x) {
          const double expected =
              static_cast<double>(gain) * colors.data()[x] + static_cast<double>(offset);
          ASSERT_NEAR(got.data()[x], std::clamp(expected, 0.0, 255.0 * 64), 1.5);
        }
        EXPECT_EQ(got[static_cast<std::ptrdiff_t>(n)], colors[static_cast<std::ptrdiff_t>(n)]);
      }
    }
  });
}

TEST(RoomKernels, AddChanges) {
  for_targets([&] {
    for (const std::size_t n : kSizes) {
      const Words nearer(n, -255, 255, 4), other(n, -255, 255, 5);
      const Bytes before(2 * n, 0, 255, 6);
      Bytes got = before;
      add_changes(nearer.data(), other.data(), n, got.data());
      for (std::ptrdiff_t i = 0; i < static_cast<std::ptrdiff_t>(2 * n); ++i) {
        const std::ptrdiff_t x = i / 2, beside = x + (i % 2 == 0 ? -1 : 1);
        const int sum = 9 * nearer[x] + 3 * (nearer[beside] + other[x]) + other[beside];
        ASSERT_EQ(got[i], std::clamp(before[i] + ((sum + 8) >> 4), 0, 255)) << i;
      }
      EXPECT_EQ(got[-1], before[-1]);
    }
  });
}

}  // namespace
}  // namespace backdrop::test
