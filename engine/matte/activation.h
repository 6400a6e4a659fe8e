// From the network's output to the probability of a person.
#pragma once

#include <cstddef>
#include <span>

namespace backdrop {

// What the network's output says of each pixel.
enum class OutputKind {
  kProbability,  // one channel, 0 to 1
  kLogit,        // one channel
  kLogits,    // two channels: background, person
};

inline int output_channels(OutputKind kind) { return kind == OutputKind::kLogits ? 2 : 1; }

// Writes a probability per pixel: the value as it is, its sigmoid, or the softmax of two logits,
// which is the sigmoid of their difference. What is not a number becomes 0: background.
void activate(std::span<const float> output, OutputKind kind, float* probabilities);

}  // namespace backdrop
