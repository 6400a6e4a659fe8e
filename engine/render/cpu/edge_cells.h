// Where the mask's edge is in the frame, for what is costly and changes nothing elsewhere.
#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "render/cpu/alpha.h"

namespace backdrop {

// Divides the frame into cells: as high as kRows rows of the mask, and as wide as the least
// multiple of kBlockValues pixels of which no more than 64 are in a row. A cell is at the edge
// unless all values of the mask that lie in it, or near, map to an alpha of 0, or all to 255.
class EdgeCells {
 public:
  static constexpr int kRows = 4;

  // For masks of one size, enlarged to frames of one width.
  void prepare(int mask_width, int mask_height, int width);

  // Finds the cells with an edge within `reach` values of a mask in 1/32767. Allocates nothing.
  void find(const std::int16_t* mask, const Ramp& ramp, int reach);

  // The rows of cells.
  int rows() const { return static_cast<int>(edges_.size()); }

  // Columns [begin, end) of the mask.
  struct Columns {
    int begin, end;

    std::size_t size() const { return static_cast<std::size_t>(end - begin); }
  };

  // Calls run(begin, end) for each longest run of cells at the edge in the mask's rows [first,
  // last], which may lie beyond it, in pixels of the frame: multiples of kBlockValues.
  template <typename Run>
  void for_runs(int first, int last, const Run& run) const {
    for_cells(first, last, [&](int begin, int end) {
      run(begin * cell_width_, std::min(end * cell_width_, blocks_width_));
    });
  }

  // Likewise run(columns) with the columns between which the pixels of such a run are interpolated,
  // and `beyond` more to each side, as far as the mask has them.
  template <typename Run>
  void for_columns(int first, int last, int beyond, const Run& run) const {
    for_cells(first, last, [&](int begin, int end) { run(columns_of(begin, end, beyond)); });
  }

 private:
  static constexpr int kMostCells = 64;
  using Cells = std::uint64_t;  // a bit for each cell of a row

  // The cells in or beside which the mask maps to less than 255, and to more than 0.
  struct Near {
    Cells room, person;
  };

  // Calls run(begin, end) for each longest run of cells.
  template <typename Run>
  void for_cells(int first, int last, const Run& run) const {
    Cells cells = cells_in(first, last);
    while (cells != 0) {
      const int begin = std::countr_zero(cells);
      const int end = begin + std::countr_one(cells >> begin);
      run(begin, end);
      cells = end < kMostCells ? cells >> end << end : 0;
    }
  }
  Columns columns_of(int begin, int end, int beyond) const {
    return {std::max(columns_[static_cast<std::size_t>(begin)].begin - beyond, 0),
            std::min(columns_[static_cast<std::size_t>(end - 1)].end + beyond, mask_width_)};
  }
  Near find_near(const std::int16_t* mask, int row, const Ramp& ramp, int reach);
  Cells cells_in(int first, int last) const;

  int mask_width_ = 0, mask_height_ = 0;
  int blocks_width_ = 0, cell_width_ = 0;  // in pixels of the frame
  std::vector<Columns> columns_;           // of each cell of a row
  std::vector<std::int16_t> contents_;     // of the mask's columns, in a row of cells
  std::vector<Near> near_;                 // per row of cells
  std::vector<Cells> edges_;               // likewise
};

}  // namespace backdrop
