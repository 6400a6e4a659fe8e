#include "file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <csignal>
#include <cstdio>
#include <filesystem>

#include "descriptor.h"
#include "failure.h"

namespace backdrop::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMaxFileSize = std::size_t{1} << 30;

constexpr std::array kEndingSignals = {SIGHUP, SIGINT, SIGTERM};

// The path of the temporary file, for the signal handler; empty when there is none.
char unfinished[PATH_MAX];

void remove_unfinished(int signal) {
  unlink(unfinished);
  raise(signal);
}

// Removes the temporary file when a signal ends the program, unless that signal is ignored.
class EndingSignals {
 public:
  EndingSignals() {
    struct sigaction remove{};
    remove.sa_handler = remove_unfinished;
    remove.sa_flags = static_cast<int>(SA_RESETHAND);
    for (std::size_t i = 0; i < before_.size(); ++i) {
      sigaction(kEndingSignals[i], nullptr, &before_[i]);
      if (before_[i].sa_handler != SIG_IGN) sigaction(kEndingSignals[i], &remove, nullptr);
    }
  }
  ~EndingSignals() {
    for (std::size_t i = 0; i < before_.size(); ++i) {
      sigaction(kEndingSignals[i], &before_[i], nullptr);
    }
  }
  EndingSignals(const EndingSignals&) = delete;
  EndingSignals& operator=(const EndingSignals&) = delete;

 private:
  std::array<struct sigaction, kEndingSignals.size()> before_{};
};

// A file with a unique name beside `target`. It is removed unless it is renamed to the target.
class TemporaryFile {
 public:
  explicit TemporaryFile(const fs::path& target) : descriptor_(open_beside(target)) {}
  ~TemporaryFile() {
    if (unfinished[0] != '\0') unlink(unfinished);
    unfinished[0] = '\0';
  }
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;

  void write_all(std::span<const std::uint8_t> bytes) { descriptor_.write_all(bytes); }

  void take_place_of(const fs::path& target, mode_t mode) {
    if (fchmod(descriptor_.get(), mode) != 0) fail_with_errno();
    descriptor_.close_checked();
    if (std::rename(unfinished, target.c_str()) != 0) fail_with_errno();
    unfinished[0] = '\0';
  }

 private:
  static int open_beside(const fs::path& target) {
    const std::string name = target.string() + ".XXXXXX";
    if (name.size() >= sizeof unfinished) throw Failure("the path is too long");
    std::ranges::copy(name, unfinished);
    unfinished[name.size()] = '\0';
    const int fd = mkstemp(unfinished);
    if (fd < 0) unfinished[0] = '\0';
    return fd;
  }

  EndingSignals signals_;
  Descriptor descriptor_;
};

// The mode of a file that is created without a mode.
mode_t new_file_mode() {
  const mode_t mask = umask(0);
  umask(mask);
  return 0666 & ~mask;
}

// Where a path leads by its links, of which the last may point to nothing.
fs::path target_of_links(fs::path path) {
  constexpr int kMostLinks = 40;  // as Linux follows
  std::error_code none;
  for (int links = 0; fs::is_symlink(fs::symlink_status(path, none)); ++links) {
    if (links == kMostLinks) throw Failure("is a link to itself");
    path = path.parent_path() / fs::read_symlink(path);
  }
  return path;
}

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

void refuse_to_replace(const std::string& input, const std::string& output) {
  std::error_code missing;
  if (fs::equivalent(input, output, missing)) {
    throw WrongCall(output + ": is read, so it can't be the output");
  }
}

void write_file(const std::string& path, std::span<const std::uint8_t> bytes) {
  const fs::path target = target_of_links(path);
  mode_t mode = new_file_mode();
  struct stat status{};
  if (stat(path.c_str(), &status) == 0) {
    if (S_ISDIR(status.st_mode)) throw Failure("is a folder");
    if (!S_ISREG(status.st_mode)) throw Failure("is no regular file");
    if (access(path.c_str(), W_OK) != 0) fail_with_errno();
    mode = status.st_mode & 07777;
  } else if (std::error_code ignored;
             target.has_parent_path() && !fs::exists(target.parent_path(), ignored)) {
    throw Failure("no such folder");
  }

  TemporaryFile temporary(target);
  temporary.write_all(bytes);
  temporary.take_place_of(target, mode);
}

}  // namespace backdrop::cli
