#include "casework/cases/cases_fixture.hpp"

namespace tutela::cases {
namespace {

class WithdrawTest : public CasesTest {};

TEST_F(WithdrawTest, TheLastContentClosesTheCaseAsCleared) {
  const Finding found = finding("acc-1");
  const Uuid id = add(found);
  ASSERT_TRUE(cases_->lock(ann_, id, false));
  ASSERT_TRUE(cases_->save_draft(ann_, id, "half a sentence"));
  withdraw(found.content_id);
  const Case of = get(id);
  EXPECT_EQ(of.state, State::kClosed);
  EXPECT_EQ(of.outcome, Outcome::kCleared);
  EXPECT_EQ(of.closed_ms, clock_.now_ms());
  EXPECT_FALSE(of.lock_by);
  EXPECT_EQ(events(id), "opened locked withdrawn closed");
  EXPECT_EQ(text("SELECT COUNT(*) FROM case_draft"), "0|");
  EXPECT_EQ(text("SELECT action FROM audit ORDER BY id DESC LIMIT 2"), "case.close|case.withdraw|");
}

TEST_F(WithdrawTest, AnotherContentKeepsTheCaseOpenWithWhatIsLeft) {
  Finding severe = finding("acc-1");
  severe.classification = "A1";
  const Uuid id = add(severe);
  Finding exact = finding("acc-1");
  exact.exact = exact.trusted = true;
  add(exact);
  withdraw(severe.content_id);
  const Case of = get(id);
  EXPECT_EQ(of.state, State::kOpen);
  EXPECT_EQ(of.items, 1);
  EXPECT_EQ(of.severity, 2);
  EXPECT_FALSE(of.needs_view);
  EXPECT_EQ(of.rank_ms, of.opened_ms - 48 * kHour);
}

TEST_F(WithdrawTest, WhatAUserReportedStaysWithoutItsMatch) {
  Finding found = finding("acc-1");
  found.origin = Origin::kUserReport;
  const Uuid id = add(found);
  withdraw(found.content_id);
  EXPECT_EQ(get(id).state, State::kOpen);
  EXPECT_EQ(get(id).severity, 0);
  EXPECT_EQ(whole(id).items.at(0).list, "");
}

TEST_F(WithdrawTest, WhereSomebodyHasDecidedItIsToldAndTakesNothing) {
  const Finding found = finding("acc-1");
  const Uuid id = add(found);
  set_state(id, State::kSecondLook, Outcome::kConfirmed);
  withdraw(found.content_id);
  EXPECT_EQ(get(id).state, State::kSecondLook);
  EXPECT_EQ(whole(id).items.size(), 1U);
  EXPECT_EQ(events(id), "opened withdrawn");
  set_state(id, State::kClosed, Outcome::kConfirmed);
  withdraw(found.content_id);
  EXPECT_EQ(events(id), "opened withdrawn");
}

TEST_F(WithdrawTest, ContentsWithoutACaseAreNoConcern) {
  withdraw(add_content());
  EXPECT_EQ(text("SELECT COUNT(*) FROM case_event"), "0|");
}

TEST_F(WithdrawTest, FoundAgainItGetsACaseAgain) {
  Finding found = finding("acc-1");
  const Uuid first = add(found);
  withdraw(found.content_id);
  const Uuid second = add(found);
  EXPECT_NE(second, first);
  EXPECT_EQ(get(second).state, State::kOpen);
  EXPECT_EQ(add(found), second);
  EXPECT_EQ(events(first), "opened withdrawn closed linked linked found_again");
}

}  // namespace
}  // namespace tutela::cases
