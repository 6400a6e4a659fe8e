// Spreads the rows of a picture over threads.
#pragma once

#include <algorithm>
#include <cstddef>

#include "base/assert.h"
#include "base/executor.h"

namespace backdrop {

// Splits the rows 0 ... rows - 1 into one contiguous band a thread and calls band(part, begin, end)
// for each. `part` is below executor.concurrency() and selects the thread's own scratch memory.
template <typename Band>
void for_bands(Executor& executor, int rows, const Band& band) {
  BACKDROP_ASSERT(rows >= 0 && executor.concurrency() >= 1);
  const auto height = static_cast<std::size_t>(rows);
  const std::size_t parts = std::min(executor.concurrency(), height);
  executor.run(parts, Task([&](std::size_t part) {
                 band(part, static_cast<int>(height * part / parts),
                      static_cast<int>(height * (part + 1) / parts));
               }));
}

}  // namespace backdrop
