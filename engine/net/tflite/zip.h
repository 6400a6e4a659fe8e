// Reads the files that a zip archive holds uncompressed.
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

// The files of an archive that `bytes` end with, whatever lies before it. They refer to `bytes`.
// Compressed, encrypted or damaged ones are left out.
std::vector<StoredFile> stored_files(std::span<const std::uint8_t> bytes);

}  // namespace backdrop
