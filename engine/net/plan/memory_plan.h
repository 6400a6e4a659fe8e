// Arena offsets for tensors, where tensors that are never live at the same time share memory.
#pragma once

#include <cstddef>
#include <vector>

namespace backdrop {

// A block of memory that is live during steps [first, last], both included. A block of size 0 gets
// no memory.
struct Lifetime {
  std::size_t size = 0;
  int first = 0;
  int last = 0;
};

struct MemoryPlan {
  std::vector<std::size_t> offsets;  // of each block; multiples of the alignment
  std::size_t size = 0;              // of the arena
};

// Places the largest blocks first, each in the tightest gap between the placed blocks that are live
// at the same time (greedy by size: Pisarchyk and Lee, "Efficient Memory Management for Deep Neural
// Net Inference", 2020). Sizes, offsets, alignment and limit share one unit. Stops when the arena
// is larger than `limit`, which no block is by itself.
MemoryPlan plan_memory(std::vector<Lifetime> blocks, std::size_t alignment, std::size_t limit);

}  // namespace backdrop
