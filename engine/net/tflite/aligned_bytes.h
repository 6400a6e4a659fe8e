// Bytes that are aligned for FlatBuffers, which reads values in place.
#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>

#include "base/buffer.h"

namespace backdrop {

class AlignedBytes {
 public:
  // Refers to `bytes` if they are aligned, else owns an aligned copy.
  explicit AlignedBytes(std::span<const std::uint8_t> bytes) : bytes_(bytes) {
    if (std::bit_cast<std::uintptr_t>(bytes.data()) % kAlignment == 0) return;
    copy_ = Buffer<std::uint8_t>::zeros(bytes.size());
    std::ranges::copy(bytes, copy_.data());
    bytes_ = {copy_.data(), bytes.size()};
  }
  AlignedBytes(AlignedBytes&&) = default;
  AlignedBytes& operator=(AlignedBytes&&) = default;

  bool is_in_place() const { return copy_.size() == 0; }
  std::span<const std::uint8_t> get() const { return bytes_; }

 private:
  static constexpr std::size_t kAlignment = 16;

  Buffer<std::uint8_t> copy_;
  std::span<const std::uint8_t> bytes_;
};

}  // namespace backdrop
