#include "casework/preservation/calendar.hpp"

#include <chrono>
#include <random>

#include <gtest/gtest.h>

namespace tutela::preservation {
namespace {

constexpr Length kYear{.years = 1};
constexpr UtcMs kHour = 3'600'000;
constexpr UtcMs kDay = 24 * kHour;

UtcMs at(std::string_view text) {
  const Result<UtcMs> time = parse_time(text);
  EXPECT_TRUE(time) << text;
  return time ? *time : 0;
}

std::string year_after(std::string_view text) {
  return to_rfc3339(*end_of(at(text), kYear));
}

TEST(CalendarTest, AYearEndsWhenItsLastDayHasEndedEverywhere) {
  EXPECT_EQ(year_after("2026-11-22T03:52:33Z"), "2027-11-24T00:00:00.000Z");
  EXPECT_EQ(year_after("2026-12-31T23:59:59.999Z"), "2028-01-02T00:00:00.000Z");
  EXPECT_EQ(year_after("2027-01-01T00:00:00Z"), "2028-01-03T00:00:00.000Z");
}

TEST(CalendarTest, LeapDaysNeverShortenAYear) {
  EXPECT_EQ(year_after("2028-02-28T12:00:00Z"), "2029-03-02T00:00:00.000Z");
  EXPECT_EQ(year_after("2028-02-29T00:00:00Z"), "2029-03-03T00:00:00.000Z");
  EXPECT_EQ(year_after("2028-03-01T00:00:00Z"), "2029-03-03T00:00:00.000Z");
  EXPECT_EQ(year_after("2027-02-28T23:59:59Z"), "2028-03-01T00:00:00.000Z");
  // 2100 is no leap year.
  EXPECT_EQ(year_after("2096-02-29T00:00:00Z"), "2097-03-03T00:00:00.000Z");
  EXPECT_EQ(to_rfc3339(*end_of(at("2096-02-29"), {.years = 4})), "2100-03-03T00:00:00.000Z");
}

TEST(CalendarTest, TheLaterOfYearsAndDaysCounts) {
  const UtcMs start = at("2027-06-01T08:00:00Z");
  // 366 days of the year that holds 29 February 2028.
  EXPECT_EQ(*end_of(start, {.years = 1, .days = 365}), at("2028-06-03T00:00:00Z"));
  EXPECT_EQ(*end_of(start, {.years = 1, .days = 366}), at("2028-06-03T00:00:00Z"));
  EXPECT_EQ(*end_of(start, {.years = 1, .days = 400}), at("2028-07-07T00:00:00Z"));
  EXPECT_EQ(*end_of(start, {.days = 90}), at("2027-09-01T00:00:00Z"));
  EXPECT_EQ(*end_of(start, {}), at("2027-06-03T00:00:00Z"));
}

TEST(CalendarTest, WhatNoCalendarHoldsIsRefused) {
  for (const UtcMs start : {at("1999-12-31T23:59:59Z"),
                            at("8000-01-01"),
                            UtcMs{0},
                            UtcMs{INT64_MAX},
                            UtcMs{INT64_MIN}}) {
    const Result<UtcMs> end = end_of(start, kYear);
    ASSERT_FALSE(end);
    EXPECT_EQ(end.error().code, "preservation.bad_time");
  }
  EXPECT_FALSE(end_of(at("2026-01-01"), {.years = kYearsMax + 1}));
  EXPECT_FALSE(end_of(at("2026-01-01"), {.days = kDaysMax + 1}));
  EXPECT_TRUE(end_of(at("7999-12-31"), {.years = kYearsMax, .days = kDaysMax}));
}

/// When the same day of the next year has ended for somebody whose clock is `zone_ms` east of UTC.
UtcMs local_end(UtcMs start_ms, UtcMs zone_ms) {
  using std::chrono::milliseconds;
  using Time = std::chrono::sys_time<milliseconds>;
  const auto local = std::chrono::floor<std::chrono::days>(Time(milliseconds(start_ms + zone_ms)));
  std::chrono::year_month_day next = std::chrono::year_month_day(local) + std::chrono::years(1);
  if (!next.ok()) {
    next = next.year() / 3 / 1;
  }
  const Time end = std::chrono::sys_days(next) + std::chrono::days(1);
  return end.time_since_epoch().count() - zone_ms;
}

TEST(CalendarTest, NeverEndsBeforeTheYearOfAnyTimeZone) {
  const unsigned seed = std::random_device()();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937_64 random(seed);
  std::uniform_int_distribution<UtcMs> starts(at("2024-01-01"), at("2110-01-01"));
  std::vector<UtcMs> times = {at("2028-02-28T23:59:59Z"), at("2028-02-29T11:00:00Z")};
  for (int i = 0; i < 3000; ++i) {
    times.push_back(starts(random));
  }
  for (const UtcMs start : times) {
    const UtcMs end = *end_of(start, kYear);
    EXPECT_GE(end - start, 365 * kDay);
    EXPECT_LE(end - start, 368 * kDay);
    for (UtcMs zone = -12 * kHour; zone <= 14 * kHour; zone += kHour / 4) {
      ASSERT_GE(end, local_end(start, zone)) << to_rfc3339(start) << " zone " << zone / kHour;
    }
  }
}

}  // namespace
}  // namespace tutela::preservation
