// Promises over calendars, against a definition that walks minute by minute.
#include "casework/intake/promises.hpp"

#include <random>

#include <gtest/gtest.h>

#include "support/evidence_rows.hpp"

namespace tutela::intake {
namespace {

using testing::code_of;

constexpr std::int64_t kMinute = 60'000;
constexpr std::int64_t kHour = 60 * kMinute;
constexpr std::int64_t kDay = 24 * kHour;

UtcMs at(std::string_view text) {
  return *parse_time(text);
}

Promises promises_of(std::int64_t ms) {
  Promises promises;
  promises.ms.fill(ms);
  return promises;
}

TEST(IntakePromises, CountTheHoursThatTheyName) {
  const Promises promises = promises_of(24 * kHour);
  const Due due = due_of(promises, Queue::kPublic, at("2026-11-20T10:00:00Z"));
  EXPECT_EQ(to_rfc3339(due.due_ms), "2026-11-21T10:00:00.000Z");
  EXPECT_EQ(to_rfc3339(due.escalate_ms), "2026-11-20T22:00:00.000Z");
}

TEST(IntakePromises, WeekendsAndHolidaysDoNotCount) {
  Promises promises = promises_of(24 * kHour);
  promises.weekends_pause = true;
  promises.holidays = *parse_holidays("2026-12-25 2026-12-28");
  // From Thursday noon: Friday is a holiday, then the weekend, and Monday a holiday.
  const Due due = due_of(promises, Queue::kPublic, at("2026-12-24T12:00:00Z"));
  EXPECT_EQ(to_rfc3339(due.escalate_ms), "2026-12-25T00:00:00.000Z");
  EXPECT_EQ(to_rfc3339(due.due_ms), "2026-12-29T12:00:00.000Z");
  // From the middle of a Saturday.
  EXPECT_EQ(to_rfc3339(due_of(promises, Queue::kLaw, at("2026-11-21T12:00:00Z")).due_ms),
            "2026-11-24T00:00:00.000Z");
}

TEST(IntakePromises, DangerAndVictimsNeverWaitForAWorkingDay) {
  Promises promises = promises_of(4 * kHour);
  promises.weekends_pause = true;
  promises.holidays = *parse_holidays("2026-11-21");
  for (const Queue queue : {Queue::kImminent, Queue::kVictim}) {
    const Due due = due_of(promises, queue, at("2026-11-21T12:00:00Z"));
    EXPECT_EQ(to_rfc3339(due.due_ms), "2026-11-21T16:00:00.000Z");
    EXPECT_EQ(to_rfc3339(due.escalate_ms), "2026-11-21T14:00:00.000Z");
  }
}

TEST(IntakePromises, HolidaysAreDays) {
  EXPECT_EQ(parse_holidays("")->size(), 0U);
  EXPECT_EQ(*parse_holidays(" 1970-01-02\t1970-01-11\n1970-01-02 "),
            (std::set<std::int64_t>{1, 10}));
  for (const char* const bad : {"2026", "2026-02-30", "2026-12-25T00:00:00Z", "2026-12-25,", "x"}) {
    EXPECT_EQ(code_of(parse_holidays(bad)), "config.bad_holidays") << bad;
  }
}

/// Minute by minute, each with the calendar of its day.
UtcMs walked(const Promises& promises, bool pausing, UtcMs from_ms, std::int64_t minutes) {
  UtcMs at_ms = from_ms;
  while (minutes > 0) {
    const std::int64_t day = at_ms / kDay;
    const bool weekend = day % 7 == 2 || day % 7 == 3;  // 1970-01-03 was a Saturday
    const bool pauses =
        pausing && ((promises.weekends_pause && weekend) || promises.holidays.contains(day));
    minutes -= pauses ? 0 : 1;
    at_ms += kMinute;
  }
  return at_ms;
}

TEST(IntakePromises, AreThoseOfTheDefinitionOverRandomCalendars) {
  std::mt19937_64 random{2026};
  for (int i = 0; i < 400; ++i) {
    Promises promises;
    const auto queue = static_cast<Queue>(random() % 7);
    const auto minutes = static_cast<std::int64_t>(random() % 12'000);
    promises.ms[static_cast<std::size_t>(queue)] = minutes * kMinute;
    promises.weekends_pause = random() % 2 == 0;
    const auto first = static_cast<std::int64_t>(20'000 + random() % 1000);
    for (std::size_t day = random() % 12; day > 0; --day) {
      promises.holidays.insert(first + static_cast<std::int64_t>(random() % 14));
    }
    const UtcMs from_ms = first * kDay + static_cast<std::int64_t>(random() % 1440) * kMinute;
    const bool pausing = queue != Queue::kImminent && queue != Queue::kVictim;
    const Due due = due_of(promises, queue, from_ms);
    EXPECT_EQ(due.due_ms, walked(promises, pausing, from_ms, minutes)) << "calendar " << i;
    EXPECT_LE(due.escalate_ms, due.due_ms);
    EXPECT_GE(due.escalate_ms, from_ms);
    EXPECT_LE(due.due_ms, due_of(promises, queue, from_ms + kMinute).due_ms)
        << "who comes later is not promised more";
    Promises longer = promises;
    longer.ms[static_cast<std::size_t>(queue)] += kMinute;
    EXPECT_LT(due.due_ms, due_of(longer, queue, from_ms).due_ms);
  }
}

}  // namespace
}  // namespace tutela::intake
