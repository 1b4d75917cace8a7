// Eight simulated weeks of people with habits of all kinds: those who rest and those who never stop
// asking, with dangers that are not refused, and limits that are lowered. What must hold is worked
// out from the views that were had, without the functions that allowed them.
#include <algorithm>
#include <cstdio>
#include <random>
#include <set>

#include <gtest/gtest.h>

#include "custody/exposure/exposure.hpp"

namespace tutela::exposure {
namespace {

constexpr UtcMs kDay = 86'400'000;
constexpr UtcMs kHour = 3'600'000;
constexpr UtcMs kMinute = 60'000;
constexpr UtcMs kBegin = 20'000 * kDay;
constexpr UtcMs kEnd = kBegin + 56 * kDay;

struct Habits {
  int day_begins_hour = 8;
  int day_hours = 9;
  std::vector<int> week = {1, 1, 1, 1, 1, 0, 0};  // days on which they come
  std::int64_t pause_mean_ms = 40'000;            // between two wishes
  int full_percent = 10;
  std::int64_t points_max = 600;
};

struct View {
  Seen seen;
  std::int64_t points_max = 0;  // that held
};

/// One person; `stubborn` ones do not wait until views open again.
class Person {
 public:
  Person(std::uint64_t seed, Habits habits, bool stubborn)
      : random_(seed), habits_(std::move(habits)), stubborn_(stubborn) {}

  void live() {
    for (UtcMs day = kBegin; day < kEnd; day += kDay) {
      if (habits_.week[static_cast<std::size_t>((day / kDay) % 7)] == 1) {
        work(day + habits_.day_begins_hour * kHour,
             day + (habits_.day_begins_hour + habits_.day_hours) * kHour);
      }
    }
  }

  void work(UtcMs from, UtcMs until) {
    UtcMs now = std::max(from, now_);
    while (now < until) {
      const State state = now_state(now);
      const std::int64_t cost = cost_of(rules_, grade(), severity());
      if (check(rules_, state, cost)) {
        seen_.push_back({{now, cost, last_full_}, habits_.points_max});
        rests_.clear();  // what is over changes nothing
        if (random_() % 200 == 0) {
          rests_.push_back({now, now + (1 + static_cast<UtcMs>(random_() % 120)) * kMinute});
        }
      } else if (!stubborn_ && state.views_again_ms) {
        now = std::max(now, *state.views_again_ms);
        continue;
      }
      now += 1 + static_cast<std::int64_t>(random_() %
                                           static_cast<std::uint64_t>(2 * habits_.pause_mean_ms));
    }
    now_ = now;
  }

  State now_state(UtcMs now) const {
    const auto first = std::ranges::partition_point(
        seen_, [&](const View& view) { return view.seen.at_ms <= now - memory_ms(rules_); });
    std::vector<Seen> views;
    std::transform(
        first, seen_.end(), std::back_inserter(views), [](const View& view) { return view.seen; });
    return state_of(rules_, habits_.points_max, views, rests_, now);
  }

  const std::vector<View>& seen() const { return seen_; }

  const Rules& rules() const { return rules_; }

  Habits& habits() { return habits_; }

 private:
  std::string_view grade() {
    last_full_ = static_cast<int>(random_() % 100) < habits_.full_percent;
    return last_full_ ? kGrades[4] : kGrades[random_() % 4];
  }

  int severity() { return static_cast<int>(random_() % 5); }

