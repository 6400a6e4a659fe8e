// Seeded Gaussian noise.
#pragma once

#include <cstdint>

#include "image.h"

namespace backdrop::quality {

// Adds to each value of `image` an independent one from a normal distribution with a standard
// deviation of `sigma`. Equal seeds give equal noise.
void add_noise(Image& image, double sigma, std::uint64_t seed);

}  // namespace backdrop::quality
