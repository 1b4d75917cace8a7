#include "base/utf8.hpp"

#include <string>

#include <gtest/gtest.h>

namespace tutela {
namespace {

using namespace std::string_literals;

bool plain(std::string_view text) {
  return is_utf8_text(text, Breaks::kNone);
}

TEST(Utf8Test, TakesTextOfAnyLengthOfSequence) {
  EXPECT_TRUE(plain(""));
  EXPECT_TRUE(plain("ASCII ~"));
  EXPECT_TRUE(plain("\xC3\xBC \xE2\x82\xAC \xF0\x9F\x98\x80 \xF4\x8F\xBF\xBF"));
  EXPECT_EQ(utf8_sequence("a"), 1U);
  EXPECT_EQ(utf8_sequence("\xC3\xBC"), 2U);
  EXPECT_EQ(utf8_sequence("\xE2\x82\xAC"), 3U);
  EXPECT_EQ(utf8_sequence("\xF0\x9F\x98\x80"), 4U);
}

TEST(Utf8Test, RefusesWhatIsMalformed) {
  for (const std::string& text : {"\x80"s,
                                  "\xC0\x80"s,          // overlong
                                  "\xC1\xBF"s,          // overlong
                                  "\xE0\x9F\xBF"s,      // overlong
                                  "\xF0\x8F\xBF\xBF"s,  // overlong
                                  "\xED\xA0\x80"s,      // a surrogate
                                  "\xF4\x90\x80\x80"s,  // beyond U+10FFFF
                                  "\xF5\x80\x80\x80"s,
                                  "\xC3"s,
                                  "\xE2\x82"s,
                                  "\xC3("s,
                                  "good\xFF"s}) {
    EXPECT_FALSE(plain(text));
    EXPECT_FALSE(is_utf8_text(text, Breaks::kLinesAndTabs));
  }
}

TEST(Utf8Test, CountsCharactersAndNotBytes) {
  const std::string four = "\xC3\xBC\xE2\x82\xAC\xF0\x9F\x98\x80x";
  EXPECT_EQ(utf8_length(four), 4U);
  EXPECT_EQ(utf8_prefix(four, 2), "\xC3\xBC\xE2\x82\xAC");
  EXPECT_EQ(utf8_prefix(four, 3).size(), 9U);
  EXPECT_EQ(utf8_prefix(four, 4), four);
  EXPECT_EQ(utf8_prefix(four, 99), four);
  EXPECT_EQ(utf8_prefix(four, 0), "");
  EXPECT_EQ(utf8_length(""), 0U);
  EXPECT_EQ(utf8_length("\xFF\xFFz"), 3U) << "what is malformed is not free";
  EXPECT_EQ(utf8_prefix("\xE2\x82", 1), "\xE2");
}

TEST(Utf8Test, LineEndsAndTabsPassOnlyWhereTheyMay) {
  EXPECT_TRUE(is_utf8_text("a\r\n\tb", Breaks::kLinesAndTabs));
  EXPECT_FALSE(plain("a\nb"));
  EXPECT_FALSE(plain("a\tb"));
  for (const std::string& text : {"\0"s, "\x1B"s, "\x7F"s, "\xC2\x85"s, "\xC2\x9F"s}) {
    EXPECT_FALSE(is_utf8_text(text, Breaks::kLinesAndTabs));
  }
  EXPECT_TRUE(plain("\xC2\xA0"));
}

}  // namespace
}  // namespace tutela
