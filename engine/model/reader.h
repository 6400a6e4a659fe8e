// Reads TensorFlow Lite models.
#pragma once

#include <cstdint>
#include <span>

#include "base/error.h"
#include "graph/graph.h"

namespace backdrop {

// The graph of a `.tflite` file with one input and one output, both float32 of batch 1. The bytes
// are trusted in nothing: kModel if they are no well-formed model or its shapes do not fit one
// another, kUnsupported (naming every operation that is missing) if this engine cannot run it.
Result<Graph> read_tflite(std::span<const std::uint8_t> bytes);

}  // namespace backdrop
