// A convolution's filter in integers, packed for tiles.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>

#include "base/buffer.h"

namespace backdrop {

// How an instruction set takes weights: `depth` of one output channel, for neighbouring input
// channels, lie side by side; a panel has `columns` output channels.
struct PanelFormat {
  std::size_t columns;
  std::size_t depth;
};

// A panel of neighbouring output channels ("columns") has their scales, their biases, for each tap
// of the window the sums of its weights times the scale, then for each tap and group of input
// channels a row of weights of 8 bits. The last panel overlaps the one before instead of being
// partial.
class IntegerFilter {
 public:
  // `filter` is columns x taps x channels, row-major, of at least a panel's columns; `channels` is
  // a multiple of 4, so that weights fill whole floats, and whole groups of the format's depth,
  // which is 1, 2 or 4. Weights are from -127 to 127. A column that holds an infinity or NaN has
  // NaN for its scale. `mean` is what the input channels are to be about, or empty: the biases make
  // good what the weights' rounding adds to that.
  IntegerFilter(PanelFormat format, std::size_t columns, std::size_t taps, std::size_t channels,
                std::span<const float> filter, std::span<const float> bias,
                std::span<const float> mean);

  std::size_t columns() const { return columns_; }
  std::size_t taps() const { return taps_; }
  std::size_t depth() const { return taps_ * channels_; }
  std::size_t panels() const { return (columns_ + format_.columns - 1) / format_.columns; }
  std::size_t first_column(std::size_t panel) const {
    return std::min(panel * format_.columns, columns_ - format_.columns);
  }
  std::size_t bytes() const { return packed_.size() * sizeof(float); }
  const float* panel(std::size_t index) const { return packed_.data() + index * panel_size(); }
  const std::int8_t* weights(std::size_t panel) const {
    return reinterpret_cast<const std::int8_t*>(this->panel(panel) + header_size());  // NOLINT
  }

 private:
  std::size_t header_size() const { return (2 + taps_) * format_.columns; }
  std::size_t panel_size() const {
    return header_size() + depth() * format_.columns / sizeof(float);
  }
  void pack_column(float bias, std::span<const float> column, std::span<const float> mean,
                   float* panel, std::size_t at) const;

  PanelFormat format_;
  std::size_t columns_, taps_, channels_;
  Buffer<float> packed_;
};

}  // namespace backdrop
