#include "service/authorities/pace.hpp"

#include <gtest/gtest.h>

namespace tutela::authorities {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

TEST(PaceTest, AllowsATenthOfAMinuteAtOnceAndThenTheRate) {
  Pace pace(120);
  auto now = steady_clock::now();
  for (int i = 0; i < 12; ++i) {
    EXPECT_EQ(pace.take(now).count(), 0) << i;
  }
  EXPECT_EQ(pace.take(now).count(), 500);
  EXPECT_GT(pace.take(now + milliseconds(499)).count(), 0);
  EXPECT_EQ(pace.take(now + milliseconds(500)).count(), 0);
  int taken = 0;
  for (int at_ms = 500; at_ms < 60'500; ++at_ms) {
    taken += pace.take(now + milliseconds(at_ms)).count() == 0 ? 1 : 0;
  }
  EXPECT_GE(taken, 119);
  EXPECT_LE(taken, 120);
}

TEST(PaceTest, ALongRestGathersNoMoreThanTheBurst) {
  Pace pace(60);
  auto now = steady_clock::now();
  EXPECT_EQ(pace.take(now).count(), 0);
  now += std::chrono::hours(5);
  int taken = 0;
  while (pace.take(now).count() == 0) {
    ++taken;
  }
  EXPECT_EQ(taken, 6);
}

TEST(PaceTest, TheSlowestRateStillGoesOn) {
  for (const std::int64_t rate : {1, 0, -5}) {
    Pace pace(rate);
    const auto now = steady_clock::now();
    EXPECT_EQ(pace.take(now).count(), 0);
    EXPECT_EQ(pace.take(now).count(), 60'000);
    EXPECT_EQ(pace.take(now + milliseconds(60'000)).count(), 0);
  }
}

TEST(PaceTest, WhoWaitsCanBeTold) {
  Pace pace(1);
  int told = 0;
  const auto stop = [&]() -> Status {
    ++told;
    return Error{ErrorKind::kUnavailable, "test.stopped", "stop"};
  };
  EXPECT_TRUE(pace.wait(stop));
  EXPECT_EQ(told, 0);
  const Status waited = pace.wait(stop);
  ASSERT_FALSE(waited);
  EXPECT_EQ(waited.error().code, "test.stopped");
  EXPECT_EQ(told, 1);
}

}  // namespace
}  // namespace tutela::authorities
