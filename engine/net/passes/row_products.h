// Arithmetic on rows of weights, for passes that go over all weights of a network.
#pragma once

#include <span>

namespace backdrop {

// Adds `factor` times the row to the sums; both of one size.
void add_scaled(float factor, std::span<const float> row, std::span<float> sums);

// The sum of the products of two rows of one size.
float dot(std::span<const float> a, std::span<const float> b);

}  // namespace backdrop
