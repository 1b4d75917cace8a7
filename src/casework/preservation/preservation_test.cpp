#include "casework/preservation/preservation.hpp"

#include <gtest/gtest.h>

#include "casework/preservation/preservation_fixture.hpp"

namespace tutela::preservation {
namespace {

using vault::State;

TEST_F(PreservationTest, WhatWasFoundIsKeptPendingFromTheFirstTickOn) {
  const Uuid id = add();
  EXPECT_FALSE(status(id).item.due_ms);
  EXPECT_EQ(tick().adopted, 1);
  EXPECT_EQ(tick().adopted, 0);
  const ObjectStatus kept = status(id);
  EXPECT_EQ(kept.item.state, State::kKept);
  ASSERT_EQ(kept.bases.size(), 1U);
  EXPECT_EQ(kept.bases[0].kind, BasisKind::kPending);
  EXPECT_EQ(kept.bases[0].start_ms, time_of("2026-11-22T10:00:00Z"));
  EXPECT_EQ(kept.item.due_ms, time_of("2027-02-22T00:00:00Z"));
  EXPECT_EQ(entries("preservation.keep"), 1);
}

TEST_F(PreservationTest, ACompletedReportKeepsTheWholeCaseForAYear) {
  const Uuid first = add();
  tick();
  const Uuid second = add();  // no tick has seen it yet
  const Uuid other = add("CASE-2");
  const UtcMs completed = clock_.now_ms() - 3'600'000;
  EXPECT_EQ(*preservation_->on_case_report_completed(service_, "CASE-1", {completed, "4564654"}),
            2);
  for (const Uuid& id : {first, second}) {
    EXPECT_EQ(status(id).item.due_ms, time_of("2027-11-24T00:00:00Z"));
    EXPECT_EQ(status(id).bases.size(), 2U);
    EXPECT_EQ(status(id).bases[0].reference, "4564654");
    EXPECT_EQ(status(id).bases[0].start_ms, completed);
  }
  EXPECT_FALSE(status(other).item.due_ms);
  // The same receipt again starts nothing, another one does.
  EXPECT_EQ(*preservation_->on_case_report_completed(service_, "CASE-1", {completed, "4564654"}),
            0);
  EXPECT_EQ(*preservation_->on_case_report_completed(service_, "CASE-1", {completed, "5"}), 2);
}

TEST_F(PreservationTest, ASimulatedReceiptStartsNoClock) {
  const Uuid id = add();
  tick();
  const auto due = status(id).item.due_ms;
  EXPECT_EQ(*preservation_->on_case_report_completed(
                service_, "CASE-1", {clock_.now_ms(), "exttest-1", true}),
            0);
  EXPECT_EQ(status(id).item.due_ms, due);
  EXPECT_EQ(status(id).bases.size(), 1U);
  EXPECT_EQ(entries("preservation.report", "simulated"), 1);
}

class ShortRules : public PreservationTest {
 protected:
  ShortRules() : PreservationTest({.report_days = 1, .pending_days = 1}) {}
};

TEST_F(ShortRules, NoRuleMakesTheYearAfterAReportShorter) {
  const Uuid id = add();
  ASSERT_TRUE(preservation_->on_case_report_completed(service_, "CASE-1", {clock_.now_ms(), "1"}));
  EXPECT_EQ(status(id).item.due_ms, time_of("2027-11-24T00:00:00Z"));
  ASSERT_TRUE(preservation_->keep(
      lead_, id, {.kind = BasisKind::kReport, .reference = "by hand", .start_ms = {}, .days = 1}));
  EXPECT_EQ(status(id).bases[0].end_ms, time_of("2027-11-24T00:00:00Z"));
}

TEST_F(PreservationTest, TheLatestEndOfAllBasesCounts) {
  const Uuid id = add();
  const NewBasis agency{
      .kind = BasisKind::kLawEnforcement, .reference = "2703(f) 17", .start_ms = {}, .days = 180};
  ASSERT_TRUE(preservation_->keep(legal_, id, agency));
  EXPECT_EQ(status(id).item.due_ms, time_of("2027-05-23T00:00:00Z"));
  EXPECT_EQ(status(id).bases.size(), 2U) << "its pending basis must not get lost";
  NewBasis shorter = agency;
  shorter.reference = "2703(f) 18";
  shorter.days = 10;
  ASSERT_TRUE(preservation_->keep(legal_, id, shorter));
  EXPECT_EQ(status(id).item.due_ms, time_of("2027-05-23T00:00:00Z"));
  EXPECT_EQ(code_of(preservation_->keep(legal_, id, agency)), "basis.exists");
}

TEST_F(PreservationTest, ExtensionsOnlyLengthen) {
  const Uuid id = add();
  const auto basis = preservation_->keep(
      legal_,
      id,
      {.kind = BasisKind::kLawEnforcement, .reference = "17", .start_ms = {}, .days = 100});
  ASSERT_TRUE(basis);
  const UtcMs end = time_of("2027-03-04T00:00:00Z");
  ASSERT_EQ(status(id).item.due_ms, end);
  for (const char* until : {"2027-03-02", "2027-03-01", "2026-11-22", "2001-01-01"}) {
    EXPECT_EQ(code_of(preservation_->extend(legal_, id, *basis, time_of(until), "18")),
              "basis.shorter")
        << until;
  }
  EXPECT_EQ(code_of(preservation_->extend(legal_, id, *basis, time_of("2027-03-03"), "")),
            "preservation.bad_reference");
  EXPECT_EQ(code_of(preservation_->extend(legal_, id, *basis + 7, time_of("2027-03-03"), "18")),
            "basis.not_found");
  EXPECT_EQ(code_of(preservation_->extend(legal_, id, *basis, time_of("2200-01-01"), "18")),
            "preservation.bad_time");
  EXPECT_EQ(status(id).item.due_ms, end);
  ASSERT_TRUE(preservation_->extend(legal_, id, *basis, time_of("2027-03-03"), "18"));
  EXPECT_EQ(status(id).item.due_ms, time_of("2027-03-05T00:00:00Z"));
  EXPECT_EQ(status(id).events[0].what, "preservation.extend");
  EXPECT_EQ(status(id).events[0].reference, "18");
  EXPECT_EQ(entries("preservation.extend"), 1);
}

TEST_F(PreservationTest, WhatIsNoLineOrNoTimeIsRefused) {
  const Uuid id = add();
  const std::string too_long(129, 'a');
  for (const std::string& reference :
       {std::string(), std::string(" a"), std::string("a\nb"), std::string("\xC3\xA4"), too_long}) {
    EXPECT_EQ(code_of(preservation_->keep(lead_, id, {BasisKind::kOperatorHold, reference, {}, 1})),
              "preservation.bad_reference");
  }
  EXPECT_EQ(code_of(preservation_->keep(lead_, id, {BasisKind::kOperatorHold, "a", {}, 0})),
            "preservation.bad_time");
  EXPECT_EQ(code_of(preservation_->keep(lead_, id, {BasisKind::kOperatorHold, "a", {}, 36'526})),
            "preservation.bad_time");
  EXPECT_EQ(code_of(preservation_->keep(
                lead_, id, {BasisKind::kOperatorHold, "a", clock_.now_ms() + 2 * kTestDay, 1})),
            "preservation.bad_time");
  EXPECT_EQ(code_of(preservation_->keep(lead_, id, {BasisKind::kOperatorHold, "a", 0, 1})),
            "preservation.bad_time");
  EXPECT_EQ(
      code_of(preservation_->keep(lead_, new_uuid(1), {BasisKind::kOperatorHold, "a", {}, 1})),
      "evidence.not_found");
  const store::Actor stranger{"other", "person:x", "lead"};
  EXPECT_EQ(code_of(preservation_->keep(stranger, id, {BasisKind::kOperatorHold, "a", {}, 1})),
            "evidence.not_found");
  EXPECT_EQ(code_of(preservation_->status("other", id)), "evidence.not_found");
  EXPECT_TRUE(status(id).bases.empty());
}

TEST_F(PreservationTest, WhatIsDueComesBackWhenItIsKeptLonger) {
  const Uuid id = add();
  tick();
  pass_days(92);
  ASSERT_EQ(state(id), State::kDue);
  ASSERT_TRUE(preservation_->extend(
      lead_, id, status(id).bases[0].id, clock_.now_ms() + 10 * kTestDay, "still needed"));
  EXPECT_EQ(state(id), State::kKept);
  EXPECT_EQ(entries("evidence.kept"), 1);
  pass_days(13);
  EXPECT_EQ(state(id), State::kDue);
}

TEST_F(PreservationTest, ListsAreInTheOrderOfTheirEndsAndBounded) {
  std::vector<Uuid> ids;
  for (std::uint32_t i = 0; i < 5; ++i) {
    ids.push_back(add());
    ASSERT_TRUE(preservation_->keep(
        lead_, ids[i], {BasisKind::kOperatorHold, "a", {}, 200 - 10 * (i % 3)}));
  }
  add_evidence(*database_, clock_.now_ms(), "CASE-1", "other");
  tick();
  std::vector<Uuid> seen;
  std::optional<Cursor> after;
  while (true) {
    const auto page = preservation_->list("default", State::kKept, after, 2);
    ASSERT_TRUE(page);
    if (page->empty()) {
      break;
    }
    ASSERT_LE(page->size(), 2U);
    for (const Item& item : *page) {
      seen.push_back(item.id);
    }
    after = Cursor{*page->back().due_ms, page->back().id};
  }
  EXPECT_EQ(seen, (std::vector<Uuid>{ids[2], ids[1], ids[4], ids[0], ids[3]}));
  EXPECT_EQ(preservation_->counts()->kept, 6);
  EXPECT_TRUE(preservation_->list("default", State::kDue, {}, 1000)->empty());
}

TEST_F(PreservationTest, RulesAndNamesOutOfRangeAreRefused) {
  const auto open = [&](Rules rules, const std::string& name) {
    return code_of(Preservation::open(*database_,
                                      clock_,
                                      rules,
                                      Signer{name, crypto::SigningKey(crypto::Key::random())},
                                      {},
                                      {}));
  };
  EXPECT_EQ(open({}, "a"), "");
  EXPECT_EQ(open({}, "a b"), "preservation.bad_rules");
  EXPECT_EQ(open({}, "a+b"), "preservation.bad_rules");
  EXPECT_EQ(open({.report_days = 0}, "a"), "preservation.bad_rules");
  EXPECT_EQ(open({.pending_days = 40'000}, "a"), "preservation.bad_rules");
  EXPECT_EQ(open({.clock_jump_days_max = 0}, "a"), "preservation.bad_rules");
}

TEST_F(PreservationTest, WordsOfBasesReadBack) {
  for (const BasisKind kind : {BasisKind::kPending,
                               BasisKind::kReport,
                               BasisKind::kLawEnforcement,
                               BasisKind::kOperatorHold}) {
    EXPECT_EQ(*parse_basis_kind(to_string(kind)), kind);
  }
  EXPECT_FALSE(parse_basis_kind("Report"));
}

}  // namespace
}  // namespace tutela::preservation
