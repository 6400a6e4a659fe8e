// Floats aligned for SIMD.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace backdrop {

class AlignedBuffer {
 public:
  static constexpr std::size_t kAlignment = 64;

  AlignedBuffer() = default;

  // Zeros.
  explicit AlignedBuffer(std::size_t size)
      : storage_(size + kAlignment / sizeof(float)), size_(size) {
    const auto address = reinterpret_cast<std::uintptr_t>(storage_.data());
    start_ = (kAlignment - address % kAlignment) % kAlignment / sizeof(float);
  }

  AlignedBuffer(AlignedBuffer&&) = default;
  AlignedBuffer& operator=(AlignedBuffer&&) = default;
  AlignedBuffer(const AlignedBuffer&) = delete;
  AlignedBuffer& operator=(const AlignedBuffer&) = delete;

  float* data() { return storage_.data() + start_; }
  const float* data() const { return storage_.data() + start_; }
  std::size_t size() const { return size_; }

 private:
  std::vector<float> storage_;
  std::size_t start_ = 0;
  std::size_t size_ = 0;
};

}  // namespace backdrop
