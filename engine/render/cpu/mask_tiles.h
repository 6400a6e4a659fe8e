// Where in a picture the mask's edge is.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/buffer.h"
#include "image/region.h"
#include "render/cpu/alpha.h"
#include "render/cpu/half_picture.h"

namespace backdrop {

// Divides the half-size picture into tiles. A tile's depth is the mean of alpha in and around it: 0
// far outside of the mask, 1 deep inside.
class MaskTiles {
 public:
  static constexpr int kTile = 8;  // half-size pixels along a side

  // A hidden tile is kPerson, too.
  enum class Kind : std::uint8_t { kRoom, kEdge, kPerson };

  // For half-size pictures of one size. False without memory.
  [[nodiscard]] bool prepare(int width, int height);

  // Finds the tiles of an alpha plane of that size.
  void find(const PaddedPlane& alpha);

  // Makes the tiles that this part of the picture touches, and those around, neither room nor edge.
  void hide(const Region& region);

  int columns() const { return columns_; }
  int rows() const { return rows_; }
  // The pixels that tiles cover along x.
  int width() const { return columns_ * kTile; }
  int first_row(int tile_row) const { return tile_row * kTile; }
  int end_row(int tile_row) const { return std::min((tile_row + 1) * kTile, height_); }
  Kind kind(int column, int row) const { return kinds_[index(column, row)]; }

  // Calls run(begin, end) for each longest run of tiles in a row of which is_wanted(column) is
  // true, in pixels. The last tile may extend beyond the picture.
  template <typename IsWanted, typename Run>
  void for_runs_of(const IsWanted& is_wanted, const Run& run) const {
    for (int x = 0; x < columns_; ++x) {
      const int begin = x;
      while (x < columns_ && is_wanted(x)) ++x;
      if (x > begin) run(begin * kTile, x * kTile);
    }
  }
  template <typename Run>
  void for_runs(int row, Kind kind_wanted, const Run& run) const {
    for_runs_of([&](int column) { return kind(column, row) == kind_wanted; }, run);
  }

  // The depths, 0 to 32767, of the pixels [begin, end) of row y; both are multiples of kTile.
  // `work` has room for width() + kTile values.
  void depths(int y, int begin, int end, std::int16_t* work, std::int16_t* out) const;

 private:
  std::size_t index(int column, int row) const {
    return static_cast<std::size_t>(row * columns_ + column);
  }
  void sum_tiles(const PaddedPlane& alpha);
  void blur_tiles();
  void find_kinds();

  int picture_width_ = 0;
  int height_ = 0;
  int columns_ = 0;
  int rows_ = 0;
  std::vector<Kind> kinds_;
  std::vector<float> means_, blurred_;
  std::vector<std::uint8_t> sides_, shared_sides_;  // of the edge: see find_kinds()
  std::vector<std::int16_t> depths_;
  std::vector<std::uint16_t> sums_;  // of the columns of a row of tiles
  std::vector<EnlargedBlock> blocks_;
};

}  // namespace backdrop
