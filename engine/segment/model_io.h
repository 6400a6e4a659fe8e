// What goes into a network and what its output means: told by its user, its file or its shape, in
// this order.
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

// What is absent is told by the file, or else assumed.
struct ModelOptions {
  std::optional<InputSize> input_size = std::nullopt;
  std::optional<InputRange> input_range = std::nullopt;  // finite, min < max
  std::optional<OutputKind> output = std::nullopt;
  ChannelOrder channel_order = ChannelOrder::kRgb;
  ClassSet classes = {};  // that are kept; none: absent
};

// The ends of a network, as it was planned.
struct NetworkSpec {
  Shape input;
  Shape output;
  OutputHead head;
};

struct ModelInfo {
  Shape input;
  Shape output;
  InputRange input_range;
  ChannelOrder channel_order = ChannelOrder::kRgb;
  OutputFormat format;
  std::size_t class_count = 0;           // of the output, 0 where it has none
  std::vector<std::string> class_names;  // as the file has them, class_count or none
  std::string description;               // one line: all this, where it is from, what is assumed
};

// Where nothing tells: RGB from 0 to 1; one channel is a probability if it comes from a sigmoid, a
// label if it comes from an arg-max, else a logit; more channels are probabilities if they come
// from a softmax or a sigmoid, else logits. The classes kept are then those with a person's name,
// else all that are not the background by name; without names class 1 of 2, class 15 of 21 (the
// person of Pascal VOC), else all but class 0.
//
// kUnsupported where the ends fit no kind, kArgument where the options do not fit the ends.
Result<ModelInfo> resolve_model_io(const NetworkSpec& spec, const Metadata& metadata,
                                   const ModelOptions& options);

}  // namespace backdrop
