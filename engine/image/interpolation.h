// Bilinear enlarging, row by row: where a sample lies between two others, and the rows kept for it.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

#include "base/assert.h"

namespace backdrop {

// A value between two samples: first + (second - first) * weight.
struct LinearSample {
  int first = 0;
  int second = 0;
  float weight = 0;

  std::int16_t weight32768() const {
    return static_cast<std::int16_t>(std::min(weight * 32768, 32767.0f));
  }
};

// Where sample `index` of a row enlarged by `scale` lies among the `size` samples of the original.
// Centres of pixels are aligned; beyond the outermost centres the outermost samples repeat.
inline LinearSample enlarged_from(int index, double scale, int size) {
  BACKDROP_ASSERT(size > 0 && scale > 0);
  const double last = size - 1;
  const double position = std::clamp((index + 0.5) / scale - 0.5, 0.0, last);
  const int first = static_cast<int>(position);
  return {first, std::min(first + 1, size - 1), static_cast<float>(position - first)};
}

// Two neighbouring rows, each made when it is first asked for.
template <typename T>
class RowPair {
 public:
  // `rows` are the memory of an even and of an odd row.
  void reset(T* even, T* odd) {
    rows_ = {even, odd};
    held_ = {-1, -1};
  }

  // Row `index`, written by make(index, memory) unless it is held already.
  template <typename Make>
  const T* row(int index, const Make& make) {
    const std::size_t slot = index & 1;
    if (held_[slot] != index) {
      make(index, rows_[slot]);
      held_[slot] = index;
    }
    return rows_[slot];
  }

 private:
  std::array<T*, 2> rows_{};
  std::array<int, 2> held_{-1, -1};
};

}  // namespace backdrop
