// Detects that nothing moves before the camera.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace backdrop {

// sums[i] = the sum over `rows` consecutive rows of sums.size() floats.
void sum_float_rows(const float* values, std::size_t rows, std::span<float> sums);

// Compares the network's inputs as means of blocks of 4x4 pixels: a camera's noise averages out in
// a block, an edge that moves by a fraction of a pixel does not. A fixed threshold would be blind
// to movement in the dark: a block may differ by a share of its own brightness, or by the noise,
// which is measured at the stiller half of the blocks. The reference is the latest input that the
// network ran on, not the frame before, so that slow movement adds up.
class StaticSceneDetector {
 public:
  StaticSceneDetector() = default;
  // For inputs of height x width x 3 floats from `black` to `white`.
  StaticSceneDetector(int width, int height, float black, float white);

  // Whether the input differs from the accepted one by no more than noise. False if none was
  // accepted. Allocates nothing.
  bool is_still(const float* input);

  // No input is the reference any more.
  void forget();

  // The input seen last becomes the reference: the network runs on it.
  void accept() { accepted_.swap(latest_); }

 private:
  void shrink(const float* input);
  float most_of_noise() const;

  std::size_t width_ = 0, height_ = 0;    // in pixels
  std::size_t columns_ = 0, rows_ = 0;    // in blocks
  float black_ = 0;                       // of a block, summed over its channels
  float least_ = 0, most_ = 0;            // bounds of what a block may differ by
  std::vector<float> sums_;               // of a row of blocks
  std::vector<float> latest_, accepted_;  // rows_ x columns_ x 3 means
  std::vector<float> differences_;        // of each block, summed over its channels
};

}  // namespace backdrop
