// Bilinear enlarging row by row: positions between samples, and a cache of two rows.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

#include "base/assert.h"

namespace backdrop {

// Linear interpolation: first + (second - first) * weight, where first and second are indices.
struct LinearSample {
  int first = 0;
  int second = 0;
  float weight = 0;

  std::int16_t weight32768() const {
    return static_cast<std::int16_t>(std::min(weight * 32768, 32767.0f));
  }
};

// The source position of sample `index` of a row of `size` samples enlarged by `scale`. Pixel
// centres are aligned; beyond the outermost centres the outermost samples repeat.
inline LinearSample enlarged_from(int index, double scale, int size) {
  BACKDROP_ASSERT(size > 0 && scale > 0);
  const double last = size - 1;
  const double position = std::clamp((index + 0.5) / scale - 0.5, 0.0, last);
  const int first = static_cast<int>(position);
  return {first, std::min(first + 1, size - 1), static_cast<float>(position - first)};
}

// Caches two neighbouring rows; each is computed on first use.
template <typename T>
class RowPair {
 public:
  // `even` and `odd` are the memory of rows with even and odd indices.
  void reset(T* even, T* odd) {
    rows_ = {even, odd};
    held_ = {-1, -1};
  }

  // Row `index`; make(index, memory) computes it unless it is cached.
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
