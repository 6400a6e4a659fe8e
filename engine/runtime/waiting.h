// How threads wait for a word of memory to change: they look at it for a while, then sleep.
#pragma once

#include <atomic>
#include <cstdint>

#if !defined(__wasm__)
#include <hwy/cache_control.h>

#include <chrono>
#endif

namespace backdrop {

using Word = std::atomic<std::uint64_t>;

// Threads look for longer than what a network has between two operations worth dividing, and for
// about as long as it takes to wake one that sleeps: 0.1 to 0.2 ms.
#if defined(__wasm__)

inline bool spin_until_changed(const Word& word, std::uint64_t value) {
  constexpr int kSpins = 100'000;  // a clock would be a call of JavaScript's
  for (int i = 0; i < kSpins; ++i) {
    if (word.load() != value) return true;
  }
  return false;
}

inline bool sleep_until_changed(Word& word, std::uint64_t value, std::int64_t nanoseconds) {
  constexpr int kTimedOut = 2;
  return __builtin_wasm_memory_atomic_wait64(reinterpret_cast<long long*>(&word),
                                             static_cast<long long>(value),
                                             nanoseconds) != kTimedOut;
}

inline void wake_all(Word& word) {
  __builtin_wasm_memory_atomic_notify(reinterpret_cast<int*>(&word), UINT32_MAX);
}

#else

inline bool spin_until_changed(const Word& word, std::uint64_t value) {
  using Clock = std::chrono::steady_clock;
  const auto end = Clock::now() + std::chrono::microseconds(100);
  do {
    if (word.load() != value) return true;
    hwy::Pause();
  } while (Clock::now() < end);
  return false;
}

inline bool sleep_until_changed(Word& word, std::uint64_t value, std::int64_t) {
  word.wait(value);
  return true;
}

inline void wake_all(Word& word) { word.notify_all(); }

#endif

inline constexpr std::int64_t kForever = -1;

// Answers false when the word still has this value after about so many nanoseconds. Natively that
// is not kept: there a thread is only lost together with all of the program.
inline bool await_change(Word& word, std::uint64_t value, std::int64_t nanoseconds = kForever) {
  return spin_until_changed(word, value) || sleep_until_changed(word, value, nanoseconds);
}

}  // namespace backdrop
