// Writes small zip archives of uncompressed files.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace backdrop::test {

struct ZipFile {
  std::string name;
  std::string text;
};

// `before` is the number of bytes in front of the archive that its offsets include. Checksums are
// zero, because the reader ignores them.
inline std::vector<std::uint8_t> zip_of(const std::vector<ZipFile>& files, std::size_t before) {
  std::vector<std::uint8_t> archive;
  std::vector<std::uint8_t> directory;
  const auto put = [](std::vector<std::uint8_t>& to, std::size_t value, int bytes) {
    for (int i = 0; i < bytes; ++i, value >>= 8) to.push_back(static_cast<std::uint8_t>(value));
  };
  const auto put_text = [](std::vector<std::uint8_t>& to, const std::string& text) {
    to.insert(to.end(), text.begin(), text.end());
  };
  // The fields that both records share, from the needed version to the length of the extra field.
  const auto put_common = [&](std::vector<std::uint8_t>& to, const ZipFile& file) {
    put(to, 20, 2);
    put(to, 0, 12);  // flags, method, time, date, checksum
    put(to, file.text.size(), 4);
    put(to, file.text.size(), 4);
    put(to, file.name.size(), 2);
    put(to, 0, 2);
  };
  for (const ZipFile& file : files) {
    put(directory, 0x02014b50, 4);
    put(directory, 20, 2);
    put_common(directory, file);
    put(directory, 0, 10);  // comment, disk, attributes
    put(directory, before + archive.size(), 4);
    put_text(directory, file.name);
    put(archive, 0x04034b50, 4);
    put_common(archive, file);
    put_text(archive, file.name);
    put_text(archive, file.text);
  }
  const std::size_t offset = before + archive.size();
  archive.insert(archive.end(), directory.begin(), directory.end());
  put(archive, 0x06054b50, 4);
  put(archive, 0, 4);
  put(archive, files.size(), 2);
  put(archive, files.size(), 2);
  put(archive, directory.size(), 4);
  put(archive, offset, 4);
  put(archive, 0, 2);
  return archive;
}

}  // namespace backdrop::test
