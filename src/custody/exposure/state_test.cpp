// Where somebody stands, by hand: the boundaries of each rule.
#include <gtest/gtest.h>

#include "custody/exposure/exposure.hpp"

namespace tutela::exposure {
namespace {

constexpr UtcMs kDay = 86'400'000;
constexpr UtcMs kHour = 3'600'000;
constexpr UtcMs kMinute = 60'000;
constexpr UtcMs kMonday = 20'000 * kDay + 8 * kHour;

State state_at(UtcMs now_ms,
               const std::vector<Seen>& views,
               const std::vector<Rest>& rests = {},
               const Rules& rules = {}) {
  return state_of(rules, rules.points_per_shift, views, rests, now_ms);
}

std::string code(const State& state, std::int64_t cost, const Rules& rules = {}) {
  const Status status = check(rules, state, cost);
  return status ? "ok" : std::string(status.error().code);
}

TEST(Cost, IsTheGradesWeightTimesTheSeveritys) {
  const Rules rules;
  EXPECT_EQ(cost_of(rules, "outline", 0), 1);
  EXPECT_EQ(cost_of(rules, "mosaic", 0), 2);
  EXPECT_EQ(cost_of(rules, "grey_blurred", 0), 4);
  EXPECT_EQ(cost_of(rules, "grey_small", 0), 8);
  EXPECT_EQ(cost_of(rules, "full", 0), 20);
  EXPECT_EQ(cost_of(rules, "original", 0), 20);
  EXPECT_EQ(cost_of(rules, "full", severity_of("A1")), 30);
  EXPECT_EQ(cost_of(rules, "full", severity_of("A2")), 24);
  EXPECT_EQ(cost_of(rules, "full", severity_of("B1")), 20);
  EXPECT_EQ(cost_of(rules, "full", severity_of("B2")), 16);
}

TEST(Cost, IsNeverNothingAndNeverLessForWhatIsUnknown) {
  Rules rules;
  EXPECT_EQ(cost_of(rules, "whole", 0), 20);
  EXPECT_EQ(cost_of(rules, "full", 9), 30);
  EXPECT_EQ(cost_of(rules, "full", -1), 20);
  EXPECT_EQ(cost_of(rules, "outline", 1), 1);  // 0.8 of a point
  EXPECT_EQ(cost_of(rules, "outline", 4), 2);  // 1.5
  rules.grade_points = {};
  EXPECT_EQ(cost_of(rules, "full", 4), 1);
}

TEST(Cost, SeveritiesAreThoseOfTheClassification) {
  EXPECT_EQ(severity_of("A1"), 4);
  EXPECT_EQ(severity_of("A2"), 3);
  EXPECT_EQ(severity_of("B1"), 2);
  EXPECT_EQ(severity_of("B2"), 1);
  for (const std::string_view other : {"", "a1", "C", "self_reported"}) {
    EXPECT_EQ(severity_of(other), 0) << other;
  }
}

TEST(State, WhoHasSeenNothingIsRested) {
  const State state = state_at(kMonday, {});
  EXPECT_EQ(state.level, Level::kRested);
  EXPECT_EQ(state.points, 0);
  EXPECT_EQ(state.points_max, 600);
  EXPECT_EQ(state.until_break, 200);
  EXPECT_FALSE(state.shift_began_ms || state.last_view_ms || state.views_again_ms);
  EXPECT_EQ(code(state, 200), "ok");
}

TEST(State, AShiftBeginsWithAViewAndEndsWithAGap) {
  const std::vector<Seen> views = {{kMonday, 10}, {kMonday + 5 * kHour, 20}};
  const State during = state_at(kMonday + 11 * kHour - 1, views);
  EXPECT_EQ(during.level, Level::kDone) << "longer than a shift lasts";
  EXPECT_EQ(during.points, 30);
  EXPECT_EQ(during.shift_began_ms, kMonday);
  EXPECT_EQ(state_at(kMonday + 10 * kHour - 1, views).level, Level::kSteady);
  const State after = state_at(kMonday + 11 * kHour, views);
  EXPECT_EQ(after.level, Level::kRested);
  EXPECT_EQ(after.points, 0);
  EXPECT_FALSE(after.shift_began_ms);
  EXPECT_EQ(after.last_view_ms, kMonday + 5 * kHour);
}

TEST(State, TheSoftStopIsSaidAndTheHardStopHolds) {
  Rules rules;
  rules.break_after_points = 1000;
  const UtcMs now = kMonday + kMinute;
  EXPECT_EQ(state_at(now, {{kMonday, 479}}, {}, rules).level, Level::kSteady);
  const State near = state_at(now, {{kMonday, 480}}, {}, rules);
  EXPECT_EQ(near.level, Level::kNearLimit);
  EXPECT_EQ(code(near, 120, rules), "ok");
  EXPECT_EQ(code(near, 121, rules), "exposure.done");
  EXPECT_FALSE(near.views_again_ms);
  const State done = state_at(now, {{kMonday, 600}}, {}, rules);
  EXPECT_EQ(done.level, Level::kDone);
  EXPECT_EQ(done.views_again_ms, kMonday + 6 * kHour);
  EXPECT_EQ(code(done, 1, rules), "exposure.done");
  EXPECT_EQ(state_at(kMonday + 6 * kHour, {{kMonday, 600}}, {}, rules).level, Level::kRested);
}

TEST(State, ABreakIsForcedByPointsAndEndsWithARest) {
  const std::vector<Seen> views = {{kMonday, 150}, {kMonday + kMinute, 49}};
  const State before = state_at(kMonday + 2 * kMinute, views);
  EXPECT_EQ(before.until_break, 1);
  EXPECT_EQ(code(before, 1), "ok");
  EXPECT_EQ(code(before, 2), "exposure.break");
  const std::vector<Seen> enough = {{kMonday, 150}, {kMonday + kMinute, 50}};
  const State forced = state_at(kMonday + 2 * kMinute, enough);
  EXPECT_EQ(forced.level, Level::kBreak);
  EXPECT_EQ(forced.views_again_ms, kMonday + 11 * kMinute);
  EXPECT_EQ(code(forced, 1), "exposure.break");
  EXPECT_EQ(state_at(kMonday + 11 * kMinute - 1, enough).level, Level::kBreak);
  const State rested = state_at(kMonday + 11 * kMinute, enough);
  EXPECT_EQ(rested.level, Level::kSteady);
  EXPECT_EQ(rested.until_break, 200);
  EXPECT_EQ(rested.points, 200);
}

TEST(State, ABreakIsForcedByTimeOfLooking) {
  std::vector<Seen> views;
  for (int i = 0; i < 7; ++i) {
    views.push_back({kMonday + i * 9 * kMinute, 1});  // the last one 54 minutes after the first
  }
  EXPECT_EQ(state_at(kMonday + 60 * kMinute - 1, views).level, Level::kSteady);
  const State forced = state_at(kMonday + 60 * kMinute, views);
  EXPECT_EQ(forced.level, Level::kBreak);
  EXPECT_EQ(forced.views_again_ms, kMonday + 64 * kMinute);
  EXPECT_EQ(state_at(kMonday + 64 * kMinute, views).level, Level::kSteady);
}

TEST(State, ABreakByOnesOwnWillKeepsViewsShutAndAShortOneIsNoRest) {
  const std::vector<Seen> views = {{kMonday, 190}};
  const UtcMs now = kMonday + kMinute;
  const State resting = state_at(now, views, {{now, now + 30 * kMinute}});
  EXPECT_EQ(resting.level, Level::kBreak);
  EXPECT_EQ(resting.views_again_ms, now + 30 * kMinute);
  const State early = state_at(now + kMinute, views, {{now, now + kMinute}});
  EXPECT_EQ(early.level, Level::kSteady);
  EXPECT_EQ(early.until_break, 10);
}

TEST(State, AFullViewIsFollowedByAPause) {
  const std::vector<Seen> views = {{kMonday, 20, true}};
  const State cooling = state_at(kMonday + 14'999, views);
  EXPECT_EQ(cooling.level, Level::kCoolDown);
  EXPECT_EQ(cooling.views_again_ms, kMonday + 15'000);
  EXPECT_EQ(code(cooling, 1), "exposure.cool_down");
  EXPECT_EQ(state_at(kMonday + 15'000, views).level, Level::kSteady);
  EXPECT_EQ(state_at(kMonday + 1, {{kMonday, 20, false}}).level, Level::kSteady);
}

TEST(State, AfterFiveDaysOfWorkComeTwoWithout) {
  std::vector<Seen> views;
  for (int day = 0; day < 5; ++day) {
    views.push_back({kMonday + day * kDay, 10});
  }
  EXPECT_EQ(state_at(kMonday + 4 * kDay + kHour, views).level, Level::kSteady);
  const UtcMs saturday = (kMonday / kDay + 5) * kDay;
  const State off = state_at(saturday, views);
  EXPECT_EQ(off.level, Level::kDaysOff);
  EXPECT_EQ(off.views_again_ms, saturday + 2 * kDay);
  EXPECT_EQ(code(off, 1), "exposure.days_off");
  EXPECT_EQ(state_at(saturday + 2 * kDay - 1, views).level, Level::kDaysOff);
  EXPECT_EQ(state_at(saturday + 2 * kDay, views).level, Level::kRested);
}

TEST(State, OneDayOffIsNoEndOfARun) {
  std::vector<Seen> views;
  for (const int day : {0, 1, 3, 5, 7}) {
    views.push_back({kMonday + day * kDay, 10});
  }
  EXPECT_EQ(state_at(kMonday + 8 * kDay, views).level, Level::kDaysOff);
  views.erase(views.begin() + 2);
  EXPECT_EQ(state_at(kMonday + 8 * kDay, views).level, Level::kRested);  // two days off before it
}

TEST(State, AShiftPastMidnightIsOneDayAndIsNotCut) {
  std::vector<Seen> views;
  const UtcMs evening = 20'000 * kDay + 20 * kHour;
  for (int day = 0; day < 5; ++day) {
    views.push_back({evening + day * kDay, 10});
    views.push_back({evening + day * kDay + 5 * kHour, 10});
  }
  const UtcMs late = evening + 4 * kDay + 6 * kHour;
  EXPECT_EQ(state_at(late, views).level, Level::kSteady);
  const State off = state_at(late + 6 * kHour, views);
  EXPECT_EQ(off.level, Level::kDaysOff);
  EXPECT_EQ(off.views_again_ms, 20'007 * kDay);
}

TEST(State, WhoIsDoneBeforeDaysOffHearsWhenTheyEnd) {
  std::vector<Seen> views;
  for (int day = 0; day < 5; ++day) {
    views.push_back({kMonday + day * kDay + 12 * kHour, 600});
  }
  const State done = state_at(kMonday + 4 * kDay + 12 * kHour + 1, views);
  EXPECT_EQ(done.level, Level::kDone);
  EXPECT_EQ(done.views_again_ms, (kMonday / kDay + 7) * kDay);
}

TEST(State, AViewInADangerOnADayOffLengthensTheDaysOff) {
  std::vector<Seen> views;
  for (int day = 0; day < 6; ++day) {
    views.push_back({kMonday + day * kDay, 10});
  }
  const State off = state_at(kMonday + 5 * kDay + kMinute, views);
  EXPECT_EQ(off.level, Level::kDaysOff);
  EXPECT_EQ(off.views_again_ms, (kMonday / kDay + 8) * kDay);
}

TEST(State, WithoutDaysOffNoneAreAskedFor) {
  Rules rules;
  rules.days_on = 0;
  std::vector<Seen> views;
  for (int day = 0; day < 20; ++day) {
    views.push_back({kMonday + day * kDay, 10});
  }
  EXPECT_EQ(state_at(kMonday + 20 * kDay, views, {}, rules).level, Level::kRested);
}

TEST(Check, SaysWhatToDoAndWhen) {
  const State near = state_at(kMonday + kMinute, {{kMonday, 199}});
  const Status status = check({}, near, 20);
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().kind, ErrorKind::kLimitExceeded);
  EXPECT_NE(status.error().message.find(to_rfc3339(kMonday + 10 * kMinute)), std::string::npos);
  EXPECT_NE(status.error().message.find("lesser grade"), std::string::npos);
}

TEST(Check, AViewThatNoShiftHoldsIsRefusedAndALesserOneIsNot) {
  Rules rules;
  rules.points_per_shift = 10;
  const State state = state_at(kMonday, {}, {}, rules);
  EXPECT_EQ(code(state, 11, rules), "exposure.done");
  EXPECT_EQ(code(state, 10, rules), "ok");
  rules = {};
  rules.break_after_points = 10;
  const State small = state_at(kMonday, {}, {}, rules);
  EXPECT_EQ(code(small, 11, rules), "exposure.break");
  EXPECT_EQ(code(small, 10, rules), "ok");
}

TEST(Level, HasAWordOfItsOwn) {
  EXPECT_EQ(to_string(Level::kRested), "rested");
  EXPECT_EQ(to_string(Level::kSteady), "steady");
  EXPECT_EQ(to_string(Level::kNearLimit), "near_limit");
  EXPECT_EQ(to_string(Level::kBreak), "break");
  EXPECT_EQ(to_string(Level::kCoolDown), "cool_down");
  EXPECT_EQ(to_string(Level::kDone), "done");
  EXPECT_EQ(to_string(Level::kDaysOff), "days_off");
}

}  // namespace
}  // namespace tutela::exposure
