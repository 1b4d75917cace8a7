#include "watch/alarms/alarms.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <random>
#include <set>

#include <gtest/gtest.h>

#include "watch/alarms/codes.hpp"

namespace tutela::alarms {
namespace {

constexpr std::int64_t kSecond = 1000;
constexpr std::int64_t kDay = 24 * 3600 * kSecond;
constexpr UtcMs kWall = 1'900'000'000'000;
// Raised at once, and after five seconds; both are gone after thirty.
const std::string kFast = "workers.down";
const std::string kSlow = "owed.old";

/// One look: when, and how bad each of the conditions is then.
struct Look {
  std::int64_t at_ms = 0;
  std::map<std::string, Level> levels;  // by code; kOk: not there
};

std::vector<Condition> conditions_of(const Look& look) {
  std::vector<Condition> made;
  for (const auto& [code, level] : look.levels) {
    if (level != Level::kOk) {
      made.push_back({code, "x", level, "at " + std::to_string(look.at_ms)});
    }
  }
  return made;
}

/// What the definition says of one code after the last of `looks`: all of them are gone through
/// from the beginning, and every question is asked of the looks alone.
class Plain {
 public:
  Plain(std::string code, const std::vector<Look>& looks)
      : rule_(rule_of(code)), code_(std::move(code)), looks_(looks) {}

  /// The alarm's level after the look i; kOk: none.
  std::vector<Level> levels() const {
    std::vector<Level> found;
    std::size_t since = 0;  // nothing before counts: cleared, or the beginning
    for (std::size_t i = 0; i < looks_.size(); ++i) {
      const Level before = found.empty() ? Level::kOk : found.back();
      Level after = before;
      if (before == Level::kOk) {
        after = is_to_raise(since, i) ? at(i) : Level::kOk;
        since = after == Level::kOk ? since : i;
      } else if (const auto gone = run(since, i, Level::kOk); gone && lasts(*gone, i)) {
        after = Level::kOk;
        since = i + 1;
      } else if (at(i) > before) {
        after = at(i);
      } else if (at(i) == Level::kDegraded && before == Level::kBlind) {
        const auto lower = run(raised_or_higher(found, i), i, Level::kDegraded);
        after = lower && lasts(*lower, i) ? Level::kDegraded : before;
      }
      found.push_back(after);
    }
    return found;
  }

 private:
  [[nodiscard]] Level at(std::size_t i) const { return looks_[i].levels.at(code_); }

  [[nodiscard]] std::int64_t between(std::size_t from, std::size_t until) const {
    return looks_[until].at_ms - looks_[from].at_ms;
  }

  [[nodiscard]] bool lasts(std::size_t from, std::size_t until) const {
    return between(from, until) >= rule_.clear_ms;
  }

  /// The first of the looks up to i, not before `since`, that are all at most so bad.
  [[nodiscard]] std::optional<std::size_t> run(std::size_t since, std::size_t i, Level most) const {
    std::optional<std::size_t> first;
    for (std::size_t j = i + 1; j-- > since && at(j) <= most;) {
      first = j;
    }
    return first;
  }

  /// After this look the alarm had its present level.
  [[nodiscard]] static std::size_t raised_or_higher(const std::vector<Level>& found,
                                                    std::size_t i) {
    std::size_t j = i;
    while (j > 0 && found[j - 1] == found[i - 1]) {
      --j;
    }
    return j;
  }

  /// Seen now and so long ago, and never gone for so long between.
  [[nodiscard]] bool is_to_raise(std::size_t since, std::size_t i) const {
    if (at(i) == Level::kOk) {
      return false;
    }
    for (std::size_t s = since; s <= i; ++s) {
      if (at(s) == Level::kOk || between(s, i) < rule_.raise_ms) {
        continue;
      }
      bool whole = true;
      for (std::size_t j = s; j < i; ++j) {
        const auto gone = at(j) == Level::kOk ? run(s, j, Level::kOk) : std::nullopt;
        whole = whole && !(gone && between(*gone, j) >= rule_.raise_ms);
      }
      if (whole) {
        return true;
      }
    }
    return false;
  }

