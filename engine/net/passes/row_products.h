// Arithmetic on rows of weights, for passes that go over all weights of a network. These functions
// are compiled for speed, unlike the passes, and stay apart from them: a browser replaces the slow
// first code of a function only between two calls.
#pragma once

#include <span>

namespace backdrop {

// Adds `factor` times the row to the sums; both of one size.
void add_scaled(float factor, std::span<const float> row, std::span<float> sums);

// The sum of the products of two rows of one size.
float dot(std::span<const float> a, std::span<const float> b);

}  // namespace backdrop
