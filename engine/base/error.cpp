#include "base/error.h"

namespace backdrop {

[[gnu::noinline]] void Error::Free::operator()(const Content* content) const { delete content; }

std::unexpected<Error> fail(ErrorCode code, std::initializer_list<TextPart> parts) {
  return std::unexpected(Error(code, join(parts)));
}

std::unexpected<Error> fail(ErrorCode code, const char* message) {
  return std::unexpected(Error(code, message));
}

std::unexpected<Error> no_memory_for_picture() {
  return fail(ErrorCode::kMemory, "there is not enough memory for a picture of this size");
}

std::unexpected<Error> no_background_image() {
  return fail(ErrorCode::kState, "there is no background picture");
}

}  // namespace backdrop
