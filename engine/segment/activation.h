// From the network's output to probabilities of a person.
#pragma once

#include <bitset>
#include <cstddef>
#include <span>
#include <string_view>

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

struct OutputTraits {
  bool one_channel = false;  // else a channel per class
  bool has_classes = true;
  bool can_interpolate = true;   // class numbers have nothing between them
  std::string_view description;  // of a pixel; after the number of channels unless it has one
};

// A switch without default, so that the compiler names a kind that has no row.
constexpr OutputTraits traits_of(OutputKind kind) {
  switch (kind) {
    case OutputKind::kProbability:
      return {.one_channel = true, .has_classes = false, .description = "one probability a pixel"};
    case OutputKind::kLogit:
      return {.one_channel = true, .has_classes = false, .description = "one logit a pixel"};
    case OutputKind::kLogits:
      return {.description = "logits a pixel"};
    case OutputKind::kProbabilities:
      return {.description = "probabilities a pixel"};
    case OutputKind::kArgMax:
      return {.description = "values a pixel, the largest its class"};
    case OutputKind::kLabel:
      return {.one_channel = true,
              .can_interpolate = false,
              .description = "the number of its class a pixel"};
  }
  return {};
}

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
