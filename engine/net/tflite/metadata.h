// TensorFlow Lite metadata about a network's input and output.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace backdrop {

struct InputRange {
  float min = 0;  // the network's input for a black sample
  float max = 1;  // the network's input for a white sample
  bool operator==(const InputRange&) const = default;
};

// The activation that turns the network's output into probabilities.
enum class OutputActivation { kNone, kSigmoid, kSoftmax };

struct Metadata {
  std::optional<InputRange> input_range;
  std::optional<OutputActivation> output_activation;
  std::vector<std::string> class_names;         // one for each output channel, in order
  std::vector<InputRange> channel_ranges = {};  // of three channels, if they differ; else empty
};

// Reads the metadata of a .tflite file about one of its inputs and one of its outputs, and the
// label file appended to it as a zip archive. Missing or damaged fields stay empty.
Metadata read_metadata(std::span<const std::uint8_t> tflite, std::size_t input = 0,
                       std::size_t output = 0);

}  // namespace backdrop
