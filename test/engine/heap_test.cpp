// The allocator of the WebAssembly modules.
#include "platform/wasm/heap.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <random>
#include <vector>

namespace backdrop {
namespace {

constexpr std::size_t kPage = 4096;
alignas(kPage) std::byte arena[64 * kPage];
std::size_t used;

// Begins where nothing is aligned, as the module's static data may end.
std::span<std::byte> more(std::size_t least) {
  const std::size_t begin = used == 0 ? 8 : used;
  const std::size_t end = (begin + least + kPage - 1) / kPage * kPage;
  if (end > sizeof(arena)) return {};
  used = end;
  return {arena + begin, end - begin};
}

struct Piece {
  std::byte* at;
  std::size_t size;
  std::byte mark;
};

Piece take(Heap& heap, std::size_t size, std::size_t alignment, int mark) {
  auto* at = static_cast<std::byte*>(heap.allocate(size, alignment));
  if (at == nullptr) return {};
  EXPECT_EQ(reinterpret_cast<std::uintptr_t>(at) % alignment, 0U);
  EXPECT_TRUE(at >= arena && at + size <= arena + used);
  std::memset(at, mark, size);
  return {at, size, static_cast<std::byte>(mark)};
}

void give_back(Heap& heap, const Piece& piece) {
  EXPECT_TRUE(std::all_of(piece.at, piece.at + piece.size,
                          [&](std::byte value) { return value == piece.mark; }));
  heap.release(piece.at);
}

TEST(Heap, PiecesKeepApartAndAllComesBack) {
  used = 0;
  Heap heap(more);
  std::minstd_rand random(1);
  std::vector<Piece> pieces;
  for (int i = 0; i < 20000; ++i) {
    if (random() % 2 == 0) {
      const std::size_t size = random() % (random() % 8 == 0 ? 3000 : 100);
      const Piece piece = take(heap, size, std::size_t{16} << random() % 3, i % 256);
      if (piece.at != nullptr) pieces.push_back(piece);
    } else if (!pieces.empty()) {
      std::swap(pieces[random() % pieces.size()], pieces.back());
      give_back(heap, pieces.back());
      pieces.pop_back();
    }
  }
  for (const Piece& piece : pieces) give_back(heap, piece);
  // What is free is one block again: nearly all of it can be had at once, without more memory.
  const std::size_t before = used;
  const Piece all = take(heap, used - 100, Heap::kUnit, 1);
  EXPECT_NE(all.at, nullptr);
  EXPECT_EQ(used, before);
}

TEST(Heap, AReleasedPieceIsUsedAgain) {
  used = 0;
  Heap heap(more);
  void* first = heap.allocate(1000, 64);
  void* second = heap.allocate(1000, 64);
  heap.release(first);
  EXPECT_EQ(heap.allocate(1000, 64), first);
  heap.release(second);
  heap.release(nullptr);
}

TEST(Heap, GrowsByNoMoreThanWhatTheLastBlockLacks) {
  used = 0;
  Heap heap(more);
  void* most = heap.allocate(8 * kPage, Heap::kUnit);
  const std::size_t before = used;
  heap.release(most);
  EXPECT_NE(heap.allocate(9 * kPage, Heap::kUnit), nullptr);
  EXPECT_LE(used, before + 2 * kPage);
}

TEST(Heap, WithoutMemoryThereIsNoPiece) {
  used = 0;
  Heap heap(more);
  EXPECT_EQ(heap.allocate(sizeof(arena), Heap::kUnit), nullptr);
  EXPECT_EQ(heap.allocate(SIZE_MAX - 8, Heap::kUnit), nullptr);
  EXPECT_NE(heap.allocate(sizeof(arena) / 2, Heap::kUnit), nullptr);
}

}  // namespace
}  // namespace backdrop
