#include <gtest/gtest.h>

#include "support/folder.hpp"
#include "watch/ledger/ledger.hpp"
#include "watch/ledger/test_rows.hpp"

namespace tutela::ledger {
namespace {

using policy::Verdict;

class VerdictsTest : public ::testing::Test {
 protected:
  VerdictsTest() : clock_(1'900'000'000'000) {
    auto opened = store::Database::open({folder_.path() / "t.db"});
    EXPECT_TRUE(opened) << (opened ? "" : opened.error().message);
    database_ = *std::move(opened);
    ledger_ = std::make_unique<Ledger>(*database_, clock_, "instance-a");
  }

  Uuid add() {
    Arrival made;
    made.id = new_uuid(clock_.now_ms());
    made.door = "http";
    made.received_ms = clock_.now_ms();
    EXPECT_TRUE(ledger_->add_owed(actor_, made));
    return made.id;
  }

  /// A list that matches can name.
  Uuid add_list() {
    const Uuid id = new_uuid(clock_.now_ms());
    EXPECT_TRUE(database_->write([&](store::Transaction& transaction) -> Status {
      return testing::add_list(transaction, id);
    }));
    return id;
  }

  static Outcome no_match() {
    Outcome made;
    made.verdict = Verdict::kNoMatch;
    made.inspection = inspect::Inspection{};
    inspect::FrameFingerprint frame{0, {}};
    frame.pdq.quality = 88;
    made.inspection->frames.push_back(frame);
    made.lists_position = 3;
    return made;
  }

  static Outcome match_on(const Uuid& list, std::int64_t signal) {
    Outcome made = no_match();
    made.verdict = Verdict::kMatch;
    made.reason = "list_grew";
    made.lists_position = 4;
    MatchRow row;
    row.id = new_uuid(1);
    row.list_id = list;
    row.signal_id = signal;
    made.matches.push_back(row);
    return made;
  }

  Content now(const Uuid& id) { return *ledger_->get(actor_, id); }

  /// The first column of all rows, joined by blanks.
  std::string column(const std::string& sql) {
    std::string found;
    EXPECT_TRUE(database_->read([&](store::Transaction& transaction) {
      return transaction.query(sql, {}, [&](const store::Row& row) {
        found += row.text(0) + " ";
        return ok();
      });
    }));
    return found;
  }

