#include <algorithm>
#include <random>
#include <set>

#include <gtest/gtest.h>

#include "casework/partners/partners.hpp"

namespace tutela::partners {
namespace {

constexpr std::int64_t kMinute = 60'000;
constexpr std::int64_t kHour = 60 * kMinute;
constexpr std::int64_t kDay = 24 * kHour;
constexpr UtcMs kNow = 20'000 * kDay + 9 * kHour;

Span shift(const std::string& person, std::int64_t from_hours, std::int64_t until_hours) {
  return {Uuid{}, person, kNow + from_hours * kHour, kNow + until_hours * kHour};
}

Load waiting(std::int64_t count, double minutes, std::int64_t promise_hours) {
  Load load;
  load.queue = "public";
  load.waiting = count;
  load.minutes_each = minutes;
  load.promise_ms = promise_hours * kHour;
  load.next_due_ms = kNow + kHour;
  return load;
}

Load coming(double per_hour, double minutes, std::int64_t promise_minutes) {
  Load load;
  load.queue = "victim";
  load.arrivals_per_hour = per_hour;
  load.minutes_each = minutes;
  load.promise_ms = promise_minutes * kMinute;
  return load;
}

TEST(StaffingTest, NothingToDoNeedsNobodyAndIsNotKnown) {
  const Staffing none = staffing_of({}, {}, kNow);
  EXPECT_FALSE(none.known);
  EXPECT_TRUE(none.enough);
  EXPECT_EQ(none.people_now, 0);
  EXPECT_EQ(none.hours_needed, 0);
  EXPECT_FALSE(staffing_of({waiting(5, 10, 24)}, {}, kNow).known) << "no shifts are planned";
  EXPECT_FALSE(staffing_of({waiting(5, 0, 24)}, {shift("a", 0, 8)}, kNow).known);
  EXPECT_FALSE(staffing_of({waiting(5, 10, 24)}, {shift("a", -8, 0)}, kNow).known);
}

TEST(StaffingTest, CountsPeopleAndHoursOnceAPerson) {
  const Staffing seen = staffing_of({waiting(6, 10, 24)},
                                    {shift("a", -2, 4),
                                     shift("a", 2, 6),  // overlaps
                                     shift("a", 3, 5),  // lies within
                                     shift("b", 5, 10),
                                     shift("c", 20, 30),  // half of it tomorrow
                                     shift("d", 9, 9),    // none
                                     shift("e", 12, 11)},
                                    kNow);
  EXPECT_EQ(seen.people_now, 1);
  EXPECT_DOUBLE_EQ(seen.hours_there, 6 + 5 + 4);
  EXPECT_DOUBLE_EQ(seen.people_next_day, 15.0 / 24);
  EXPECT_DOUBLE_EQ(seen.hours_needed, 1);
  EXPECT_TRUE(seen.known);
}

TEST(StaffingTest, FivePromisesOfTenMinutesAreKeptInAnHourAndSixAreNot) {
  Load load = waiting(6, 10, 1);
  load.next_due_ms = kNow + kHour;  // and so are all the others
  EXPECT_TRUE(staffing_of({load}, {shift("a", 0, 8)}, kNow).enough);
  load.waiting = 7;
  const Staffing seven = staffing_of({load}, {shift("a", 0, 8)}, kNow);
  EXPECT_FALSE(seven.enough);
  EXPECT_EQ(seven.breaks_ms, kNow + kHour);
  EXPECT_EQ(seven.breaks_queue, "public");
  EXPECT_TRUE(staffing_of({load}, {shift("a", 0, 8), shift("b", 0, 8)}, kNow).enough);
}

TEST(StaffingTest, NobodyIsFasterThanOneAnswerTakes) {
  Load load = waiting(1, 90, 1);
  const std::vector<Span> many = {shift("a", 0, 8), shift("b", 0, 8), shift("c", 0, 8)};
  EXPECT_FALSE(staffing_of({load}, many, kNow).enough);
  load.minutes_each = 60;
  EXPECT_TRUE(staffing_of({load}, many, kNow).enough);
}

TEST(StaffingTest, AShiftThatBeginsTooLateBreaksPromises) {
  const Load load = waiting(1, 10, 24);
  EXPECT_TRUE(staffing_of({load}, {shift("a", 0, 1)}, kNow).enough);
  Load soon = load;
  soon.promise_ms = kHour;
  EXPECT_FALSE(staffing_of({soon}, {shift("a", 1, 9)}, kNow).enough);
}

TEST(StaffingTest, NightsWithoutAnybodyBreakShortPromisesOnly) {
  // Nine to five, for a week.
  std::vector<Span> days;
  for (std::int64_t day = 0; day < 7; ++day) {
    days.push_back(shift("a", 24 * day, 24 * day + 8));
  }
  EXPECT_TRUE(staffing_of({coming(1, 10, 24 * 60)}, days, kNow).enough);
  const Staffing night = staffing_of({coming(1, 10, 60)}, days, kNow);
  EXPECT_FALSE(night.enough);
  ASSERT_TRUE(night.breaks_ms);
  EXPECT_GE(*night.breaks_ms, kNow + 8 * kHour);
  EXPECT_LE(*night.breaks_ms, kNow + 10 * kHour);
  // One a fortnight comes at night hardly ever.
  EXPECT_TRUE(staffing_of({coming(1.0 / 336, 10, 60)}, days, kNow).enough);
}

TEST(StaffingTest, MoreThanOnePersonCanDoBreaksSoonerOrLater) {
  // 12 an hour of 10 minutes: two people's work.
  std::vector<Span> one = {shift("a", 0, 168)};
  EXPECT_FALSE(staffing_of({coming(12, 10, 120)}, one, kNow).enough);
  one.push_back(shift("b", 0, 168));
  one.push_back(shift("c", 0, 168));
  EXPECT_TRUE(staffing_of({coming(12, 10, 120)}, one, kNow).enough);
}

TEST(StaffingTest, WhatIsBrokenAlreadyIsWorkAndNoAlarm) {
  Load load = waiting(1, 10, 24);
  load.next_due_ms = kNow - kHour;
  EXPECT_TRUE(staffing_of({load}, {shift("a", 0, 8)}, kNow).enough);
  // It comes first, and makes another late.
  Load other = waiting(1, 10, 1);
  other.promise_ms = 15 * kMinute;
  other.next_due_ms = kNow + 15 * kMinute;
  EXPECT_TRUE(staffing_of({other}, {shift("a", 0, 8)}, kNow).enough);
  EXPECT_FALSE(staffing_of({load, other}, {shift("a", 0, 8)}, kNow).enough);
}

TEST(StaffingTest, AQueueThatIsNotKnownNeedsTheLongest) {
  Load unknown = waiting(3, 0, 1);
  EXPECT_TRUE(staffing_of({unknown, coming(0, 20, 60)}, {shift("a", 0, 8)}, kNow).enough);
  EXPECT_FALSE(staffing_of({unknown, coming(0, 30, 60)}, {shift("a", 0, 8)}, kNow).enough);
}

TEST(StaffingTest, AHolidayThatStopsTheClockBreaksNothing) {
  // Nobody is there today; whoever comes tomorrow answers what came today.
  const std::vector<Span> tomorrow = {shift("a", 24, 32)};
  Load load = coming(1, 10, 60);
  EXPECT_FALSE(staffing_of({load}, tomorrow, kNow).enough);
  load.due_of = [](UtcMs from_ms) {
    return std::max(from_ms, kNow + 28 * kHour) + kHour;
  };
  EXPECT_TRUE(staffing_of({load}, tomorrow, kNow).enough);
}

TEST(StaffingTest, AbsencesAreTakenOutOfShifts) {
  const std::vector<Span> shifts = {shift("a", 0, 8), shift("b", 0, 8)};
  const auto hours = [&](const std::vector<Span>& absences) {
    double sum = 0;
    for (const Span& part : without_absences(shifts, absences)) {
      EXPECT_LT(part.from_ms, part.until_ms);
      sum += static_cast<double>(part.until_ms - part.from_ms) / kHour;
    }
    return sum;
  };
  EXPECT_EQ(hours({}), 16);
  EXPECT_EQ(hours({shift("c", 0, 8)}), 16);
  EXPECT_EQ(hours({shift("a", 2, 4)}), 14);
  EXPECT_EQ(hours({shift("a", -5, 0)}), 16);
  EXPECT_EQ(hours({shift("a", 8, 9)}), 16);
  EXPECT_EQ(hours({shift("a", 0, 8)}), 8);
  EXPECT_EQ(hours({shift("a", -1, 99), shift("b", 1, 2), shift("b", 1, 3)}), 6);
}

/// The same, minute by minute, one notice or five minutes' worth of them after the other.
class Simulation {
 public:
  Simulation(const std::vector<Load>& loads, const std::vector<Span>& shifts)
      : loads_(loads), shifts_(shifts) {
    end_ms_ = kNow;
    for (const Span& of : shifts) {
      end_ms_ = std::max(end_ms_, of.until_ms);
    }
    end_ms_ = std::clamp(end_ms_, kNow + kDay, kNow + 7 * kDay);
    for (std::size_t i = 0; i < loads.size(); ++i) {
      add(loads[i], i);
    }
  }

