#include <chrono>

#include <gtest/gtest.h>

#include "custody/audit/entry.hpp"
#include "custody/audit/note.hpp"
#include "watch/receipts/test_receipts.hpp"

namespace tutela::receipts {
namespace {

using policy::Verdict;

std::vector<std::string> ids_of(const Statement& statement) {
  std::vector<std::string> ids;
  for (const ListSeen& list : statement.lists) {
    ids.push_back(list.id);
  }
  return ids;
}

TEST_F(ReceiptsTest, SaysWhatTheLedgerTheListsAndTheLogSay) {
  const lists::List list = active_list("one", 3);
  const Uuid id = judged();
  sign_log();
  const auto statement = state(id);
  ASSERT_TRUE(statement) << statement.error().message;
  EXPECT_EQ(statement->issuer, "example.org/audit");
  EXPECT_EQ(statement->content_id, to_string(id));
  EXPECT_EQ(statement->sha256, to_hex(crypto::sha256_of(as_bytes("item " + to_string(id)))));
  EXPECT_EQ(statement->door, "http");
  EXPECT_EQ(statement->decided_ms - statement->received_ms, 120);
  EXPECT_EQ(statement->verdict, "no_match");
  EXPECT_EQ(statement->policy_version, "1-5f2a9c01");
  EXPECT_EQ(statement->lists_position, *lists_->position());
  ASSERT_EQ(statement->lists.size(), 1U);
  EXPECT_EQ(statement->lists[0].id, to_string(list.id));
  EXPECT_EQ(statement->lists[0].version, list.version);
  EXPECT_EQ(statement->lists[0].digest.size(), 64U);
  EXPECT_EQ(statement->issued_ms, clock_.now_ms());
  ASSERT_TRUE(statement->audit_proof);
  const auto proof = audit::parse_proof(*statement->audit_proof);
  ASSERT_TRUE(proof);
  EXPECT_NE(proof->leaf.find("content.verdict"), std::string::npos);
  EXPECT_NE(proof->leaf.find(to_string(id)), std::string::npos);
}

TEST_F(ReceiptsTest, SaysNothingOfWhatMatched) {
  const lists::List matched = active_list("one");
  const lists::List other = active_list("two");
  const Uuid id = owed();
  ledger::Outcome match = outcome(Verdict::kMatch, *lists_->position());
  ledger::MatchRow& row = match.matches.emplace_back();
  row.id = new_uuid(1);
  row.list_id = matched.id;
  match.decision.rule = "hold-known";
  match.decision.labels = {"suspected"};
  ASSERT_TRUE(ledger_->decide(actor_, id, match));
  sign_log();
  const auto statement = state(id);
  ASSERT_TRUE(statement);
  EXPECT_EQ(statement->verdict, "match");
  EXPECT_EQ(ids_of(*statement), (std::vector{to_string(matched.id), to_string(other.id)}));
  const std::string receipt = sign(*statement, key_of(1));
  const auto read = verify(receipt, {key_of(1).public_key()}, log_key());
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(*read, *statement);
  for (const std::string word : {"hold-known", "suspected", "one", "two"}) {
    EXPECT_EQ(statement->audit_proof->find("\"" + word), std::string::npos);
  }
}

TEST_F(ReceiptsTest, NamesTheListsAsTheyWereWhenTheItemWasSearched) {
  const lists::List kept = active_list("kept");
  const lists::List ended = active_list("ended");
  const Uuid before = judged();
  import(kept.id, 2);
  ASSERT_TRUE(lists_->deactivate(actor_, ended.id));
  const lists::List late = active_list("late");
  const Uuid after = judged();
  ASSERT_TRUE(lists_->remove(actor_, kept.id));
  sign_log();
  const auto then = state(before);
  const auto now = state(after);
  ASSERT_TRUE(then && now);
  EXPECT_EQ(ids_of(*then), (std::vector{to_string(kept.id), to_string(ended.id)}));
  EXPECT_EQ(ids_of(*now), (std::vector{to_string(kept.id), to_string(late.id)}));
  EXPECT_EQ(now->lists[0].version, then->lists[0].version + 1);
  EXPECT_NE(now->lists[0].digest, then->lists[0].digest);
}

TEST_F(ReceiptsTest, TheSameStateOfAListHasTheSameDigestInEveryReceipt) {
  active_list("one");
  const Uuid first = judged();
  const Uuid second = judged();
  sign_log();
  EXPECT_EQ(state(first)->lists, state(second)->lists);
}

TEST_F(ReceiptsTest, ListsFromBeforeStatesWereKeptAreNamedWithoutWhatIsNotKnown) {
  const lists::List list = active_list("one");
  const lists::List never = active_list("two");
  ASSERT_TRUE(lists_->deactivate(actor_, never.id));
  // As the migration leaves it: nothing of inactive lists, a state without a digest of the others.
  testing::run_sql(*database_, "DELETE FROM list_state", {});
  const Uuid before = judged();
  sign_log();
  EXPECT_EQ(state(before)->lists, (std::vector{ListSeen{to_string(list.id), 0, ""}}));
  testing::run_sql(*database_,
                   "INSERT INTO list_state SELECT (SELECT MAX(c.id) FROM list_change c WHERE "
                   "c.list_id = l.id), l.tenant_id, 'system', l.id, l.version, 1, l.signal_count, "
                   "'', '', l.updated_ms FROM list l WHERE l.state = 'active'",
                   {});
  EXPECT_EQ(state(before)->lists, (std::vector{ListSeen{to_string(list.id), list.version, ""}}));
  import(list.id, 1);
  const Uuid after = judged();
  sign_log();
  const auto statement = state(after);
  ASSERT_EQ(statement->lists.size(), 1U);
  EXPECT_EQ(statement->lists[0].version, list.version + 1);
  EXPECT_EQ(statement->lists[0].digest.size(), 64U);
}

TEST_F(ReceiptsTest, ANewVerdictHasAReceiptWithItsOwnEntry) {
  active_list("one");
  const Uuid id = judged();
  sign_log();
  const auto first = state(id);
  clock_.advance(60'000);
  const ledger::Content before = *ledger_->get(actor_, id);
  ASSERT_TRUE(
      ledger_->redecide(before, outcome(Verdict::kMatch, before.outcome.lists_position), "rescan"));
  sign_log();
  const auto second = state(id);
  ASSERT_TRUE(first && second);
  EXPECT_EQ(second->verdict, "match");
  EXPECT_GT(second->audit_index, first->audit_index);
  EXPECT_GT(second->decided_ms, first->decided_ms);
  EXPECT_TRUE(verify(sign(*second, key_of(1)), {key_of(1).public_key()}, log_key()));
  // The older receipt stays what it was: true of its time.
  EXPECT_TRUE(verify(sign(*first, key_of(1)), {key_of(1).public_key()}, log_key()));
}

TEST_F(ReceiptsTest, AnEntryThatIsNotSignedYetHasNoProof) {
  active_list("one");
  judged();
  sign_log();
  const Uuid id = judged();
  const auto statement = state(id);
  ASSERT_TRUE(statement) << statement.error().message;
  EXPECT_FALSE(statement->audit_proof);
  const auto read = verify(sign(*statement, key_of(1)), {key_of(1).public_key()}, "");
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(*read, *statement);
}

TEST_F(ReceiptsTest, WhatHasNoVerdictHasNoReceipt) {
  const Uuid owed_item = owed();
  const Uuid canary = judged();
  sign_log();
  testing::run_sql(*database_, "UPDATE content SET canary = 1 WHERE id = :id", {to_string(canary)});
  EXPECT_EQ(code(state(owed_item)), "receipt.owed");
  EXPECT_EQ(code(state(canary)), "receipt.canary");
  EXPECT_EQ(code(state(new_uuid(1))), "content.not_found");
}

TEST_F(ReceiptsTest, AnotherTenantsItemIsNotThere) {
  const Uuid id = judged();
  sign_log();
  EXPECT_EQ(code(state(id)), "ok");
  EXPECT_EQ(code(state(id, "other")), "content.not_found");
  EXPECT_EQ(code(state(id, "")), "content.not_found");
}

TEST_F(ReceiptsTest, ALogThatDoesNotAgreeGivesNoReceipt) {
  const Uuid id = judged();
  EXPECT_EQ(code(state(id)), "audit.no_log");
  sign_log();
  testing::run_sql(*database_,
                   "UPDATE audit SET result = 'match' WHERE action = :action",
                   {std::string("content.verdict")});
  EXPECT_EQ(code(state(id)), "audit.changed");
  testing::run_sql(
      *database_, "DELETE FROM audit WHERE action = :action", {std::string("content.verdict")});
  EXPECT_EQ(code(state(id)), "receipt.no_entry");
}

TEST_F(ReceiptsTest, TheEntryIsFoundWithoutAWalkThroughTheLog) {
  const Uuid id = judged();
  // Many entries of the same action, and many about the same item.
  ASSERT_TRUE(database_->write([&](store::Transaction& transaction) -> Status {
    for (int i = 0; i < 20'000; ++i) {
      TUTELA_TRY(audit::add(transaction,
                            actor_,
                            kNow,
                            {"content.verdict", "content:" + std::to_string(i), "scan", "match"}));
    }
    for (int i = 0; i < 100; ++i) {
      TUTELA_TRY(audit::add(
          transaction, actor_, kNow, {"receipt.issue", "content:" + to_string(id), "", "ok"}));
    }
    return ok();
  }));
  std::string plan;
  ASSERT_TRUE(database_->read([&](store::Transaction& transaction) {
    return transaction.query(
        "EXPLAIN QUERY PLAN SELECT id FROM audit WHERE object = :object AND action || '' = :action "
        "ORDER BY id DESC LIMIT 1",
        {std::string("content:1"), std::string("content.verdict")},
        [&](const store::Row& row) {
          plan += row.text(3) + "\n";
          return ok();
        });
  }));
  EXPECT_EQ(plan, "SEARCH audit USING INDEX audit_by_object (object=?)\n");
  sign_log();
  const auto statement = state(id);
  ASSERT_TRUE(statement) << statement.error().message;
  EXPECT_LT(statement->audit_index, 10);
}

}  // namespace
}  // namespace tutela::receipts
