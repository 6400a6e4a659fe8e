#include "net/plan/memory_plan.h"

#include <algorithm>
#include <limits>
#include <numeric>
#include <utility>

namespace backdrop {
namespace {

bool overlap(const Lifetime& a, const Lifetime& b) {
  return a.first <= b.last && b.first <= a.last;
}

// The offset of the tightest gap of at least `size` between the `used` ranges, which are sorted by
// offset; the end of the last range if there is none.
std::size_t find_gap(std::span<const std::pair<std::size_t, std::size_t>> used, std::size_t size) {
  std::size_t end = 0;
  std::size_t best = 0;
  std::size_t best_room = std::numeric_limits<std::size_t>::max();
  bool found = false;
  for (const auto& [from, to] : used) {
    const std::size_t room = from > end ? from - end : 0;
    if (room >= size && room < best_room) {
      best = end;
      best_room = room;
      found = true;
    }
    end = std::max(end, to);
  }
  return found ? best : end;
}

}  // namespace

MemoryPlan plan_memory(std::span<const Lifetime> blocks, std::size_t alignment) {
  std::vector<std::size_t> order(blocks.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::sort(order, [&](std::size_t a, std::size_t b) {
    return std::pair(blocks[b].size, a) < std::pair(blocks[a].size, b);
  });

  MemoryPlan plan;
  plan.offsets.resize(blocks.size());
  std::vector<std::size_t> placed;
  std::vector<std::pair<std::size_t, std::size_t>> used;
  for (const std::size_t block : order) {
    if (blocks[block].size == 0) break;
    const std::size_t size = (blocks[block].size + alignment - 1) / alignment * alignment;
    used.clear();
    for (const std::size_t other : placed) {
      if (!overlap(blocks[block], blocks[other])) continue;
      const std::size_t from = plan.offsets[other];
      used.emplace_back(from, from + blocks[other].size);
    }
    for (auto& range : used) range.second = (range.second + alignment - 1) / alignment * alignment;
    std::ranges::sort(used);
    plan.offsets[block] = find_gap(used, size);
    plan.size = std::max(plan.size, plan.offsets[block] + size);
    placed.push_back(block);
  }
  return plan;
}

}  // namespace backdrop
