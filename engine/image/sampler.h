// From a frame to the network's input.
#pragma once

#include "base/buffer.h"
#include "image/frame.h"
#include "image/resize.h"
#include "base/executor.h"

namespace backdrop {

// Stretches a frame to the network's size (area average when shrinking, bilinear when enlarging)
// and converts it to float RGB in one pass, as it is stored: not turned.
class Sampler {
 public:
  struct Target {
    int width = 0;
    int height = 0;
    float black = 0;  // what a sample of 0 becomes
    float white = 1;  // what a sample of 255 becomes
  };

  // Prepares for frames of one format and size. False when there is no memory.
  [[nodiscard]] bool prepare(PixelFormat format, int width, int height, const Target& target,
                             const Executor& executor);

  // Writes target.height x target.width x 3 floats. Allocates nothing.
  void run(const ConstFrame& frame, float* input, Executor& executor);

 private:
  struct Plane {
    ResizeTaps columns, rows;
  };

  // Rows y to y + kGroup - 1 of RGB or BGR; beyond the last, the last again.
  void sample_rgb(const ConstFrame& frame, int y, std::uint16_t* sums, float* rgb) const;
  void sample_yuv(const ConstFrame& frame, int y, std::uint16_t* sums, float* rgb) const;

  // Rows are made in groups: those of YUV are resized side by side, as the channels of RGBA are.
  static constexpr int kGroup = 4;

  Target target_;
  Plane first_, chroma_;
  std::size_t row_sums_ = 0;    // room for the samples of a row of any plane
  std::size_t row_ = 0;         // floats of one row of one channel, padded
  Buffer<std::uint16_t> sums_;  // per thread: kGroup rows of the frame, and these interleaved
  Buffer<float> rows_;          // per thread: kGroup rows of RGB, and of Y, U and V
};

}  // namespace backdrop
