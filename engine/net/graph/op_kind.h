// The kinds of operations; operations.def says what each one computes.
#pragma once

#include <cstddef>

namespace backdrop {

enum class OpKind {
#define OPERATION(kind, ...) kind,
#include "net/graph/operations.def"
#undef OPERATION
};

inline constexpr std::size_t kOpCount = 0
#define OPERATION(...) +1  // NOLINT(bugprone-macro-parentheses): a term of the sum
#include "net/graph/operations.def"
#undef OPERATION
    ;

}  // namespace backdrop
