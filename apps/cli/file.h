// Whole files in and out.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace backdrop::cli {

using Bytes = std::vector<std::uint8_t>;

// Reads a file of 1 byte to 1 GiB. Throws Failure, without the path, for any other and for a
// folder.
Bytes read_file(const std::string& path);

// Writes a file atomically: to a temporary file beside the path, which is then renamed. Replaces
// regular files only. Throws Failure, without the path.
void write_file(const std::string& path, std::span<const std::uint8_t> bytes);

}  // namespace backdrop::cli