  const CodeRule& rule_;
  const std::string code_;
  const std::vector<Look>& looks_;
};

/// Runs a board over the looks and holds every answer of it against the definition.
void agree(const std::vector<Look>& looks) {
  std::map<std::string, std::vector<Level>> wanted;
  for (const auto& [code, level] : looks.front().levels) {
    wanted[code] = Plain(code, looks).levels();
  }
  Board board;
  for (std::size_t i = 0; i < looks.size(); ++i) {
    const UtcMs now_ms = kWall + looks[i].at_ms;
    const auto changes = board.update(conditions_of(looks[i]), looks[i].at_ms, now_ms);
    std::map<std::string, What> told;
    for (const Change& change : changes) {
      EXPECT_TRUE(told.emplace(change.alarm.condition.code, change.what).second);
      EXPECT_EQ(change.at_ms, now_ms);
      EXPECT_EQ(change.level, board.level());
    }
    Level worst = Level::kOk;
    std::map<std::string, Level> shown;
    for (const Alarm& alarm : board.alarms()) {
      shown[alarm.condition.code] = alarm.condition.level;
    }
    for (const auto& [code, levels] : wanted) {
      const Level before = i == 0 ? Level::kOk : levels[i - 1];
      const Level after = levels[i];
      worst = std::max(worst, after);
      ASSERT_EQ(shown[code], after) << code << " at look " << i;
      ASSERT_EQ(told.contains(code), before != after) << code << " at look " << i;
      if (before != after) {
        EXPECT_EQ(told[code],
                  before == Level::kOk  ? What::kRaised
                  : after == Level::kOk ? What::kCleared
                                        : What::kChanged);
      }
    }
    ASSERT_EQ(board.level(), worst);
  }
}

TEST(Board, DoesWhatTheDefinitionSaysForAllShortHistories) {
  // Every history of eight looks at three levels, 6561 of them, for a code that is raised at once
  // and one that waits for 15 s; ten seconds apart, and as far as the times of the codes.
  constexpr int kLooks = 8;
  int all = 1;
  for (int i = 0; i < kLooks; ++i) {
    all *= 3;
  }
  for (const std::int64_t apart_ms : {10 * kSecond, 15 * kSecond}) {
    for (int history = 0; history < all && !::testing::Test::HasFatalFailure(); ++history) {
      std::vector<Look> looks;
      int rest = history;
      for (int i = 0; i < kLooks; ++i, rest /= 3) {
        const auto level = static_cast<Level>(rest % 3);
        looks.push_back({i * apart_ms, {{kFast, level}, {"canary.none", level}}});
      }
      agree(looks);
    }
  }
}

TEST(Board, DoesWhatTheDefinitionSaysForRandomHistories) {
  const auto seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937_64 random(seed);
  for (int round = 0; round < 300 && !::testing::Test::HasFatalFailure(); ++round) {
    std::vector<Look> looks;
    std::int64_t at_ms = static_cast<std::int64_t>(random() % 1000);
    std::map<std::string, Level> now;
    const std::uint64_t restless = 2 + random() % 12;
    for (int i = 0; i < 120; ++i) {
      at_ms += static_cast<std::int64_t>(random() % (random() % 5 == 0 ? 40'000 : 3'000));
      for (const std::string& code : {kFast,
                                      kSlow,
                                      std::string("rate.zero"),
                                      std::string("clock.jumped"),
                                      std::string("new.code")}) {
        if (i == 0 || random() % restless == 0) {
          now[code] = static_cast<Level>(random() % 3);
        }
      }
      looks.push_back({at_ms, now});
    }
    agree(looks);
  }
}

Condition one(const std::string& code, Level level = Level::kBlind, std::string object = "") {
  return {code, std::move(object), level, "because"};
}

TEST(Board, WhatWaitsForPeopleIsAnAlarmAndLeavesDetectionOn) {
  Board board;
  for (const CodeRule& rule : codes()) {
    const bool of_people = rule.code.starts_with("intake.") || rule.code == "partner.stale";
    EXPECT_EQ(concerns_detection(rule.code), !of_people) << rule.code;
  }
  const auto changes = board.update({one("intake.imminent", Level::kDegraded),
                                     one("tls.expiring", Level::kDegraded),
                                     one("intake.detection", Level::kDegraded)},
                                    0,
                                    kWall);
  ASSERT_EQ(changes.size(), 3U);
  EXPECT_EQ(changes[0].level, Level::kDegraded) << "the certificate";
  std::vector<std::string> shown;
  for (const Alarm& alarm : board.alarms()) {
    shown.push_back(alarm.condition.code);
  }
  EXPECT_EQ(shown,
            (std::vector<std::string>{"tls.expiring", "intake.imminent", "intake.detection"}));
  board.update({one("intake.imminent", Level::kDegraded)}, 60'000, kWall + 60'000);
  board.update({one("intake.imminent", Level::kDegraded)}, 120'000, kWall + 120'000);
  EXPECT_EQ(board.alarms().size(), 1U);
  EXPECT_EQ(board.level(), Level::kOk);
}

TEST(Board, RaisesAtOnceAndClearsAfterThirtySecondsOfHealth) {
  Board board;
  const auto raised = board.update({one(kFast)}, 0, kWall);
  ASSERT_EQ(raised.size(), 1U);
  EXPECT_EQ(raised[0].what, What::kRaised);
  EXPECT_EQ(raised[0].level, Level::kBlind);
  EXPECT_EQ(raised[0].alarm.since_ms, kWall);
  EXPECT_TRUE(board.update({}, 1000, kWall + 1000).empty());
  EXPECT_TRUE(board.update({}, 30'999, kWall + 30'999).empty());
  EXPECT_EQ(board.level(), Level::kBlind);
  const auto cleared = board.update({}, 31'000, kWall + 31'000);
  ASSERT_EQ(cleared.size(), 1U);
  EXPECT_EQ(cleared[0].what, What::kCleared);
  EXPECT_EQ(cleared[0].alarm, raised[0].alarm);
  EXPECT_EQ(cleared[0].level, Level::kOk);
  EXPECT_TRUE(board.alarms().empty());
}

TEST(Board, WhatFlickersIsOneAlarm) {
  Board board;
  std::size_t changes = 0;
  for (std::int64_t second = 0; second < 600; ++second) {
    const bool there = second % 20 < 2;
    changes +=
        board
            .update(
                there ? std::vector{one(kFast)} : std::vector<Condition>{}, second * kSecond, kWall)
            .size();
  }
  EXPECT_EQ(changes, 1U);
}

TEST(Board, WhatFlickersDoesNotHide) {
  Board board;
  std::size_t changes = 0;
  for (std::int64_t second = 0; second < 10; ++second) {
    const bool there = second % 2 == 0;
    changes +=
        board
            .update(
                there ? std::vector{one(kSlow)} : std::vector<Condition>{}, second * kSecond, kWall)
            .size();
  }
  EXPECT_EQ(changes, 1U);
}

TEST(Board, GoesUpAtOnceAndDownSlowly) {
  Board board;
  board.update({one(kSlow, Level::kDegraded)}, 0, kWall);
  ASSERT_EQ(board.update({one(kSlow, Level::kDegraded)}, 5'000, kWall).size(), 1U);
  const auto up = board.update({one(kSlow, Level::kBlind)}, 6'000, kWall);
  ASSERT_EQ(up.size(), 1U);
  EXPECT_EQ(up[0].what, What::kChanged);
  EXPECT_EQ(up[0].level, Level::kBlind);
  EXPECT_TRUE(board.update({one(kSlow, Level::kDegraded)}, 7'000, kWall).empty());
  EXPECT_TRUE(board.update({one(kSlow, Level::kDegraded)}, 36'999, kWall).empty());
  const auto down = board.update({one(kSlow, Level::kDegraded)}, 37'000, kWall);
  ASSERT_EQ(down.size(), 1U);
  EXPECT_EQ(down[0].what, What::kChanged);
  EXPECT_EQ(board.level(), Level::kDegraded);
}

TEST(Board, CountsHowOftenWithinADay) {
  Board board;
  std::int64_t at_ms = 0;
  const auto again = [&](std::int64_t pause_ms) {
    const auto raised = board.update({one(kFast)}, at_ms, kWall);
    EXPECT_EQ(raised.size(), 1U);
    board.update({}, at_ms + 1, kWall);
    EXPECT_EQ(board.update({}, at_ms + 30'001, kWall).size(), 1U);
    at_ms += 30'001 + pause_ms;
    return raised.empty() ? 0 : raised[0].alarm.times;
  };
  EXPECT_EQ(again(1), 1U);
  EXPECT_EQ(again(kDay - 1), 2U);
  EXPECT_EQ(again(kDay), 3U);
  EXPECT_EQ(again(1), 1U);
}

TEST(Board, TheWallClockMayJump) {
  Board board;
  board.update({one(kFast)}, 0, kWall);
  EXPECT_TRUE(board.update({}, 1000, 0).empty());
  EXPECT_TRUE(board.update({}, 2000, kWall + 40 * kDay).empty());
  EXPECT_EQ(board.update({}, 31'000, 0).size(), 1U);
}

TEST(Board, WhatWasRaisedWhenAProcessEndedIsNotRaisedAgainAndClearedInItsTime) {
  const Alarm holds{{kFast, "x", Level::kDegraded, "then"}, kWall, 3};
  const Alarm over{{kSlow, "x", Level::kBlind, "then"}, kWall + 1, 1};
  Board board;
  board.restore({holds, over});
  board.restore({{{kFast, "x", Level::kBlind, "later"}, kWall + 9, 1}});
  EXPECT_EQ(board.level(), Level::kBlind) << "before the first look, too";
  const auto at = [&](std::int64_t second) {
    return board.update(
        {{kFast, "x", Level::kDegraded, "now"}}, second * kSecond, kWall + kDay + second);
  };
  EXPECT_TRUE(at(0).empty());
  ASSERT_EQ(board.alarms().size(), 2U);
  EXPECT_EQ(board.alarms()[1].since_ms, kWall) << "the earliest of those that had it";
  EXPECT_EQ(board.alarms()[1].times, 3U);
  EXPECT_EQ(board.alarms()[1].condition.why, "now");
  EXPECT_TRUE(at(29).empty());
  const std::vector<Change> changes = at(30);
  ASSERT_EQ(changes.size(), 1U);
  EXPECT_EQ(changes[0].what, What::kCleared);
  EXPECT_EQ(changes[0].alarm.condition.code, kSlow);
  EXPECT_EQ(changes[0].alarm.since_ms, kWall + 1);
  EXPECT_EQ(board.level(), Level::kDegraded);
}

TEST(Board, TheWorstComesFirst) {
  Board board;
  board.update({one("store.down", Level::kDegraded),
                one("canary.missed", Level::kBlind, "http/png"),
                one("canary.missed", Level::kBlind, "http/jpeg"),
                one("canary.missed", Level::kDegraded, "http/jpeg")},
               0,
               kWall);
  const auto alarms = board.alarms();
  ASSERT_EQ(alarms.size(), 3U);
  EXPECT_EQ(alarms[0].condition.object, "http/jpeg");
  EXPECT_EQ(alarms[0].condition.level, Level::kBlind);
  EXPECT_EQ(alarms[1].condition.object, "http/png");
  EXPECT_EQ(alarms[2].condition.code, "store.down");
}

TEST(Board, WhySaysWhatIsSoNow) {
  Board board;
  board.update({{kFast, "", Level::kBlind, "one"}}, 0, kWall);
  EXPECT_TRUE(board.update({{kFast, "", Level::kBlind, "two"}}, 1, kWall).empty());
  EXPECT_EQ(board.alarms()[0].condition.why, "two");
}

/// A whole file, with each run of blanks as one.
std::string text_of(const std::filesystem::path& path) {
  std::ifstream file(std::filesystem::path(TUTELA_SOURCE_DIR) / path);
  std::string text;
  for (std::string word; file >> word;) {
    text += (text.empty() ? "" : " ") + word;
  }
  return text;
}

TEST(Codes, SayTheSameInMailsInTheConsoleAndInTheDocumentation) {
  const std::string docs = text_of("docs/watch.md");
  const std::string console = text_of("web/console/src/locales/en/alarms.json");
  ASSERT_FALSE(docs.empty() || console.empty());
  for (const CodeRule& rule : codes()) {
    const std::string safe(rule.meanwhile);
    const std::string advice(rule.advice);
    EXPECT_NE(docs.find("- *Safe:* " + safe + " "), std::string::npos) << rule.code;
    EXPECT_NE(docs.find("- *Do:* " + advice + " "), std::string::npos) << rule.code;
    EXPECT_NE(console.find("\"safe\": \"" + safe + "\""), std::string::npos) << rule.code;
    EXPECT_NE(console.find("\"do\": \"" + advice + "\""), std::string::npos) << rule.code;
  }
}

TEST(Codes, HaveTimesAndAdviceEach) {
  std::set<std::string_view> seen;
  for (const CodeRule& rule : codes()) {
    SCOPED_TRACE(rule.code);
    EXPECT_TRUE(seen.insert(rule.code).second);
    EXPECT_GE(rule.clear_ms, 30'000);
    EXPECT_LE(rule.raise_ms, 60'000);
    EXPECT_TRUE(rule.advice.ends_with('.') || rule.advice.ends_with('?'));
    EXPECT_TRUE(rule.meanwhile.ends_with('.'));
    EXPECT_EQ(&rule_of(rule.code), &rule);
  }
  for (const std::string_view at_once : {"canary.missed",
                                         "canary.unanswered",
                                         "canary.refused",
                                         "canary.mistaken",
                                         "store.down",
                                         "store.read_only",
                                         "workers.down",
                                         "door.not_scanning",
                                         "audit.difference"}) {
    EXPECT_EQ(rule_of(at_once).raise_ms, 0) << at_once;
  }
  EXPECT_FALSE(advice_of("something.new").empty());
}

}  // namespace
}  // namespace tutela::alarms
