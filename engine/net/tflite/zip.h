// Reads the uncompressed files of a zip archive.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace backdrop {

struct StoredFile {
  std::string_view name;
  std::span<const std::uint8_t> data;
};

// The files of the archive at the end of `bytes`; anything may precede the archive. The results
// refer to `bytes`. Compressed, encrypted and damaged files are skipped.
std::vector<StoredFile> stored_files(std::span<const std::uint8_t> bytes);

}  // namespace backdrop
