// What TensorFlow Lite metadata says of a network's ends.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace backdrop {

struct InputRange {
  float min = 0;  // what a black sample becomes in the network's input
  float max = 1;  // what a white sample becomes
};

// What has still to be done to the network's output for it to be probabilities.
enum class OutputActivation { kNone, kSigmoid, kSoftmax };

struct Metadata {
  std::optional<InputRange> input_range;
  std::optional<OutputActivation> output_activation;
  std::vector<std::string> class_names;  // of the output's channels, in order
};

// Reads the metadata of a .tflite file, and the labels that are packed behind it. What is not there
// or damaged is left out.
Metadata read_metadata(std::span<const std::uint8_t> tflite);

}  // namespace backdrop
