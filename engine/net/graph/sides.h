// Which sides of a tensor are a picture's height, width and channels.
#pragma once

#include <algorithm>

#include "net/graph/graph.h"

namespace backdrop {

// A tensor's sides if its channels come first.
inline Shape with_channels_last(const Shape& first) {
  return {first.width, first.channels, first.height, first.batch};
}

// Whether a network's input has its channels first: 1, 3 or 4 of them, as a picture has, and longer
// sides.
inline bool has_channels_first(const Shape& input) {
  const auto fits = [](int channels) { return channels == 1 || channels == 3 || channels == 4; };
  return fits(input.height) && !fits(input.channels) &&
         input.height < std::min(input.width, input.channels);
}

// How far the proportions of two pictures differ: 1 if they are the same.
inline float proportion(const Shape& a, const Shape& b) {
  const float ratio = static_cast<float>(a.height) / static_cast<float>(b.height) *
                      static_cast<float>(b.width) / static_cast<float>(a.width);
  return std::max(ratio, 1 / ratio);
}

// Whether an output has about the input's proportions. A coarse output is rounded up along each
// side.
inline bool is_in_proportion(const Shape& input, const Shape& output) {
  return proportion(input, output) <= 2;
}

// Whether an output has its channels first: its sides then fit the input, and better than so.
inline bool has_channels_first(const Shape& input, const Shape& output) {
  const Shape last = with_channels_last(output);
  return !output.is_vector() && is_in_proportion(input, last) &&
         proportion(input, last) < proportion(input, output);
}

}  // namespace backdrop
