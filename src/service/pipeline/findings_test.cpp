#include "service/pipeline/findings.hpp"

#include <gtest/gtest.h>

namespace tutela::pipeline {
namespace {

using lists::Purpose;
using policy::Action;
using policy::Strength;
using policy::Verdict;

class FindingsTest : public ::testing::Test {
 protected:
  Uuid add_list(Purpose purpose, std::string classification, bool automation = false) {
    lists::List list;
    list.id = new_uuid(1);
    list.state = lists::State::kActive;
    list.spec.purpose = purpose;
    list.spec.classification = std::move(classification);
    list.spec.automation = automation;
    snapshot_.lists.emplace(list.id, list);
    return list.id;
  }

  void add_match(const Uuid& list, Strength strength, int distance = 0) {
    ledger::MatchRow row;
    row.list_id = list;
    row.signal_id = static_cast<std::int64_t>(outcome_.matches.size()) + 1;
    row.strength = strength;
    row.distance = distance;
    outcome_.matches.push_back(row);
    outcome_.verdict = Verdict::kMatch;
  }

  std::optional<cases::Finding> finding() { return finding_of(snapshot_, id_, outcome_); }

  /// The signal of the match that the finding rests on.
  std::int64_t chosen() { return finding() ? finding()->signal_id : -1; }

  Snapshot snapshot_;
  ledger::Outcome outcome_;
  const Uuid id_ = new_uuid(2);
};

TEST_F(FindingsTest, AnExactMatchOnAVettedListIsTrusted) {
  const Uuid list = add_list(Purpose::kKnownCsam, "A1", true);
  add_match(list, Strength::kExact);
  const auto found = finding();
  ASSERT_TRUE(found);
  EXPECT_EQ(found->content_id, id_);
  EXPECT_EQ(found->origin, cases::Origin::kMatch);
  EXPECT_EQ(found->list_id, list);
  EXPECT_EQ(found->classification, "A1");
  EXPECT_EQ(found->list_purpose, "known_csam");
  EXPECT_TRUE(found->exact && found->trusted && found->automation);
}

TEST_F(FindingsTest, ANearMatchIsNeverTrustedAndNeverAutomatic) {
  add_match(add_list(Purpose::kKnownCsam, "A1", true), Strength::kNear);
  ASSERT_TRUE(finding());
  EXPECT_FALSE(finding()->exact || finding()->trusted || finding()->automation);
}

TEST_F(FindingsTest, ASelfReportedSignalIsNeverTrusted) {
  add_match(add_list(Purpose::kSelfReported, "self_reported", true), Strength::kExact);
  ASSERT_TRUE(finding());
  EXPECT_TRUE(finding()->exact);
  EXPECT_FALSE(finding()->trusted || finding()->automation);
}

TEST_F(FindingsTest, AListThatIsNotActiveIsNotTrusted) {
  const Uuid list = add_list(Purpose::kKnownCsam, "A1");
  snapshot_.lists.at(list).state = lists::State::kInactive;
  add_match(list, Strength::kExact);
  ASSERT_TRUE(finding());
  EXPECT_FALSE(finding()->trusted);
}

TEST_F(FindingsTest, OfSeveralMatchesTheHeaviestCounts) {
  const Uuid reported = add_list(Purpose::kSelfReported, "self_reported");
  const Uuid mild = add_list(Purpose::kKnownCsam, "B2");
  const Uuid severe = add_list(Purpose::kKnownCsam, "A1");
  const Uuid trial = add_list(Purpose::kTest, "A1");
  add_match(reported, Strength::kExact);
  EXPECT_EQ(chosen(), 1);
  add_match(trial, Strength::kNear, 3);
  EXPECT_EQ(chosen(), 2) << "what is self-reported never hides anything else";
  add_match(trial, Strength::kExact);
  EXPECT_EQ(chosen(), 3);
  add_match(mild, Strength::kNear, 20);
  EXPECT_EQ(chosen(), 4) << "known material before tests";
  add_match(mild, Strength::kNear, 10);
  EXPECT_EQ(chosen(), 5) << "the nearer one";
  add_match(severe, Strength::kNear, 30);
  EXPECT_EQ(chosen(), 6) << "the more severe one";
  add_match(mild, Strength::kExact);
  EXPECT_EQ(chosen(), 7) << "exact before near";
  add_match(severe, Strength::kExact);
  EXPECT_EQ(chosen(), 8);
}

TEST_F(FindingsTest, WhatOnlyLooksLikeACanaryIsAFindingAndHidesNoOther) {
  add_match(add_list(Purpose::kCanary, "test"), Strength::kExact);
  ASSERT_TRUE(finding());
  EXPECT_EQ(finding()->list_purpose, "canary");
  EXPECT_FALSE(finding()->trusted || finding()->automation);
  add_match(add_list(Purpose::kSelfReported, "self_reported"), Strength::kNear);
  EXPECT_EQ(chosen(), 2);
}

TEST_F(FindingsTest, WhatPolicyHoldsForAPersonIsAFindingWithoutAMatch) {
  struct Row {
    Verdict verdict;
    Action action;
    bool found;
  };

  for (const Row& row : {Row{Verdict::kUnscannable, Action::kHold, true},
                         Row{Verdict::kUnscannable, Action::kPass, false},
                         Row{Verdict::kUnscannable, Action::kCase, true},
                         Row{Verdict::kNoMatch, Action::kPass, false},
                         Row{Verdict::kNoMatch, Action::kHold, false},
                         Row{Verdict::kNoMatch, Action::kQuarantine, true},
                         Row{Verdict::kNoMatch, Action::kCase, true}}) {
    outcome_.verdict = row.verdict;
    outcome_.decision.action = row.action;
    EXPECT_EQ(finding().has_value(), row.found)
        << policy::to_string(row.verdict) << " " << policy::to_string(row.action);
    if (row.found) {
      EXPECT_EQ(finding()->origin, cases::Origin::kHeld);
      EXPECT_FALSE(finding()->list_id);
      EXPECT_FALSE(finding()->trusted);
    }
  }
}

}  // namespace
}  // namespace tutela::pipeline
