#include "net/tflite/zip.h"

#include <algorithm>
#include <cstddef>
#include <optional>

namespace backdrop {
namespace {

using Bytes = std::span<const std::uint8_t>;

constexpr std::uint32_t kEndMark = 0x06054b50;
constexpr std::uint32_t kEntryMark = 0x02014b50;
constexpr std::uint32_t kFileMark = 0x04034b50;
constexpr std::size_t kEndSize = 22;  // of the fixed-size parts
constexpr std::size_t kEntrySize = 46;
constexpr std::size_t kFileSize = 30;
constexpr std::size_t kMaxComment = 0xFFFF;

std::size_t u16(Bytes bytes, std::size_t at) {
  return static_cast<std::size_t>(bytes[at] | (bytes[at + 1] << 8));
}

std::size_t u32(Bytes bytes, std::size_t at) { return u16(bytes, at) | (u16(bytes, at + 2) << 16); }

bool has(Bytes bytes, std::size_t at, std::size_t size) {
  return at <= bytes.size() && size <= bytes.size() - at;
}

// The offset of the end-of-central-directory record, which only a comment may follow.
std::optional<std::size_t> find_end(Bytes bytes) {
  if (bytes.size() < kEndSize) return std::nullopt;
  const std::size_t last = bytes.size() - kEndSize;
  const std::size_t first = last - std::min(last, kMaxComment);
  for (std::size_t at = last + 1; at-- > first;) {
    if (u32(bytes, at) == kEndMark) return at;
  }
  return std::nullopt;
}

// The file of the directory entry at `at`. Offsets in the entry count from `archive`.
std::optional<StoredFile> read_entry(Bytes bytes, std::size_t at, std::size_t archive) {
  const bool is_encrypted = (u16(bytes, at + 8) & 1U) != 0;
  const bool is_compressed = u16(bytes, at + 10) != 0;
  const std::size_t size = u32(bytes, at + 24);
  const std::size_t name_size = u16(bytes, at + 28);
  const std::size_t offset = u32(bytes, at + 42);
  if (is_encrypted || is_compressed || offset > bytes.size()) return std::nullopt;
  const std::size_t file = archive + offset;
  if (!has(bytes, file, kFileSize) || u32(bytes, file) != kFileMark) return std::nullopt;
  const std::size_t data = file + kFileSize + u16(bytes, file + 26) + u16(bytes, file + 28);
  if (!has(bytes, data, size) || !has(bytes, at + kEntrySize, name_size)) return std::nullopt;
  const auto* name = reinterpret_cast<const char*>(bytes.data() + at + kEntrySize);
  return StoredFile{{name, name_size}, bytes.subspan(data, size)};
}

}  // namespace

std::vector<StoredFile> stored_files(Bytes bytes) {
  const auto end = find_end(bytes);
  if (!end) return {};
  const std::size_t entries = u16(bytes, *end + 10);
  const std::size_t directory_size = u32(bytes, *end + 12);
  const std::size_t directory_offset = u32(bytes, *end + 16);
  if (directory_size > *end || directory_offset > *end - directory_size) return {};
  const std::size_t archive = *end - directory_size - directory_offset;
  std::vector<StoredFile> files;
  std::size_t at = archive + directory_offset;
  for (std::size_t i = 0; i < entries; ++i) {
    if (!has(bytes, at, kEntrySize) || u32(bytes, at) != kEntryMark) break;
    if (const auto file = read_entry(bytes, at, archive)) files.push_back(*file);
    at += kEntrySize + u16(bytes, at + 28) + u16(bytes, at + 30) + u16(bytes, at + 32);
  }
  return files;
}

}  // namespace backdrop
