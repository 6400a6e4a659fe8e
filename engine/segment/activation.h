// From the network's output to the probability of what is kept.
#pragma once

#include <bitset>
#include <cstddef>
#include <span>

namespace backdrop {

// What the network's output says of each pixel.
enum class OutputKind {
  kProbability,    // one channel, 0 to 1
  kLogit,          // one channel
  kLogits,         // a channel per class: softmax follows
  kProbabilities,  // a channel per class, 0 to 1
  kArgMax,         // a channel per class: the pixel is of the class of the largest
  kLabel,          // one channel: the number of the pixel's class
};

inline constexpr std::size_t kMaxClasses = 256;
using ClassSet = std::bitset<kMaxClasses>;

struct OutputFormat {
  OutputKind kind = OutputKind::kProbability;
  std::size_t channels = 1;  // 1 to kMaxClasses
  ClassSet kept;             // of kinds that know classes
};

// Writes a probability for each pixel of output.size() / format.channels:
// - kProbability: the value as it is; kLogit: its sigmoid;
// - kLogits: the sum of the softmax of the kept classes;
// - kProbabilities: the sum of the kept classes, at most 1;
// - kArgMax: 1 where the largest, the first of equals, is of a kept class, else 0;
// - kLabel: 1 where the value, rounded, is the number of a kept class, else 0.
// A pixel of which anything is not a number gets 0: background. Allocates nothing.
void activate(std::span<const float> output, const OutputFormat& format, float* probabilities);

}  // namespace backdrop
