// The connected components of a mask.
#pragma once

#include <cstddef>
#include <span>

#include "base/buffer.h"
#include "image/mask.h"

namespace backdrop {

// How many values are `threshold` or more.
int count_from(std::span<const float> values, float threshold);

// Connected components as runs of pixels in rows: union-find over the runs.
class MaskComponents {
 public:
  // Pixels first ... end - 1 of row y.
  struct Run {
    int y, first, end;
    int component;  // 0 to count() - 1
  };

  // Prepares for masks of this size. False without memory.
  [[nodiscard]] bool prepare(MaskSize size);

  // Finds the components of the pixels whose values are `threshold` or more. Pixels are neighbours
  // at their sides and corners. NaN is below. Allocates nothing.
  void find(std::span<const float> mask, float threshold);

  // In the order of rows, from left to right.
  std::span<const Run> runs() const { return {runs_.data(), run_count_}; }
  std::size_t count() const { return count_; }
  // Of the run's first pixel in the mask.
  std::size_t index_of(const Run& run) const {
    return static_cast<std::size_t>(run.y) * static_cast<std::size_t>(size_.width) +
           static_cast<std::size_t>(run.first);
  }

 private:
  void add_row(const float* row, int y, float threshold);
  void join_rows(std::size_t above, std::size_t below);
  void number();

  MaskSize size_;
  Buffer<Run> runs_;
  std::size_t run_count_ = 0, count_ = 0;
};

}  // namespace backdrop
