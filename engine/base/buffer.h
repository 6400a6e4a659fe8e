// Aligned memory for samples and tensors.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>

namespace backdrop {

// An array of plain values, aligned to 64 bytes, that says so when there is no memory for it.
template <typename T>
class Buffer {
 public:
  static constexpr std::size_t kAlignment = 64;

  // Zeros. Without memory for them the program ends, as it does when a std::vector has none.
  static Buffer zeros(std::size_t size) {
    Buffer buffer;
    if (!buffer.resize(size)) std::abort();
    std::fill_n(buffer.data(), size, T{});
    return buffer;
  }

  // Makes room for `size` values of no particular contents. Answers false, and is then empty, when
  // there is no memory.
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
