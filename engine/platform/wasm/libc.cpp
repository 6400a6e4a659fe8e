// Replaces what the C and C++ libraries import from an operating system, so that the module has no
// such imports. A failure that ends a native program is a trap here, which JavaScript sees as an
// exception.
#include <cstdlib>
#include <new>

extern "C" {

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
