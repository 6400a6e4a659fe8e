// The output head: the operation that gives a network's output its meaning.
#pragma once

namespace backdrop {

struct Graph;

// The last operation, ignoring operations that only move or interpolate values.
struct OutputHead {
  enum class Kind { kOther, kSigmoid, kSoftmax, kArgMax };
  Kind kind = Kind::kOther;
  int channels = 1;  // of the operation's input
};

OutputHead find_output_head(const Graph& graph);

}  // namespace backdrop
