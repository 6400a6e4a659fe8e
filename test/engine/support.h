// What tests share: files, such as golden data and models, where they are to be had; noise.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace backdrop::test {

// Whether this is a build with sanitizers.
#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define BACKDROP_TEST_SANITIZED
#endif
#endif
#ifdef BACKDROP_TEST_SANITIZED
inline constexpr bool kSanitized = true;
#else
inline constexpr bool kSanitized = false;
#endif

// Whether a computation takes fifty times as long as in a release build on this machine.
#ifdef BACKDROP_TEST_EMULATED
inline constexpr bool kSlow = true;
#else
inline constexpr bool kSlow = kSanitized;
#endif

// All cases, or where they are slow the first.
template <typename T>
std::vector<T> cases(std::vector<T> all) {
  if (kSlow) all.resize(1);
  return all;
}

std::vector<std::uint8_t> read_file(const std::filesystem::path& path);

// The values of a NumPy file of uint8 or float32; its header is taken on trust.
std::vector<std::uint8_t> read_npy_bytes(const std::filesystem::path& path);
std::vector<float> read_npy_floats(const std::filesystem::path& path);

// A model by its file name, from build/models or ../shared/models.
std::optional<std::vector<std::uint8_t>> find_model(const std::string& file);

// ../shared/golden, if it is there.
std::optional<std::filesystem::path> golden_folder();

// Values from -1 to 1 that look random and are the same everywhere.
std::vector<float> noise(std::size_t count, std::uint32_t seed);

}  // namespace backdrop::test
