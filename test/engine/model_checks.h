// Checks for tests of the reader.
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "net/tflite/reader.h"

namespace backdrop::test {

// Expects the reader to reject the file, with a message that contains `part`.
inline void expect_error(const std::vector<std::uint8_t>& bytes, ErrorCode code,
                         const std::string& part, std::optional<InputSize> input_size = {}) {
  const auto graph = read_tflite(bytes, input_size);
  ASSERT_FALSE(graph) << "expected: " << part;
  EXPECT_EQ(graph.error().code(), code) << graph.error().message();
  EXPECT_NE(graph.error().message().find(part), std::string::npos) << graph.error().message();
  EXPECT_EQ(graph.error().message().find('\n'), std::string::npos);
}

}  // namespace backdrop::test
