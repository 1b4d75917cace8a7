#include <algorithm>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "exchange/lists/lists.hpp"

namespace tutela::lists {
namespace {

using match::SignalKind;

const std::string kMd5(32, 'a');
const std::string kSha1(40, 'b');
const std::string k64(64, 'c');

struct Parsed {
  std::vector<std::pair<SignalKind, std::string>> signals;
  std::vector<BadLine> bad;
};

Parsed parse(std::string_view text, std::optional<SignalKind> kind = {}) {
  Parsed parsed;
  parse_signals(
      text,
      kind,
      [&](SignalKind signal_kind, std::string hex) {
        parsed.signals.emplace_back(signal_kind, std::move(hex));
      },
      [&](BadLine bad) { parsed.bad.push_back(std::move(bad)); });
  return parsed;
}

TEST(ParseSignals, InfersTheKindFromTheLength) {
  const Parsed parsed = parse(kMd5 + "\n" + kSha1 + "\n" + k64 + "\n");
  ASSERT_EQ(parsed.signals.size(), 3U);
  EXPECT_EQ(parsed.signals[0], std::pair(SignalKind::kMd5, kMd5));
  EXPECT_EQ(parsed.signals[1], std::pair(SignalKind::kSha1, kSha1));
  EXPECT_EQ(parsed.signals[2], std::pair(SignalKind::kPdq, k64));
  EXPECT_TRUE(parsed.bad.empty());
}

TEST(ParseSignals, AGivenKindIsForTheWholeFileButALinesOwnWins) {
  const Parsed parsed =
      parse(k64 + "\npdq," + k64 + "\n" + kMd5 + "\n" + kMd5 + ",md5\n", SignalKind::kSha256);
  ASSERT_EQ(parsed.signals.size(), 3U);
  EXPECT_EQ(parsed.signals[0].first, SignalKind::kSha256);
  EXPECT_EQ(parsed.signals[1].first, SignalKind::kPdq);
  EXPECT_EQ(parsed.signals[2].first, SignalKind::kMd5);
  ASSERT_EQ(parsed.bad.size(), 1U);
  EXPECT_EQ(parsed.bad[0].line, 3);
}

TEST(ParseSignals, TakesEitherOrderOfColumnsQuotesSpacesAndFurtherColumns) {
  for (const std::string& line : {"sha256," + k64,
                                  k64 + ",sha256",
                                  "SHA-256 , " + k64,
                                  "\"sha256\",\"" + k64 + "\"",
                                  "\t" + k64 + ",SHA256,note, another \"quoted\" one",
                                  "sha256," + k64 + ",",
                                  k64 + ",sha-256"}) {
    const Parsed parsed = parse(line);
    ASSERT_EQ(parsed.signals.size(), 1U) << line;
    EXPECT_EQ(parsed.signals[0], std::pair(SignalKind::kSha256, k64)) << line;
  }
  EXPECT_EQ(parse(kMd5 + ",,note").signals.size(), 1U);
}

TEST(ParseSignals, WritesLowercase) {
  EXPECT_EQ(parse("ABCDEF0123456789abcdef0123456789").signals.at(0).second,
            "abcdef0123456789abcdef0123456789");
}

TEST(ParseSignals, TakesBomCrlfCommentsAndBlankLines) {
  const Parsed parsed =
      parse("\xEF\xBB\xBF# a comment\r\n\r\n  # another\r\n" + kMd5 + "\r\n \t \r\n" + kSha1);
  EXPECT_EQ(parsed.signals.size(), 2U);
  EXPECT_TRUE(parsed.bad.empty());
}

TEST(ParseSignals, SkipsALineThatNamesColumnsOnlyAsTheFirst) {
  for (const char* header : {"type,value", "kind,hash", "hash", "Hash,Type,note", "VALUE"}) {
    const Parsed parsed = parse("# exported\n" + std::string(header) + "\n" + kMd5 + "\n");
    EXPECT_EQ(parsed.signals.size(), 1U) << header;
    EXPECT_TRUE(parsed.bad.empty()) << header;
    EXPECT_EQ(parse(kMd5 + "\n" + header).bad.size(), 1U) << header;
  }
  EXPECT_EQ(parse("value,price\n").bad.size(), 1U);
}

TEST(ParseSignals, CountsBadLinesByNumberAndNeverQuotesThem) {
  const std::string secret = "5ec4e7";
  const std::vector<std::string> bad = {
      secret,
      k64.substr(1),
      k64 + "0",
      std::string(63, 'c') + "g",
      "photodna," + k64,
      k64 + ",photodna",
      "md5," + k64,
      "sha1",
      "sha1,",
      ",",
      "0x" + kMd5,
      std::string(32, ' ') + "\"",
      std::string(5, '\0'),
      "\xFF\xFE" + kMd5,
      std::string(1025, 'a'),
      "md5;" + kMd5,
  };
  for (const std::string& line : bad) {
    const Parsed parsed = parse("\n" + line + "\n" + kMd5 + "\n");
    ASSERT_EQ(parsed.bad.size(), 1U) << line;
    EXPECT_EQ(parsed.bad[0].line, 2) << line;
    EXPECT_FALSE(parsed.bad[0].why.empty());
    EXPECT_EQ(parsed.bad[0].why.find(secret), std::string::npos);
    EXPECT_EQ(parsed.signals.size(), 1U) << line;
  }
}

TEST(ParseSignals, TakesALineOfExactlyTheGreatestLength) {
  const std::string line = kMd5 + "," + std::string(1024 - 33, ' ');
  EXPECT_EQ(parse(line).signals.size(), 1U);
  EXPECT_EQ(parse(line + " ").bad.size(), 1U);
}

TEST(ParseSignals, OfNothingIsNothing) {
  for (const char* text : {"", "\n", "\xEF\xBB\xBF", "#", "\r\n\r\n"}) {
    const Parsed parsed = parse(text);
    EXPECT_TRUE(parsed.signals.empty());
    EXPECT_TRUE(parsed.bad.empty());
  }
}

TEST(ParseSignals, AccountsForEveryLineOfRandomText) {
  const unsigned seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  static constexpr std::string_view kAlphabet = "0123456789abcdefABCDEF,,\n\n\r\" #mdshp\xEF";
  for (int round = 0; round < 2000; ++round) {
    std::string text;
    for (std::size_t left = random() % 200; left > 0; --left) {
      text += random() % 20 == 0 ? kMd5 : std::string(1, kAlphabet[random() % kAlphabet.size()]);
    }
    const Parsed parsed = parse(text);
    const auto lines = static_cast<std::size_t>(std::ranges::count(text, '\n')) + 1;
    ASSERT_LE(parsed.signals.size() + parsed.bad.size(), lines);
    for (const auto& [kind, hex] : parsed.signals) {
      ASSERT_EQ(hex.find_first_not_of("0123456789abcdef"), std::string::npos);
      ASSERT_TRUE(hex.size() == 32 || hex.size() == 40 || hex.size() == 64);
    }
  }
}

}  // namespace
}  // namespace tutela::lists
