// Preconditions that a caller inside the engine promises to keep.
#pragma once

// BACKDROP_ASSERT(condition) ends the program with the condition's text and place if it does not
// hold. It is active without NDEBUG and under AddressSanitizer; elsewhere the condition is compiled
// but not evaluated. It is not for what comes from outside: bad input gets an Error.
#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define BACKDROP_ASSERTS 1
#endif
#endif
#if !defined(NDEBUG) || defined(__SANITIZE_ADDRESS__)
#undef BACKDROP_ASSERTS
#define BACKDROP_ASSERTS 1
#endif

#if defined(BACKDROP_ASSERTS)

#if !defined(__wasm__)
#include <cstdio>
#endif

namespace backdrop {

[[noreturn, gnu::cold]] inline void fail_assertion([[maybe_unused]] const char* condition,
                                                   [[maybe_unused]] const char* file,
                                                   [[maybe_unused]] int line) {
#if !defined(__wasm__)
  std::fprintf(stderr, "%s:%d: assertion failed: %s\n", file, line, condition);
#endif
  __builtin_trap();
}

}  // namespace backdrop

#define BACKDROP_ASSERT(condition) \
  static_cast<void>((condition) || \
                    (::backdrop::fail_assertion(#condition, __FILE__, __LINE__), false))

#else

#define BACKDROP_ASSERT(condition) static_cast<void>(sizeof(static_cast<bool>(condition)))

#endif

// Whether `pointer` is a multiple of `bytes`, for assertions about rows and buffers.
#define BACKDROP_IS_ALIGNED(pointer, bytes) \
  (reinterpret_cast<__UINTPTR_TYPE__>(pointer) % (bytes) == 0)
