#include "base/text.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <limits>

namespace backdrop {
namespace {

TEST(Text, JoinsTextsAndNumbers) {
  EXPECT_EQ(join({}), "");
  EXPECT_EQ(join({"its ", std::string("width"), " of ", 640, std::string_view(" is fixed")}),
            "its width of 640 is fixed");
  EXPECT_EQ(join({0, " ", -7, " ", std::size_t{10}, " ", std::uint8_t{200}}), "0 -7 10 200");
}

TEST(Text, WritesTheLargestNumbers) {
  EXPECT_EQ(join({std::numeric_limits<std::int64_t>::min()}), "-9223372036854775808");
  EXPECT_EQ(join({std::numeric_limits<std::int64_t>::max()}), "9223372036854775807");
}

// Its characters are nowhere.
TEST(Text, AnEmptyViewIsNoNumber) { EXPECT_EQ(join({"a", std::string_view(), "b"}), "ab"); }

}  // namespace
}  // namespace backdrop
