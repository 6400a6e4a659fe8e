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

// Writes a file so that it is there whole or not at all: beside its place, then renamed. Replaces a
// regular file, nothing else. Throws Failure, without the path.
void write_file(const std::string& path, std::span<const std::uint8_t> bytes);

}  // namespace backdrop::cli
