// How threads of a WebAssembly module wait. Needs a module built with atomics.
#pragma once

#include "platform/thread_team.h"

namespace backdrop {

struct Waiting {
  static bool spin_until_changed(const Word& word, std::uint64_t value) {
    constexpr int kSpins = 100'000;  // reading a clock would call JavaScript
    for (int i = 0; i < kSpins; ++i) {
      if (word.load() != value) return true;
    }
    return false;
  }

  static bool sleep_until_changed(Word& word, std::uint64_t value, std::int64_t nanoseconds) {
    constexpr int kTimedOut = 2;
    return __builtin_wasm_memory_atomic_wait64(reinterpret_cast<long long*>(&word),
                                               static_cast<long long>(value),
                                               nanoseconds) != kTimedOut;
  }

  static void wake_all(Word& word) {
    __builtin_wasm_memory_atomic_notify(reinterpret_cast<int*>(&word), UINT32_MAX);
  }
};

}  // namespace backdrop
