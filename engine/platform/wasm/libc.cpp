// Replaces what the C and C++ libraries import from an operating system, so that the module has no
// such imports. A failure that ends a native program is a trap here, which JavaScript sees as an
// exception.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <new>
#include <span>
#include <utility>

#include "base/saturating.h"
#include "platform/wasm/heap.h"

extern "C" std::byte __heap_base;  // the linker's: where the static data and the stack end

namespace {

// All of the module's memory behind the static data, longer by as many pages as are needed.
std::span<std::byte> more_memory(std::size_t least) {
  constexpr std::size_t kPage = 65536;
  constexpr std::size_t kMostPages = SIZE_MAX / kPage;  // the end of one more has no address
  static std::byte* end = &__heap_base;
  std::size_t pages = __builtin_wasm_memory_size(0);
  const auto there = static_cast<std::size_t>(reinterpret_cast<std::byte*>(pages * kPage) - end);
  if (there < least) {
    const std::size_t added = (least - there + kPage - 1) / kPage;
    if (added > kMostPages - pages || __builtin_wasm_memory_grow(0, added) == SIZE_MAX) return {};
    pages += added;
  }
  std::byte* const begin = std::exchange(end, reinterpret_cast<std::byte*>(pages * kPage));
  return {begin, end};
}

constinit backdrop::Heap heap(more_memory);

}  // namespace

extern "C" {

void* malloc(std::size_t size) { return heap.allocate(size, backdrop::Heap::kUnit); }
void* aligned_alloc(std::size_t alignment, std::size_t size) {
  return heap.allocate(size, alignment);
}
void* calloc(std::size_t count, std::size_t size) {
  const std::size_t bytes = (backdrop::Size(count) * size).get();
  void* memory = heap.allocate(bytes, backdrop::Heap::kUnit);
  return memory == nullptr ? nullptr : std::memset(memory, 0, bytes);
}
void free(void* memory) { heap.release(memory); }

void abort() { __builtin_trap(); }

// libc++abi prints its last message with this.
[[noreturn]] void __abort_message(const char*, ...) { __builtin_trap(); }

// Static objects live as long as the module, so nothing is registered.
int __cxa_atexit(void (*)(void*), void*, void*) { return 0; }

// A dummy FILE. snprintf writes to stderr when it is asked for a long double, which this build
// can't format; the null function pointer in it then traps.
alignas(16) char __stderr_FILE[256];

}  // extern "C"

void std::__libcpp_verbose_abort(const char*, ...) noexcept { __builtin_trap(); }

// The operators of libc++ pull in its terminate handlers, and those pull in stdio.
void* operator new(std::size_t size, const std::nothrow_t&) noexcept { return std::malloc(size); }
void* operator new(std::size_t size) {
  if (void* memory = std::malloc(size)) return memory;
  __builtin_trap();
}
void* operator new(std::size_t size, std::align_val_t alignment) {
  const auto unit = static_cast<std::size_t>(alignment);
  if (void* memory = std::aligned_alloc(unit, (size + unit - 1) / unit * unit)) return memory;
  __builtin_trap();
}
void* operator new[](std::size_t size) { return operator new(size); }
void* operator new[](std::size_t size, std::align_val_t alignment) {
  return operator new(size, alignment);
}

void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete(void* memory, std::align_val_t) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t, std::align_val_t) noexcept { std::free(memory); }
void operator delete[](void* memory) noexcept { std::free(memory); }
void operator delete[](void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete[](void* memory, std::align_val_t) noexcept { std::free(memory); }
void operator delete[](void* memory, std::size_t, std::align_val_t) noexcept { std::free(memory); }
