// A Gaussian blur as three box filters.
#pragma once

#include <cstddef>

#include "base/buffer.h"
#include "base/executor.h"

namespace backdrop {

// Pixels of 4 floats. `stride`, in floats, is a multiple of kStripFloats; the whole rows are
// initialized.
struct FloatImage {
  float* data = nullptr;
  int width = 0;
  int height = 0;
  std::size_t stride = 0;
};

inline constexpr std::size_t kStripFloats = 16;

inline constexpr std::size_t kBoxes = 3;

// A row or a column of a picture as vectors of floats, for the kernels.
struct BoxLine {
  float* first;       // the first vector
  std::size_t step;   // floats from one vector to the next
  int length;         // vectors
  int radius;         // of the whole part of a box
  float fraction;     // weight of the vector beyond either end
  float* scratch[2];  // each for length + 2 * kBoxes * (radius + 1) vectors
};

// Blurs pictures in place, with zeros around them. The boxes have fractional ends, so that any
// standard deviation is met exactly: Gwosdek, Grewenig, Bruhn, Weickert, "Theoretical Foundations
// of Gaussian Convolution by Extended Box Filtering", 2011. The result is scaled by a constant:
// callers divide by a weight that is blurred the same way.
class BoxBlur {
 public:
  // `sigma` is in pixels, 0 or more. False without memory.
  [[nodiscard]] bool prepare(int width, int height, double sigma, const Executor& executor);

  // What the picture is scaled by.
  float gain() const;

  // Allocates nothing.
  void run(const FloatImage& image, Executor& executor);

 private:
  int radius_ = 0;         // of the whole part of a box
  float fraction_ = 0;     // weight of the sample beyond either end
  std::size_t line_ = 0;   // floats of a line's scratch memory
  Buffer<float> scratch_;  // per thread: two lines
};

}  // namespace backdrop