  std::mt19937_64 random_;
  Rules rules_;
  Habits habits_;
  bool stubborn_;
  bool last_full_ = false;
  UtcMs now_ = 0;
  std::vector<View> seen_;
  std::vector<Rest> rests_;  // by their own will
};

/// The views between two pauses of at least `gap_ms`.
std::vector<std::vector<View>> split(const std::vector<View>& views, std::int64_t gap_ms) {
  std::vector<std::vector<View>> parts;
  for (const View& view : views) {
    if (parts.empty() || view.seen.at_ms - parts.back().back().seen.at_ms >= gap_ms) {
      parts.emplace_back();
    }
    parts.back().push_back(view);
  }
  return parts;
}

std::int64_t sum(const std::vector<View>& views) {
  std::int64_t points = 0;
  for (const View& view : views) {
    points += view.seen.points;
  }
  return points;
}

void expect_shifts_within_bounds(const Person& person) {
  for (const auto& shift : split(person.seen(), person.rules().shift_gap_ms)) {
    std::int64_t points = 0;
    for (const View& view : shift) {
      points += view.seen.points;
      ASSERT_LE(points, view.points_max);
    }
    ASSERT_LT(shift.back().seen.at_ms - shift.front().seen.at_ms, person.rules().shift_max_ms);
  }
}

void expect_breaks(const Person& person) {
  for (const auto& stretch : split(person.seen(), person.rules().break_ms)) {
    ASSERT_LE(sum(stretch), person.rules().break_after_points);
    ASSERT_LT(stretch.back().seen.at_ms - stretch.front().seen.at_ms,
              person.rules().break_after_ms);
  }
  for (std::size_t i = 1; i < person.seen().size(); ++i) {
    const Seen& before = person.seen()[i - 1].seen;
    ASSERT_TRUE(!before.full ||
                person.seen()[i].seen.at_ms - before.at_ms >= person.rules().cool_down_ms);
  }
}

/// In every stretch of days, of which `days_on` + 1 are days of work, two of them are `days_off`
/// days apart.
void expect_days_off(const Person& person) {
  std::vector<std::int64_t> days;
  for (const auto& shift : split(person.seen(), person.rules().shift_gap_ms)) {
    const std::int64_t day = shift.front().seen.at_ms / kDay;
    if (days.empty() || days.back() != day) {
      days.push_back(day);
    }
  }
  const auto on = static_cast<std::size_t>(person.rules().days_on);
  for (std::size_t i = on; i < days.size(); ++i) {
    bool rested = false;
    for (std::size_t k = i - on; k < i; ++k) {
      rested = rested || days[k + 1] - days[k] - 1 >= person.rules().days_off;
    }
    ASSERT_TRUE(rested) << "day " << days[i];
  }
}

void expect_rest_restores(const Person& person) {
  const State after = person.now_state(kEnd + 3 * kDay);
  EXPECT_EQ(after.level, Level::kRested);
  EXPECT_EQ(after.points, 0);
  EXPECT_EQ(after.until_break, person.rules().break_after_points);
  EXPECT_TRUE(check(person.rules(), after, 30));
}

void expect_all(const Person& person) {
  expect_shifts_within_bounds(person);
  expect_breaks(person);
  expect_days_off(person);
  expect_rest_restores(person);
}

Habits random_habits(std::mt19937_64& random) {
  Habits habits;
  habits.day_begins_hour = static_cast<int>(random() % 24);
  habits.day_hours = 1 + static_cast<int>(random() % 23);
  for (int& comes : habits.week) {
    comes = random() % 4 == 0 ? 0 : 1;
  }
  habits.pause_mean_ms = 30'000 + static_cast<std::int64_t>(random() % 600'000);
  habits.full_percent = static_cast<int>(random() % 60);
  habits.points_max = 50 + static_cast<std::int64_t>(random() % 551);
  return habits;
}

class WeeksTest : public ::testing::TestWithParam<std::uint64_t> {
 protected:
  WeeksTest() { std::printf("seed %llu\n", static_cast<unsigned long long>(GetParam())); }
};

TEST_P(WeeksTest, NobodyGetsMoreThanTheRulesGive) {
  std::mt19937_64 random(GetParam());
  for (int i = 0; i < 2; ++i) {
    for (const bool stubborn : {false, true}) {
      Person person(random(), random_habits(random), stubborn);
      person.live();
      EXPECT_FALSE(person.seen().empty());
      expect_all(person);
    }
  }
}

TEST_P(WeeksTest, WhoNeverStopsAskingIsStoppedEachDayAndGivenDaysOff) {
  Habits habits;
  habits.day_begins_hour = 0;
  habits.day_hours = 24;
  habits.week = {1, 1, 1, 1, 1, 1, 1};
  Person person(GetParam(), habits, true);
  person.live();
  expect_all(person);
  const auto shifts = split(person.seen(), person.rules().shift_gap_ms);
  EXPECT_GT(shifts.size(), 40U);
  std::set<std::int64_t> days;
  for (const View& view : person.seen()) {
    days.insert(view.seen.at_ms / kDay);
  }
  EXPECT_LE(days.size(), 48U) << "of 56: two of seven are off, a night may reach into one";
  std::int64_t fullest = 0;
  for (const auto& shift : shifts) {
    fullest = std::max(fullest, sum(shift));
  }
  EXPECT_GT(fullest, 590) << "the bound was never reached, so nothing was tested";
}

TEST_P(WeeksTest, AnOrdinaryWeekIsWorkedWithoutAnyHardStop) {
  Habits habits;
  habits.week = {1, 1, 1, 1, 1, 0, 0};
  habits.pause_mean_ms = 8 * kMinute;
  habits.full_percent = 5;
  Person person(GetParam(), habits, false);
  std::size_t done = 0;
  person.live();
  expect_all(person);
  for (const auto& shift : split(person.seen(), person.rules().shift_gap_ms)) {
    done += sum(shift) > person.rules().points_per_shift - 30 ? 1U : 0U;
  }
  EXPECT_EQ(done, 0U);
  EXPECT_EQ(split(person.seen(), person.rules().shift_gap_ms).size(), 40U);
}

TEST_P(WeeksTest, AContractorGetsLessAndALoweredLimitHoldsAtOnce) {
  Habits habits;
  habits.pause_mean_ms = 15'000;
  Person reviewer(GetParam(), habits, false);
  habits.points_max = Rules{}.contractor_points_per_shift;
  Person contractor(GetParam(), habits, false);
  reviewer.live();
  contractor.live();
  expect_all(contractor);
  const auto all = [](const Person& person) {
    return sum(person.seen());
  };
  EXPECT_LT(all(contractor), all(reviewer));

  Person lowered(GetParam(), habits, false);
  const UtcMs morning = kBegin + 8 * kHour;
  lowered.work(morning, morning + 2 * kHour);
  const std::int64_t before = sum(lowered.seen());
  ASSERT_GT(before, 100);
  lowered.habits().points_max = 100;
  lowered.work(morning + 2 * kHour, morning + 5 * kHour);
  EXPECT_EQ(sum(lowered.seen()), before) << "more was shown after the limit was lowered";
  const State state = lowered.now_state(morning + 5 * kHour);
  EXPECT_EQ(state.level, Level::kDone);
  EXPECT_EQ(state.points_max, 100);
}

INSTANTIATE_TEST_SUITE_P(Seeds, WeeksTest, ::testing::Range<std::uint64_t>(1, 5));

}  // namespace
}  // namespace tutela::exposure
