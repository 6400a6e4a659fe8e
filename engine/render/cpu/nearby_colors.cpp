#include "render/cpu/nearby_colors.h"

#include <algorithm>
#include <span>

#include "base/assert.h"
#include "image/interpolation.h"

namespace backdrop {
namespace {

constexpr float kPull = 2;             // what the cells around weigh, in pixels
constexpr int kFewestCells = 4;        // along a side of the coarsest level
constexpr std::size_t kBeyondRow = 8;  // values that enlarge_row() reads beyond a row
constexpr int kBlock = 8;              // pixels of an EnlargedBlock

}  // namespace

bool NearbyColors::prepare(int width, int height) {
  BACKDROP_ASSERT(width % kBlock == 0);
  levels_.clear();
  Level level{width / kCell, (height + kCell - 1) / kCell, 0};
  blocks_ = make_enlarged_blocks(level.width, width);
  const std::size_t colors = 3 * static_cast<std::size_t>(level.width * level.height);
  while (true) {
    levels_.push_back(level);
    const std::size_t end = level.offset + 4 * static_cast<std::size_t>(level.width * level.height);
    if (std::max(level.width, level.height) <= kFewestCells) {
      return memory_.resize(end) && colors_.resize(colors);
    }
    level = {(level.width + 1) / 2, (level.height + 1) / 2, end};
  }
}

void NearbyColors::clear_row(int y) { std::fill_n(cell_of(0, y), 4 * levels_.front().width, 0.0F); }

bool NearbyColors::spread() {
  for (std::size_t i = 0; i + 1 < levels_.size(); ++i) push(levels_[i], levels_[i + 1]);
  if (!fill_coarsest()) return false;
  for (std::size_t i = levels_.size() - 1; i-- > 0;) pull(levels_[i + 1], levels_[i]);
  store_colors();
  return true;
}

// Replaces the coarsest sums by colours. False if there are none.
bool NearbyColors::fill_coarsest() {
  const Level& level = levels_.back();
  const std::span cells(cell(level, 0, 0),
                        4 * static_cast<std::size_t>(level.width * level.height));
  std::array<float, 4> sums{};
  for (std::size_t i = 0; i < cells.size(); ++i) sums[i % 4] += cells[i];
  if (sums[3] <= 0) return false;
  for (std::size_t i = 0; i < cells.size(); i += 4) {
    for (std::size_t c = 0; c < 3; ++c) {
      cells[i + c] = (cells[i + c] + kPull * sums[c] / sums[3]) / (cells[i + 3] + kPull);
    }
  }
  return true;
}

void NearbyColors::push(const Level& fine, const Level& coarse) {
  std::fill_n(cell(coarse, 0, 0), 4 * coarse.width * coarse.height, 0.0F);
  for (int y = 0; y < fine.height; ++y) {
    for (int x = 0; x < fine.width; ++x) {
      const float* const from = cell(fine, x, y);
      float* const to = cell(coarse, x / 2, y / 2);
      for (std::size_t c = 0; c < 4; ++c) to[c] += from[c];
    }
  }
}

// Replaces the sums of the finer level by colours.
void NearbyColors::pull(const Level& coarse, const Level& fine) {
  const auto neighbour = [](int i, int size) {
    return std::clamp(i / 2 + (i % 2 == 0 ? -1 : 1), 0, size - 1);
  };
  for (int y = 0; y < fine.height; ++y) {
    const int other_y = neighbour(y, coarse.height);
    for (int x = 0; x < fine.width; ++x) {
      const int other_x = neighbour(x, coarse.width);
      const float* const nearest = cell(coarse, x / 2, y / 2);
      const float* const beside = cell(coarse, other_x, y / 2);
      const float* const above = cell(coarse, x / 2, other_y);
      const float* const across = cell(coarse, other_x, other_y);
      float* const own = cell(fine, x, y);
      const float scale = 1 / (own[3] + kPull);
      for (std::size_t c = 0; c < 3; ++c) {
        const float around = (9 * nearest[c] + 3 * (beside[c] + above[c]) + across[c]) / 16;
        own[c] = (own[c] + kPull * around) * scale;
      }
    }
  }
}

void NearbyColors::store_colors() {
  const Level& cells = levels_.front();
  const auto width = static_cast<std::size_t>(cells.width);
  for (int y = 0; y < cells.height; ++y) {
    const float* from = cell(cells, 0, y);
    std::int16_t* const out = colors_.data() + 3 * width * static_cast<std::size_t>(y);
    for (std::size_t x = 0; x < width; ++x, from += 4) {
      for (std::size_t c = 0; c < 3; ++c) out[c * width + x] = static_cast<std::int16_t>(from[c]);
    }
  }
}

void NearbyColors::row(int y, int begin, int end, std::int16_t* work,
                       const std::array<std::int16_t*, 3>& colors) const {
  const Level& cells = levels_.front();
  const LinearSample between = enlarged_from(y, kCell, cells.height);
  const auto width = static_cast<std::size_t>(cells.width);
  const std::int16_t* first = colors_.data() + 3 * width * static_cast<std::size_t>(between.first);
  const std::int16_t* second =
      colors_.data() + 3 * width * static_cast<std::size_t>(between.second);
  const auto weight = static_cast<int>(between.weight * 256);
  const auto block = static_cast<std::size_t>(begin / kBlock);
  const auto blocks =
      std::span(blocks_).subspan(block, static_cast<std::size_t>(end / kBlock) - block);
  // Only the cells that the pixels lie between, and what enlarge_row() reads beyond.
  const std::size_t from = static_cast<std::size_t>(std::max(begin / kCell - 1, 0));
  const std::size_t to = std::min(static_cast<std::size_t>(end / kCell) + 1, width);
  for (std::size_t c = 0; c < 3; ++c) {
    for (std::size_t x = from; x < to; ++x) {
      work[x] = static_cast<std::int16_t>(first[x] + (((second[x] - first[x]) * weight) >> 8));
    }
    std::fill_n(work + to, kBeyondRow, work[to - 1]);
    enlarge_row(work, blocks, colors[c]);
    first += width;
    second += width;
  }
}

}  // namespace backdrop
