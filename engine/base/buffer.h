// Aligned memory for samples and tensors.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <new>

namespace backdrop {

// An array of plain values, aligned to 64 bytes, that reports failed allocations.
template <typename T>
class Buffer {
 public:
  static constexpr std::size_t kAlignment = 64;

  // All zero. Without memory it does as std::vector: throws, or aborts where nothing is thrown.
  static Buffer zeros(std::size_t size) {
    Buffer buffer;
    if (!buffer.resize(size)) {
#ifdef __cpp_exceptions
      throw std::bad_alloc();
#else
      std::abort();
#endif
    }
    std::fill_n(buffer.data(), size, T{});
    return buffer;
  }

  // Allocates `size` uninitialized values, unless that many are there. False without memory; the
  // buffer is then empty.
  [[nodiscard]] bool resize(std::size_t size) {
    if (size == size_ && data_) return true;
    data_.reset();
    size_ = 0;
    if (size > (SIZE_MAX - kAlignment) / sizeof(T)) return false;
    const std::size_t bytes = (size * sizeof(T) + kAlignment) / kAlignment * kAlignment;
    data_.reset(static_cast<T*>(std::aligned_alloc(kAlignment, bytes)));
    if (data_) size_ = size;
    return data_ != nullptr;
  }

  T* data() { return data_.get(); }
  const T* data() const { return data_.get(); }
  std::size_t size() const { return size_; }

 private:
  struct Free {
    void operator()(T* data) const { std::free(data); }
  };

  std::unique_ptr<T, Free> data_;
  std::size_t size_ = 0;
};

}  // namespace backdrop
