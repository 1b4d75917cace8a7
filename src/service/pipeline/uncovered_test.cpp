#include "service/pipeline/uncovered.hpp"

#include <gtest/gtest.h>

#include "support/evidence_rows.hpp"
#include "watch/ledger/test_rows.hpp"

namespace tutela::pipeline {
namespace {

using lists::ChangeKind;
using Positions = std::vector<std::int64_t>;

class UncoveredTest : public ::testing::Test {
 protected:
  void SetUp() override {
    database_ = testing::open_database(folder_.path());
    ASSERT_NE(database_, nullptr);
    lists_ = std::make_unique<lists::Lists>(*database_, clock_, lists::ConsentRules{});
    for (const Uuid& id : {list_, other_}) {
      ASSERT_TRUE(database_->write(
          [&](store::Transaction& transaction) { return testing::add_list(transaction, id); }));
    }
  }

  void change(std::int64_t position, const Uuid& list, const std::string& kind) {
    testing::run_sql(
        *database_,
        "INSERT INTO list_change (id, tenant_id, principal_id, list_id, kind, first_id, last_id, "
        "at_ms) VALUES (:id, 'default', 'system', :list, :kind, 1, 1, 1)",
        {position, to_string(list), kind});
  }

  Rescan rescan(RescanCause cause, std::int64_t after, std::int64_t through) {
    Rescan made;
    made.id = new_uuid(clock_.now_ms());
    made.actor = {.principal_id = "system", .role = "system"};
    made.cause = cause;
    made.list_id = list_;
    made.after_change = after;
    made.through_change = through;
    EXPECT_TRUE(rescans().add({&made, 1}));
    return made;
  }

  void finish(Rescan rescan) {
    rescan.state = RescanState::kDone;
    EXPECT_TRUE(rescans().update(rescan));
  }

  Rescans rescans() { return Rescans(*database_); }

  Positions uncovered() {
    const auto found = uncovered_changes(*lists_, rescans());
    EXPECT_TRUE(found) << (found ? "" : found.error().message);
    Positions positions;
    for (const Uncovered& each : found ? *found : std::vector<Uncovered>{{-1, {}}}) {
      positions.push_back(each.position);
      EXPECT_EQ(each.list_id, each.position == 2 && of_other_ ? other_ : list_);
    }
    return positions;
  }

  bool of_other_ = false;  // the second change
  testing::TemporaryFolder folder_;
  ManualClock clock_{1'900'000'000'000};
  std::unique_ptr<store::Database> database_;
  std::unique_ptr<lists::Lists> lists_;
  const Uuid list_ = new_uuid(1);
  const Uuid other_ = new_uuid(1);
};

TEST_F(UncoveredTest, AChangeIsUncoveredUntilItsRescanHasEnded) {
  EXPECT_EQ(uncovered(), Positions());
  change(1, list_, "activated");
  change(2, list_, "added");
  EXPECT_EQ(uncovered(), (Positions{1, 2})) << "no rescan is planned yet";
  const Rescan grown = rescan(RescanCause::kListGrew, 0, 2);
  EXPECT_EQ(uncovered(), (Positions{1, 2})) << "it runs";
  change(3, list_, "removed");
  EXPECT_EQ(uncovered(), (Positions{1, 2, 3}));
  finish(grown);
  EXPECT_EQ(uncovered(), Positions{3});
  const Rescan withdrawn = rescan(RescanCause::kListWithdrawn, 2, 3);
  EXPECT_EQ(uncovered(), Positions{3});
  finish(withdrawn);
  EXPECT_EQ(uncovered(), Positions());
}

TEST_F(UncoveredTest, ARescanCoversTheChangesOfItsListAndCauseAlone) {
  of_other_ = true;
  change(1, list_, "added");
  change(2, other_, "added");
  change(3, list_, "removed");
  change(4, list_, "added");
  EXPECT_EQ(uncovered(), (Positions{1, 2, 3, 4}));
  rescan(RescanCause::kListGrew, 0, 3);
  EXPECT_EQ(uncovered(), (Positions{1, 4}));
}

TEST_F(UncoveredTest, WhatFindsNothingElseCallsForNoRescan) {
  change(1, list_, "settings");
  EXPECT_EQ(uncovered(), Positions());
  change(2, list_, "deactivated");
  EXPECT_EQ(uncovered(), Positions()) << "it is active again";
  testing::run_sql(
      *database_, "UPDATE list SET state = 'inactive' WHERE id = :id", {to_string(list_)});
  EXPECT_EQ(uncovered(), Positions{2});
  change(3, list_, "added");
  EXPECT_EQ(uncovered(), Positions{2}) << "an inactive list matches nothing";
}

TEST_F(UncoveredTest, ASearchThatSomebodyAskedForCoversNoChange) {
  change(1, list_, "added");
  finish(rescan(RescanCause::kAsked, 0, 1));
  EXPECT_EQ(uncovered(), Positions{1});
}

TEST(CauseFor, SaysWhichRescanAChangeCallsFor) {
  using enum RescanCause;
  EXPECT_EQ(cause_for(ChangeKind::kAdded, true), kListGrew);
  EXPECT_EQ(cause_for(ChangeKind::kAdded, false), std::nullopt);
  EXPECT_EQ(cause_for(ChangeKind::kActivated, true), kListGrew);
  EXPECT_EQ(cause_for(ChangeKind::kActivated, false), std::nullopt);
  EXPECT_EQ(cause_for(ChangeKind::kRemoved, true), kListWithdrawn);
  EXPECT_EQ(cause_for(ChangeKind::kRemoved, false), kListWithdrawn);
  EXPECT_EQ(cause_for(ChangeKind::kDeactivated, true), std::nullopt);
  EXPECT_EQ(cause_for(ChangeKind::kDeactivated, false), kListWithdrawn);
  EXPECT_EQ(cause_for(ChangeKind::kSettings, true), std::nullopt);
}

}  // namespace
}  // namespace tutela::pipeline
