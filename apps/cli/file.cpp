#include "file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <filesystem>

#include "descriptor.h"
#include "failure.h"
#include "temporary_file.h"

namespace backdrop::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMaxFileSize = std::size_t{1} << 30;

}  // namespace

Bytes read_file(const std::string& path) {
  const Descriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  struct stat status{};
  if (fstat(file.get(), &status) != 0) fail_with_errno();
  if (S_ISDIR(status.st_mode)) throw Failure("is a folder");

  Bytes bytes;
  std::array<std::uint8_t, 1 << 16> chunk;
  while (true) {
    const ssize_t count = read(file.get(), chunk.data(), chunk.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) fail_with_errno();
    if (count == 0) break;
    bytes.insert(bytes.end(), chunk.begin(), chunk.begin() + count);
    if (bytes.size() > kMaxFileSize) throw Failure("is larger than 1 GiB");
  }
  if (bytes.empty()) throw Failure("is empty");
  return bytes;
}

void require_regular_file(const std::string& path) {
  struct stat status{};
  if (stat(path.c_str(), &status) != 0) fail_with_errno();
  if (S_ISDIR(status.st_mode)) throw Failure("is a folder");
  if (!S_ISREG(status.st_mode)) throw Failure("is no regular file");
}

void refuse_to_replace(const std::string& input, const std::string& output) {
  std::error_code missing;
  if (fs::equivalent(input, output, missing)) {
    throw WrongCall(output + ": is read, so it can't be the output");
  }
}

void write_file(const std::string& path, std::span<const std::uint8_t> bytes) {
  const EndingSignals signals(EndingSignals::Manner::kAtOnce);
  TemporaryFile temporary(path);
  temporary.write_all(bytes);
  temporary.take_place();
}

}  // namespace backdrop::cli
