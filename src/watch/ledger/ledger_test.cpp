#include "watch/ledger/ledger.hpp"

#include <gtest/gtest.h>

#include "support/folder.hpp"

namespace tutela::ledger {
namespace {

using policy::Verdict;

class LedgerTest : public ::testing::Test {
 protected:
  LedgerTest() : clock_(1'900'000'000'000) {
    auto opened = store::Database::open({folder_.path() / "t.db"});
    EXPECT_TRUE(opened) << (opened ? "" : opened.error().message);
    database_ = *std::move(opened);
    ledger_ = std::make_unique<Ledger>(*database_, clock_, "instance-a");
  }

  Arrival arrival() {
    Arrival made;
    made.id = new_uuid(clock_.now_ms());
    made.door = "http";
    made.source = "post";
    made.size_bytes = 12;
    made.digests.sha256.fill(std::byte{7});
    made.received_ms = clock_.now_ms();
    return made;
  }

  Outcome outcome(Verdict verdict) {
    Outcome made;
    made.verdict = verdict;
    inspect::Inspection inspection;
    inspection.report = {media::MediaType::kGif, 320, 200, 9, 9, true, true, "libvips 8"};
    inspect::FrameFingerprint frame{3, {}};
    frame.pdq.quality = 88;
    frame.pdq.hashes[7].words = {1, 2, 3, 4};
    inspection.frames.push_back(frame);
    made.inspection = inspection;
    made.decision = {policy::Action::kCase, "rule-a", {"one", "two"}, "because", "3-abc", {"dry"}};
    made.keep_bytes = true;
    return made;
  }

  std::int64_t count(const std::string& sql) {
    std::int64_t found = -1;
    EXPECT_TRUE(database_->read([&](store::Transaction& transaction) {
      return transaction.query(sql, {}, [&](const store::Row& row) -> Status {
        found = row.integer(0);
        return ok();
      });
    }));
    return found;
  }

  testing::TemporaryFolder folder_;
  ManualClock clock_;
  std::unique_ptr<store::Database> database_;
  std::unique_ptr<Ledger> ledger_;
  store::Actor actor_{"default", "token:t"};
};

TEST_F(LedgerTest, AnItemIsOwedUntilItsVerdictAndReadsBackWhole) {
  const Arrival item = arrival();
  ASSERT_TRUE(ledger_->add_owed(actor_, item));
  EXPECT_EQ(ledger_->get(actor_, item.id)->outcome.verdict, Verdict::kOwed);
  EXPECT_EQ(ledger_->owed_counts()->owed, 1);
  EXPECT_EQ(ledger_->owed_counts()->oldest_owed_ms, clock_.now_ms());

  Outcome decided = outcome(Verdict::kMatch);
  decided.matches.push_back({new_uuid(1),
                             new_uuid(2),
                             "",
                             4,
                             99,
                             match::SignalKind::kPdq,
                             17,
                             fingerprint::Orientation::kFlipPlus1,
                             3,
                             policy::Strength::kNear});
  ASSERT_TRUE(ledger_->decide(actor_, item.id, decided));
  const Result<Content> read = ledger_->get(actor_, item.id);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->outcome.verdict, Verdict::kMatch);
  EXPECT_EQ(read->outcome.inspection->report.type, media::MediaType::kGif);
  EXPECT_TRUE(read->outcome.inspection->report.damaged);
  EXPECT_EQ(read->outcome.inspection->frames, decided.inspection->frames);
  ASSERT_EQ(read->outcome.matches.size(), 1U);
  EXPECT_EQ(read->outcome.matches[0].distance, 17);
  EXPECT_EQ(read->outcome.matches[0].orientation, fingerprint::Orientation::kFlipPlus1);
  EXPECT_EQ(read->outcome.decision.labels, (std::vector<std::string>{"one", "two"}));
  EXPECT_EQ(read->outcome.decision.action, policy::Action::kCase);
  EXPECT_EQ(ledger_->owed_counts()->owed, 0);
  EXPECT_EQ(ledger_->with_matches(actor_, {})->size(), 1U);
}

TEST_F(LedgerTest, AVerdictIsOneUnitWithLedgerAuditAndOutboxAndThereIsNeverASecond) {
  const Arrival item = arrival();
  ASSERT_TRUE(ledger_->add_owed(actor_, item));
  ASSERT_TRUE(ledger_->decide(actor_, item.id, outcome(Verdict::kNoMatch)));
  const Status second = ledger_->decide(actor_, item.id, outcome(Verdict::kMatch));
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, "ledger.already_decided");
  EXPECT_EQ(ledger_->get(actor_, item.id)->outcome.verdict, Verdict::kNoMatch);
  EXPECT_EQ(count("SELECT COUNT(*) FROM ledger WHERE event = 'verdict'"), 1);
  EXPECT_EQ(count("SELECT COUNT(*) FROM audit WHERE action = 'content.verdict'"), 1);
  EXPECT_EQ(count("SELECT COUNT(*) FROM outbox WHERE topic = 'content.decided'"), 1);
  EXPECT_EQ(count("SELECT COUNT(*) FROM content_frame"), 1);
}

