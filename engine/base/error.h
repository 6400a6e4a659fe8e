// Errors: a code for programs and one line for people.
#pragma once

#include <expected>
#include <initializer_list>
#include <memory>
#include <string>
#include <utility>

#include "base/text.h"

namespace backdrop {

enum class ErrorCode {
  kArgument,     // a call that makes no sense: a size of zero, a null plane
  kModel,        // bytes that are not a well-formed model
  kUnsupported,  // a well-formed model that this engine cannot run
  kState,        // a call too early, such as a frame before a model
  kMemory,       // not enough memory
};

// One pointer, so that handing on a Result that failed takes few instructions: they are at every
// call that may fail.
class Error {
 public:
  Error(ErrorCode code, std::string message) : content_(new Content{code, std::move(message)}) {}
  ErrorCode code() const { return content_->code; }
  const std::string& message() const { return content_->message; }  // one line, without a full stop

 private:
  struct Content {
    ErrorCode code;
    std::string message;
  };
  struct Free {
    void operator()(const Content* content) const;  // out of line, as it is seldom run
  };
  std::unique_ptr<const Content, Free> content_;
};

template <typename T>
using Result = std::expected<T, Error>;

// Out of line, as what fails is seldom run.
[[gnu::cold]] std::unexpected<Error> fail(ErrorCode code, const char* message);
[[gnu::cold]] std::unexpected<Error> fail(ErrorCode code, std::initializer_list<TextPart> parts);

std::unexpected<Error> no_memory_for_picture();
std::unexpected<Error> no_background_image();

}  // namespace backdrop

// The value of a Result. If it holds an error, the enclosing function returns that error. A
// statement expression, which GCC and Clang have.
#define BACKDROP_TRY(result)                                        \
  ({                                                                \
    auto tried_ = (result);                                         \
    if (!tried_) return std::unexpected(std::move(tried_).error()); \
    *std::move(tried_);                                             \
  })
