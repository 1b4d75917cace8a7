// Proof of work: what solves a challenge of ours in time, and nothing else.
#include "casework/intake/work.hpp"

#include <gtest/gtest.h>

#include "crypto/digest.hpp"
#include "support/evidence_rows.hpp"

namespace tutela::intake {
namespace {

using testing::code_of;

constexpr UtcMs kNow = 1'790'000'000'000;
constexpr std::uint32_t kBits = 10;

/// As the page's script does it, by the definition.
std::string solved(const std::string& challenge, std::uint32_t bits) {
  for (std::uint64_t number = 0;; ++number) {
    const std::string hex =
        to_hex(crypto::sha256_of(as_bytes(challenge + ":" + std::to_string(number))));
    const std::uint64_t first = std::stoull(hex.substr(0, 16), nullptr, 16);
    if (first >> (64 - bits) == 0) {
      return std::to_string(number);
    }
  }
}

class WorkTest : public ::testing::Test {
 protected:
  std::string check(const std::string& challenge, const std::string& answer, UtcMs at_ms = kNow) {
    return code_of(check_work(key_, challenge, answer, kBits, at_ms));
  }

  crypto::Key key_ = crypto::Key::random();
  Challenge made_ = make_challenge(key_, kBits, kNow);
  std::string answer_ = solved(made_.challenge, kBits);
};

TEST_F(WorkTest, WhatWasWorkedForIsTaken) {
  EXPECT_EQ(made_.bits, kBits);
  EXPECT_LE(made_.challenge.size(), 128U);
  EXPECT_EQ(check(made_.challenge, answer_), "ok");
  EXPECT_NE(make_challenge(key_, kBits, kNow).challenge, made_.challenge);
  EXPECT_EQ(code_of(check_work(key_, made_.challenge, "0", 0, kNow)), "ok") << "none is asked for";
}

TEST_F(WorkTest, AnAnswerThatIsNoneIsWrong) {
  int taken = 0;
  for (int i = 0; i < 2000; ++i) {
    taken += check(made_.challenge, std::to_string(i)) == "ok" ? 1 : 0;
  }
  EXPECT_LT(taken, 20) << "two are to be expected";
  for (const std::string& bad :
       {std::string(), " " + answer_, answer_ + " ", std::string("-1"), std::string(21, '1')}) {
    EXPECT_EQ(check(made_.challenge, bad), "work.wrong") << bad;
  }
}

TEST_F(WorkTest, AChallengeIsGoodForTenMinutes) {
  EXPECT_EQ(check(made_.challenge, answer_, kNow + kWorkMs - 1), "ok");
  EXPECT_EQ(check(made_.challenge, answer_, kNow + kWorkMs), "work.expired");
  EXPECT_EQ(check(made_.challenge, answer_, kNow - kWorkMs), "work.expired");
}

TEST_F(WorkTest, OnlyOursAreChallenges) {
  const Challenge other = make_challenge(crypto::Key::random(), kBits, kNow);
  EXPECT_EQ(check(other.challenge, solved(other.challenge, kBits)), "work.wrong");
  for (std::size_t i = 0; i < made_.challenge.size(); ++i) {
    std::string changed = made_.challenge;
    changed[i] = changed[i] == '7' ? '8' : '7';
    EXPECT_EQ(check(changed, answer_), "work.wrong") << i;
  }
  for (const std::string& bad : {std::string(), std::string("."), std::string(129, '.')}) {
    EXPECT_EQ(check(bad, answer_), "work.wrong");
  }
}

}  // namespace
}  // namespace tutela::intake
