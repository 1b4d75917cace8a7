#include <map>

#include <gtest/gtest.h>

#include "support/evidence_rows.hpp"
#include "support/folder.hpp"
#include "watch/ledger/coverage.hpp"
#include "watch/ledger/ledger.hpp"
#include "watch/ledger/test_rows.hpp"

namespace tutela::ledger {
namespace {

using policy::Verdict;

bool never() {
  return false;
}

class CompactTest : public ::testing::Test {
 protected:
  CompactTest() {
    EXPECT_TRUE(database_->write(
        [&](store::Transaction& transaction) { return testing::add_list(transaction, list_); }));
  }

  std::unique_ptr<store::Database> open() {
    auto opened = store::Database::open({folder_.path() / "t.db"});
    EXPECT_TRUE(opened) << (opened ? "" : opened.error().message);
    return *std::move(opened);
  }

  Uuid arrive(bool canary = false) {
    Arrival made;
    made.id = new_uuid(clock_.now_ms());
    made.door = "http";
    made.idempotency_key = to_string(made.id);
    made.account = "account";
    made.received_ms = clock_.now_ms();
    EXPECT_TRUE(ledger_->add_owed(
        actor_, made, [&](store::Transaction&) -> Result<bool> { return canary; }));
    return made.id;
  }

  Uuid judged(Verdict verdict, bool kept = false, bool canary = false) {
    const Uuid id = arrive(canary);
    Outcome outcome;
    outcome.verdict = verdict;
    outcome.keep_bytes = kept;
    outcome.canary = canary;
    outcome.inspection = inspect::Inspection{};
    outcome.inspection->frames.emplace_back();
    if (verdict == Verdict::kMatch) {
      outcome.matches.emplace_back();
      outcome.matches.back().id = new_uuid(1);
      outcome.matches.back().list_id = list_;
    }
    EXPECT_TRUE(ledger_->decide(actor_, id, outcome));
    return id;
  }

  void run(const std::string& sql, const std::vector<store::Value>& values) {
    testing::run_sql(*database_, sql, values);
  }

  bool is_there(const Uuid& id) { return ledger_->get(actor_, id).has_value(); }

  Compacted compact_now(std::int64_t keep_days) {
    const auto done = compact(*database_, {keep_days, 60, 92}, clock_.now_ms(), never);
    EXPECT_TRUE(done) << (done ? "" : done.error().message);
    return done ? *done : Compacted{};
  }

