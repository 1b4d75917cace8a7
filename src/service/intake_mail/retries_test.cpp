#include "service/intake_mail/retries.hpp"

#include <set>
#include <vector>

#include <gtest/gtest.h>

namespace tutela::intake_mail {
namespace {

constexpr UtcMs kNow = 1'800'000'000'000;

/// Those that are due of what lies there.
std::set<std::string> due(Retries& retries, const std::set<std::string>& there, UtcMs now_ms) {
  std::set<std::string> found;
  retries.begin_round();
  for (const std::string& letter : there) {
    if (retries.is_due(letter, now_ms)) {
      found.insert(letter);
    }
  }
  retries.end_round();
  return found;
}

using Letters = std::set<std::string>;

TEST(Retries, EachWaitsLongerEachTimeAndNeverForEver) {
  Retries retries;
  UtcMs now = kNow;
  EXPECT_EQ(due(retries, {"1", "2"}, now), Letters({"1", "2"}));
  for (const std::int64_t pause : {10, 20, 40, 80, 160, 320, 600, 600, 600}) {
    retries.note_failure("1", "x", now);
    EXPECT_EQ(due(retries, {"1", "2"}, now + pause * 1000 - 1), Letters({"2"})) << pause;
    now += pause * 1000;
    EXPECT_EQ(due(retries, {"1", "2"}, now), Letters({"1", "2"})) << pause;
  }
  EXPECT_EQ(retries.failures("1"), 9);
  retries.note_success("1");
  EXPECT_EQ(retries.failures("1"), 0);
  EXPECT_TRUE(retries.none());
}

TEST(Retries, SaysWhenThereIsSomethingNewToSay) {
  Retries retries;
  due(retries, {"1"}, kNow);
  EXPECT_TRUE(retries.note_failure("1", "x", kNow));
  EXPECT_FALSE(retries.note_failure("1", "x", kNow));
  EXPECT_TRUE(retries.note_failure("1", "y", kNow));
}

TEST(Retries, ForgetsWhatIsNotThereAnyMore) {
  Retries retries;
  due(retries, {"1", "2"}, kNow);
  retries.note_failure("1", "x", kNow);
  retries.note_failure("2", "x", kNow);
  due(retries, {"2"}, kNow);
  EXPECT_FALSE(retries.none());
  due(retries, {}, kNow);
  EXPECT_TRUE(retries.none());
}

TEST(Retries, AClockThatWasSetBackHoldsUpNobody) {
  Retries retries;
  due(retries, {"1"}, kNow);
  retries.note_failure("1", "x", kNow);
  EXPECT_EQ(due(retries, {"1"}, kNow - 3'600'000), Letters({"1"}));
}

TEST(Retries, MoreThanItRemembersTakeTurns) {
  Retries retries(2);
  const Letters there = {"1", "2", "3", "4", "5", "6"};
  Letters tried;
  for (int look = 0; look < 6; ++look) {
    // A look takes the oldest two that are due, and each of them fails.
    int taken = 0;
    for (const std::string& letter : due(retries, there, kNow)) {
      if (taken++ < 2) {
        retries.note_failure(letter, "x", kNow);
        tried.insert(letter);
      }
    }
  }
  EXPECT_EQ(tried, there) << "the newest, too";
  EXPECT_FALSE(retries.none());
  for (const std::string& letter : there) {
    retries.note_success(letter);
  }
  EXPECT_EQ(due(retries, {"3", "7"}, kNow), Letters({"7"})) << "those that wait for their turn";
  due(retries, {"3"}, kNow);
  EXPECT_EQ(due(retries, {"3"}, kNow), Letters({"3"})) << "which comes";
}

}  // namespace
}  // namespace tutela::intake_mail
