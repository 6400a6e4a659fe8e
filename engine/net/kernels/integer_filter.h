// A convolution's filter in integers, packed for tiles.
#pragma once

#include <algorithm>
#include <cstddef>
#include <span>

#include "base/buffer.h"

namespace backdrop {

// How an instruction set takes weights: an integer of 32 bits holds `depth` weights of one output
// channel for neighbouring input channels, 4 of 8 bits or 2 of 16; a panel has `columns` output
// channels.
struct PanelFormat {
  std::size_t columns;
  std::size_t depth;
};

// A panel of neighbouring output channels ("columns") has their scales, their biases, for each tap
// of the window the sums of its weights times the scale, then for each tap and group of input
// channels a row of weights. The last panel overlaps the one before instead of being partial.
class IntegerFilter {
 public:
  // `filter` is columns x taps x channels, row-major, of at least a panel's columns; `channels` is
  // a multiple of the format's depth. Weights are from -127 to 127. A column that holds an infinity
  // or NaN has NaN for its scale.
  IntegerFilter(PanelFormat format, std::size_t columns, std::size_t taps, std::size_t channels,
                std::span<const float> filter, std::span<const float> bias);

  std::size_t columns() const { return columns_; }
  std::size_t taps() const { return taps_; }
  std::size_t depth() const { return taps_ * channels_; }
  std::size_t panels() const { return (columns_ + format_.columns - 1) / format_.columns; }
  std::size_t first_column(std::size_t panel) const {
    return std::min(panel * format_.columns, columns_ - format_.columns);
  }
  std::size_t bytes() const { return packed_.size() * sizeof(float); }
  const float* panel(std::size_t index) const { return packed_.data() + index * panel_size(); }

 private:
  std::size_t panel_size() const { return (2 + taps_ + depth() / format_.depth) * format_.columns; }
  void pack_column(float bias, std::span<const float> column, float* to) const;

  PanelFormat format_;
  std::size_t columns_, taps_, channels_;
  Buffer<float> packed_;
};

}  // namespace backdrop
