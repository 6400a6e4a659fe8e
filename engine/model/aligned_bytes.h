// Bytes where FlatBuffers can read them in place, which it does at offsets aligned from the start.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <vector>

namespace backdrop {

class AlignedBytes {
 public:
  // Refers to `bytes` where they lie well, and has a copy of them where not.
  explicit AlignedBytes(std::span<const std::uint8_t> bytes) : bytes_(bytes) {
    constexpr std::size_t kAlignment = 16;
    if (std::bit_cast<std::uintptr_t>(bytes.data()) % kAlignment == 0) return;
    copy_.resize((bytes.size() + kAlignment + 7) / 8);
    auto* start = reinterpret_cast<std::uint8_t*>(copy_.data());
    start += std::bit_cast<std::uintptr_t>(start) % kAlignment;
    std::memcpy(start, bytes.data(), bytes.size());
    bytes_ = {start, bytes.size()};
  }
  AlignedBytes(AlignedBytes&&) = default;
  AlignedBytes& operator=(AlignedBytes&&) = default;

  std::span<const std::uint8_t> get() const { return bytes_; }

 private:
  std::vector<std::uint64_t> copy_;
  std::span<const std::uint8_t> bytes_;
};

}  // namespace backdrop
