// Memory in blocks, for malloc() and its like.
#pragma once

#include <array>
#include <cstddef>
#include <span>

namespace backdrop {

// Free blocks lie in lists by size, four to a power of two, and neighbours are joined at once. A
// sixth of the code of the C library's allocator: the engine allocates when it loads a network or a
// frame's size changes, and from one thread.
class Heap {
 public:
  static constexpr std::size_t kUnit = 16;  // every block is aligned to it

  // `more` makes the memory longer, by at least so many bytes: it returns the new ones, which
  // follow those before and end at a multiple of kUnit, or none.
  using More = std::span<std::byte> (*)(std::size_t least);

  explicit constexpr Heap(More more) : more_(more) {}

  // Null without memory. The alignment is a power of two.
  void* allocate(std::size_t size, std::size_t alignment);
  // Null is ignored.
  void release(void* memory);

 private:
  // Before the memory of each block, and in front of the end, where one of size 0 is taken forever.
  struct Header {
    std::size_t size;  // with the header
    Header* before;    // its neighbour in memory
    bool is_free() const { return (size & kTaken) == 0; }
  };
  struct Block : Header {
    Block *next, *previous;  // in a list of free ones
  };
  static constexpr std::size_t kTaken = 1;  // a bit of `size`
  static constexpr std::size_t kHeader = sizeof(Header);
  static constexpr std::size_t kSmallest = sizeof(Block);
  static_assert(kSmallest % kUnit == 0);

  static std::byte* memory_of(Header* block);
  static Header* after(Header* block);
  static std::size_t lead(Header* block, std::size_t alignment);
  Block*& list_of(std::size_t size);
  Block* find(std::size_t size, std::size_t alignment);
  bool grow(std::size_t size);
  Header* split(Header* block, std::size_t size);
  void unlink(Header* taken);
  void join(Header* freed);

  More more_;
  Header* end_ = nullptr;
  std::array<Block*, 4 * (8 * sizeof(std::size_t) + 1)> lists_{};
};

}  // namespace backdrop
