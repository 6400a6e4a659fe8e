// Reads TensorFlow Lite models into graphs.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "base/error.h"
#include "net/graph/graph.h"

namespace backdrop {

struct InputSize {
  int width = 0;  // pixels
  int height = 0;
};

// Whether the graph's float32 constants are copies, or views of the file's bytes if these are
// aligned. Views are valid only as long as the bytes.
enum class Weights { kCopied, kViewed };

// Reads the graph of a `.tflite` file with one input and one output, both float32 of batch 1. The
// bytes may be hostile. Errors: kModel for a malformed model or inconsistent shapes; kUnsupported,
// naming all unsupported operations, if this engine cannot run the model.
//
// With an `input_size` the network is resized; each side must be from 1 to 4096 (else kArgument).
// Shapes are inferred anew, operation by operation. A height or width that the file states, such as
// a resize's target, is replaced by the new size of earlier tensors with that size in the file. If
// no earlier tensor has that size, its integer ratio to the operation's input is kept. Global
// pooling stays global. A network that cannot be resized is kUnsupported, with the reason. So is a
// file with a dynamic input height or width if there is no `input_size`.
Result<Graph> read_tflite(std::span<const std::uint8_t> bytes,
                          std::optional<InputSize> input_size = {},
                          Weights weights = Weights::kCopied);

}  // namespace backdrop
