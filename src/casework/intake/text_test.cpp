// Numbers that survive being read out, PINs, and what of a notice joins cases.
#include "casework/intake/text.hpp"

#include <algorithm>
#include <map>
#include <random>
#include <set>

#include <gtest/gtest.h>

namespace tutela::intake {
namespace {

constexpr std::string_view kAlphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

TEST(IntakeNumber, IsReadAsItIsWritten) {
  std::set<std::string> numbers;
  for (int i = 0; i < 2000; ++i) {
    const std::string number = random_number();
    ASSERT_EQ(number.size(), 16U);
    EXPECT_EQ(parse_number(number), number);
    numbers.insert(number);
  }
  EXPECT_EQ(numbers.size(), 2000U);
}

TEST(IntakeNumber, IsReadAsPeopleTypeIt) {
  // The check character was computed by hand once, so that numbers stay readable in later releases.
  EXPECT_EQ(parse_number("T-0000-0000-0000"), "T-0000-0000-0000");
  EXPECT_EQ(parse_number("T-0000-0000-0012"), "T-0000-0000-0012");
  EXPECT_EQ(parse_number("0000 0000 0012"), "T-0000-0000-0012");
  EXPECT_EQ(parse_number("t ooooOOOO oOl2\n"), "T-0000-0000-0012");
  EXPECT_EQ(parse_number("t-0000-0000-00I2"), "T-0000-0000-0012");
  for (const char* const bad : {"",
                                "T",
                                "T-0000-0000-0011",
                                "U-0000-0000-0012",
                                "T-0000-0000-001",
                                "T-0000-0000-00122",
                                "T-0000-0000-001U",
                                "T-0000-0000-00\xC3\xA4",
                                "T-0000-0000-0012;"}) {
    EXPECT_EQ(parse_number(bad), std::nullopt) << bad;
  }
  EXPECT_EQ(parse_number("T-0000-0000-0012" + std::string(100, ' ')), std::nullopt);
}

TEST(IntakeNumber, EveryWrongCharacterAndEveryTwoThatChangedPlacesAreFound) {
  for (int i = 0; i < 50; ++i) {
    const std::string number = random_number();
    for (std::size_t at = 2; at < number.size(); ++at) {
      if (number[at] == '-') {
        continue;
      }
      for (const char c : kAlphabet) {
        std::string other = number;
        other[at] = c;
        EXPECT_EQ(parse_number(other).has_value(), c == number[at]) << number << " " << other;
      }
      for (std::size_t with = at + 1; with < number.size(); ++with) {
        std::string other = number;
        std::swap(other[at], other[with]);
        if (number[with] != '-' && number[at] != number[with]) {
          EXPECT_FALSE(parse_number(other)) << number << " " << other;
        }
      }
    }
  }
}

TEST(IntakePin, HasEightDigitsEachAsLikelyAsTheOthers) {
  std::map<char, int> digits;
  for (int i = 0; i < 5000; ++i) {
    const std::string pin = random_pin();
    ASSERT_EQ(parse_pin(pin), pin);
    for (const char c : pin) {
      ++digits[c];
    }
  }
  ASSERT_EQ(digits.size(), 10U);
  double chi = 0;
  for (const auto& [digit, count] : digits) {
    chi += (count - 4000.0) * (count - 4000.0) / 4000.0;
  }
  EXPECT_LT(chi, 40.0);  // 9 degrees of freedom: by chance once in 130,000 runs
}

TEST(IntakePin, IsReadWithBlanksAndDashesAndNothingElse) {
  EXPECT_EQ(parse_pin(" 1234-5678\n"), "12345678");
  for (const char* const bad : {"", "1234567", "123456789", "1234567a", "12345678.", "-1234567"}) {
    EXPECT_EQ(parse_pin(bad), std::nullopt) << bad;
  }
}

TEST(IntakePin, WhatIsKeptDependsOnKeyNumberAndPin) {
  const crypto::Key key = crypto::Key::random();
  const std::string hash = pin_hash_of(key, "T-1", "12345678");
  EXPECT_EQ(hash.size(), 64U);
  EXPECT_EQ(hash, pin_hash_of(key, "T-1", "12345678"));
  EXPECT_NE(hash, pin_hash_of(key, "T-2", "12345678"));
  EXPECT_NE(hash, pin_hash_of(key, "T-1", "12345679"));
  EXPECT_NE(hash, pin_hash_of(crypto::Key::random(), "T-1", "12345678"));
}

TEST(IntakeSubjects, LinksAreTheSameHoweverTheyAreWritten) {
  const std::vector<std::pair<std::string, std::string>> links = {
      {"HTTPS://Example.ORG/Path?Q=1#Part", "https://example.org/Path?Q=1"},
      {" https://example.org\n", "https://example.org/"},
      {"https://EXAMPLE.org?A", "https://example.org?A"},
      {"http://a#b", "http://a/"},
      {"post 17", "post 17"},
      {"Post#17", "Post#17"},
      {"://x", "://x"},
      {"a:/", "a:/"},
      {"A://", "a:///"},
      {"#://x", "#://x"},
      {"https://a.org/x \r#y", "https://a.org/x"},
  };
  for (const auto& [given, normal] : links) {
    EXPECT_EQ(normal_link(given), normal) << given;
    EXPECT_EQ(normal_link(normal), normal) << "twice is as once";
  }
}

TEST(IntakeSubjects, AreThereOnceEach) {
  Body body;
  body.links = {"https://a.org/1", "HTTPS://A.org/1#x", "https://a.org/2"};
  body.accounts = {"one", " one", "One"};
  const Uuid file = new_uuid(1);
  const std::vector<Subject> all = subjects_of(body, {file, file});
  EXPECT_EQ(all,
            (std::vector<Subject>{{"account", "One"},
                                  {"account", "one"},
                                  {"content", to_string(file)},
                                  {"link", "https://a.org/1"},
                                  {"link", "https://a.org/2"}}));
}

}  // namespace
}  // namespace tutela::intake