  /// Notices late of each load, when what is done within a minute is done at its begin or its end.
  std::vector<double> late(bool at_end) {
    std::vector<Thing> things = things_;
    std::stable_sort(things.begin(), things.end(), [](const Thing& left, const Thing& right) {
      return left.due_ms < right.due_ms;
    });
    std::vector<double> late_of(loads_.size());
    for (UtcMs at_ms = kNow; at_ms < end_ms_; at_ms += kMinute) {
      double minutes = people(at_ms);
      for (Thing& thing : things) {
        if (minutes <= 0) {
          break;
        }
        if (thing.left <= 0 || thing.from_ms > at_ms) {
          continue;
        }
        thing.begun_ms = thing.begun_ms < 0 ? at_ms : thing.begun_ms;
        const double done = std::min(minutes, thing.left);
        minutes -= done;
        thing.left -= done;
        if (thing.left <= 1e-9) {
          thing.left = 0;
          thing.done_ms = std::max(at_ms + (at_end ? kMinute : 0),
                                   thing.begun_ms + thing.each_ms + (at_end ? kMinute : 0));
        }
      }
    }
    for (const Thing& thing : things) {
      if (thing.done_ms > thing.due_ms && thing.due_ms >= kNow) {
        late_of[thing.load] += thing.notices;
      }
    }
    return late_of;
  }

