#pragma once

#include <algorithm>
#include <thread>

namespace backdrop::cli {

// Threads that an engine works on beside others of a program that has more to do.
inline int usual_engine_threads() {
  constexpr unsigned kMost = 4;
  return static_cast<int>(std::clamp(std::thread::hardware_concurrency() / 2, 1U, kMost));
}

}  // namespace backdrop::cli
