// The person's colours near each pixel, from pixels that are the person's for certain.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/buffer.h"
#include "render/cpu/alpha.h"

namespace backdrop {

// Colours are summed in cells. Each cell is then mixed with those around it, and these with those
// further away, the more the fewer colours a cell has of its own (push-pull: Gortler, Grzeszczuk,
// Szeliski, Cohen, "The Lumigraph", SIGGRAPH 1996).
class NearbyColors {
 public:
  static constexpr int kCell = 8;  // pixels along a side

  // For pictures of one size, multiples of 8 pixels wide. False without memory.
  [[nodiscard]] bool prepare(int width, int height);

  // Forgets the sums of the row of cells that pixel row y is in.
  void clear_row(int y);

  // The cell of a pixel: the sums of three colours and the number of pixels. Threads may add to
  // different rows of cells.
  float* cell_of(int x, int y) { return cell(levels_.front(), x / kCell, y / kCell); }

  // Spreads the colours. False if there are none.
  bool spread();

  // The spread colours of the pixels [begin, end) of row y, multiples of 8, in the units of the
  // sums. `work` has room for width / kCell + 8 values.
  void row(int y, int begin, int end, std::int16_t* work,
           const std::array<std::int16_t*, 3>& colors) const;

 private:
  struct Level {
    int width = 0;
    int height = 0;
    std::size_t offset = 0;  // of its first cell, in floats
  };

  float* cell(const Level& level, int x, int y) {
    return memory_.data() + level.offset + 4 * static_cast<std::size_t>(y * level.width + x);
  }
  bool fill_coarsest();
  void push(const Level& fine, const Level& coarse);
  void pull(const Level& coarse, const Level& fine);
  void store_colors();

  std::vector<Level> levels_;  // from cells to the coarsest
  Buffer<float> memory_;
  Buffer<std::int16_t> colors_;  // the spread colours, planar by rows
  std::vector<EnlargedBlock> blocks_;
};

}  // namespace backdrop