 private:
  struct Thing {
    UtcMs from_ms;
    UtcMs due_ms;
    double left;
    double notices;
    UtcMs each_ms;
    std::size_t load;
    UtcMs begun_ms = -1;
    UtcMs done_ms = INT64_MAX;
  };

  void add(const Load& of, std::size_t load) {
    const auto each_ms = static_cast<UtcMs>(of.minutes_each * kMinute);
    for (std::int64_t i = 0; i < of.waiting; ++i) {
      const UtcMs last_ms = kNow + of.promise_ms;
      push({kNow,
            *of.next_due_ms + (last_ms - *of.next_due_ms) / of.waiting * i,
            of.minutes_each,
            1,
            each_ms,
            load});
    }
    for (UtcMs at_ms = kNow; at_ms < end_ms_ && of.arrivals_per_hour > 0; at_ms += 5 * kMinute) {
      const double notices = of.arrivals_per_hour / 12;
      push({at_ms, at_ms + of.promise_ms, notices * of.minutes_each, notices, each_ms, load});
    }
  }

  void push(const Thing& thing) {
    if (thing.due_ms <= end_ms_) {
      things_.push_back(thing);
    }
  }

  double people(UtcMs at_ms) const {
    std::set<std::string> there;
    for (const Span& of : shifts_) {
      if (of.from_ms <= at_ms && at_ms < of.until_ms) {
        there.insert(of.person);
      }
    }
    return static_cast<double>(there.size());
  }

  std::vector<Load> loads_;
  std::vector<Span> shifts_;
  UtcMs end_ms_ = 0;
  std::vector<Thing> things_;
};

class Random {
 public:
  explicit Random(unsigned seed) : random_(seed) {}

  std::int64_t below(std::int64_t end) {
    return std::uniform_int_distribution<std::int64_t>(0, end - 1)(random_);
  }

  std::vector<Load> loads() {
    std::vector<Load> loads;
    const std::int64_t count = 1 + below(4);
    for (std::int64_t i = 0; i < count; ++i) {
      Load load;
      load.queue = "queue " + std::to_string(i);
      load.waiting = below(3) == 0 ? 0 : below(40);
      load.arrivals_per_hour = below(3) == 0 ? 0 : static_cast<double>(below(40)) / 16;
      load.minutes_each = static_cast<double>(1 + below(30));
      load.promise_ms = (10 + below(below(2) == 0 ? 120 : 2880)) * kMinute;
      load.next_due_ms = kNow + below(load.promise_ms + 1) - below(2) * below(kHour);
      loads.push_back(load);
    }
    return loads;
  }

