// Errors of a picture's alpha, in the scales in which the literature on matting states them. Both
// alphas have one channel, 0 to 1, and the same size; all pixels count. 0 is perfect.
#pragma once

#include "image.h"

namespace backdrop::quality {

// Mean absolute difference, in thousandths: 0 to 1000.
double mad(const Image& alpha, const Image& truth);

// Mean squared error, in thousandths: 0 to 1000.
double mse(const Image& alpha, const Image& truth);

// Sum of absolute differences, in thousands of pixels.
double sad(const Image& alpha, const Image& truth);

// Gradient error (Rhemann et al., "A perceptually motivated online benchmark for image matting",
// 2009): the sum of the squared differences of the gradients' magnitudes, in thousands. The
// gradient is taken by derivatives of a Gaussian of 1.4 pixels, each filter of a sum of squares
// of 1.
double gradient_error(const Image& alpha, const Image& truth);

// Connectivity error (Rhemann et al., 2009; theta 0.15, levels of 0.1, the distances' weights 1, as
// in the usual evaluation code): the sum of the differences of connectedness, in thousands of
// pixels.
double connectivity_error(const Image& alpha, const Image& truth);

}  // namespace backdrop::quality
