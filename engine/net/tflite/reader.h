// Reads TensorFlow Lite models.
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

// Whether the graph's float32 constants are copies, or views of the file's bytes where they can be.
enum class Weights { kCopied, kViewed };

// The graph of a `.tflite` file with one input and one output, both float32 of batch 1. The bytes
// are trusted in nothing: kModel if they are no well-formed model or its shapes do not fit one
// another, kUnsupported (naming every operation that is missing) if this engine cannot run it.
//
// With an `input_size`, each side from 1 to 4096 (else kArgument), the graph is planned for it
// instead of the file's: shapes follow from it operation by operation. A height or width that the
// file writes down, such as a resize's target, stands for that which tensors of this size in the
// file have now or, where no tensor before had it, for its whole ratio to the operation's input; a
// pool of the whole picture stays one. kUnsupported, saying why, for a network that holds to the
// file's size. A file that leaves its input's height or width open is kUnsupported without one.
Result<Graph> read_tflite(std::span<const std::uint8_t> bytes,
                          std::optional<InputSize> input_size = {},
                          Weights weights = Weights::kCopied);

}  // namespace backdrop
