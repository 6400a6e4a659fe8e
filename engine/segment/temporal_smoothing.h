// Holding the mask still over time while the person is.
#pragma once

#include <cstddef>
#include <span>

#include "base/buffer.h"

namespace backdrop {

// Blends each new probability, in place, with the one shown at its pixel before, and leaves the
// result in both: fresh + weight * (shown - fresh). `shown` has as many values as `fresh`, in 0 to
// 1; new values outside are clamped.
//
// The weight is `strength` (0 to 1) times the new value's uncertainty, as in MediaPipe's
// SegmentationSmoothingCalculator, which takes a polynomial for the square of the binary entropy,
// times 1 - (difference / 0.25)^2, or 0 from there on. The latter is not MediaPipe's: a value that
// changes much is trusted even where it is uncertain, so that what moves is not trailed.
void smooth(std::span<float> fresh, float strength, float* shown);

// The mask shown last, and how much of it remains.
class TemporalSmoothing {
 public:
  // Of what was tried on videos: a half of the flicker, and what moves is hardly trailed.
  static constexpr float kDefaultStrength = 0.9f;

  // Prepares for masks of `size` values, of which none has been shown. False when there is no
  // memory.
  [[nodiscard]] bool prepare(std::size_t size);

  // 0 is off, 1 the most.
  void set_strength(float strength) { strength_ = strength; }

  // The next mask is shown as it is.
  void reset() { has_shown_ = false; }

  // Steadies a mask of the size prepared for. Allocates nothing.
  void run(std::span<float> probabilities);

 private:
  float strength_ = kDefaultStrength;
  Buffer<float> shown_;
  bool has_shown_ = false;
};

}  // namespace backdrop