  testing::TemporaryFolder folder_;
  ManualClock clock_{testing::time_after_all_ids()};
  const store::Actor actor_{"default", "token:a"};
  const Uuid list_ = new_uuid(1);
  const std::unique_ptr<store::Database> database_ = open();
  const std::unique_ptr<Ledger> ledger_ =
      std::make_unique<Ledger>(*database_, clock_, "instance-a");
};

TEST_F(CompactTest, WhatNothingRestsOnGoesWithAllItsRowsAndItsCountStays) {
  const Uuid old = judged(Verdict::kNoMatch);
  const Uuid unscannable = judged(Verdict::kUnscannable);
  clock_.advance(10 * kDayMs);
  const Uuid young = judged(Verdict::kNoMatch);
  EXPECT_EQ(compact_now(0).items, 0) << "for ever";
  EXPECT_EQ(compact_now(11).items, 0);
  EXPECT_EQ(compact_now(9).items, 2);
  EXPECT_FALSE(is_there(old) || is_there(unscannable));
  EXPECT_TRUE(is_there(young));
  for (const std::string table :
       {"content", "content_frame", "content_uploader", "idempotency", "outbox"}) {
    EXPECT_EQ(testing::count(*database_, table), 1) << table;
  }
  EXPECT_EQ(testing::count(*database_, "ledger"), 2);
  EXPECT_EQ(
      testing::number(*database_, "SELECT SUM(items) FROM coverage_hour WHERE verdict = 'arrived'"),
      3);
  EXPECT_EQ(testing::number(*database_,
                            "SELECT SUM(items) FROM coverage_hour WHERE verdict <> 'arrived'"),
            3);
  EXPECT_EQ(testing::number(*database_, "SELECT SUM(items) FROM judged_at"), 1)
      << "what is gone waits for no rescan";
  EXPECT_EQ(testing::count(*database_, "audit"), 3) << "the audit log is another's";
  EXPECT_EQ(ledger_->redecide(Content{}, {}, "rescan").error().code, "ledger.already_decided");
}

TEST_F(CompactTest, NothingThatAnythingRestsOnEverGoes) {
  const std::map<std::string, Uuid> kept = {{"owed", arrive()},
                                            {"match", judged(Verdict::kMatch)},
                                            {"spooled", judged(Verdict::kNoMatch, true)},
                                            {"held", judged(Verdict::kUnscannable, true)},
                                            {"in a case", judged(Verdict::kUnscannable)},
                                            {"preserved", judged(Verdict::kNoMatch)},
                                            {"attested", judged(Verdict::kNoMatch)},
                                            {"found by a rescan", judged(Verdict::kNoMatch)},
                                            {"to be audited", judged(Verdict::kNoMatch)},
                                            {"audited to differ", judged(Verdict::kNoMatch)}};
  const Uuid audited = judged(Verdict::kNoMatch);
  const auto of = [&](const std::string& what) {
    return to_string(kept.at(what));
  };
  run("INSERT INTO review_case (id, tenant_id, principal_id, version, queue, state, origin, "
      "severity, marks, spread, reports, items, needs_view, rank_ms, opened_ms, first_look_due_ms, "
      "decision_due_ms) VALUES ('case', 'default', 'system', 1, 'standard', 'open', 'held', 1, '', "
      "0, 0, 1, 1, 1, 1, 1, 1)",
      {});
  run("INSERT INTO case_item (content_id, tenant_id, principal_id, case_id, origin, exact, "
      "classification, at_ms) VALUES (:id, 'default', 'system', 'case', 'held', 0, '', 1)",
      {of("in a case")});
  run("INSERT INTO evidence (id, tenant_id, principal_id, content_id, case_ref, media_type, "
      "size_bytes, md5, sha1, sha256, epoch, state, sealed_ms) VALUES ('e', 'default', 'system', "
      ":id, '', '', 1, '', '', '', 1, 'sealed', 1)",
      {of("preserved")});
  run("INSERT INTO report_attestation (id, tenant_id, principal_id, content_id, what, reference, "
      "viewed_ms, at_ms) VALUES ('a', 'default', 'system', :id, '', '', 1, 1)",
      {of("attested")});
  run("INSERT INTO rescan (id, tenant_id, principal_id, cause, list_id, since_ms, after_change, "
      "through_change, state, index_id, at_part, at_segment, at_offset, end_segment, end_offset, "
      "signals, contents, examined, found, created_ms, updated_ms) VALUES ('r', 'default', "
      "'system', 'list_grew', :list, 0, 1, 2, 'running', '', 0, 0, 0, 0, 0, 1, 1, 0, 0, 1, 1)",
      {to_string(list_)});
  run("INSERT INTO rescan_finding (rescan_id, content_id, tenant_id, principal_id, verdict_before, "
      "verdict_after, at_ms) VALUES ('r', :id, 'default', 'system', 'match', 'no_match', 1)",
      {of("found by a rescan")});
  const auto audit = [&](const std::string& id, const std::string& state) {
    run("INSERT INTO sample_audit (content_id, tenant_id, principal_id, lists_position, state, "
        "detail, asked_ms) VALUES (:id, 'default', 'system', 1, :state, '', 1)",
        {id, state});
  };
  audit(of("to be audited"), "owed");
  audit(of("audited to differ"), "different");
  audit(to_string(audited), "same");
  clock_.advance(400 * kDayMs);
  judged(Verdict::kNoMatch);
  EXPECT_EQ(compact_now(1).items, 0) << "a rescan has not ended";
  run("UPDATE rescan SET state = 'done'", {});
  EXPECT_EQ(compact_now(1).items, 1);
  EXPECT_FALSE(is_there(audited));
  for (const auto& [what, id] : kept) {
    EXPECT_TRUE(is_there(id)) << what;
  }
}

TEST_F(CompactTest, CanariesGoAfterTheirHourWithTheirMessages) {
  const Uuid canary = judged(Verdict::kMatch, false, true);
  const Uuid owed = arrive(true);
  const Uuid item = judged(Verdict::kNoMatch);
  clock_.advance(59 * 60'000);
  EXPECT_EQ(compact_now(0).canaries, 0);
  clock_.advance(2 * 60'000);
  EXPECT_EQ(compact_now(0).canaries, 1);
  EXPECT_FALSE(is_there(canary));
  EXPECT_TRUE(is_there(owed) && is_there(item));
  EXPECT_EQ(testing::count(*database_, "content_match"), 0);
  EXPECT_EQ(testing::count(*database_, "outbox WHERE topic = 'canary.decided'"), 0);
  EXPECT_EQ(testing::count(*database_, "outbox"), 1);
}

TEST_F(CompactTest, TheNumberOfAnEventIsNeverGivenTwice) {
  judged(Verdict::kNoMatch);
  const Uuid last = judged(Verdict::kNoMatch);
  const std::int64_t position = ledger_->verdicts_after(0, 10)->back().position;
  clock_.advance(10 * kDayMs);
  EXPECT_EQ(compact_now(1).items, 1);
  EXPECT_TRUE(is_there(last)) << "whoever follows has come as far as its event";
  const Uuid next = judged(Verdict::kNoMatch);
  EXPECT_EQ(ledger_->verdicts_after(position, 10)->at(0).id, next);
  EXPECT_EQ(compact_now(1).items, 1);
  EXPECT_EQ(ledger_->verdicts_after(0, 10)->size(), 1U);
}

TEST_F(CompactTest, HoursOfADayBecomeOneAndALaterVerdictFindsItsCount) {
  const UtcMs day_ms = clock_.now_ms() + kDayMs - clock_.now_ms() % kDayMs;
  clock_.advance(day_ms - clock_.now_ms() + kHourMs);
  const Uuid one = judged(Verdict::kMatch);
  clock_.advance(5 * kHourMs);
  judged(Verdict::kMatch);
  clock_.advance(92 * kDayMs);
  EXPECT_EQ(compact_now(0).hours, 0);
  clock_.advance(kDayMs);
  EXPECT_EQ(compact_now(0).hours, 6) << "arrived, matched and of the list: of two hours";
  Coverage coverage(*database_);
  const auto cells = coverage.hours("default", day_ms, day_ms + kDayMs)->rows;
  ASSERT_EQ(cells.size(), 2U);
  EXPECT_EQ(cells[0].hour_ms, day_ms);
  EXPECT_EQ(cells[0].items, 2);
  EXPECT_EQ(cells[0].last_ms, day_ms + 6 * kHourMs);
  EXPECT_EQ(coverage.matches("default", day_ms, day_ms + kDayMs)->rows.at(0).items, 2);
  Outcome cleared;
  cleared.verdict = Verdict::kNoMatch;
  ASSERT_TRUE(ledger_->redecide(*ledger_->get(actor_, one), cleared, "list_withdrawn"));
  EXPECT_EQ(
      testing::number(*database_, "SELECT SUM(items) FROM coverage_hour WHERE verdict = 'match'"),
      1);
  EXPECT_EQ(testing::number(*database_,
                            "SELECT SUM(items) FROM coverage_hour WHERE verdict = 'no_match'"),
            1);
  EXPECT_EQ(testing::number(*database_, "SELECT SUM(items) FROM match_hour"), 1);
  EXPECT_EQ(compact_now(0).hours, 1) << "what came late";
  EXPECT_EQ(coverage.hours("default", day_ms, day_ms + kDayMs)->rows.size(), 3U);
}

TEST_F(CompactTest, ItStopsWhenAsked) {
  judged(Verdict::kNoMatch);
  clock_.advance(10 * kDayMs);
  judged(Verdict::kNoMatch);
  EXPECT_EQ(compact(*database_, {1, 60, 92}, clock_.now_ms(), [] { return true; })->items, 0);
  EXPECT_EQ(compact_now(1).items, 1);
}

}  // namespace
}  // namespace tutela::ledger
