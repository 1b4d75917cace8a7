// Messages in documents: whatever somebody typed, a line is whose it says it is.
#include "service/reporting/chat.hpp"

#include <algorithm>
#include <limits>
#include <optional>
#include <random>
#include <string_view>

#include <boost/json/serialize.hpp>
#include <boost/json/string.hpp>
#include <gtest/gtest.h>

#include "base/utf8.hpp"

namespace tutela::reporting {
namespace {

constexpr std::size_t kRoom = std::numeric_limits<std::size_t>::max();

std::string text_of(const std::vector<intake::Said>& messages) {
  std::size_t budget = kRoom;
  return chat_of(messages, budget).text;
}

/// What somebody reads who takes the document's lines one by one: every break that Unicode knows
/// ends a line, and a line that begins with no "| " is a message.
struct Read {
  std::optional<std::string> when;
  std::optional<std::string> who;
  std::vector<std::string> lines;
};

std::vector<std::string> lines_of(std::string_view text) {
  std::vector<std::string> lines(1);
  while (!text.empty()) {
    const std::size_t size = std::max<std::size_t>(utf8_sequence(text), 1);
    const std::string_view character = text.substr(0, size);
    text.remove_prefix(size);
    if (character == "\n" || character == "\r" || character == "\v" || character == "\f" ||
        character == "\xC2\x85" || character == "\xE2\x80\xA8" || character == "\xE2\x80\xA9") {
      lines.emplace_back();
    } else {
      lines.back() += character;
    }
  }
  return lines;
}

/// Up to the first `end` without a backslash before it.
std::string take_until(std::string_view& line, char end) {
  std::string taken;
  while (!line.empty() && line.front() != end) {
    if (line.front() == '\\') {
      line.remove_prefix(1);
    }
    taken += line.front();
    line.remove_prefix(1);
  }
  line.remove_prefix(1);
  return taken;
}

std::vector<Read> read_all(const std::string& text) {
  std::vector<Read> all;
  for (const std::string& each : lines_of(text)) {
    std::string_view line = each;
    if (line.starts_with("| ") && !all.empty()) {
      all.back().lines.emplace_back(line.substr(2));
      continue;
    }
    Read& read = all.emplace_back();
    if (line.starts_with('[')) {
      line.remove_prefix(1);
      read.when = take_until(line, ']');
      EXPECT_TRUE(line.starts_with(' ')) << each;
      line.remove_prefix(1);
    }
    if (line.starts_with('"')) {
      line.remove_prefix(1);
      read.who = take_until(line, '"');
      EXPECT_TRUE(line.starts_with(": ")) << each;
      line.remove_prefix(2);
    } else {
      EXPECT_TRUE(line.starts_with("unknown: ")) << each;
      line.remove_prefix(9);
    }
    read.lines.emplace_back(line);
  }
  return all;
}

TEST(Chat, IsALineOfWhenWhoAndText) {
  EXPECT_EQ(text_of({{"user-1", "2026-11-20T10:00:00Z", "term-alpha"}, {"", "", "term-beta"}}),
            "[2026-11-20T10:00:00Z] \"user-1\": term-alpha\nunknown: term-beta");
}

TEST(Chat, MarksEveryFurtherLineOfAMessage) {
  EXPECT_EQ(text_of({{"a", "", "one\n[10:00] \"b\": two\n\nunknown: three"}}),
            "\"a\": one\n| [10:00] \"b\": two\n| \n| unknown: three");
}

TEST(Chat, NeitherWhoNorWhenEndsEarly) {
  EXPECT_EQ(text_of({{"a\": x\n\"b", "1] \"c", "d"}}), "[1\\] \"c] \"a\\\": x \\\"b\": d");
}

TEST(Chat, ShowsWhatWouldHideAsWhatItIs) {
  EXPECT_EQ(text_of({{"\xE2\x80\xAE"
                      "a",
                      "",
                      "b\xE2\x80\xA8"
                      "c\xC2\x85\x1B\r\xE2\x81\xA6"}}),
            "\"<U+202E>a\": b<U+2028>c<U+0085><U+001B><U+000D><U+2066>");
  const std::string untouched =
      "Gr\xC3\xBC\xC3\x9F"
      "e\t\xF0\x9F\x99\x82 \xD7\xA9 a\\b";
  EXPECT_EQ(text_of({{"", "", untouched}}), "unknown: " + untouched);
}

TEST(Chat, TakesWholeMessagesAsLongAsTheyHaveAPlace) {
  const std::vector<intake::Said> messages = {
      {"a", "", "1"}, {"a", "", std::string(40, '"')}, {"a", "", "3"}};
  std::size_t budget = 60;
  const Chat chat = chat_of(messages, budget);
  EXPECT_EQ(chat.text, "\"a\": 1");
  EXPECT_EQ(chat.left_out, 2U) << "nothing is left out between two that are there";
  EXPECT_EQ(budget, 60 - boost::json::serialize(boost::json::string(chat.text)).size() + 2);
}

TEST(Chat, NothingThatSomebodyTypesIsALineOfSomebodyElse) {
  const std::uint32_t seed = std::random_device()();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  const std::vector<std::string> pieces = {
      "\n",           "\r", "\r\n", "\t",      "\v", "\xC2\x85", "\xE2\x80\xA8", "\xE2\x80\xA9",
      "\xE2\x80\xAE", "[",  "]",    "\"",      "\\", ": ",       "| ",           "unknown: ",
      "[1] \"b\": x", "a",  " ",    "\xC3\xBC"};
  const auto typed = [&](std::size_t most) {
    std::string text;
    for (std::size_t n = random() % (most + 1); n > 0; --n) {
      text += pieces[random() % pieces.size()];
    }
    return text;
  };
  for (int i = 0; i < 3000; ++i) {
    std::vector<intake::Said> messages(1 + random() % 4);
    for (intake::Said& said : messages) {
      said = {typed(4), typed(4), typed(12)};
    }
    const std::string text = text_of(messages);
    EXPECT_EQ(text.find("\xE2\x80\xAE"), std::string::npos);
    const std::vector<Read> read = read_all(text);
    ASSERT_EQ(read.size(), messages.size()) << text;
    for (std::size_t n = 0; n < read.size(); ++n) {
      EXPECT_EQ(read[n].when.has_value(), !messages[n].when.empty()) << text;
      EXPECT_EQ(read[n].who.has_value(), !messages[n].who.empty()) << text;
      EXPECT_EQ(read[n].lines.size(), 1 + std::ranges::count(messages[n].text, '\n')) << text;
      if (read[n].who && read[n].who->find("<U+") == std::string::npos) {
        std::string who = messages[n].who;
        std::ranges::replace_if(
            who, [](char c) { return c == '\n' || c == '\t' || c == '\r'; }, ' ');
        EXPECT_EQ(*read[n].who, who);
      }
    }
  }
}

}  // namespace
}  // namespace tutela::reporting
