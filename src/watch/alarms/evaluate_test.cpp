#include <algorithm>
#include <functional>
#include <set>

#include <gtest/gtest.h>

#include "watch/alarms/codes.hpp"
#include "watch/alarms/observations.hpp"

namespace tutela::alarms {
namespace {

using Last = CanaryState::Last;

/// A server that has run for an hour and lacks nothing.
Observations healthy() {
  Observations seen;
  seen.now_ms = 1'900'000'000'000;
  seen.steady_ms = 3'600'000;
  seen.signals_searched = 1008;
  seen.position_searched = 7;
  seen.position_stored = 7;
  seen.canaries = {{"http", "jpeg", Last::kGood, 12'000, 11'000, 800},
                   {"http", "png", Last::kGood, 29'000, 28'000, 900}};
  seen.doors = {{"http", true, true, 0}, {"cli", false, false, 0}};
  seen.lists = {{"known", "known_csam", 1000, 1000, 3'600'000},
                {"canary", "canary", 8, 8, 900 * 3'600'000LL}};
  seen.rates = {{"known/http/image/jpeg", 5000, 30, 28.0, 0, 0}};
  seen.unscannable = {{"http/image/jpeg", 5000, 40, 0.01}};
  seen.disks = {{"store", 50, 100}, {"spool", 0, 0}};
  seen.tls_days_left = 60;
  return seen;
}

std::vector<Condition> found(const std::function<void(Observations&)>& change) {
  Observations seen = healthy();
  change(seen);
  return evaluate(seen, Rules());
}

/// "code object level", one each.
std::vector<std::string> short_of(const std::vector<Condition>& conditions) {
  std::vector<std::string> made;
  for (const Condition& each : conditions) {
    made.push_back(each.code + " " + each.object + " " + std::string(to_string(each.level)));
    EXPECT_FALSE(each.why.empty());
    EXPECT_EQ(each.why.find('\n'), std::string::npos);
  }
  return made;
}

using Strings = std::vector<std::string>;

struct Case {
  std::function<void(Observations&)> within;  // at the threshold: nothing is wrong
  std::function<void(Observations&)> beyond;  // just beyond it
  std::string condition;
};

std::vector<Case> canary_cases() {
  const auto last = [](Last ended) {
    return [ended](Observations& seen) {
      seen.canaries[1].last = ended;
    };
  };
  const auto sent = [](std::int64_t ms) {
    return [ms](Observations& seen) {
      seen.canaries[0].since_sent_ms = ms;
      seen.canaries[1].since_sent_ms = ms + 5;
    };
  };
  return {
      {last(Last::kGood), last(Last::kMissed), "canary.missed http/png blind"},
      {last(Last::kNone), last(Last::kUnanswered), "canary.unanswered http/png blind"},
      {last(Last::kGood), last(Last::kRefused), "canary.refused http/png degraded"},
      {last(Last::kGood), last(Last::kMistaken), "canary.mistaken http/png blind"},
      {[](Observations& seen) { seen.canaries[0].since_good_ms = 120'000; },
       [](Observations& seen) { seen.canaries[0].since_good_ms = 120'001; },
       "canary.unanswered http/jpeg blind"},
      {sent(90'000 - 5), sent(90'001), "canary.none http blind"},
      {[](Observations& seen) { seen.canaries[1].since_sent_ms = 90'000; },
       [](Observations& seen) { seen.canaries[1].since_sent_ms = 90'001; },
       "canary.none http/png degraded"},
      {[](Observations& seen) {
         seen.steady_ms = 90'000;
         seen.canaries.clear();
       },
       [](Observations& seen) {
         seen.steady_ms = 90'001;
         seen.canaries.clear();
       },
       "canary.none http blind"},
      {[](Observations& seen) { seen.lists[1].signals = seen.lists[1].signals_most = 1; },
       [](Observations& seen) { seen.lists.pop_back(); },
       "canary.none http blind"},
  };
}

std::vector<Case> door_and_list_cases() {
  return {
      {[](Observations& seen) { seen.doors[1].scanning = false; },
       [](Observations& seen) { seen.doors[0].scanning = false; },
       "door.not_scanning http blind"},
      {[](Observations& seen) { seen.doors[0].let_through = 0; },
       [](Observations& seen) { seen.doors[0].let_through = 1; },
       "door.let_through http degraded"},
      {[](Observations&) {},
       [](Observations& seen) { seen.lists.erase(seen.lists.begin()); },
       "lists.none_active  blind"},
      {[](Observations& seen) {
         seen.lists.push_back({"test", "test", 3, 3, 0});
       },
       [](Observations& seen) { seen.lists[0].purpose = "test"; },
       "lists.only_test  degraded"},
      {[](Observations& seen) { seen.lists[0].signals = seen.lists[0].signals_most = 1; },
       [](Observations& seen) { seen.lists[0].signals = 0; },
       "list.empty known blind"},
      {[](Observations& seen) { seen.lists[0].signals = 800; },
       [](Observations& seen) { seen.lists[0].signals = 799; },
       "list.shrunk known blind"},
      {[](Observations& seen) { seen.lists[0].age_ms = 168 * 3'600'000LL; },
       [](Observations& seen) { seen.lists[0].age_ms = 168 * 3'600'000LL + 1; },
       "list.stale known degraded"},
      {[](Observations& seen) {
         seen.position_stored = 8;
         seen.behind_ms = 30'000;
       },
       [](Observations& seen) {
         seen.position_stored = 8;
         seen.behind_ms = 30'001;
       },
       "index.behind  blind"},
      {[](Observations& seen) { seen.signals_searched = 1; },
       [](Observations& seen) { seen.signals_searched = 0; },
       "index.behind  blind"},
      {[](Observations&) {},
       [](Observations& seen) { seen.match_passes = true; },
       "policy.no_action  blind"},
  };
}

std::vector<Case> rate_cases() {
  const auto matches = [](std::int64_t count) {
    return [count](Observations& seen) {
      seen.rates[0].matches = count;
    };
  };
  const auto silent = [](std::int64_t hours, double expected) {
    return [=](Observations& seen) {
      seen.rates[0] = {"known/http/image/jpeg", 100, 0, 0.5, hours, expected};
    };
  };
  const auto unscannable = [](std::int64_t count, std::int64_t items, double usual) {
    return [=](Observations& seen) {
      seen.unscannable[0] = {"http/image/jpeg", items, count, usual};
    };
  };
  const std::string rate = " known/http/image/jpeg ";
  return {
      // Of 28 expected, P(X <= 9) is 2.9e-5 and P(X <= 8) 8.9e-6; more than twice is 57.
      {matches(9), matches(8), "rate.low" + rate + "degraded"},
      {matches(56), matches(57), "rate.high" + rate + "degraded"},
      {silent(23, 50), silent(24, 50), "rate.zero" + rate + "blind"},
      // e^-m falls below 1e-5 beyond 11.513.
      {silent(24, 11.51), silent(24, 11.52), "rate.zero" + rate + "blind"},
      {unscannable(200, 1000, 0.1),
       unscannable(201, 1000, 0.1),
       "unscannable.rate http/image/jpeg degraded"},
      {unscannable(4, 4, 0), unscannable(5, 5, 0), "unscannable.rate http/image/jpeg degraded"},
      {unscannable(95, 100, 0.9),
       unscannable(96, 100, 0.9),
       "unscannable.rate http/image/jpeg degraded"},
      {unscannable(30, 10'000, 0.001),
       unscannable(31, 10'000, 0.001),
       "unscannable.rate http/image/jpeg degraded"},
  };
}

std::vector<Case> machinery_cases() {
  const auto owed = [](std::int64_t count, std::int64_t age_ms) {
    return [=](Observations& seen) {
      seen.owed = count;
      seen.owed_oldest_ms = age_ms;
    };
  };
  const auto free = [](std::uint64_t bytes) {
    return [bytes](Observations& seen) {
      seen.disks[0] = {"store", bytes, 1000};
    };
  };
  const auto drift = [](std::int64_t ms) {
    return [ms](Observations& seen) {
      seen.clock_drift_ms = ms;
    };
  };
  const auto days = [](std::int64_t left) {
    return [left](Observations& seen) {
      seen.tls_days_left = left;
    };
  };
  const auto nothing = [](Observations&) {
  };
  return {
      {owed(3, 60'000), owed(3, 60'001), "owed.old  degraded"},
      {owed(0, 900'000), owed(1, 600'001), "owed.old  blind"},
      {nothing, [](Observations& seen) { seen.workers_up = false; }, "workers.down  blind"},
      {[](Observations& seen) { seen.worker_restarts = 5; },
       [](Observations& seen) { seen.worker_restarts = 6; },
       "workers.restarting  degraded"},
      {nothing, [](Observations& seen) { seen.store_up = false; }, "store.down  blind"},
      {nothing, [](Observations& seen) { seen.store_writable = false; }, "store.read_only  blind"},
      {[](Observations& seen) { seen.outbox_oldest_ms = 600'000; },
       [](Observations& seen) { seen.outbox_oldest_ms = 600'001; },
       "outbox.late  degraded"},
      {nothing, [](Observations& seen) { seen.vault_up = false; }, "vault.down  degraded"},
      {drift(5'000), drift(5'001), "clock.jumped  degraded"},
      {drift(-5'000), drift(-5'001), "clock.jumped  degraded"},
      {nothing, [](Observations& seen) { seen.clock_stopped = true; }, "clock.stopped  blind"},
      {free(100), free(99), "disk.low store degraded"},
      {nothing, [](Observations& seen) { seen.audits_different = 1; }, "audit.difference  blind"},
      {[](Observations& seen) { seen.audits_oldest_ms = 600'000; },
       [](Observations& seen) { seen.audits_oldest_ms = 600'001; },
       "audit.late  degraded"},
      {days(14), days(13), "tls.expiring  degraded"},
      {[](Observations& seen) { seen.tls_days_left.reset(); }, days(-3), "tls.expiring  degraded"},
      {nothing,
       [](Observations& seen) { seen.heartbeat_failing = true; },
       "heartbeat.failing  degraded"},
  };
}

std::vector<Case> intake_cases() {
  using State = IntakeState;
  const auto with = [](const std::function<void(State&)>& change) {
    return [change](Observations& seen) {
      seen.intake.on = true;
      change(seen.intake);
    };
  };
  const auto queue = [&](IntakeQueueState state) {
    state.queue = "victim";
    return with([state](State& intake) { intake.queues = {state}; });
  };
  const auto off = [](Observations& seen) {
    seen.intake.imminent_unseen = seen.intake.partners_stale = 9;
    seen.intake.mail_failing = true;
    seen.intake.people_untold = 9;
    seen.intake.queues = {{"victim", 9, 9, 9, true}};
  };
  return {
      {off, with([](State& intake) { intake.imminent_unseen = 1; }), "intake.imminent  degraded"},
      {queue({"", 5, 0, 0, false}), queue({"", 5, 1, 0, false}), "intake.due_soon victim degraded"},
      {queue({"", 5, 0, 0, false}), queue({"", 5, 1, 1, false}), "intake.overdue victim degraded"},
      {with([](State& intake) { intake.unsorted_oldest_ms = 60'000; }),
       with([](State& intake) { intake.unsorted_oldest_ms = 60'001; }),
       "intake.unsorted  degraded"},
      {with([](State& intake) { intake.capacity_enough = false; }),
       with([](State& intake) {
         intake.capacity_known = true;
         intake.capacity_enough = false;
       }),
       "intake.capacity  degraded"},
      {with([](State&) {}),
       with([](State& intake) { intake.detection_unanswered = 1; }),
       "intake.detection  degraded"},
      {with([](State&) {}),
       with([](State& intake) { intake.flood_sources = 1; }),
       "intake.flood  degraded"},
      {with([](State&) {}),
       with([](State& intake) { intake.mail_failing = true; }),
       "intake.mail  degraded"},
      {with([](State&) {}),
       with([](State& intake) { intake.people_untold = 1; }),
       "intake.mail people degraded"},
      {queue({"", 5, 0, 0, false}), queue({"", 5, 0, 0, true}), "intake.no_duty victim degraded"},
      {with([](State&) {}),
       with([](State& intake) { intake.partners_stale = 1; }),
       "partner.stale  degraded"},
  };
}

std::vector<Case> all_cases() {
  std::vector<Case> all = canary_cases();
  for (const auto& part :
       {door_and_list_cases(), rate_cases(), machinery_cases(), intake_cases()}) {
    all.insert(all.end(), part.begin(), part.end());
  }
  return all;
}

TEST(Evaluate, FindsNothingInAHealthyServer) {
  EXPECT_EQ(short_of(found([](Observations&) {})), Strings());
}

TEST(Evaluate, FindsEachConditionBeyondItsThresholdAndNotAtIt) {
  std::set<std::string> seen;
  for (const Case& each : all_cases()) {
    SCOPED_TRACE(each.condition);
    EXPECT_EQ(short_of(found(each.within)), Strings());
    EXPECT_EQ(short_of(found(each.beyond)), Strings{each.condition});
    seen.insert(each.condition.substr(0, each.condition.find(' ')));
  }
  // A disk that is full is low as well; a watch that stopped cannot say so itself.
  EXPECT_EQ(short_of(found([](Observations& all) {
              all.disks[0] = {"store", 20, 1000};
            })),
            Strings{"disk.low store degraded"});
  EXPECT_EQ(short_of(found([](Observations& all) {
              all.disks[0] = {"store", 19, 1000};
            })),
            (Strings{"disk.low store degraded", "disk.full store blind"}));
  seen.insert({"disk.full", "watch.stopped"});
  for (const CodeRule& rule : codes()) {
    EXPECT_TRUE(seen.contains(std::string(rule.code))) << rule.code;
  }
  EXPECT_EQ(seen.size(), codes().size());
}

TEST(Evaluate, KeepsTheOrderOfTheCodes) {
  Observations seen = healthy();
  seen.workers_up = seen.vault_up = false;
  seen.doors[0].scanning = false;
  seen.canaries[0].last = Last::kMistaken;
  seen.canaries[1].last = Last::kMissed;
  seen.match_passes = seen.heartbeat_failing = true;
  std::vector<std::size_t> places;
  for (const Condition& each : evaluate(seen, Rules())) {
    places.push_back(static_cast<std::size_t>(&rule_of(each.code) - codes().data()));
  }
  EXPECT_EQ(places.size(), 7U);
  EXPECT_TRUE(std::ranges::is_sorted(places));
}

TEST(Evaluate, AStartGivesTimeForTheFirstCanaries) {
  const auto conditions = found([](Observations& seen) {
    seen.steady_ms = 20'000;
    seen.canaries = {{"http", "jpeg", Last::kNone, -1, -1, 0},
                     {"http", "png", Last::kNone, -1, 3'000, 0}};
  });
  EXPECT_EQ(short_of(conditions), Strings());
}

TEST(Evaluate, ACanaryThatNeverCameThroughIsLate) {
  const auto conditions = found([](Observations& seen) {
    seen.canaries[0] = {"http", "jpeg", Last::kNone, -1, 3'000, 0};
  });
  EXPECT_EQ(short_of(conditions), Strings{"canary.unanswered http/jpeg blind"});
}

TEST(Evaluate, CanariesThatAreTurnedOffAreSaidSo) {
  Observations seen = healthy();
  seen.canaries[0].last = Last::kMissed;
  Rules rules;
  rules.canary_interval_ms = 0;
  EXPECT_EQ(short_of(evaluate(seen, rules)), Strings{"canary.none http degraded"});
}

TEST(Evaluate, AStoreThatIsDownDoesNotMakeListsDisappear) {
  const auto conditions = found([](Observations& seen) {
    seen.store_up = seen.store_writable = false;
    seen.lists.clear();
  });
  EXPECT_EQ(short_of(conditions), Strings{"store.down  blind"});
}

TEST(Evaluate, TestListsNeverBlind) {
  const auto conditions = found([](Observations& seen) {
    seen.lists.push_back({"test", "test", 0, 50, 900 * 3'600'000LL});
    seen.lists.push_back({"test2", "test", 1, 50, 900 * 3'600'000LL});
  });
  EXPECT_EQ(short_of(conditions),
            (Strings{"list.empty test degraded", "list.shrunk test2 degraded"}));
}

TEST(Evaluate, WhatIsUnscannableAlwaysIsNoAlarm) {
  EXPECT_EQ(short_of(found([](Observations& seen) {
              seen.unscannable[0] = {"http/", 200, 200, 1.0};
            })),
            Strings());
}

TEST(Evaluate, WhySaysTheFigures) {
  const auto conditions = found([](Observations& seen) {
    seen.owed = 41;
    seen.owed_oldest_ms = 95'000;
    seen.lists[0].signals = 500;
  });
  ASSERT_EQ(conditions.size(), 2U);
  EXPECT_EQ(conditions[0].why, "the list went from 1000 to 500 signals within a day");
  EXPECT_EQ(conditions[1].why, "41 items are owed their scan, the oldest for 95 s");
}

TEST(Judge, SaysWhereMatchesLie) {
  const auto of = [](std::int64_t matches, double expected, std::int64_t hours, double in_hours) {
    return to_string(judge({"x", 1000, matches, expected, hours, in_hours}, Rules()));
  };
  EXPECT_EQ(of(30, 28, 0, 0), "within");
  EXPECT_EQ(of(3, 28, 0, 0), "low");
  EXPECT_EQ(of(300, 28, 0, 0), "high");
  EXPECT_EQ(of(0, 28, 48, 900), "zero");
  EXPECT_EQ(of(0, -1, 48, 3), "unknown");
  EXPECT_EQ(of(0, -1, 48, -1), "unknown");
}

}  // namespace
}  // namespace tutela::alarms
