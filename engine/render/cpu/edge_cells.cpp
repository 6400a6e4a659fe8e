#include "render/cpu/edge_cells.h"

#include <cmath>

namespace backdrop {
namespace {

// What a column of the mask has.
constexpr std::int16_t kSomeRoom = 1;
constexpr std::int16_t kSomePerson = 2;

}  // namespace

[[gnu::cold]] void EdgeCells::prepare(int mask_width, int mask_height, int width) {
  constexpr int kBlock = static_cast<int>(kBlockValues);
  const int blocks = (width + kBlock - 1) / kBlock;
  mask_width_ = mask_width;
  mask_height_ = mask_height;
  blocks_width_ = blocks * kBlock;
  cell_width_ = (blocks + kMostCells - 1) / kMostCells * kBlock;
  const double scale = static_cast<double>(mask_width) / width;
  const auto column = [&](int x) {
    return static_cast<int>(std::floor((std::min(x, width - 1) + 0.5) * scale - 0.5));
  };
  columns_.resize(static_cast<std::size_t>((width + cell_width_ - 1) / cell_width_));
  for (int x = 0; Columns& columns : columns_) {
    const int end = x + cell_width_;
    columns = {std::max(column(x), 0), std::min(column(end - 1) + 2, mask_width)};
    x = end;
  }
  contents_.resize(static_cast<std::size_t>(mask_width));
  near_.resize(static_cast<std::size_t>((mask_height + kRows - 1) / kRows));
  edges_.resize(near_.size());
}

void EdgeCells::find(const std::int16_t* mask, const Ramp& ramp, int reach) {
  for (int row = 0; row < rows(); ++row) {
    near_[static_cast<std::size_t>(row)] = find_near(mask, row, ramp, reach);
  }
  const int rows_near = (reach + kRows - 1) / kRows;
  for (int row = 0; row < rows(); ++row) {
    Near near{};
    for (int y = std::max(row - rows_near, 0); y <= std::min(row + rows_near, rows() - 1); ++y) {
      near.room |= near_[static_cast<std::size_t>(y)].room;
      near.person |= near_[static_cast<std::size_t>(y)].person;
    }
    edges_[static_cast<std::size_t>(row)] = near.room & near.person;
  }
}

EdgeCells::Near EdgeCells::find_near(const std::int16_t* mask, int row, const Ramp& ramp,
                                     int reach) {
  std::ranges::fill(contents_, std::int16_t{0});
  const std::int16_t* values = mask + row * kRows * mask_width_;
  const std::int16_t low = ramp.low;
  const auto full = static_cast<std::int16_t>(ramp.low + ramp.range);
  for (int y = row * kRows; y < std::min((row + 1) * kRows, mask_height_); ++y) {
    for (std::size_t x = 0; x < contents_.size(); ++x) {
      const std::int16_t room = values[x] < full ? kSomeRoom : 0;
      const std::int16_t person = values[x] > low ? kSomePerson : 0;
      contents_[x] = static_cast<std::int16_t>(contents_[x] | room | person);
    }
    values += mask_width_;
  }
  Near near{};
  for (std::size_t cell = 0; cell < columns_.size(); ++cell) {
    const auto [begin, end] = columns_of(static_cast<int>(cell), static_cast<int>(cell) + 1, reach);
    int content = 0;
    for (int x = begin; x < end; ++x) content |= contents_[static_cast<std::size_t>(x)];
    near.room |= Cells{(content & kSomeRoom) != 0} << cell;
    near.person |= Cells{(content & kSomePerson) != 0} << cell;
  }
  return near;
}

EdgeCells::Cells EdgeCells::cells_in(int first, int last) const {
  const int begin = std::max(first, 0) / kRows;
  const int end = std::min(last / kRows, rows() - 1);
  Cells cells = 0;
  for (int row = begin; row <= end; ++row) cells |= edges_[static_cast<std::size_t>(row)];
  return cells;
}

}  // namespace backdrop
