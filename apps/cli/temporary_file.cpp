#include "temporary_file.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <climits>
#include <cstdio>
#include <cstdlib>  // mkstemp

#include "failure.h"

namespace backdrop::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::array kEndingSignals = {SIGHUP, SIGINT, SIGTERM};

// The path of the temporary file, for the signal handler; empty when there is none.
char unfinished[PATH_MAX];

volatile std::sig_atomic_t is_gentle = 0;
volatile std::sig_atomic_t is_asked = 0;

void end(int signal) {
  if (is_gentle != 0 && is_asked == 0) {
    is_asked = 1;
    return;
  }
  if (unfinished[0] != '\0') unlink(unfinished);
  std::signal(signal, SIG_DFL);
  raise(signal);
}

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

// That of the file which is replaced, if there is one.
mode_t mode_of(const std::string& path, const fs::path& target) {
  struct stat status{};
  if (stat(path.c_str(), &status) == 0) {
    if (S_ISDIR(status.st_mode)) throw Failure("is a folder");
    if (!S_ISREG(status.st_mode)) throw Failure("is no regular file");
    if (access(path.c_str(), W_OK) != 0) fail_with_errno();
    return status.st_mode & 07777;
  }
  std::error_code ignored;
  if (target.has_parent_path() && !fs::exists(target.parent_path(), ignored)) {
    throw Failure("no such folder");
  }
  return new_file_mode();
}

int open_beside(const fs::path& target) {
  const std::string name = target.string() + ".XXXXXX";
  if (name.size() >= sizeof unfinished) throw Failure("the path is too long");
  std::ranges::copy(name, unfinished);
  unfinished[name.size()] = '\0';
  const int fd = mkstemp(unfinished);
  if (fd < 0) unfinished[0] = '\0';
  return fd;
}

}  // namespace

EndingSignals::EndingSignals(Manner manner) : was_gentle_(is_gentle != 0) {
  if (manner == Manner::kGently) is_asked = 0;
  is_gentle = manner == Manner::kGently ? 1 : 0;
  struct sigaction ending{};
  ending.sa_handler = end;
  for (std::size_t i = 0; i < before_.size(); ++i) {
    sigaction(kEndingSignals[i], nullptr, &before_[i]);
    if (before_[i].sa_handler != SIG_IGN) sigaction(kEndingSignals[i], &ending, nullptr);
  }
}

EndingSignals::~EndingSignals() {
  for (std::size_t i = 0; i < before_.size(); ++i) {
    sigaction(kEndingSignals[i], &before_[i], nullptr);
  }
  is_gentle = was_gentle_ ? 1 : 0;
}

bool EndingSignals::was_asked_to_end() { return is_asked != 0; }

TemporaryFile::TemporaryFile(const std::string& path)
    : target_(target_of_links(path)),
      mode_(mode_of(path, target_)),
      descriptor_(open_beside(target_)) {}

TemporaryFile::~TemporaryFile() {
  if (unfinished[0] != '\0') unlink(unfinished);
  unfinished[0] = '\0';
}

std::string TemporaryFile::path() { return unfinished; }

void TemporaryFile::take_place() {
  if (fchmod(descriptor_.get(), mode_) != 0) fail_with_errno();
  descriptor_.close_checked();
  if (std::rename(unfinished, target_.c_str()) != 0) fail_with_errno();
  unfinished[0] = '\0';
}

}  // namespace backdrop::cli
