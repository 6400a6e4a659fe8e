#include "render/cpu/edge_cells.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <initializer_list>
#include <random>
#include <utility>
#include <vector>

namespace backdrop::test {
namespace {

constexpr Coverage kCoverage{.low = 0.4F, .high = 0.8F};

struct Case {
  int mask_width, mask_height, width, reach;
};

// Background and person in rectangles, with values between here and there.
std::vector<std::int16_t> draw_mask(const Case& of, unsigned seed) {
  std::mt19937 random(seed);
  std::vector<float> values(static_cast<std::size_t>(of.mask_width * of.mask_height), 0.1F);
  const auto below = [&](int limit) {
    return static_cast<int>(random() % static_cast<unsigned>(limit));
  };
  for (const float value : {0.95F, 0.2F, 0.6F}) {
    const int left = below(of.mask_width), top = below(of.mask_height);
    const int right = left + 1 + below(of.mask_width - left);
    const int bottom = top + 1 + below(of.mask_height - top);
    for (int y = top; y < bottom; ++y) {
      for (int x = left; x < right; ++x)
        values[static_cast<std::size_t>(y * of.mask_width + x)] = value;
    }
  }
  std::vector<std::int16_t> mask(values.size());
  quantize(values.data(), values.size(), mask.data());
  return mask;
}

// Whether the values within `reach` of those that a pixel is interpolated between differ in what
// they map to, or map to something between: by its definition.
bool is_near_edge(const Case& of, const std::vector<std::int16_t>& mask, int x, int row) {
  const double column = (x + 0.5) * of.mask_width / of.width - 0.5;
  const int first = static_cast<int>(std::floor(column)) - of.reach;
  const int last = static_cast<int>(std::floor(column)) + 1 + of.reach;
  bool has_room = false, has_person = false;
  for (int v = std::max(row - of.reach, 0); v <= std::min(row + of.reach, of.mask_height - 1);
       ++v) {
    for (int u = std::max(first, 0); u <= std::min(last, of.mask_width - 1); ++u) {
      const double value = mask[static_cast<std::size_t>(v * of.mask_width + u)] / 32767.0;
      has_room |= value < static_cast<double>(kCoverage.high) - 1e-3;
      has_person |= value > static_cast<double>(kCoverage.low) + 1e-3;
    }
  }
  return has_room && has_person;
}

TEST(EdgeCells, HaveAllPixelsNearTheEdgeAndFewOthers) {
  for (const Case& of : {Case{455, 256, 1280, 3}, Case{64, 36, 640, 3}, Case{33, 19, 33, 5},
                         Case{256, 144, 4100, 3}, Case{1, 1, 1, 3}, Case{100, 7, 320, 21}}) {
    EdgeCells cells;
    cells.prepare(of.mask_width, of.mask_height, of.width);
    const int cell_width = (of.width + 64 * 32 - 1) / (64 * 32) * 32;
    for (unsigned seed = 1; seed < 8; ++seed) {
      const auto mask = draw_mask(of, seed);
      cells.find(mask.data(), make_ramp(kCoverage), of.reach);
      for (int row = 0; row < of.mask_height; row += 3) {
        std::vector<bool> is_found(static_cast<std::size_t>(of.width));
        int before = -1;
        cells.for_runs(row, row, [&](int begin, int end) {
          EXPECT_EQ(begin % 32, 0);
          EXPECT_EQ(end % 32, 0);
          EXPECT_GT(begin, before);
          before = end;
          for (int x = begin; x < std::min(end, of.width); ++x)
            is_found[static_cast<std::size_t>(x)] = true;
        });
        for (int x = 0; x < of.width; x += 5) {
          if (is_near_edge(of, mask, x, row)) {
            ASSERT_TRUE(is_found[static_cast<std::size_t>(x)]) << x << "," << row;
          } else if (is_found[static_cast<std::size_t>(x)]) {
            // A cell has other pixels, up to its width and three rows away, and whole groups of
            // rows are looked at.
            const Case wide{
                of.mask_width, of.mask_height, of.width,
                of.reach + 2 * EdgeCells::kRows + 1 + cell_width * of.mask_width / of.width};
            ASSERT_TRUE(is_near_edge(wide, mask, x, row)) << x << "," << row;
          }
        }
      }
    }
  }
}

TEST(EdgeCells, AreNoneWhereTheMaskIsSureEverywhere) {
  for (const std::int16_t value : std::initializer_list<std::int16_t>{0, 32767}) {
    EdgeCells cells;
    cells.prepare(40, 30, 640);
    const std::vector<std::int16_t> mask(40 * 30, value);
    cells.find(mask.data(), make_ramp({.low = 0, .high = 1}), 3);
    cells.for_runs(-5, 40, [](int, int) { FAIL(); });
  }
}

TEST(EdgeCells, ColumnsReachToBothSidesAsFarAsTheMaskDoes) {
  EdgeCells cells;
  cells.prepare(64, 36, 640);  // ten pixels for a value; cells of 32 pixels
  std::vector<std::int16_t> mask(64 * 36);
  for (std::size_t i = 0; i < mask.size(); ++i) mask[i] = i % 64 < 32 ? 0 : 32767;
  cells.find(mask.data(), make_ramp(kCoverage), 0);
  std::vector<std::pair<int, int>> found;
  for (const int beyond : {0, 2, 100}) {
    cells.for_columns(10, 10, beyond, [&](const EdgeCells::Columns& columns) {
      found.emplace_back(columns.begin, columns.end);
    });
  }
  // Pixels 288 to 351 lie between the values 28 and 35.
  EXPECT_EQ(found, (std::vector<std::pair<int, int>>{{28, 36}, {26, 38}, {0, 64}}));
}

}  // namespace
}  // namespace backdrop::test
