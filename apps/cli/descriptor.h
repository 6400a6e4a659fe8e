// An open file descriptor.
#pragma once

#include <cstdint>
#include <span>

namespace backdrop::cli {

// Throws Failure with the reason in errno.
[[noreturn]] void fail_with_errno();

// Owns a file descriptor. All throw Failure, without the path.
class Descriptor {
 public:
  explicit Descriptor(int fd);  // fails with errno where `fd` is negative
  ~Descriptor();
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;

  int get() const { return fd_; }
  void write_all(std::span<const std::uint8_t> bytes);
  void close_checked();

 private:
  int fd_;
};

}  // namespace backdrop::cli
