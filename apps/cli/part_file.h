// A file that is not complete yet.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>

#include "descriptor.h"

namespace backdrop::cli {

// The file `target`.part, made if it is missing. It stays until it is renamed to its target, unless
// it is empty. All functions throw Failure, with the file's name.
class PartFile {
 public:
  // Fails while another process has the file.
  explicit PartFile(const std::filesystem::path& target);
  ~PartFile();
  PartFile(const PartFile&) = delete;
  PartFile& operator=(const PartFile&) = delete;

  std::int64_t size() const;
  void append(std::span<const std::uint8_t> bytes);
  void clear();

  bool has_sha256(std::string_view sha256) const;
  void take_place_of(const std::filesystem::path& target);

 private:
  void claim() const;

  std::string path_;
  Descriptor descriptor_;
};

}  // namespace backdrop::cli
