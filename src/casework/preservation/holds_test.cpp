#include <gtest/gtest.h>

#include "casework/preservation/preservation_fixture.hpp"

namespace tutela::preservation {
namespace {

using vault::State;

class HoldsTest : public PreservationTest {};

TEST_F(HoldsTest, NothingUnderAHoldBecomesDueOrIsDestroyedByAnyone) {
  const Uuid id = add();
  tick();
  const Hold held =
      hold({.evidence_id = id, .case_ref = "", .reference = "Az. 12/3", .review_ms = {}});
  EXPECT_EQ(held.owner, "person:lead");
  EXPECT_EQ(held.too_late, 0);
  EXPECT_EQ(state(id), State::kHeld);
  pass_days(400);
  EXPECT_EQ(state(id), State::kHeld);
  EXPECT_EQ(code_of(dispose(id)), "preservation.under_hold");
  EXPECT_EQ(code_of(dispose(id, Ground::kLawEnforcementRequest, "destroy 1")),
            "preservation.under_hold");
  EXPECT_EQ(approvals_.size(), 2U) << "a refusal must not use up the approval";
  EXPECT_EQ(entries("evidence.destroying", "refused"), 2);
  EXPECT_TRUE(gone_.empty());
  ASSERT_TRUE(preservation_->release_hold(legal_, held.id, "Az. 12/3 closed"));
  EXPECT_EQ(state(id), State::kKept);
  tick();
  EXPECT_EQ(state(id), State::kDue);
  const ObjectStatus after = status(id);
  ASSERT_EQ(after.holds.size(), 1U);
  EXPECT_EQ(after.holds[0].released_by, "person:legal");
  EXPECT_EQ(after.holds[0].release_reference, "Az. 12/3 closed");
  EXPECT_EQ(entries("hold.set"), 1);
  EXPECT_EQ(entries("hold.release"), 1);
  EXPECT_EQ(entries("evidence.held"), 1);
}

TEST_F(HoldsTest, AHoldOfACaseCoversItsPresentAndFutureObjects) {
  const Uuid present = add();
  const Uuid other = add("CASE-2");
  tick();
  const Hold held =
      hold({.evidence_id = {}, .case_ref = "CASE-1", .reference = "1", .review_ms = {}});
  const Uuid future = add();
  EXPECT_EQ(code_of(dispose(future, Ground::kLawEnforcementRequest, "9")),
            "preservation.under_hold");
  tick();
  pass_days(120);
  EXPECT_EQ(state(present), State::kHeld);
  EXPECT_EQ(state(future), State::kHeld);
  EXPECT_EQ(state(other), State::kDue);
  ASSERT_TRUE(preservation_->release_hold(lead_, held.id, "2"));
  EXPECT_EQ(state(present), State::kKept);
  EXPECT_EQ(state(future), State::kKept);
}

TEST_F(HoldsTest, EveryHoldMustBeReleased) {
  const Uuid id = add();
  tick();
  const Hold of_object =
      hold({.evidence_id = id, .case_ref = "", .reference = "1", .review_ms = {}});
  const Hold second = hold({.evidence_id = id, .case_ref = "", .reference = "1", .review_ms = {}});
  const Hold of_case =
      hold({.evidence_id = {}, .case_ref = "CASE-1", .reference = "1", .review_ms = {}});
  for (const Hold& each : {of_object, of_case}) {
    ASSERT_TRUE(preservation_->release_hold(lead_, each.id, "over"));
    EXPECT_EQ(state(id), State::kHeld);
  }
  EXPECT_EQ(code_of(preservation_->release_hold(lead_, of_case.id, "over")), "hold.released");
  ASSERT_TRUE(preservation_->release_hold(lead_, second.id, "over"));
  EXPECT_EQ(state(id), State::kKept);
}

TEST_F(HoldsTest, WhatIsDueComesUnderAHold) {
  const Uuid id = add();
  tick();
  pass_days(100);
  ASSERT_EQ(state(id), State::kDue);
  const Hold held = hold({.evidence_id = id, .case_ref = "", .reference = "1", .review_ms = {}});
  EXPECT_EQ(state(id), State::kHeld);
  ASSERT_TRUE(preservation_->release_hold(lead_, held.id, "over"));
  tick();
  EXPECT_EQ(state(id), State::kDue);
}

TEST_F(HoldsTest, AHoldStopsADestructionWhoseKeyIsStillThere) {
  const Uuid id = add();
  tick();
  pass_days(100);
  ASSERT_TRUE(dispose(id));
  ASSERT_EQ(state(id), State::kDestroying);
  const Hold held =
      hold({.evidence_id = {}, .case_ref = "CASE-1", .reference = "1", .review_ms = {}});
  EXPECT_EQ(held.too_late, 0);
  EXPECT_EQ(state(id), State::kHeld);
  EXPECT_EQ(tick().destroyed, 0);
  EXPECT_TRUE(gone_.empty());
  ASSERT_TRUE(preservation_->release_hold(lead_, held.id, "over"));
  tick();
  EXPECT_EQ(state(id), State::kDue) << "two people have to agree again";
  ASSERT_TRUE(dispose(id));
  EXPECT_EQ(tick().destroyed, 1);
}

class BrokenVault : public PreservationTest {
 protected:
  Result<vault::Destroyed> destroy(const Uuid& id) override {
    ++calls_;
    if (broken_) {
      return Error{ErrorKind::kUnavailable, "blobs.unavailable", "the store of blobs is away"};
    }
    return PreservationTest::destroy(id);
  }

