// Places in one arena for tensors that need not all be there at the same time.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace backdrop {

// A block of memory that is needed while steps `first` to `last` run, both included. One of size 0
// needs no place.
struct Lifetime {
  std::size_t size = 0;
  int first = 0;
  int last = 0;
};

struct MemoryPlan {
  std::vector<std::size_t> offsets;  // by block, multiples of the alignment
  std::size_t size = 0;              // of the arena
};

// The largest blocks are placed first, each in the tightest gap between those placed that live at
// the same time (greedy by size: Pisarchyk and Lee, "Efficient Memory Management for Deep Neural
// Net Inference", 2020). Sizes and alignment are in one unit.
MemoryPlan plan_memory(std::span<const Lifetime> blocks, std::size_t alignment);

}  // namespace backdrop
