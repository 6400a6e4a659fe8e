#include "pipeline/clock.h"

#if !defined(__wasm__)
#include <chrono>
#endif

namespace backdrop {

#if defined(__wasm__)

extern "C" __attribute__((import_module("backdrop"), import_name("now"))) double backdrop_now();

double now_ms() { return backdrop_now(); }

#else

double now_ms() {
  const auto since = std::chrono::steady_clock::now().time_since_epoch();
  return std::chrono::duration<double, std::milli>(since).count();
}

#endif

}  // namespace backdrop
