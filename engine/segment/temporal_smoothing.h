// Temporal smoothing of the mask.
#pragma once

#include <cstddef>
#include <span>

#include "base/buffer.h"

namespace backdrop {

// Blends each new probability with the one shown at its pixel before: fresh + weight * (shown -
// fresh). Writes the result to both arrays, which have one size. `shown` is within 0 to 1; fresh
// values are clamped to that.
//
// weight = strength * uncertainty(fresh) * max(0, 1 - (difference / 0.25)^2). The uncertainty is a
// polynomial for the square of the binary entropy, as in MediaPipe's
// SegmentationSmoothingCalculator. The last factor is not MediaPipe's: a large change is trusted
// even if the value is uncertain, so that nothing trails behind what moves.
void smooth(std::span<float> fresh, float strength, float* shown);

// Keeps the mask shown last.
class TemporalSmoothing {
 public:
  // The best of the values tried on videos: half of the flicker is gone, and hardly anything
  // trails.
  static constexpr float kDefaultStrength = 0.9f;

  // Prepares for masks of `size` values. The next mask is shown as it is. False without memory.
  [[nodiscard]] bool prepare(std::size_t size);

  // 0 (off) to 1.
  void set_strength(float strength) { strength_ = strength; }

  // The next mask is shown as it is.
  void reset() { has_shown_ = false; }

  // The mask shown last; empty if the next is shown as it is.
  std::span<const float> shown() const { return {shown_.data(), has_shown_ ? shown_.size() : 0}; }

  // Smooths a mask of the size prepared for, in place. Allocates nothing.
  void run(std::span<float> probabilities);

 private:
  float strength_ = kDefaultStrength;
  Buffer<float> shown_;
  bool has_shown_ = false;
};

}  // namespace backdrop
