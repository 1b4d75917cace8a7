// kill -9 while the key of receipts is made, and between the entry of a receipt and its first byte:
// no key signs that is not published, and no receipt is given out without its entry.
//
// The test runs itself as "--drive FOLDER CONTENT" with the fault point armed.
#include <cstdio>

#include "service/vault_process/receipt_keys.hpp"
#include "service/vault_process/test_vault_process.hpp"
#include "support/driven.hpp"
#include "watch/ledger/ledger.hpp"
#include "watch/receipts/receipts.hpp"

namespace tutela::vault_process {
namespace {

int drive(const std::string& folder, const std::string& content_id) {
  const auto keeper = Keeper::open(config_in(folder), SystemClock());
  if (!keeper) {
    return 3;
  }
  Message message("receipt");
  message.set("tenant_id", "default").set("principal_id", "person:7").set("role", "auditor");
  message.set("content_id", content_id);
  const auto say = [] {
    std::putchar('b');
    std::fflush(stdout);
    return ok();
  };
  const Status done = (*keeper)->receipt(
      message, [&](const Message& /*reply*/) { return say(); }, [&](ByteView) { return say(); });
  return done ? 0 : 4;
}

class ReceiptsCrashTest : public RunningVault, public ::testing::WithParamInterface<const char*> {
 protected:
  Uuid judged() {
    ledger::Ledger ledger(*database_, clock_, "instance");
    ledger::Arrival arrival;
    arrival.id = new_uuid(clock_.now_ms());
    arrival.door = "http";
    arrival.digests = crypto::digests_of(as_bytes("an item"));
    arrival.received_ms = clock_.now_ms();
    const store::Actor actor{"default", "token:1", "service"};
    EXPECT_TRUE(ledger.add_owed(actor, arrival));
    ledger::Outcome outcome;
    outcome.verdict = policy::Verdict::kNoMatch;
    outcome.decision.policy_version = "default";
    EXPECT_TRUE(ledger.decide(actor, arrival.id, outcome));
    return arrival.id;
  }
};

TEST_P(ReceiptsCrashTest, LeavesKeysThatArePublishedAndEntriesOfWhatWasGivenOut) {
  const std::string fault = GetParam();
  const Uuid id = judged();
  stop();
  std::filesystem::rename(folder_.path() / "vault" / "receipt.key",
                          folder_.path() / "vault" / "old.key");
  const testing::Driven driven =
      testing::run_driver(fault, {"--drive", folder_.path(), to_string(id)});
  ASSERT_TRUE(driven.killed) << "the fault point was not reached: " << driven.status;
  EXPECT_FALSE(driven.wrote) << "a receipt was given out before the process died";
  const bool entered = fault == "vault_process.after_receipt_entry";
  EXPECT_EQ(entries_of("receipt.issue", "ok"), entered ? 1 : 0);
  start();
  const auto keys = receipts::parse_key_set(*client_.receipt_keys());
  ASSERT_TRUE(keys);
  EXPECT_EQ(keys->size(), 2U) << "the old key and the one that was made, once each";
  const auto receipt = client_.receipt({"default", "person:7", "auditor"}, id);
  ASSERT_TRUE(receipt) << receipt.error().message;
  const std::string log_key(as_text(*read_file(folder_.path() / "audit" / "vkey", 1024)));
  EXPECT_TRUE(receipts::verify(*receipt, {keys->front()}, log_key));
}

INSTANTIATE_TEST_SUITE_P(
    EveryStep,
    ReceiptsCrashTest,
    ::testing::Values("vault_process.after_receipt_key",
                      "vault_process.after_receipt_keys",
                      "vault_process.after_receipt_entry"),
    [](const auto& step) {
      return std::string(step.param).substr(std::string("vault_process.").size());
    });

}  // namespace
}  // namespace tutela::vault_process

int main(int argc, char** argv) {
  return tutela::testing::drive_or_test(&tutela::vault_process::drive, argc, argv);
}
