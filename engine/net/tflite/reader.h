// Reads TensorFlow Lite models into graphs.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

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

// Reads the graph of a `.tflite` file: the picture's input, NHWC, is the graph's, and an output
// with the picture's sides, NHWC. Of several outputs it is the one that is called `output_name`
// (kArgument if there is none), else the one whose shape fits best; further inputs are states. The
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
                          Weights weights = Weights::kCopied, std::string_view output_name = {});

}  // namespace backdrop
