#include "support.h"

#include <cstring>
#include <fstream>
#include <iterator>

namespace backdrop::test {
namespace fs = std::filesystem;

std::vector<std::uint8_t> read_file(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

std::vector<std::uint8_t> read_npy_bytes(const fs::path& path) {
  const std::vector<std::uint8_t> bytes = read_file(path);
  const std::size_t header = bytes[8] + std::size_t{256} * bytes[9];
  return {bytes.begin() + static_cast<std::ptrdiff_t>(10 + header), bytes.end()};
}

std::vector<float> read_npy_floats(const fs::path& path) {
  const std::vector<std::uint8_t> bytes = read_npy_bytes(path);
  std::vector<float> values(bytes.size() / sizeof(float));
  std::memcpy(values.data(), bytes.data(), bytes.size());
  return values;
}

std::optional<std::vector<std::uint8_t>> find_model(const std::string& file) {
  for (const fs::path& folder :
       {fs::path(BACKDROP_MODELS_DIR), fs::path(BACKDROP_SHARED_DIR) / "models"}) {
    if (fs::is_regular_file(folder / file)) return read_file(folder / file);
  }
  return std::nullopt;
}

std::optional<fs::path> golden_folder() {
  const fs::path folder = fs::path(BACKDROP_SHARED_DIR) / "golden";
  if (!fs::is_directory(folder)) return std::nullopt;
  return folder;
}

std::vector<float> noise(std::size_t count, std::uint32_t seed) {
  std::vector<float> values(count);
  std::uint32_t state = seed * 2654435761U + 1;
  for (float& value : values) {
    state ^= state << 13;
    state ^= state >> 17;
    state ^= state << 5;
    value = static_cast<float>(state >> 8) / static_cast<float>(1U << 23) - 1.0F;
  }
  return values;
}

}  // namespace backdrop::test
