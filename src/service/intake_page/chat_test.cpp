#include "service/intake_page/chat.hpp"

#include <random>
#include <string>

#include <gtest/gtest.h>

namespace tutela::intake_page {
namespace {

TEST(Chat, LinesAreWhoSaidWhat) {
  const auto all = parse_chat("ann: hello\nbob: hi\n");
  ASSERT_EQ(all.size(), 2U);
  EXPECT_EQ(all[0].who, "ann");
  EXPECT_EQ(all[0].text, "hello");
  EXPECT_EQ(all[1].who, "bob");
  EXPECT_TRUE(all[1].when.empty());
}

TEST(Chat, TimesOfCommonExportsAreTakenOff) {
  const auto bracket = parse_chat("[12.11.26, 20:15:30] ann: hello");
  ASSERT_EQ(bracket.size(), 1U);
  EXPECT_EQ(bracket[0].when, "12.11.26, 20:15:30");
  EXPECT_EQ(bracket[0].who, "ann");
  const auto dash = parse_chat("12/11/2026, 8:15 PM - bob smith: hi");
  ASSERT_EQ(dash.size(), 1U);
  EXPECT_EQ(dash[0].when, "12/11/2026, 8:15 PM");
  EXPECT_EQ(dash[0].who, "bob smith");
  EXPECT_EQ(dash[0].text, "hi");
}

TEST(Chat, FurtherLinesBelongToTheMessageBefore) {
  const auto all = parse_chat("ann: one\r\ntwo\n\nsee https://example.org/a\nbob: yes");
  ASSERT_EQ(all.size(), 2U);
  EXPECT_EQ(all[0].text, "one\ntwo\nsee https://example.org/a");
}

TEST(Chat, WordsOfNobodyAreKept) {
  const auto all = parse_chat("just words");
  ASSERT_EQ(all.size(), 1U);
  EXPECT_TRUE(all[0].who.empty());
  EXPECT_EQ(all[0].text, "just words");
  EXPECT_TRUE(parse_chat(" \n\n").empty());
}

TEST(Chat, WhatIsTooManyIsAddedToTheLastOne) {
  std::string text;
  for (int i = 0; i < 500; ++i) {
    text += "ann: " + std::to_string(i) + "\n";
  }
  const auto all = parse_chat(text);
  ASSERT_EQ(all.size(), 200U);
  EXPECT_NE(all.back().text.find("499"), std::string::npos);
}

TEST(Chat, NoDigitOfHostileTextIsLost) {
  const unsigned seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  constexpr std::string_view kLetters = "a:[]-. ,\n\r\t/";
  for (int round = 0; round < 2000; ++round) {
    std::string text = "7";
    const std::size_t size = random() % 40;
    for (std::size_t i = 0; i < size; ++i) {
      text += random() % 4 == 0 ? '7' : kLetters[random() % kLetters.size()];
    }
    const auto count = [](std::string_view in) {
      return std::count(in.begin(), in.end(), '7');
    };
    std::ptrdiff_t kept = 0;
    for (const intake::Said& said : parse_chat(text)) {
      kept += count(said.who) + count(said.when) + count(said.text);
    }
    EXPECT_EQ(kept, count(text)) << text;
  }
}

}  // namespace
}  // namespace tutela::intake_page
