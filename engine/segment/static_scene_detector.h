// Whether anything moved before the camera.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace backdrop {

// Writes the sums of `rows` rows of sums.size() floats each, one after the other in memory.
void sum_float_rows(const float* values, std::size_t rows, std::span<float> sums);

// Compares the network's inputs, shrunk to means of blocks of 4x4 pixels: the noise of a camera
// averages out in them, where an edge that moves by a part of a pixel does not. They are compared
// with the latest input that the network was run on, not with the one before, so that slow movement
// adds up.
class StaticSceneDetector {
 public:
  StaticSceneDetector() = default;
  // For inputs of height x width x 3 floats, of which `range` lies between black and white.
  StaticSceneDetector(int width, int height, float range);

  // Whether all of the input is as in the accepted one: false when there is none. Allocates
  // nothing.
  bool is_still(const float* input);

  // The network runs on the input that was looked at last.
  void accept() { accepted_.swap(latest_); }

 private:
  void shrink(const float* input);

  std::size_t width_ = 0, height_ = 0;    // in pixels
  std::size_t columns_ = 0, rows_ = 0;    // in blocks
  float most_ = 0;                        // that a block's channels may differ by, summed
  std::vector<float> sums_;               // of a row of blocks
  std::vector<float> latest_, accepted_;  // rows_ x columns_ x 3 means
};

}  // namespace backdrop
