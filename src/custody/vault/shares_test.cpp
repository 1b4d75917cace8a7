#include "custody/vault/shares.hpp"

#include <algorithm>
#include <random>
#include <set>

#include <gtest/gtest.h>

namespace tutela::vault {
namespace {

crypto::Key counting_key() {
  Bytes bytes(32);
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    bytes[i] = static_cast<std::byte>(7 * i);
  }
  return *crypto::Key::from_bytes(bytes);
}

bool is_same(const Result<crypto::Key>& key, const crypto::Key& expected) {
  return key && crypto::equal_constant_time(key->bytes(), expected.bytes());
}

TEST(SharesTest, AnyThatAreEnoughGiveTheKeyBackAndFewerDoNot) {
  const crypto::Key key = counting_key();
  const std::vector<std::string> lines = *split_key(key, 5, 3);
  ASSERT_EQ(lines.size(), 5U);
  for (unsigned mask = 0; mask < 32; ++mask) {
    std::vector<std::string> some;
    for (unsigned i = 0; i < 5; ++i) {
      if ((mask >> i & 1U) != 0) {
        some.insert(some.begin(), lines[i]);
      }
    }
    const Result<crypto::Key> joined = join_key(some);
    if (some.size() >= 3) {
      EXPECT_TRUE(is_same(joined, key)) << mask;
    } else {
      ASSERT_FALSE(joined) << mask;
      EXPECT_EQ(joined.error().code, "vault.too_few_shares");
    }
  }
}

TEST(SharesTest, RandomKeysAndSplitsComeBack) {
  const unsigned seed = std::random_device()();
  std::mt19937 random(seed);
  for (int round = 0; round < 50; ++round) {
    const crypto::Key key = crypto::Key::random();
    const auto made = static_cast<std::uint32_t>(2 + random() % (kSharesMax - 1));
    const auto needed = static_cast<std::uint32_t>(2 + random() % (made - 1));
    std::vector<std::string> lines = *split_key(key, made, needed);
    std::shuffle(lines.begin(), lines.end(), random);
    lines.resize(needed);
    EXPECT_TRUE(is_same(join_key(lines), key)) << "seed " << seed;
  }
}

TEST(SharesTest, SharesOfOneSplitTellNothingAloneAndDifferEachTime) {
  const crypto::Key key = counting_key();
  std::set<std::string> seen;
  for (int i = 0; i < 20; ++i) {
    for (const std::string& line : *split_key(key, 3, 2)) {
      EXPECT_EQ(line.find(to_hex(key.bytes())), std::string::npos);
      EXPECT_TRUE(seen.insert(line).second) << "the same randomness twice";
    }
  }
}

TEST(SharesTest, ATypingErrorIsFoundAndTheShareNamed) {
  const std::vector<std::string> lines = *split_key(counting_key(), 3, 2);
  for (std::size_t at = 0; at < lines[1].size(); ++at) {
    std::vector<std::string> typed = {lines[0], lines[1]};
    typed[1][at] = typed[1][at] == '1' ? '2' : '1';
    const Result<crypto::Key> joined = join_key(typed);
    ASSERT_FALSE(joined) << at;
    EXPECT_EQ(joined.error().code, "vault.bad_share") << at;
    EXPECT_NE(joined.error().message.find("share 2"), std::string::npos);
  }
  for (const std::string& bad : {std::string(),
                                 std::string("tutela-share-1-"),
                                 std::string(100'000, 'a'),
                                 lines[0] + lines[0]}) {
    EXPECT_EQ(join_key(std::vector{lines[1], bad}).error().code, "vault.bad_share");
  }
}

TEST(SharesTest, UpperCaseAndBlanksAreForgiven) {
  std::vector<std::string> lines = *split_key(counting_key(), 3, 2);
  for (std::string& line : lines) {
    std::ranges::transform(line, line.begin(), [](char c) {
      return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    });
    line.insert(40, " \t");
    line += "\r\n";
  }
  EXPECT_TRUE(is_same(join_key(lines), counting_key()));
}

TEST(SharesTest, SharesThatDoNotBelongTogetherGiveAnErrorNeverAKey) {
  const crypto::Key key = counting_key();
  const std::vector<std::string> first = *split_key(key, 3, 2);
  const std::vector<std::string> again = *split_key(key, 3, 2);
  const std::vector<std::string> other = *split_key(crypto::Key::random(), 3, 2);
  const std::vector<std::string> wider = *split_key(key, 4, 2);
  EXPECT_EQ(join_key(std::vector{first[0], other[1]}).error().code, "vault.shares_differ");
  EXPECT_EQ(join_key(std::vector{first[0], wider[1]}).error().code, "vault.shares_differ");
  EXPECT_EQ(join_key(std::vector{first[0], again[1]}).error().code, "vault.wrong_shares");
  EXPECT_EQ(join_key(std::vector{first[0], first[0]}).error().code, "vault.too_few_shares");
  EXPECT_EQ(join_key({}).error().code, "vault.too_few_shares");
}

TEST(SharesTest, SplitsThatProtectNothingAreRefused) {
  for (const auto& [made, needed] : {std::pair{1U, 1U}, {3U, 1U}, {3U, 4U}, {65U, 2U}, {0U, 0U}}) {
    EXPECT_EQ(split_key(counting_key(), made, needed).error().code, "vault.bad_split");
  }
}

}  // namespace
}  // namespace tutela::vault
