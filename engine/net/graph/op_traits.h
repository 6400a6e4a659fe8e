// What the passes and the execution plan need to know of each kind of operation. Nothing else in
// the engine asks which kind a node is, but for the passes that rewrite one particular pattern.
#pragma once

#include <array>
#include <cstddef>
#include <string_view>

#include "net/graph/graph.h"
#include "net/graph/output_head.h"

namespace backdrop {

// Where an output pixel lies on the input's pixels.
enum class Place {
  kSame,
  kWindow,            // at the centre of the window that it is made from
  kTransposedWindow,  // the other way round
  kResized,
  kUnknown,
};

// What a kernel's row of work is.
enum class WorkRows {
  kOutputRows,   // a row of the output; a pool of the whole picture counts the input's rows
  kRowGroups,    // window.stride_y rows of the output
  kWholeTensor,  // one row of work, the whole tensor
};

// Whether a kernel reads its first input row by row, wherever each row lies: a line buffer will do.
enum class ReadsRows { kNever, kIfPointwise, kAlways };

// Whether a kernel adds a residual while it writes.
enum class AddsResidual { kNever, kAlways, kWithoutActivation };

// What Node::gate scales, channel by channel.
enum class Gate { kNone, kInputIfPointwise, kFirstInput, kResidual };

struct OpTraits {
  std::string_view name = {};  // as TensorFlow Lite has it, where it has the operation
  Place place = Place::kSame;
  WorkRows work_rows = WorkRows::kOutputRows;
  bool writes_rows = false;  // row by row, so that the next operation can follow
  ReadsRows reads_rows = ReadsRows::kNever;
  bool reads_halo = false;  // zeros beside the first input's rows
  bool is_dense = false;    // operands and output are one stretch of floats
  bool takes_activation = false;
  AddsResidual adds_residual = AddsResidual::kNever;
  Gate gate = Gate::kNone;
  bool is_foldable = false;  // fold_constants() computes it
  bool keeps_head = false;   // moves values or interpolates: the output means the same
  OutputHead::Kind head = OutputHead::Kind::kOther;
};

inline constexpr std::array<OpTraits, kOpCount> kOpTraits{{
#define OPERATION(kind, kernel, ...) OpTraits{__VA_ARGS__},
#include "net/graph/operations.def"
#undef OPERATION
}};

constexpr const OpTraits& traits_of(OpKind kind) {
  return kOpTraits[static_cast<std::size_t>(kind)];
}
inline const OpTraits& traits_of(const Node& node) { return traits_of(node.kind); }

}  // namespace backdrop
