// How native threads wait.
#pragma once

#include <hwy/cache_control.h>

#include <chrono>

#include "platform/thread_team.h"

namespace backdrop {

struct Waiting {
  static bool spin_until_changed(const Word& word, std::uint64_t value) {
    using Clock = std::chrono::steady_clock;
    const auto end = Clock::now() + std::chrono::microseconds(100);
    do {
      if (word.load() != value) return true;
      hwy::Pause();
    } while (Clock::now() < end);
    return false;
  }

  // The time limit is ignored: a native worker cannot die alone.
  static bool sleep_until_changed(Word& word, std::uint64_t value, std::int64_t) {
    word.wait(value);
    return true;
  }

  static void wake_all(Word& word) { word.notify_all(); }
};

}  // namespace backdrop
