// Why a run failed, in one line.
#pragma once

#include <algorithm>
#include <stdexcept>
#include <string>

namespace backdrop::cli {

struct Failure : std::runtime_error {
  using std::runtime_error::runtime_error;
};

// An invalid call that was detected after its arguments had been parsed.
struct WrongCall : std::runtime_error {
  using std::runtime_error::runtime_error;
};

// Makes one line of any bytes in a file name or a model's strings.
inline std::string one_line(std::string text) {
  std::ranges::replace_if(text, [](unsigned char c) { return c < ' ' || c == 0x7f; }, ' ');
  return text;
}

// A file's name in a message, which may be empty.
inline std::string shown(const std::string& name) { return name.empty() ? "''" : name; }

// Runs `work` and puts `name` before the reason when it fails.
template <typename Work>
auto naming(const std::string& name, Work&& work) {
  try {
    return work();
  } catch (const Failure& failure) {
    throw Failure(shown(name) + ": " + failure.what());
  }
}

}  // namespace backdrop::cli
