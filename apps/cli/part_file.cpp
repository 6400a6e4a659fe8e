#include "part_file.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>

#include "failure.h"
#include "file.h"
#include "sha256.h"

namespace backdrop::cli {
namespace {

int open_to_append(const std::string& path) {
  const int fd = open(path.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
  if (fd < 0) naming(path, fail_with_errno);
  return fd;
}

}  // namespace

PartFile::PartFile(const std::filesystem::path& target)
    : path_(target.string() + ".part"), descriptor_(open_to_append(path_)) {
  claim();
}

PartFile::~PartFile() {
  if (size() == 0) unlink(path_.c_str());
}

// The file may have gone to its target's place after it was opened here.
void PartFile::claim() const {
  const bool locked = flock(descriptor_.get(), LOCK_EX | LOCK_NB) == 0;
  struct stat opened{};
  struct stat named{};
  if (!locked || fstat(descriptor_.get(), &opened) != 0 || stat(path_.c_str(), &named) != 0 ||
      opened.st_ino != named.st_ino) {
    throw Failure(path_ + ": another download of it is under way");
  }
}

std::int64_t PartFile::size() const { return lseek(descriptor_.get(), 0, SEEK_END); }

void PartFile::append(std::span<const std::uint8_t> bytes) {
  naming(path_, [&] { descriptor_.write_all(bytes); });
}

void PartFile::clear() {
  if (ftruncate(descriptor_.get(), 0) != 0) naming(path_, fail_with_errno);
}

bool PartFile::has_sha256(std::string_view sha256) const {
  return size() > 0 && naming(path_, [this] { return cli::sha256(read_file(path_)); }) == sha256;
}

void PartFile::take_place_of(const std::filesystem::path& target) {
  if (std::rename(path_.c_str(), target.c_str()) != 0) naming(target, fail_with_errno);
}

}  // namespace backdrop::cli
