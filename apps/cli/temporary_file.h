// A file that is written beside its place, and the signals that end the program meanwhile.
#pragma once

#include <sys/types.h>

#include <array>
#include <csignal>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>

#include "descriptor.h"

namespace backdrop::cli {

// While one lives, SIGHUP, SIGINT and SIGTERM remove the temporary file before they end the
// program, unless they are ignored.
class EndingSignals {
 public:
  // kGently: the first of the signals only makes was_asked_to_end() true, and the second one ends.
  enum class Manner { kAtOnce, kGently };

  explicit EndingSignals(Manner manner);
  ~EndingSignals();
  EndingSignals(const EndingSignals&) = delete;
  EndingSignals& operator=(const EndingSignals&) = delete;

  static bool was_asked_to_end();

 private:
  std::array<struct sigaction, 3> before_{};
  bool was_gentle_;
};

// A file with a unique name beside `path`. It is removed unless it takes its place. Regular files
// only are replaced; a link stays, and what it points to is written. One at a time. Throws Failure,
// without the path.
class TemporaryFile {
 public:
  explicit TemporaryFile(const std::string& path);
  ~TemporaryFile();
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;

  static std::string path();
  void write_all(std::span<const std::uint8_t> bytes) { descriptor_.write_all(bytes); }
  void take_place();

 private:
  std::filesystem::path target_;
  mode_t mode_;
  Descriptor descriptor_;
};

}  // namespace backdrop::cli
