// From a frame to the network's input.
#pragma once

#include "base/buffer.h"
#include "image/frame.h"
#include "image/region.h"
#include "image/resize.h"
#include "base/executor.h"

namespace backdrop {

// Resizes a part of a frame to the network's size (area average when shrinking, bilinear when
// enlarging), ignoring the aspect ratio, and converts it to float RGB in one pass. Does not rotate
// it.
class Sampler {
 public:
  struct Target {
    int width = 0;
    int height = 0;
    float black = 0;  // what a sample of 0 becomes
    float white = 1;  // what a sample of 255 becomes
  };

  // Prepares for frames of one format and size, and to sample them whole. False when there is no
  // memory.
  [[nodiscard]] bool prepare(PixelFormat format, int width, int height, const Target& target,
                             const Executor& executor);

  // The part of the next frames that is sampled. Allocates nothing.
  void look_at(const Region& region);

  // Writes target.height x target.width x 3 floats. Allocates nothing.
  void run(const ConstFrame& frame, float* input, Executor& executor);

 private:
  struct Plane {
    int width = 0, height = 0;  // of the frame's plane
    ResizeTaps columns, rows;   // of the region

    void reserve(const Target& target);
    void look_at(const Region& region, const Target& target);
  };

  // The samples of a row of a plane that the region covers: all that is summed.
  struct Covered {
    std::size_t first, count;
  };
  static Covered covered_by(const Plane& plane, int channels);

  // Computes rows y ... y + kGroup - 1 of RGB or BGR; rows beyond the last repeat it.
  void sample_rgb(const ConstFrame& frame, int y, std::uint16_t* sums, float* rgb) const;
  void sample_yuv(const ConstFrame& frame, int y, std::uint16_t* sums, float* rgb) const;

  // Rows are computed in groups: four rows of YUV are resized together, like the four channels of
  // RGBA.
  static constexpr int kGroup = 4;

  Target target_;
  Plane first_, chroma_;
  std::size_t row_sums_ = 0;    // samples of the longest row of a plane
  std::size_t row_ = 0;         // floats of one row of one channel, padded
  Buffer<std::uint16_t> sums_;  // per thread: kGroup rows of the frame, then the same interleaved
  Buffer<float> rows_;          // per thread: kGroup rows of RGB, then of Y, U and V
};

}  // namespace backdrop
