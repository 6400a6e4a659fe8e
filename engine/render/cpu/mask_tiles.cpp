#include "render/cpu/mask_tiles.h"

#include <cmath>

#include "image/interpolation.h"
#include "render/cpu/room_kernels.h"

namespace backdrop {
namespace {

constexpr std::size_t kBeyondRow = 8;  // values that enlarge_row() reads beyond a row
constexpr float kDeep = 0.995F;        // and 1 minus this: the depths that are no edge

}  // namespace

bool MaskTiles::prepare(int width, int height) {
  picture_width_ = width;
  height_ = height;
  columns_ = (width + kTile - 1) / kTile;
  rows_ = (height + kTile - 1) / kTile;
  const auto tiles = static_cast<std::size_t>(columns_ * rows_);
  kinds_.assign(tiles, Kind::kRoom);
  means_.resize(tiles);
  blurred_.resize(tiles);
  sides_.resize(tiles);
  shared_sides_.resize(tiles);
  depths_.resize(tiles);
  sums_.resize(static_cast<std::size_t>(this->width()));
  blocks_ = make_enlarged_blocks(columns_, this->width());
  return true;
}

void MaskTiles::find(const PaddedPlane& alpha) {
  sum_tiles(alpha);
  blur_tiles();
  for (std::size_t i = 0; i < means_.size(); ++i) {
    depths_[i] = static_cast<std::int16_t>(std::lround(means_[i] * 32767));
  }
  find_kinds();
}

void MaskTiles::hide(const Region& region) {
  const auto tile_at = [](double share, int size) {
    return static_cast<int>(std::floor(share * size / kTile));
  };
  const int left = std::max(tile_at(region.left, picture_width_) - 1, 0);
  const int top = std::max(tile_at(region.top, height_) - 1, 0);
  const int right = std::min(tile_at(region.left + region.width, picture_width_) + 2, columns_);
  const int bottom = std::min(tile_at(region.top + region.height, height_) + 2, rows_);
  for (int y = top; y < bottom; ++y) {
    const auto first = kinds_.begin() + static_cast<std::ptrdiff_t>(index(left, y));
    std::fill_n(first, right - left, Kind::kPerson);
  }
}

void MaskTiles::sum_tiles(const PaddedPlane& alpha) {
  for (int row = 0; row < rows_; ++row) {
    const int count = end_row(row) - first_row(row);
    sum_rows(alpha.row(first_row(row)), alpha.stride(), count, sums_.size(), sums_.data());
    const float scale = 1 / static_cast<float>(255 * kTile * count);
    for (int x = 0; x < columns_; ++x) {
      int sum = 0;
      for (int i = 0; i < kTile; ++i) sum += sums_[static_cast<std::size_t>(x * kTile + i)];
      means_[index(x, row)] = static_cast<float>(sum) * scale;
    }
  }
}

// With the weights 1, 2, 1 along both axes.
void MaskTiles::blur_tiles() {
  for (int y = 0; y < rows_; ++y) {
    for (int x = 0; x < columns_; ++x) {
      blurred_[index(x, y)] = (means_[index(std::max(x - 1, 0), y)] + 2 * means_[index(x, y)] +
                               means_[index(std::min(x + 1, columns_ - 1), y)]) /
                              4;
    }
  }
  for (int y = 0; y < rows_; ++y) {
    for (int x = 0; x < columns_; ++x) {
      means_[index(x, y)] = (blurred_[index(x, std::max(y - 1, 0))] + 2 * blurred_[index(x, y)] +
                             blurred_[index(x, std::min(y + 1, rows_ - 1))]) /
                            4;
    }
  }
}

// An edge is as far as interpolated depths can be told from 0 and 1: a tile is on a side of it, far
// outside or deep inside, with all tiles around.
void MaskTiles::find_kinds() {
  constexpr std::uint8_t kOutside = 1, kInside = 2;
  for (std::size_t i = 0; i < means_.size(); ++i) {
    sides_[i] = means_[i] < 1 - kDeep ? kOutside : means_[i] > kDeep ? kInside : 0;
  }
  for (int y = 0; y < rows_; ++y) {
    for (int x = 0; x < columns_; ++x) {
      shared_sides_[index(x, y)] = sides_[index(std::max(x - 1, 0), y)] & sides_[index(x, y)] &
                                   sides_[index(std::min(x + 1, columns_ - 1), y)];
    }
  }
  for (int y = 0; y < rows_; ++y) {
    const int above = std::max(y - 1, 0), below = std::min(y + 1, rows_ - 1);
    for (int x = 0; x < columns_; ++x) {
      const int side = shared_sides_[index(x, above)] & shared_sides_[index(x, y)] &
                       shared_sides_[index(x, below)];
      kinds_[index(x, y)] = side == kOutside  ? Kind::kRoom
                            : side == kInside ? Kind::kPerson
                                              : Kind::kEdge;
    }
  }
}

void MaskTiles::depths(int y, int begin, int end, std::int16_t* work, std::int16_t* out) const {
  const LinearSample between = enlarged_from(y, kTile, rows_);
  const auto columns = static_cast<std::size_t>(columns_);
  const std::int16_t* const first = depths_.data() + index(0, between.first);
  const std::int16_t* const second = depths_.data() + index(0, between.second);
  const auto weight = static_cast<int>(between.weight * 256);
  // Only the tiles that the pixels lie between, and what enlarge_row() reads beyond.
  const std::size_t from = static_cast<std::size_t>(std::max(begin / kTile - 1, 0));
  const std::size_t to = std::min(static_cast<std::size_t>(end / kTile) + 1, columns);
  for (std::size_t x = from; x < to; ++x) {
    work[x] = static_cast<std::int16_t>(first[x] + (((second[x] - first[x]) * weight) >> 8));
  }
  std::fill_n(work + to, kBeyondRow, work[to - 1]);
  const std::size_t block = static_cast<std::size_t>(begin / kTile);
  enlarge_row(
      work, std::span(blocks_).subspan(block, static_cast<std::size_t>(end / kTile) - block), out);
}

}  // namespace backdrop
