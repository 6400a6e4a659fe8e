#include "descriptor.h"

#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <utility>

#include "failure.h"

namespace backdrop::cli {

void fail_with_errno() { throw Failure(std::generic_category().message(errno)); }

Descriptor::Descriptor(int fd) : fd_(fd) {
  if (fd_ < 0) fail_with_errno();
}

Descriptor::~Descriptor() {
  if (fd_ >= 0) close(fd_);
}

void Descriptor::write_all(std::span<const std::uint8_t> bytes) {
  while (!bytes.empty()) {
    const ssize_t written = write(fd_, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) fail_with_errno();
    bytes = bytes.subspan(static_cast<std::size_t>(written));
  }
}

void Descriptor::close_checked() {
  if (close(std::exchange(fd_, -1)) != 0) fail_with_errno();
}

}  // namespace backdrop::cli