  std::vector<Span> shifts() {
    std::vector<Span> shifts;
    const std::int64_t count = 1 + below(10);
    for (std::int64_t i = 0; i < count; ++i) {
      const UtcMs from_ms = kNow + (below(40) - 8) * 15 * kMinute;
      shifts.push_back({Uuid{},
                        std::string(1, static_cast<char>('a' + below(4))),
                        from_ms,
                        from_ms + (1 + below(64)) * 15 * kMinute});
    }
    shifts.push_back(shift("z", 0, 1 + below(30)));
    return shifts;
  }

 private:
  std::mt19937_64 random_;
};

TEST(StaffingTest, SaysWhatASimulationMinuteByMinuteSays) {
  const unsigned seed = std::random_device()();
  SCOPED_TRACE("seed " + std::to_string(seed));
  Random random(seed);
  int kept = 0;
  int broken = 0;
  for (int round = 0; round < 400 || (std::min(kept, broken) <= 20 && round < 40'000); ++round) {
    const auto loads = random.loads();
    const auto shifts = random.shifts();
    const Staffing said = staffing_of(loads, shifts, kNow);
    Simulation simulation(loads, shifts);
    const auto worst = [](const std::vector<double>& late) {
      return *std::max_element(late.begin(), late.end());
    };
    // Fractions of notices add up in another order there.
    if (worst(simulation.late(true)) < 0.5 - 1e-6) {
      ++kept;
      ASSERT_TRUE(said.enough) << "round " << round;
    } else if (worst(simulation.late(false)) > 0.5 + 1e-6) {
      ++broken;
      ASSERT_FALSE(said.enough) << "round " << round;
    }
  }
  EXPECT_GT(kept, 20);
  EXPECT_GT(broken, 20);
}

TEST(StaffingTest, MorePeopleNeverBreakAndMoreWorkNeverMends) {
  const unsigned seed = std::random_device()();
  SCOPED_TRACE("seed " + std::to_string(seed));
  Random random(seed);
  for (int round = 0; round < 300; ++round) {
    auto loads = random.loads();
    auto shifts = random.shifts();
    // The same look ahead, whoever is added.
    shifts.push_back(shift("y", 47, 48));
    const Staffing before = staffing_of(loads, shifts, kNow);
    auto more = shifts;
    more.push_back(shift("new", random.below(20), 21 + random.below(20)));
    const Staffing with_one_more = staffing_of(loads, more, kNow);
    ASSERT_TRUE(with_one_more.enough || !before.enough) << "round " << round;
    ASSERT_GE(with_one_more.hours_there, before.hours_there);
    loads.push_back(coming(4, 5, 600));
    const Staffing with_more_work = staffing_of(loads, shifts, kNow);
    ASSERT_TRUE(before.enough || !with_more_work.enough) << "round " << round;
    ASSERT_GT(with_more_work.hours_needed, before.hours_needed);
  }
}

TEST(StaffingTest, MassesAreCountedInPiecesAndQuickly) {
  std::vector<Load> loads;
  for (int i = 0; i < 7; ++i) {
    loads.push_back(waiting(10'000'000, 5, 24));
    loads.back().arrivals_per_hour = 1'000'000;
  }
  const auto begin = std::chrono::steady_clock::now();
  const Staffing seen = staffing_of(loads, {shift("a", 0, 168)}, kNow);
  EXPECT_FALSE(seen.enough);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(60));
}

TEST(StaffingTest, FiguresThatMakeNoSenseDoNoHarm) {
  Load load = waiting(-5, -1, -24);
  load.arrivals_per_hour = -3;
  load.next_due_ms = INT64_MIN / 4;
  EXPECT_FALSE(staffing_of({load}, {shift("a", 0, 8)}, kNow).known);
  load = waiting(1, 10, 24);
  load.next_due_ms = 0;
  EXPECT_TRUE(staffing_of({load}, {shift("a", 0, 8)}, kNow).enough);
}

}  // namespace
}  // namespace tutela::partners
