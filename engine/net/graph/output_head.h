// What a network's last operations make of its output.
#pragma once

namespace backdrop {

struct Graph;

// The last operation but for those that only move values or interpolate between them.
struct OutputHead {
  enum class Kind { kOther, kSigmoid, kSoftmax, kArgMax };
  Kind kind = Kind::kOther;
  int channels = 1;  // that the operation reads
};

OutputHead find_output_head(const Graph& graph);

}  // namespace backdrop
