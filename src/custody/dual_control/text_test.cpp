#include "custody/dual_control/text.hpp"

#include <string>

#include <gtest/gtest.h>

namespace tutela::dual_control {
namespace {

std::string times(std::string_view text, std::size_t count) {
  std::string all;
  for (std::size_t i = 0; i < count; ++i) {
    all += text;
  }
  return all;
}

TEST(Text, AReasonIsCountedInCharactersNotInBytes) {
  EXPECT_TRUE(is_reason("x", 1));
  EXPECT_FALSE(is_reason("", 1));
  EXPECT_FALSE(is_reason("", 0));
  EXPECT_TRUE(is_reason("two\nlines\tand \xE2\x82\xAC", 10));
  EXPECT_TRUE(is_reason(times("x", 1000), 1));
  EXPECT_FALSE(is_reason(times("x", 1001), 1));
  EXPECT_TRUE(is_reason(times("\xF0\x9F\x98\x80", 1000), 1000));
  EXPECT_FALSE(is_reason(times("\xF0\x9F\x98\x80", 1001), 1));
  EXPECT_TRUE(is_reason(times("\xC3\xA9", 10), 10));
  EXPECT_FALSE(is_reason(times("\xC3\xA9", 9), 10));
}

TEST(Text, BlanksControlCharactersAndWhatIsNoUtf8AreNoReason) {
  for (const std::string_view bad : {std::string_view("   \n\t"),
                                     std::string_view("a\0b", 3),
                                     std::string_view("a\x1B[0m"),
                                     std::string_view("a\x7F"),
                                     std::string_view("a\xC2\x85"),         // a C1 control
                                     std::string_view("a\x80"),             // no first byte
                                     std::string_view("a\xC3"),             // cut off
                                     std::string_view("\xC0\xAF"),          // longer than needed
                                     std::string_view("\xE0\x80\xAF"),      // likewise
                                     std::string_view("\xED\xA0\x80"),      // half a surrogate pair
                                     std::string_view("\xF4\x90\x80\x80"),  // above U+10FFFF
                                     std::string_view("\xFF\xFE")}) {
    EXPECT_FALSE(is_reason(bad, 1));
  }
}

TEST(Text, PrincipalsAreToldApartByTheirPrefix) {
  EXPECT_TRUE(is_person("person:1"));
  EXPECT_TRUE(is_operator("cli:root"));
  for (const std::string_view other : {"person:", "person", "Person:1", "token:1", "system", ""}) {
    EXPECT_FALSE(is_person(other)) << other;
    EXPECT_FALSE(is_operator(other)) << other;
  }
  EXPECT_FALSE(is_operator("cli:"));
  EXPECT_FALSE(is_person("cli:root"));
}

}  // namespace
}  // namespace tutela::dual_control
