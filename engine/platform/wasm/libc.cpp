// What the C and C++ libraries would take from an operating system, so that the module imports
// none. A failure that ends a program elsewhere is a trap here, which JavaScript sees as an
// exception.
#include <cstdlib>
#include <new>

extern "C" {

void abort() { __builtin_trap(); }

// libc++abi's last words, which it would print.
[[noreturn]] void __abort_message(const char*, ...) { __builtin_trap(); }

// Static objects live as long as the module: there is no exit to destroy them at.
int __cxa_atexit(void (*)(void*), void*, void*) { return 0; }

// An empty FILE: snprintf keeps stderr for saying that it cannot format a long double, which it
// then does by calling a null pointer, a trap.
alignas(16) char __stderr_FILE[256];

}  // extern "C"

void std::__libcpp_verbose_abort(const char*, ...) noexcept { __builtin_trap(); }

// libc++'s own operators bring in its terminate handlers, and those bring in stdio.
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
