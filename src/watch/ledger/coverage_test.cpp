#include "watch/ledger/coverage.hpp"

#include <algorithm>

#include <gtest/gtest.h>

#include "support/folder.hpp"
#include "watch/ledger/ledger.hpp"
#include "watch/ledger/test_rows.hpp"

namespace tutela::ledger {
namespace {

using policy::Verdict;

constexpr UtcMs kStart = 1'900'000'000'000 - 1'900'000'000'000 % kDayMs;

class CoverageTest : public ::testing::Test {
 protected:
  std::unique_ptr<store::Database> open() {
    auto opened = store::Database::open({folder_.path() / "t.db"});
    EXPECT_TRUE(opened) << (opened ? "" : opened.error().message);
    return *std::move(opened);
  }

  Uuid arrive(const std::string& door, bool canary = false) {
    Arrival made;
    made.id = new_uuid(clock_.now_ms());
    made.door = door;
    made.size_bytes = 10;
    made.received_ms = clock_.now_ms();
    const auto added = ledger_->add_owed(
        actor_, made, [&](store::Transaction&) -> Result<bool> { return canary; });
    EXPECT_TRUE(added && added->canary == canary);
    return made.id;
  }

  Outcome outcome(Verdict verdict, std::int64_t position = 1) {
    Outcome made;
    made.verdict = verdict;
    made.reason = verdict == Verdict::kUnscannable ? "media.corrupt" : "";
    made.lists_position = position;
    if (verdict != Verdict::kUnscannable) {
      made.inspection = inspect::Inspection{};
      made.inspection->report.type = media::MediaType::kPng;
    }
    if (verdict == Verdict::kMatch) {
      made.matches.resize(2);
      for (MatchRow& row : made.matches) {
        row.id = new_uuid(clock_.now_ms());
        row.list_id = list_;
      }
    }
    return made;
  }

  void decide(const Uuid& id, const Outcome& with) {
    const Status decided = ledger_->decide(actor_, id, with);
    EXPECT_TRUE(decided) << (decided ? "" : decided.error().message);
  }

  /// "hour door verdict items let_through", of all cells.
  std::vector<std::string> cells() {
    std::vector<std::string> found;
    const auto rows = coverage_.hours("default", 0, kStart + 100 * kDayMs);
    EXPECT_TRUE(rows);
    EXPECT_FALSE(rows->next_ms);
    for (const CoverageRow& row : rows->rows) {
      const std::string verdict =
          row.verdict == Verdict::kOwed ? "arrived" : std::string(policy::to_string(row.verdict));
      found.push_back(std::to_string((row.hour_ms - kStart) / kHourMs) + " " + row.door + " " +
                      verdict + " " + row.media_type + row.reason + " " +
                      std::to_string(row.items) + " " + std::to_string(row.let_through));
    }
    return found;
  }

  Uuid add_list() {
    const Uuid id = new_uuid(1);
    EXPECT_TRUE(database_->write(
        [&](store::Transaction& transaction) { return testing::add_list(transaction, id); }));
    return id;
  }

