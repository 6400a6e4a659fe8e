#include "text.h"

#include <gtest/gtest.h>

#include <fstream>
#include <string>

namespace backdrop::obs {
namespace {

TEST(ObsText, TheFileHasTheWordsOfTheCode) {
  std::ifstream file(BACKDROP_ENGLISH);
  std::string line;
  for (const auto& [key, words] : english_texts()) {
    ASSERT_TRUE(std::getline(file, line)) << key;
    EXPECT_EQ(line, std::string(key) + "=\"" + words + "\"");
  }
  EXPECT_FALSE(std::getline(file, line)) << line;
}

TEST(ObsText, WithoutAFileTheWordsAreEnglish) {
  EXPECT_STREQ(text("Strength"), "Blur strength");
  EXPECT_STREQ(text("no such key"), "no such key");
}

TEST(ObsText, TheUsersLanguageComesFirst) {
  set_text_lookup([](const char* key, const char** text) {
    if (std::string(key) != "Strength") return false;
    *text = "Stärke";
    return true;
  });
  EXPECT_STREQ(text("Strength"), "Stärke");
  EXPECT_STREQ(text("Color"), "Color");
  set_text_lookup(nullptr);
}

}  // namespace
}  // namespace backdrop::obs
