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

// Throws Failure, without the path, unless it is a regular file: reading any other may wait for
// ever.
void require_regular_file(const std::string& path);

// Throws WrongCall if `output` exists and is the file `input`, by whatever name.
void refuse_to_replace(const std::string& input, const std::string& output);

// Writes a file atomically: to a temporary file beside the path, which is then renamed. Replaces
// regular files only; a link stays, and what it points to is written. Throws Failure, without the
// path.
void write_file(const std::string& path, std::span<const std::uint8_t> bytes);

}  // namespace backdrop::cli