  testing::TemporaryFolder folder_;
  ManualClock clock_{kStart};
  const store::Actor actor_{"default", "token:a"};
  const std::unique_ptr<store::Database> database_ = open();
  const std::unique_ptr<Ledger> ledger_ =
      std::make_unique<Ledger>(*database_, clock_, "instance-a");
  const Uuid list_ = add_list();
  Coverage coverage_{*database_};
};

TEST_F(CoverageTest, AnItemCountsInItsHourAsArrivedAndUnderItsVerdict) {
  const Uuid one = arrive("http");
  const Uuid two = arrive("cli");
  clock_.advance(2 * kHourMs);
  const Uuid three = arrive("http");
  EXPECT_EQ(cells(),
            (std::vector<std::string>{
                "0 cli arrived  1 0", "0 http arrived  1 0", "2 http arrived  1 0"}));
  decide(one, outcome(Verdict::kMatch));
  decide(two, outcome(Verdict::kUnscannable));
  decide(three, outcome(Verdict::kNoMatch));
  EXPECT_EQ(cells(),
            (std::vector<std::string>{"0 cli arrived  1 0",
                                      "0 cli unscannable media.corrupt 1 0",
                                      "0 http arrived  1 0",
                                      "0 http match image/png 1 0",
                                      "2 http arrived  1 0",
                                      "2 http no_match image/png 1 0"}));
  const auto rows = coverage_.hours("default", kStart, kStart + kHourMs)->rows;
  ASSERT_EQ(rows.size(), 4U) << "what begins before the end of the time asked for";
  EXPECT_EQ(rows[3].took_ms, 2 * kHourMs);
  EXPECT_EQ(rows[3].took_ms_max, 2 * kHourMs);
  EXPECT_EQ(rows[3].size_bytes, 10);
  EXPECT_EQ(rows[3].last_ms, kStart);
  const auto matches = coverage_.matches("default", kStart, kStart + kHourMs)->rows;
  ASSERT_EQ(matches.size(), 1U);
  EXPECT_EQ(matches[0].items, 1) << "an item counts once for a list, however many signals it hits";
  EXPECT_EQ(matches[0].list_id, list_);
  EXPECT_TRUE(coverage_.hours("elsewhere", 0, kStart + kDayMs)->rows.empty());
}

TEST_F(CoverageTest, AnAnswerThatIsCutSaysSoAndGoesOnWithAWholeHour) {
  for (int hour = 0; hour < 5; ++hour) {
    decide(arrive("http"), outcome(Verdict::kMatch));
    decide(arrive("cli"), outcome(Verdict::kMatch));
    clock_.advance(kHourMs);
  }
  const UtcMs until_ms = kStart + kDayMs;
  ASSERT_EQ(coverage_.hours("default", 0, until_ms)->rows.size(), 20U);
  EXPECT_FALSE(coverage_.hours("default", 0, until_ms, 20)->next_ms) << "all of it";
  for (std::size_t most = 4; most < 20; ++most) {
    std::vector<UtcMs> seen;
    UtcMs from_ms = 0;
    for (bool more = true; more;) {
      const auto page = coverage_.hours("default", from_ms, until_ms, most);
      ASSERT_TRUE(page) << page.error().message;
      EXPECT_LE(page->rows.size(), most);
      for (const CoverageRow& row : page->rows) {
        seen.push_back(row.hour_ms);
      }
      more = page->next_ms.has_value();
      from_ms = page->next_ms.value_or(0);
    }
    EXPECT_EQ(seen.size(), 20U) << most;
    EXPECT_TRUE(std::ranges::is_sorted(seen));
  }
  EXPECT_EQ(coverage_.hours("default", 0, until_ms, 3).error().code, "coverage.hour_too_large");
  const auto matches = coverage_.matches("default", 0, until_ms, 3);
  ASSERT_TRUE(matches);
  EXPECT_EQ(matches->rows.size(), 2U);
  EXPECT_EQ(matches->next_ms, kStart + kHourMs);
  EXPECT_EQ(coverage_.matches("default", 0, until_ms, 1).error().code, "coverage.hour_too_large");
}

TEST_F(CoverageTest, AnotherVerdictMovesTheCountAndKeepsTheTimeThatTheFirstTook) {
  const Uuid id = arrive("http");
  clock_.advance(50);
  decide(id, outcome(Verdict::kMatch));
  clock_.advance(kDayMs);
  ASSERT_TRUE(ledger_->redecide(
      *ledger_->get(actor_, id), outcome(Verdict::kNoMatch, 5), "list_withdrawn"));
  EXPECT_EQ(cells(),
            (std::vector<std::string>{"0 http arrived  1 0", "0 http no_match image/png 1 0"}));
  EXPECT_EQ(coverage_.hours("default", 0, kStart + 1)->rows.at(1).took_ms, 50);
  EXPECT_TRUE(coverage_.matches("default", 0, kStart + kDayMs)->rows.empty());
}

TEST_F(CoverageTest, TellsWhatIsOwedByDoorAndWhatCameIn) {
  EXPECT_EQ(coverage_.owed("default")->items, 0);
  EXPECT_EQ(coverage_.owed("default")->oldest_ms, 0);
  EXPECT_FALSE(*coverage_.last_verdict("default"));
  const Uuid one = arrive("http");
  clock_.advance(5);
  arrive("cli");
  arrive("http");
  arrive("http", true);
  Owed owed = *coverage_.owed("default");
  EXPECT_EQ(owed.items, 3) << "nobody is owed a canary";
  EXPECT_EQ(owed.oldest_ms, kStart);
  ASSERT_EQ(owed.doors.size(), 2U);
  EXPECT_EQ(owed.doors[0].door, "cli");
  EXPECT_EQ(owed.doors[1].items, 2);
  clock_.advance(5);
  decide(one, outcome(Verdict::kNoMatch));
  owed = *coverage_.owed("default");
  EXPECT_EQ(owed.items, 2);
  EXPECT_EQ(owed.oldest_ms, kStart + 5);
  EXPECT_EQ(coverage_.last_verdict("default")->value_or(0), kStart + 10);
  const auto doors = *coverage_.doors("default", kStart);
  ASSERT_EQ(doors.size(), 2U);
  EXPECT_EQ(doors[1].door, "http");
  EXPECT_EQ(doors[1].items, 2);
  EXPECT_EQ(doors[1].last_ms, kStart + 5);
  EXPECT_TRUE(coverage_.doors("default", kStart + kHourMs)->empty());
}

TEST_F(CoverageTest, ACanaryCountsNowhereUntilItMatchesAnotherList) {
  const Uuid quiet = arrive("http", true);
  const Uuid loud = arrive("http", true);
  Outcome canary = outcome(Verdict::kMatch);
  canary.canary = true;
  decide(quiet, canary);
  EXPECT_TRUE(cells().empty());
  EXPECT_TRUE(coverage_.matches("default", 0, kStart + kDayMs)->rows.empty());
  EXPECT_FALSE(*coverage_.last_verdict("default"));
  EXPECT_EQ(*coverage_.judged_before("default", 100), 0);
  EXPECT_TRUE(ledger_->with_matches(actor_, {})->empty());
  EXPECT_TRUE(ledger_->resting_on_list(list_)->empty());
  EXPECT_TRUE(ledger_->verdicts_after(0, 10)->empty());
  ASSERT_TRUE(ledger_->let_through(actor_, loud));
  EXPECT_TRUE(cells().empty());
  decide(loud, outcome(Verdict::kMatch));
  EXPECT_EQ(cells(),
            (std::vector<std::string>{"0 http arrived  1 1", "0 http match image/png 1 0"}));
  EXPECT_TRUE(ledger_->get(actor_, quiet)->canary);
  EXPECT_FALSE(ledger_->get(actor_, loud)->canary);
}

TEST_F(CoverageTest, AVerdictOfACanaryIsRefusedForAnyOtherItem) {
  const Uuid id = arrive("http");
  Outcome canary = outcome(Verdict::kMatch);
  canary.canary = true;
  EXPECT_EQ(ledger_->decide(actor_, id, canary).error().code, "ledger.not_a_canary");
  EXPECT_EQ(ledger_->get(actor_, id)->outcome.verdict, Verdict::kOwed);
}

TEST_F(CoverageTest, WhatIsLetThroughIsMarkedAndCountedOnce) {
  const Uuid id = arrive("http");
  ASSERT_TRUE(ledger_->let_through(actor_, id));
  ASSERT_TRUE(ledger_->let_through(actor_, id));
  EXPECT_TRUE(ledger_->get(actor_, id)->let_through);
  EXPECT_EQ(cells(), (std::vector<std::string>{"0 http arrived  1 1"}));
  EXPECT_EQ(coverage_.doors("default", kStart)->at(0).let_through, 1);
  EXPECT_EQ(coverage_.owed("default")->items, 1) << "its scan is owed all the same";
  decide(id, outcome(Verdict::kNoMatch));
  EXPECT_EQ(cells().at(0), "0 http arrived  1 1");
  EXPECT_EQ(ledger_->let_through(actor_, new_uuid(1)).error().code, "content.not_found");
}

TEST_F(CoverageTest, ItemsAreCountedByThePositionThatTheyWereJudgedAt) {
  for (const std::int64_t position : {1, 2, 3, 3}) {
    decide(arrive("http"), outcome(Verdict::kNoMatch, position));
  }
  EXPECT_EQ(*coverage_.judged_before("default", 0), 0);
  EXPECT_EQ(*coverage_.judged_before("default", 1), 0);
  EXPECT_EQ(*coverage_.judged_before("default", 2), 1);
  EXPECT_EQ(*coverage_.judged_before("default", 4), 4);
  EXPECT_EQ(*coverage_.judged_before("other", 4), 0);
}

}  // namespace
}  // namespace tutela::ledger
