// Arena offsets for tensors, where tensors that are never live at the same time share memory.
#pragma once

#include <cstddef>
#include <span>
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
// Net Inference", 2020). Sizes, offsets and alignment share one unit.
MemoryPlan plan_memory(std::span<const Lifetime> blocks, std::size_t alignment);

}  // namespace backdrop
