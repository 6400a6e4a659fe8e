// The most that one thread can do: multiply-adds on registers alone.
#pragma once

#include <cstddef>

namespace backdrop {

// Runs for some tens of microseconds or more, with the widest vectors there are; answers how many
// multiply-accumulates that was.
std::size_t run_at_peak();

}  // namespace backdrop
