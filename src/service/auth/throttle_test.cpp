#include "service/auth/throttle.hpp"

#include <algorithm>
#include <string>

#include <gtest/gtest.h>

namespace tutela::auth {
namespace {

constexpr UtcMs kStart = 1'000'000'000;

TEST(Throttle, TheDelayDoublesAfterTheFreeAttemptsUpToItsEnd) {
  Throttle throttle(ThrottleRules{});
  for (int i = 0; i < 5; ++i) {
    EXPECT_EQ(throttle.attempt("a", kStart), 0);
  }
  EXPECT_EQ(throttle.attempt("a", kStart), 1'000);
  EXPECT_EQ(throttle.attempt("b", kStart), 0) << "each key has its own";
  UtcMs now = kStart;
  std::int64_t expected = 1'000;
  for (int i = 0; i < 20; ++i) {
    EXPECT_EQ(throttle.attempt("a", now + expected - 1), 1);
    now += expected;
    EXPECT_EQ(throttle.attempt("a", now), 0);
    expected = std::min<std::int64_t>(expected * 2, 300'000);
    EXPECT_EQ(throttle.attempt("a", now), expected);
  }
}

TEST(Throttle, SuccessTimeAndAClockSetBackStartAnew) {
  Throttle throttle(ThrottleRules{});
  const auto fill = [&](UtcMs now) {
    while (throttle.attempt("a", now) == 0) {
    }
  };
  fill(kStart);
  throttle.succeeded("a");
  EXPECT_EQ(throttle.attempt("a", kStart), 0);
  fill(kStart);
  EXPECT_EQ(throttle.attempt("a", kStart + 900'001), 0);
  fill(kStart + 900'001);
  EXPECT_EQ(throttle.attempt("a", kStart), 0);
}

TEST(Throttle, AnAttemptGivenBackDoesNotCountButOthersStillDo) {
  Throttle throttle(ThrottleRules{});
  for (int i = 0; i < 100; ++i) {
    EXPECT_EQ(throttle.attempt("office", kStart), 0);
    throttle.give_back("office");
  }
  while (throttle.attempt("office", kStart) == 0) {
  }
  EXPECT_GT(throttle.attempt("office", kStart), 0);
}

TEST(Throttle, ItsMemoryIsBoundedAndTheMostTriedKeysStay) {
  ThrottleRules rules;
  rules.keys_max = 10;
  Throttle throttle(rules);
  while (throttle.attempt("victim", kStart) == 0) {
  }
  for (int i = 0; i < 1000; ++i) {
    EXPECT_EQ(throttle.attempt(std::to_string(i), kStart), 0);
    EXPECT_LE(throttle.size(), 10U);
  }
  EXPECT_GT(throttle.attempt("victim", kStart), 0);
}

}  // namespace
}  // namespace tutela::auth
