#pragma once

#include <cstdint>
#include <span>
#include <string>

namespace backdrop::cli {

// The SHA-256 of `bytes` in lower-case hexadecimal digits.
std::string sha256(std::span<const std::uint8_t> bytes);

}  // namespace backdrop::cli
