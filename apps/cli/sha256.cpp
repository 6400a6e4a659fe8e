#include "sha256.h"

#include <openssl/evp.h>

#include <array>

#include "failure.h"

namespace backdrop::cli {

std::string sha256(std::span<const std::uint8_t> bytes) {
  std::array<std::uint8_t, 32> digest;
  if (EVP_Digest(bytes.data(), bytes.size(), digest.data(), nullptr, EVP_sha256(), nullptr) != 1) {
    throw Failure("the SHA-256 could not be computed");
  }
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  for (const std::uint8_t byte : digest) {
    text += kDigits[byte >> 4];
    text += kDigits[byte & 15];
  }
  return text;
}

}  // namespace backdrop::cli
