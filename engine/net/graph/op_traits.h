// The properties of each kind of operation that the passes and the execution plan depend on. Other
// code must not switch on a node's kind; the exceptions are passes that rewrite one pattern.
#pragma once

#include <array>
#include <cstddef>
#include <string_view>

#include "net/graph/graph.h"
#include "net/graph/output_head.h"

namespace backdrop {

// How output pixels align with input pixels.
enum class Place {
  kSame,
  kWindow,            // an output pixel lies at the centre of its window
  kTransposedWindow,  // an input pixel lies at the centre of its window on the output
  kResized,
  kUnknown,
};

// The unit in which a kernel counts its work.
enum class WorkRows {
  kOutputRows,   // one output row; global pooling counts input rows instead
  kRowGroups,    // a row group: window.stride_y output rows
  kWholeTensor,  // the whole tensor is one row of work
};

// Whether a kernel reads its first input through Rows::row() only, so that a line buffer suffices.
enum class ReadsRows { kNever, kIfPointwise, kAlways };

// Whether a kernel can add a residual while it writes.
enum class AddsResidual { kNever, kAlways, kWithoutActivation };

// The operand that Node::gate scales, channel by channel.
enum class Gate { kNone, kInputIfPointwise, kFirstInput, kResidual };

struct OpTraits {
  std::string_view name = {};  // TensorFlow Lite's name, if TensorFlow Lite has the operation
  Place place = Place::kSame;
  WorkRows work_rows = WorkRows::kOutputRows;
  bool writes_rows = false;  // row by row, so that the next operation can join its stage group
  ReadsRows reads_rows = ReadsRows::kNever;
  bool reads_halo = false;  // zeros beside the first input's rows
  bool is_dense = false;    // operands and output must be contiguous
  bool takes_activation = false;
  AddsResidual adds_residual = AddsResidual::kNever;
  Gate gate = Gate::kNone;
  bool is_foldable = false;  // fold_constants() computes it
  bool keeps_head = false;   // only moves, rounds or interpolates values: their meaning stays
  bool keeps_grid = false;   // only moves values: those on a grid stay on it
  bool is_mean = false;      // of a few values
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