  testing::TemporaryFolder folder_;
  ManualClock clock_;
  const store::Actor actor_{"default", "token:a"};
  std::unique_ptr<store::Database> database_;
  std::unique_ptr<Ledger> ledger_;
};

TEST_F(VerdictsTest, AnotherVerdictReplacesTheFirstAndTellsWhy) {
  const Uuid list = add_list();
  const Uuid id = add();
  ASSERT_TRUE(ledger_->decide(actor_, id, no_match()));
  ASSERT_TRUE(ledger_->redecide(now(id), match_on(list, 7), "list_grew"));
  const Content content = now(id);
  EXPECT_EQ(content.outcome.verdict, Verdict::kMatch);
  EXPECT_EQ(content.outcome.reason, "list_grew");
  EXPECT_EQ(content.outcome.lists_position, 4);
  EXPECT_EQ(content.revision, 2);
  ASSERT_EQ(content.outcome.matches.size(), 1U);
  EXPECT_EQ(content.outcome.inspection->frames.size(), 1U) << "fingerprints stay as they are";
  EXPECT_EQ(column("SELECT event || ':' || detail FROM ledger ORDER BY id"),
            "received:http verdict:no_match hold list_grew:match hold ");
  EXPECT_EQ(column("SELECT purpose FROM audit ORDER BY id"), "scan list_grew ");
  EXPECT_NE(column("SELECT payload FROM outbox ORDER BY id").find(R"("cause":"list_grew")"),
            std::string::npos);
}

TEST_F(VerdictsTest, OnlyTheOneThatKnowsTheLatestVerdictMayChangeIt) {
  const Uuid id = add();
  const Content owed = now(id);
  EXPECT_EQ(ledger_->redecide(owed, no_match(), "rescan").error().code, "ledger.already_decided")
      << "an owed item waits for its scan";
  ASSERT_TRUE(ledger_->decide(actor_, id, no_match()));
  const Content first = now(id);
  ASSERT_TRUE(ledger_->redecide(first, match_on(add_list(), 7), "list_grew"));
  EXPECT_EQ(ledger_->redecide(first, no_match(), "rescan").error().code, "ledger.already_decided");
  EXPECT_EQ(now(id).outcome.verdict, Verdict::kMatch);
}

TEST_F(VerdictsTest, AnErrorOfTheCallersPartLeavesTheVerdictAsItWas) {
  const Uuid id = add();
  ASSERT_TRUE(ledger_->decide(actor_, id, no_match()));
  const Error refused{ErrorKind::kInternal, "test.refused", ""};
  EXPECT_EQ(ledger_
                ->redecide(now(id),
                           match_on(add_list(), 7),
                           "list_grew",
                           [&](store::Transaction&) -> Status { return refused; })
                .error()
                .code,
            "test.refused");
  EXPECT_EQ(now(id).outcome.verdict, Verdict::kNoMatch);
  EXPECT_EQ(now(id).revision, 1);
}

TEST_F(VerdictsTest, FirstVerdictsAreGivenInTheOrderOfTheirCommits) {
  const Uuid one = add();
  const Uuid two = add();
  const Uuid three = add();
  ASSERT_TRUE(ledger_->decide(actor_, two, no_match()));
  ASSERT_TRUE(ledger_->decide(actor_, one, no_match()));
  ASSERT_TRUE(ledger_->redecide(now(two), match_on(add_list(), 7), "list_grew"));
  const auto all = *ledger_->verdicts_after(0, 10);
  ASSERT_EQ(all.size(), 2U);
  EXPECT_EQ(all[0].id, two);
  EXPECT_EQ(all[1].id, one);
  EXPECT_EQ(ledger_->verdicts_after(all[0].position, 10)->at(0).id, one);
  EXPECT_EQ(ledger_->verdicts_after(0, 1)->size(), 1U);
  ASSERT_TRUE(ledger_->decide(actor_, three, no_match()));
  EXPECT_EQ(ledger_->verdicts_after(all[1].position, 10)->at(0).id, three);
  const std::vector<Uuid> ids = {three, new_uuid(9), one};
  const auto contents = *ledger_->contents(ids);
  ASSERT_EQ(contents.size(), 2U);
  EXPECT_EQ(contents[0].arrival.id, three);
}

TEST_F(VerdictsTest, TellsWhatRestsOnASignalOrAList) {
  const Uuid list = add_list();
  const Uuid other = add_list();
  const Uuid one = add();
  const Uuid two = add();
  ASSERT_TRUE(ledger_->decide(actor_, one, match_on(list, 7)));
  ASSERT_TRUE(ledger_->decide(actor_, two, match_on(other, 8)));
  EXPECT_EQ(*ledger_->resting_on_signal(7), std::vector<Uuid>{one});
  EXPECT_EQ(*ledger_->resting_on_list(other), std::vector<Uuid>{two});
  EXPECT_TRUE(ledger_->resting_on_signal(9)->empty());
  ASSERT_TRUE(ledger_->redecide(now(one), no_match(), "list_withdrawn"));
  EXPECT_TRUE(ledger_->resting_on_list(list)->empty());
}

TEST_F(VerdictsTest, WhatIsAddedToAVerdictIsCommittedWithItOrNeitherIs) {
  const Uuid id = add();
  const auto add_event = [](store::Transaction& transaction) -> Status {
    TUTELA_TRY(transaction.execute(
        "INSERT INTO concern (id, tenant_id, kind, at_ms) VALUES ('c', 'default', 'other', 1)",
        {}));
    return ok();
  };
  const Status refused =
      ledger_->decide(actor_, id, no_match(), [&](store::Transaction& transaction) -> Status {
        TUTELA_TRY(add_event(transaction));
        return Error{ErrorKind::kUnavailable, "test.refused", ""};
      });
  EXPECT_EQ(refused.error().code, "test.refused");
  EXPECT_EQ(now(id).outcome.verdict, Verdict::kOwed);
  EXPECT_EQ(column("SELECT COUNT(*) FROM concern"), "0 ");
  ASSERT_TRUE(ledger_->decide(actor_, id, no_match(), add_event));
  EXPECT_EQ(now(id).outcome.verdict, Verdict::kNoMatch);
  EXPECT_EQ(column("SELECT COUNT(*) FROM concern"), "1 ");
  EXPECT_EQ(ledger_->decide(actor_, id, no_match(), add_event).error().code,
            "ledger.already_decided");
  EXPECT_EQ(column("SELECT COUNT(*) FROM concern"), "1 ");
}

TEST_F(VerdictsTest, AnAccountStandsInARowOfItsOwnThatCanGoAlone) {
  Arrival made;
  made.id = new_uuid(clock_.now_ms());
  made.door = "http";
  made.external_id = "upload-7";
  made.account = "account-9";
  ASSERT_TRUE(ledger_->add_owed(actor_, made));
  const auto provenance = [&]() -> Provenance {
    Provenance found;
    EXPECT_TRUE(database_->read([&](store::Transaction& transaction) -> Status {
      TUTELA_TRY_ASSIGN(found, provenance_of(transaction, made.id));
      EXPECT_EQ(provenance_of(transaction, new_uuid(1)).error().code, "content.not_found");
      return ok();
    }));
    return found;
  };
  EXPECT_EQ(provenance().account, "account-9");
  EXPECT_EQ(provenance().external_id, "upload-7");
  EXPECT_EQ(provenance().sha256.size(), 64U);
  ASSERT_TRUE(database_->write([](store::Transaction& transaction) -> Status {
    TUTELA_TRY(transaction.execute("DELETE FROM content_uploader", {}));
    return ok();
  }));
  EXPECT_FALSE(provenance().account);
  EXPECT_EQ(now(made.id).arrival.external_id, "upload-7") << "the content stays";
}

}  // namespace
}  // namespace tutela::ledger
