// The vault process states what the store says of an item, with an entry first, and keeps the
// public keys of all that it ever signed with.
#include "watch/receipts/receipts.hpp"

#include <filesystem>

#include <sys/stat.h>

#include "service/vault_process/receipt_keys.hpp"
#include "service/vault_process/test_vault_process.hpp"
#include "watch/ledger/ledger.hpp"

namespace tutela::vault_process {
namespace {

class ReceiptsTest : public RunningVault {
 protected:
  /// An item of the ledger; with a verdict, where one is given.
  Uuid item(std::optional<policy::Verdict> verdict = policy::Verdict::kNoMatch) {
    ledger::Ledger ledger(*database_, clock_, "instance");
    ledger::Arrival arrival;
    arrival.id = new_uuid(clock_.now_ms());
    arrival.door = "http";
    arrival.digests = crypto::digests_of(as_bytes(to_string(arrival.id)));
    arrival.received_ms = clock_.now_ms();
    EXPECT_TRUE(ledger.add_owed(uploader_, arrival));
    if (verdict) {
      ledger::Outcome outcome;
      outcome.verdict = *verdict;
      outcome.decision.policy_version = "default";
      EXPECT_TRUE(ledger.decide(uploader_, arrival.id, outcome));
    }
    return arrival.id;
  }

  std::vector<crypto::PublicKey> published() {
    const auto set = client_.receipt_keys();
    EXPECT_TRUE(set) << set.error().message;
    const auto keys = receipts::parse_key_set(*set);
    EXPECT_TRUE(keys) << *set;
    return keys ? *keys : std::vector<crypto::PublicKey>();
  }

  std::string log_key() {
    return std::string(as_text(*read_file(folder_.path() / "audit" / "vkey", 1024)));
  }

  std::string refusal(const Result<std::string>& receipt) {
    return receipt ? "ok" : std::string(receipt.error().code);
  }

  std::filesystem::path vault_file(const char* name) { return folder_.path() / "vault" / name; }

  const store::Actor uploader_{"default", "token:1", "service"};
  const store::Actor auditor_{"default", "person:7", "auditor"};
};

TEST_F(ReceiptsTest, AVerdictOfThisMomentIsSignedAndProvedAndTheEntryNamesWhoGotIt) {
  const Uuid id = item();
  const auto receipt = client_.receipt(auditor_, id);
  ASSERT_TRUE(receipt) << receipt.error().code << ": " << receipt.error().message;
  const auto statement = receipts::verify(*receipt, published(), log_key());
  ASSERT_TRUE(statement) << statement.error().message;
  EXPECT_EQ(statement->content_id, to_string(id));
  EXPECT_EQ(statement->verdict, "no_match");
  EXPECT_TRUE(statement->audit_proof);
  EXPECT_EQ(testing::texts(*database_,
                           "SELECT principal_id || ' ' || role || ' ' || object || ' ' || result "
                           "FROM audit WHERE action = 'receipt.issue'"),
            std::vector<std::string>{"person:7 auditor content:" + to_string(id) + " ok"});
  // What was said once is said again, with another time and entry.
  const auto again = receipts::verify(*client_.receipt(auditor_, id), published(), log_key());
  ASSERT_TRUE(again);
  EXPECT_EQ(again->audit_index, statement->audit_index);
  EXPECT_EQ(entries_of("receipt.issue", "ok"), 2);
}

TEST_F(ReceiptsTest, WhatIsOwedUnknownOrAnotherTenantsHasNoneAndNoEntry) {
  const Uuid owed = item(std::nullopt);
  const Uuid judged = item();
  EXPECT_EQ(refusal(client_.receipt(auditor_, owed)), "receipt.owed");
  EXPECT_EQ(refusal(client_.receipt(auditor_, new_uuid(1))), "content.not_found");
  EXPECT_EQ(refusal(client_.receipt({"other", "person:7", "auditor"}, judged)),
            "content.not_found");
  testing::run_sql(*database_, "UPDATE content SET canary = 1 WHERE id = :id", {to_string(judged)});
  EXPECT_EQ(refusal(client_.receipt(auditor_, judged)), "receipt.canary");
  EXPECT_EQ(code(answer_to(Message("receipt"))), "uuid.malformed");
  EXPECT_EQ(entries_of("receipt.issue", "ok"), 0);
}

TEST_F(ReceiptsTest, OldPublicKeysStayWhenTheKeyTurns) {
  const Uuid id = item();
  const auto old_receipt = client_.receipt(auditor_, id);
  ASSERT_TRUE(old_receipt);
  const std::vector<crypto::PublicKey> before = published();
  ASSERT_EQ(before.size(), 1U);
  stop();
  std::filesystem::rename(vault_file("receipt.key"), vault_file("receipt.key.old"));
  start();
  const std::vector<crypto::PublicKey> after = published();
  ASSERT_EQ(after.size(), 2U);
  EXPECT_EQ(after[1], before[0]);
  EXPECT_NE(after[0], before[0]);
  EXPECT_TRUE(receipts::verify(*old_receipt, after, log_key()));
  const auto new_receipt = client_.receipt(auditor_, id);
  ASSERT_TRUE(new_receipt);
  EXPECT_TRUE(receipts::verify(*new_receipt, {after[0]}, log_key()));
  const auto by_old = receipts::verify(*new_receipt, before, log_key());
  ASSERT_FALSE(by_old);
  EXPECT_EQ(by_old.error().code, "receipt.bad_signature");
  // The old key put back is the present one again, and named once.
  stop();
  std::filesystem::rename(vault_file("receipt.key.old"), vault_file("receipt.key"));
  start();
  EXPECT_EQ(published(), (std::vector{after[1], after[0]}));
}

TEST_F(ReceiptsTest, TheKeyIsNobodyElses) {
  struct stat info {};

  ASSERT_EQ(::stat(vault_file("receipt.key").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777U, 0600U);
  EXPECT_EQ(client_.receipt_keys()->find("\"d\""), std::string::npos) << "a private key";
}

TEST_F(ReceiptsTest, ADamagedKeySetIsTold) {
  stop();
  ASSERT_TRUE(write_file_atomic(vault_file("receipt-keys.json"), as_bytes("{\"keys\":[]}")));
  const auto refused = ReceiptKeys::open(folder_.path() / "vault");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, "receipt.bad_key_file");
  std::filesystem::remove(vault_file("receipt-keys.json"));
  start();
  EXPECT_EQ(published().size(), 1U);
}

}  // namespace
}  // namespace tutela::vault_process
