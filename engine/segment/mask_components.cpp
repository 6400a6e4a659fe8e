#include "segment/mask_components.h"

#include <algorithm>

#include "base/assert.h"

namespace backdrop {
namespace {

constexpr int kBlock = 16;

// Where the row is first `threshold` or more, or less, from x on; else its width.
int find_from(const float* row, int x, int width, float threshold, bool is_wanted_above) {
  const int others = is_wanted_above ? 0 : kBlock;
  while (x + kBlock <= width && count_from({row + x, kBlock}, threshold) == others) x += kBlock;
  while (x < width && (row[x] >= threshold) != is_wanted_above) ++x;
  return x;
}

}  // namespace

int count_from(std::span<const float> values, float threshold) {
  int count = 0;
  for (const float value : values) count += value >= threshold ? 1 : 0;
  return count;
}

bool MaskComponents::prepare(MaskSize size) {
  size_ = size;
  run_count_ = count_ = 0;
  return runs_.resize(static_cast<std::size_t>((size.width + 1) / 2) *
                      static_cast<std::size_t>(size.height));
}

void MaskComponents::find(std::span<const float> mask, float threshold) {
  const auto width = static_cast<std::size_t>(size_.width);
  BACKDROP_ASSERT(mask.size() == width * static_cast<std::size_t>(size_.height));
  run_count_ = 0;
  std::size_t above = 0;
  for (int y = 0; y < size_.height; ++y) {
    const std::size_t row = run_count_;
    add_row(mask.data() + width * static_cast<std::size_t>(y), y, threshold);
    join_rows(above, row);
    above = row;
  }
  number();
}

void MaskComponents::add_row(const float* row, int y, float threshold) {
  int end = 0;
  while (true) {
    const int first = find_from(row, end, size_.width, threshold, true);
    if (first == size_.width) return;
    end = find_from(row, first, size_.width, threshold, false);
    runs_.data()[run_count_] = {y, first, end, static_cast<int>(run_count_)};
    ++run_count_;
  }
}

// Joins the runs from `below` on with those of the row before, which are from `above` on. Until
// they are numbered, a run's component is that of an earlier run, or the run itself.
void MaskComponents::join_rows(std::size_t above, std::size_t below) {
  Run* runs = runs_.data();
  const auto root_of = [runs](std::size_t run) {
    while (true) {
      const auto next = static_cast<std::size_t>(runs[run].component);
      if (next == run) return run;
      runs[run].component = runs[next].component;
      run = next;
    }
  };
  std::size_t first = above;
  for (std::size_t run = below; run < run_count_; ++run) {
    while (first < below && runs[first].end < runs[run].first) ++first;
    for (std::size_t other = first; other < below && runs[other].first <= runs[run].end; ++other) {
      const auto [early, late] = std::minmax({root_of(other), root_of(run)});
      runs[late].component = static_cast<int>(early);
    }
  }
}

void MaskComponents::number() {
  count_ = 0;
  for (std::size_t i = 0; i < run_count_; ++i) {
    int& component = runs_.data()[i].component;
    component = component == static_cast<int>(i)
                    ? static_cast<int>(count_++)
                    : runs_.data()[static_cast<std::size_t>(component)].component;
  }
}

}  // namespace backdrop
