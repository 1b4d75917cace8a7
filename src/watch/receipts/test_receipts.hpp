// ReceiptsTest: a database with lists, judged items and a signed audit log, and keys that tests
// choose.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "crypto/digest.hpp"
#include "custody/audit/sequencer.hpp"
#include "exchange/lists/lists.hpp"
#include "support/evidence_rows.hpp"
#include "watch/ledger/ledger.hpp"
#include "watch/receipts/receipts.hpp"

namespace tutela::receipts {

inline constexpr UtcMs kNow = 1'795'319'553'120;

[[nodiscard]] inline crypto::SigningKey key_of(std::uint8_t seed) {
  return crypto::SigningKey(*crypto::Key::from_bytes(Bytes(32, std::byte{seed})));
}

class ReceiptsTest : public ::testing::Test {
 protected:
  void SetUp() override {
    database_ = testing::open_database(folder_.path());
    ASSERT_NE(database_, nullptr);
    log_ = audit::LogOptions::in(folder_.path());
    log_.origin = "example.org/audit";
    ledger_ = std::make_unique<ledger::Ledger>(*database_, clock_, "instance");
    lists_ = std::make_unique<lists::Lists>(*database_, clock_, lists::ConsentRules{});
  }

  template <class T>
  static std::string code(const Result<T>& result) {
    return testing::code_of(result);
  }

  /// A test list that is active, with as many signals.
  lists::List active_list(const std::string& name, int signals = 1) {
    lists::NewList spec;
    spec.name = name;
    spec.source = "own";
    spec.provenance = "made for a test";
    spec.classification = "test";
    spec.purpose = lists::Purpose::kTest;
    const auto list = lists_->create(actor_, spec);
    EXPECT_TRUE(list) << list.error().message;
    import(list->id, signals);
    const auto version = lists_->get(actor_, name)->version;
    EXPECT_TRUE(lists_->record_dry_run(actor_, list->id, {.list_version = version}));
    EXPECT_TRUE(lists_->activate(actor_, list->id));
    return *lists_->get(actor_, name);
  }

  void import(const Uuid& list, int signals) {
    std::string text;
    for (int i = 0; i < signals; ++i) {
      text += to_hex(crypto::sha256_of(as_bytes(std::to_string(next_value_++)))) + "\n";
    }
    lists::ImportReport report;
    const Status done = lists_->import_signals(actor_, list, text, {}, report);
    EXPECT_TRUE(done) << done.error().message;
  }

  /// An item that has arrived.
  Uuid owed() {
    clock_.advance(1000);
    ledger::Arrival arrival;
    arrival.id = new_uuid(clock_.now_ms());
    arrival.door = "http";
    arrival.size_bytes = 3;
    arrival.digests = crypto::digests_of(as_bytes("item " + to_string(arrival.id)));
    arrival.received_ms = clock_.now_ms();
    const auto added = ledger_->add_owed(actor_, arrival);
    EXPECT_TRUE(added) << added.error().message;
    return arrival.id;
  }

  static ledger::Outcome outcome(policy::Verdict verdict, std::int64_t position) {
    ledger::Outcome outcome;
    outcome.verdict = verdict;
    outcome.decision.policy_version = "1-5f2a9c01";
    outcome.lists_position = position;
    return outcome;
  }

  Uuid judged(policy::Verdict verdict = policy::Verdict::kNoMatch) {
    const Uuid id = owed();
    clock_.advance(120);
    const Status done = ledger_->decide(actor_, id, outcome(verdict, *lists_->position()));
    EXPECT_TRUE(done) << done.error().message;
    return id;
  }

  void sign_log() {
    auto sequencer = audit::Sequencer::open(log_, *database_);
    ASSERT_TRUE(sequencer) << sequencer.error().message;
    ASSERT_TRUE((*sequencer)->follow({}));
  }

  Result<Statement> state(const Uuid& id, const std::string& tenant = "default") {
    return statement_of(*database_, log_, tenant, id, clock_.now_ms());
  }

  std::string log_key() { return std::string(as_text(*read_file(log_.folder / "vkey", 1024))); }

  testing::TemporaryFolder folder_;
  ManualClock clock_{kNow};
  audit::LogOptions log_;
  std::unique_ptr<store::Database> database_;
  std::unique_ptr<ledger::Ledger> ledger_;
  std::unique_ptr<lists::Lists> lists_;
  const store::Actor actor_{"default", "token:1", "service"};
  int next_value_ = 0;
};

}  // namespace tutela::receipts
