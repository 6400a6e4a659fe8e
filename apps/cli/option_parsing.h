// Values of options, for files that add options to commands.
#pragma once

#include <algorithm>
#include <charconv>
#include <optional>
#include <string>
#include <utility>

#include "failure.h"

namespace backdrop::cli {

[[noreturn]] inline void refuse(const char* option, const std::string& text, const char* form) {
  throw WrongCall(std::string(option) + ": '" + text + "' is not of the form " + form);
}

// Two numbers and nothing else.
template <typename Number>
std::optional<std::pair<Number, Number>> parse_pair(const std::string& text, char separator) {
  const char* end = text.data() + text.size();
  const char* middle = std::find(text.data(), end, separator);
  std::pair<Number, Number> pair;
  if (middle == end) return std::nullopt;
  const auto first = std::from_chars(text.data(), middle, pair.first);
  const auto second = std::from_chars(middle + 1, end, pair.second);
  if (first.ptr != middle || first.ec != std::errc{}) return std::nullopt;
  if (second.ptr != end || second.ec != std::errc{}) return std::nullopt;
  return pair;
}

}  // namespace backdrop::cli
