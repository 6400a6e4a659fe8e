#include "net/plan/memory_plan.h"

#include <algorithm>
#include <limits>
#include <span>

namespace backdrop {
namespace {

bool overlap(const Lifetime& a, const Lifetime& b) {
  return a.first <= b.last && b.first <= a.last;
}

// The blocks that need memory, the largest first.
std::vector<std::size_t> by_size(std::span<const Lifetime> blocks) {
  std::vector<std::size_t> order;
  for (std::size_t block = 0; block < blocks.size(); ++block) {
    const auto size_of = [&](std::size_t other) { return blocks[other].size; };
    if (blocks[block].size == 0) continue;
    order.insert(
        std::ranges::upper_bound(order, blocks[block].size, std::ranges::greater(), size_of),
        block);
  }
  return order;
}

class Planner {
 public:
  explicit Planner(std::span<const Lifetime> blocks) : blocks_(blocks) {
    plan_.offsets.resize(blocks.size());
  }

  void place(std::size_t block) {
    const std::size_t offset = find_gap(blocks_[block]);
    plan_.offsets[block] = offset;
    plan_.size = std::max(plan_.size, offset + blocks_[block].size);
    const auto offset_of = [&](std::size_t other) { return plan_.offsets[other]; };
    placed_.insert(std::ranges::upper_bound(placed_, offset, {}, offset_of), block);
  }

  const MemoryPlan& plan() const { return plan_; }

 private:
  // The offset of the tightest gap between the placed blocks that are live at the same time; the
  // end of the last of these if there is no gap.
  std::size_t find_gap(const Lifetime& block) const {
    std::size_t end = 0;
    std::size_t best = 0;
    std::size_t best_room = std::numeric_limits<std::size_t>::max();
    bool found = false;
    for (const std::size_t other : placed_) {
      if (!overlap(block, blocks_[other])) continue;
      const std::size_t from = plan_.offsets[other];
      const std::size_t room = from > end ? from - end : 0;
      if (room >= block.size && room < best_room) {
        best = end;
        best_room = room;
        found = true;
      }
      end = std::max(end, from + blocks_[other].size);
    }
    return found ? best : end;
  }

  std::span<const Lifetime> blocks_;
  std::vector<std::size_t> placed_;  // by offset
  MemoryPlan plan_;
};

}  // namespace

MemoryPlan plan_memory(std::vector<Lifetime> blocks, std::size_t alignment, std::size_t limit) {
  for (Lifetime& block : blocks) {
    block.size = (block.size + alignment - 1) / alignment * alignment;
  }
  Planner planner(blocks);
  for (const std::size_t block : by_size(blocks)) {
    if (planner.plan().size > limit) break;
    planner.place(block);
  }
  return planner.plan();
}

}  // namespace backdrop
