// Errors: a code for programs and one line for people.
#pragma once

#include <expected>
#include <string>
#include <utility>

namespace backdrop {

enum class ErrorCode {
  kArgument,     // a call that makes no sense: a size of zero, a null plane
  kModel,        // bytes that are not a well-formed model
  kUnsupported,  // a well-formed model that this engine cannot run
  kState,        // a call too early, such as a frame before a model
  kMemory,       // not enough memory
};

struct Error {
  ErrorCode code;
  std::string message;  // one line, without a trailing full stop
};

template <typename T>
using Result = std::expected<T, Error>;

inline std::unexpected<Error> fail(ErrorCode code, std::string message) {
  return std::unexpected(Error{code, std::move(message)});
}

// Not inlined: a module makes the string in one place, not at every error.
[[gnu::noinline, gnu::cold]] inline std::unexpected<Error> fail(ErrorCode code,
                                                                const char* message) {
  return std::unexpected(Error{code, message});
}

inline std::unexpected<Error> no_memory_for_picture() {
  return fail(ErrorCode::kMemory, "there is not enough memory for a picture of this size");
}

inline std::unexpected<Error> no_background_image() {
  return fail(ErrorCode::kState, "there is no background picture");
}

}  // namespace backdrop

// The value of a Result. If it holds an error, the enclosing function returns that error. A
// statement expression, which GCC and Clang have.
#define BACKDROP_TRY(result)                                        \
  ({                                                                \
    auto tried_ = (result);                                         \
    if (!tried_) return std::unexpected(std::move(tried_).error()); \
    *std::move(tried_);                                             \
  })
