// The model I/O spec: what the network's input is to hold and what its output means. From the
// caller, the file or the shape, in this order.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "segment/activation.h"
#include "net/tflite/metadata.h"
#include "net/tflite/reader.h"
#include "net/network.h"

namespace backdrop {

enum class ChannelOrder { kRgb, kBgr };

// What the caller chose. An absent value comes from the file or the default.
struct ModelOptions {
  std::optional<InputSize> input_size = std::nullopt;
  std::optional<InputRange> input_range = std::nullopt;  // finite, min < max
  std::vector<InputRange> channel_ranges = {};           // instead, of three channels
  std::optional<OutputKind> output = std::nullopt;
  ChannelOrder channel_order = ChannelOrder::kRgb;
  ClassSet classes = {};         // kept as person; none: absent
  std::string output_name = {};  // of one of several outputs; empty: absent
  Precision precision = Precision::kAuto;
};

// Input and output of a planned network.
struct NetworkSpec {
  Shape input;
  Shape output;
  OutputHead head;
  Grid input_quantization{};     // if the input is quantized
  std::string output_name = {};  // if the file has several outputs
};

struct ModelInfo {
  Shape input;
  Shape output;
  InputRange input_range;  // of all channels together
  std::vector<InputRange>
      channel_ranges;  // of each channel, in the network's order, if they differ
  ChannelOrder channel_order = ChannelOrder::kRgb;
  OutputFormat format;
  std::size_t class_count = 0;           // of the output; 0: it has no classes
  std::vector<std::string> class_names;  // from the file: class_count, or none
  std::string description;               // one line: all this and its provenance
};

// Defaults: RGB from 0 to 1. One channel is a probability after a sigmoid, a label after an
// arg-max, else a logit. More channels are probabilities after a softmax or a sigmoid, else logits.
// The kept classes are those named as a person; else all that are not named as background; without
// names class 1 of 2, class 15 of 21 (the person of Pascal VOC), else all but class 0.
//
// kUnsupported: input or output fit no kind. kArgument: the options do not fit them.
Result<ModelInfo> resolve_model_io(const NetworkSpec& spec, const Metadata& metadata,
                                   const ModelOptions& options);

}  // namespace backdrop
