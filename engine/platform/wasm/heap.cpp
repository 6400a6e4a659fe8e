#include "platform/wasm/heap.h"

#include <algorithm>
#include <bit>
#include <cstdint>
#include <limits>

namespace backdrop {

std::byte* Heap::memory_of(Header* block) { return reinterpret_cast<std::byte*>(block) + kHeader; }

Heap::Header* Heap::after(Header* block) {
  return reinterpret_cast<Header*>(reinterpret_cast<std::byte*>(block) + (block->size & ~kTaken));
}

// How much of the block must become one of its own for the memory behind to be aligned.
std::size_t Heap::lead(Header* block, std::size_t alignment) {
  const std::size_t beyond = reinterpret_cast<std::uintptr_t>(memory_of(block)) % alignment;
  if (beyond == 0) return 0;
  const std::size_t lead = alignment - beyond;
  return lead < kSmallest ? lead + alignment : lead;
}

Heap::Block*& Heap::list_of(std::size_t size) {
  const auto width = static_cast<std::size_t>(std::bit_width(size));
  return lists_[4 * width + (size >> (width - 3)) % 4];
}

Heap::Block* Heap::find(std::size_t size, std::size_t alignment) {
  for (Block** list = &list_of(size); list != lists_.data() + lists_.size(); ++list) {
    for (Block* block = *list; block != nullptr; block = block->next) {
      if (block->size >= size && block->size - size >= lead(block, alignment)) return block;
    }
  }
  return nullptr;
}

// Makes room at the end for a block of this size.
bool Heap::grow(std::size_t size) {
  const bool is_last_free = end_ != nullptr && end_->before != nullptr && end_->before->is_free();
  const std::size_t there = is_last_free ? std::min(size, end_->before->size) : 0;
  const auto added = more_(size - there + 2 * kUnit);
  if (added.empty()) return false;
  Header* block = end_;
  if (block == nullptr) {
    auto* begin = added.data() + kHeader;
    begin += (kUnit - reinterpret_cast<std::uintptr_t>(begin) % kUnit) % kUnit;
    block = reinterpret_cast<Header*>(begin - kHeader);
    block->before = nullptr;
  }
  end_ = reinterpret_cast<Header*>(added.data() + added.size() - kHeader);
  end_->size = kTaken;
  block->size = static_cast<std::size_t>(reinterpret_cast<std::byte*>(end_) -
                                         reinterpret_cast<std::byte*>(block));
  join(block);
  return true;
}

void Heap::unlink(Header* taken) {
  auto* block = static_cast<Block*>(taken);
  if (block->next != nullptr) block->next->previous = block->previous;
  (block->previous != nullptr ? block->previous->next : list_of(block->size)) = block->next;
}

// Makes a block free that is in no list.
void Heap::join(Header* freed) {
  if (Header* next = after(freed); next->is_free()) {
    unlink(next);
    freed->size += next->size;
  }
  if (Header* before = freed->before; before != nullptr && before->is_free()) {
    unlink(before);
    before->size += freed->size;
    freed = before;
  }
  after(freed)->before = freed;
  auto* block = static_cast<Block*>(freed);
  Block*& list = list_of(block->size);
  block->next = list;
  block->previous = nullptr;
  if (list != nullptr) list->previous = block;
  list = block;
}

// Cuts a block that is in no list. Returns what is behind.
Heap::Header* Heap::split(Header* block, std::size_t size) {
  auto* rest = reinterpret_cast<Header*>(reinterpret_cast<std::byte*>(block) + size);
  rest->size = block->size - size;
  rest->before = block;
  block->size = size;
  after(rest)->before = rest;
  return rest;
}

// Not inlined, nor is release(): the optimizer takes it that malloc() and free() touch no memory
// but the caller's.
[[gnu::noinline]] void* Heap::allocate(std::size_t size, std::size_t alignment) {
  if (size > std::numeric_limits<std::size_t>::max() / 2) return nullptr;
  const std::size_t whole = std::max(kSmallest, (kHeader + size + kUnit - 1) / kUnit * kUnit);
  Header* block = find(whole, alignment);
  if (block == nullptr) {
    if (!grow(whole + kSmallest + alignment)) return nullptr;
    block = find(whole, alignment);
  }
  unlink(block);
  if (const std::size_t leading = lead(block, alignment); leading > 0) {
    Header* rest = split(block, leading);
    rest->size |= kTaken;
    join(block);
    rest->size -= kTaken;
    block = rest;
  }
  Header* rest = block->size - whole >= kSmallest ? split(block, whole) : nullptr;
  block->size |= kTaken;
  if (rest != nullptr) join(rest);
  return memory_of(block);
}

[[gnu::noinline]] void Heap::release(void* memory) {
  if (memory == nullptr) return;
  auto* block = reinterpret_cast<Header*>(static_cast<std::byte*>(memory) - kHeader);
  block->size -= kTaken;
  join(block);
}

}  // namespace backdrop
