#include "sha256.h"

#include <sha2.h>

#include <array>
#include <string_view>

namespace backdrop::cli {

std::string sha256(std::span<const std::uint8_t> bytes) {
  SHA2_CTX context;
  std::array<std::uint8_t, SHA256_DIGEST_LENGTH> digest;
  SHA256Init(&context);
  SHA256Update(&context, bytes.data(), bytes.size());
  SHA256Final(digest.data(), &context);
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  for (const std::uint8_t byte : digest) {
    text += kDigits[byte >> 4];
    text += kDigits[byte & 15];
  }
  return text;
}

}  // namespace backdrop::cli