TEST_F(LedgerTest, AFailureInsideTheUnitLeavesTheItemOwedAndNothingElse) {
  const Arrival item = arrival();
  ASSERT_TRUE(ledger_->add_owed(actor_, item));
  Outcome broken = outcome(Verdict::kNoMatch);
  broken.inspection->frames.push_back(broken.inspection->frames[0]);  // breaks the primary key
  ASSERT_FALSE(ledger_->decide(actor_, item.id, broken));
  EXPECT_EQ(ledger_->get(actor_, item.id)->outcome.verdict, Verdict::kOwed);
  EXPECT_EQ(count("SELECT COUNT(*) FROM content_frame"), 0);
  EXPECT_EQ(count("SELECT COUNT(*) FROM audit"), 0);
}

TEST_F(LedgerTest, AnIdempotencyKeyGivesTheEarlierItemOrAConflict) {
  Arrival first = arrival();
  first.idempotency_key = "k";
  ASSERT_TRUE(ledger_->add_owed(actor_, first));
  Arrival again = arrival();
  again.idempotency_key = "k";
  EXPECT_EQ(ledger_->add_owed(actor_, again)->id, first.id);
  again.digests.sha256.fill(std::byte{8});
  EXPECT_EQ(ledger_->add_owed(actor_, again).error().code, "idempotency.mismatch");
  EXPECT_EQ(ledger_->add_owed({"default", "token:other"}, again)->id, again.id)
      << "keys belong to a principal";
  EXPECT_EQ(count("SELECT COUNT(*) FROM content"), 2);
}

TEST_F(LedgerTest, OwedItemsOfDeadProcessesAreTakenOverAndOthersAreNot) {
  const Arrival item = arrival();
  ASSERT_TRUE(ledger_->add_owed(actor_, item));
  Ledger other(*database_, clock_, "instance-b");
  ASSERT_TRUE(other.adopt_owed([](std::string_view) { return true; }));
  EXPECT_TRUE(other.owed({}, 10)->empty());
  ASSERT_TRUE(other.adopt_owed([](std::string_view) { return false; }));
  ASSERT_EQ(other.owed({}, 10)->size(), 1U);
  EXPECT_EQ(other.owed({}, 10)->at(0).attempts, 1U);
  ASSERT_TRUE(other.begin_attempt(item.id));
  EXPECT_EQ(other.owed({}, 10)->at(0).attempts, 2U);
  ASSERT_TRUE(other.forgive_attempt(item.id));
  EXPECT_EQ(other.owed({}, 10)->at(0).attempts, 1U);
  EXPECT_TRUE(ledger_->owed({}, 10)->empty());
}

TEST_F(LedgerTest, MatchesArePagedByCursorAndTenantsAreApart) {
  std::vector<Uuid> ids;
  for (int i = 0; i < 5; ++i) {
    const Arrival item = arrival();
    ids.push_back(item.id);
    ASSERT_TRUE(ledger_->add_owed(actor_, item));
    ASSERT_TRUE(ledger_->decide(actor_, item.id, outcome(Verdict::kMatch)));
  }
  const auto first = ledger_->with_matches(actor_, {"", 3});
  ASSERT_EQ(first->size(), 3U);
  EXPECT_EQ(first->at(0).arrival.id, ids[0]);
  const auto rest = ledger_->with_matches(actor_, {to_string(first->back().arrival.id), 3});
  ASSERT_EQ(rest->size(), 2U);
  EXPECT_EQ(rest->at(1).arrival.id, ids[4]);
  const store::Actor stranger{"elsewhere", "token:t"};
  EXPECT_TRUE(ledger_->with_matches(stranger, {})->empty());
  EXPECT_EQ(ledger_->get(stranger, ids[0]).error().kind, ErrorKind::kNotFound);
}

TEST_F(LedgerTest, TheIndexGivesTheNewestFirstUpToTheLimit) {
  for (int i = 0; i < 3; ++i) {
    const Arrival item = arrival();
    ASSERT_TRUE(ledger_->add_owed(actor_, item));
    ASSERT_TRUE(ledger_->decide(actor_, item.id, outcome(Verdict::kNoMatch)));
  }
  int seen = 0;
  ASSERT_TRUE(ledger_->for_each_indexed(actor_, 2, [&](const Ledger::Indexed& indexed) -> Status {
    ++seen;
    EXPECT_EQ(indexed.frames.size(), 1U);
    return ok();
  }));
  EXPECT_EQ(seen, 2);
}

}  // namespace
}  // namespace tutela::ledger
