// Work on all cores.
#pragma once

#include <cstddef>
#include <functional>

namespace backdrop::quality {

// Calls `job` with 0 to `count` - 1, each number once, on `threads` threads in any order. When jobs
// throw, no further ones begin, and the first of their exceptions is thrown.
void for_each_job(std::size_t count, unsigned threads, const std::function<void(std::size_t)>& job);

}  // namespace backdrop::quality
