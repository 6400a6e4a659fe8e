// From the network's output to probabilities of a person.
#pragma once

#include <bitset>
#include <cstddef>
#include <span>

namespace backdrop {

// What the channels of an output pixel are.
enum class OutputKind {
  kProbability,    // one channel, 0 to 1
  kLogit,          // one channel
  kLogits,         // a channel per class: softmax follows
  kProbabilities,  // a channel per class, 0 to 1
  kArgMax,         // a channel per class: the largest is the class of the pixel
  kLabel,          // one channel: the number of the pixel's class
};

inline constexpr std::size_t kMaxClasses = 256;
using ClassSet = std::bitset<kMaxClasses>;

struct OutputFormat {
  OutputKind kind = OutputKind::kProbability;
  std::size_t channels = 1;  // 1 to kMaxClasses
  ClassSet kept;             // ignored by kinds without classes
};

// Computes a probability for each of the output.size() / format.channels pixels:
// - kProbability: the value; kLogit: its sigmoid;
// - kLogits: the sum of the softmax over the kept classes;
// - kProbabilities: the sum over the kept classes, at most 1;
// - kArgMax: 1 if the first of the largest values is of a kept class, else 0;
// - kLabel: 1 if the rounded value is a kept class, else 0.
// A pixel with a NaN gets 0: background. Allocates nothing.
void activate(std::span<const float> output, const OutputFormat& format, float* probabilities);

}  // namespace backdrop