  bool broken_ = true;
  int calls_ = 0;
};

TEST_F(BrokenVault, WhereTheKeyMayBeGoneAHoldSaysSoAndNothingMoreIsDestroyed) {
  const Uuid id = add();
  tick();
  pass_days(100);
  ASSERT_TRUE(dispose(id));
  EXPECT_EQ(code_of(preservation_->tick(never)), "blobs.unavailable");
  EXPECT_EQ(state(id), State::kDestroying);
  const Hold held = hold({.evidence_id = id, .case_ref = "", .reference = "1", .review_ms = {}});
  EXPECT_EQ(held.too_late, 1);
  broken_ = false;
  const int before = calls_;
  EXPECT_EQ(tick().destroyed, 0);
  EXPECT_EQ(calls_, before);
  EXPECT_EQ(state(id), State::kDestroying);
  EXPECT_EQ(code_of(preservation_->keep(lead_, id, {BasisKind::kOperatorHold, "a", {}, 5})),
            "evidence.destroying");
  ASSERT_TRUE(preservation_->release_hold(lead_, held.id, "over"));
  EXPECT_EQ(tick().destroyed, 1);
  EXPECT_EQ(state(id), State::kDestroyed);
  EXPECT_EQ(code_of(preservation_->set_hold(lead_, {id, "", "2", {}})), "evidence.destroyed");
}

TEST_F(BrokenVault, OneObjectThatFailsDoesNotStopTheOthers) {
  std::vector<Uuid> ids = {add(), add(), add()};
  tick();
  pass_days(100);
  for (const Uuid& id : ids) {
    ASSERT_TRUE(dispose(id));
  }
  EXPECT_EQ(code_of(preservation_->tick(never)), "blobs.unavailable");
  EXPECT_EQ(calls_, 3);
  broken_ = false;
  EXPECT_EQ(tick().destroyed, 3);
}

TEST_F(HoldsTest, OnlyPeopleSetAndReleaseHolds) {
  const Uuid id = add();
  const Hold held = hold({.evidence_id = id, .case_ref = "", .reference = "1", .review_ms = {}});
  for (const store::Actor& actor : {service_,
                                    store::Actor{"default", "system", "system"},
                                    store::Actor{"default", "", "lead"}}) {
    EXPECT_EQ(code_of(preservation_->set_hold(actor, {id, "", "1", {}})),
              "preservation.not_a_person");
    EXPECT_EQ(code_of(preservation_->release_hold(actor, held.id, "1")),
              "preservation.not_a_person");
  }
  EXPECT_EQ(state(id), State::kHeld);
}

TEST_F(HoldsTest, AHoldIsOfOneObjectOrOneCaseOfTheSameTenant) {
  const Uuid id = add();
  const store::Actor stranger{"other", "person:x", "lead"};
  EXPECT_EQ(code_of(preservation_->set_hold(lead_, {{}, "", "1", {}})), "hold.bad");
  EXPECT_EQ(code_of(preservation_->set_hold(lead_, {id, "CASE-1", "1", {}})), "hold.bad");
  EXPECT_EQ(code_of(preservation_->set_hold(lead_, {{}, "CASE 1", "1", {}})), "hold.bad");
  EXPECT_EQ(code_of(preservation_->set_hold(lead_, {{}, std::string(65, 'a'), "1", {}})),
            "hold.bad");
  EXPECT_EQ(code_of(preservation_->set_hold(lead_, {id, "", "", {}})),
            "preservation.bad_reference");
  EXPECT_EQ(code_of(preservation_->set_hold(lead_, {new_uuid(1), "", "1", {}})),
            "evidence.not_found");
  EXPECT_EQ(code_of(preservation_->set_hold(stranger, {id, "", "1", {}})), "evidence.not_found");
  const Hold held = hold({.evidence_id = id, .case_ref = "", .reference = "1", .review_ms = {}});
  EXPECT_EQ(code_of(preservation_->release_hold(stranger, held.id, "1")), "hold.not_found");
  // A case of the same name elsewhere is another case.
  ASSERT_TRUE(preservation_->set_hold(stranger, {{}, "CASE-1", "1", {}}));
  ASSERT_TRUE(preservation_->release_hold(lead_, held.id, "over"));
  EXPECT_EQ(state(id), State::kKept);
}

TEST_F(HoldsTest, HoldsAreListedInTheOrderOfTheirReviews) {
  const UtcMs now = clock_.now_ms();
  hold({.evidence_id = {}, .case_ref = "A", .reference = "1", .review_ms = {}});
  hold({.evidence_id = {}, .case_ref = "B", .reference = "1", .review_ms = now + 9 * kTestDay});
  const Hold soon =
      hold({.evidence_id = {}, .case_ref = "C", .reference = "1", .review_ms = now - 1});
  const auto all = preservation_->holds("default", 1000);
  ASSERT_TRUE(all);
  ASSERT_EQ(all->size(), 3U);
  EXPECT_EQ((*all)[0].case_ref, "C");
  EXPECT_EQ((*all)[1].case_ref, "B");
  EXPECT_EQ((*all)[2].case_ref, "A");
  EXPECT_EQ(preservation_->holds("default", 1)->size(), 1U);
  EXPECT_TRUE(preservation_->holds("other", 10)->empty());
  EXPECT_EQ(preservation_->counts()->holds, 3);
  EXPECT_EQ(preservation_->counts()->holds_overdue, 1);
  ASSERT_TRUE(preservation_->release_hold(lead_, soon.id, "over"));
  EXPECT_EQ(preservation_->counts()->holds_overdue, 0);
}

}  // namespace
}  // namespace tutela::preservation
