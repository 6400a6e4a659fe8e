// The peak of one thread: multiply-adds on registers alone.
#pragma once

#include <cstddef>

namespace backdrop {

// Runs multiply-adds for at least some tens of microseconds, with the widest vectors available.
// Returns the number of multiply-accumulates.
std::size_t run_at_peak();

}  // namespace backdrop
