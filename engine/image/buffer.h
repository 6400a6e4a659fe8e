// Aligned memory for samples.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>

namespace backdrop {

// An array of plain values, aligned to 64 bytes, that says so when there is no memory for it.
template <typename T>
class Buffer {
 public:
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
  static constexpr std::size_t kAlignment = 64;
  struct Free {
    void operator()(T* data) const { std::free(data); }
  };

  std::unique_ptr<T, Free> data_;
  std::size_t size_ = 0;
};

}  // namespace backdrop
