// The original: two people, and the caps of every view.
#include <atomic>

#include "support/openings.hpp"

namespace tutela::opening {
namespace {

using testing::code_of;
using testing::count;
using testing::entries;
using testing::kHourMs;
using testing::person;
using testing::requester;
using Lines = std::vector<std::string>;

class OriginalTest : public testing::OpeningTest {
 protected:
  Uuid asked(const Requester& who, const Uuid& evidence, const std::string& case_ref = "C-1") {
    const auto request = control_.ask(who.actor,
                                      {dual_control::Kind::kOpenOriginal,
                                       "evidence:" + to_string(evidence),
                                       case_ref,
                                       "report",
                                       "the report needs it"});
    EXPECT_TRUE(request) << (request ? "" : request.error().message);
    return request->id;
  }

  Uuid approved(const Requester& who, const Uuid& evidence, const std::string& case_ref = "C-1") {
    const Uuid id = asked(who, evidence, case_ref);
    EXPECT_TRUE(control_.approve(person("approver").actor, id));
    return id;
  }

  dual_control::State state_of(const Uuid& id) { return control_.find("default", id)->state; }
};

TEST_F(OriginalTest, OpensOnceWithAnApprovalAndCountsAsAView) {
  const Uuid id = approved(person("a"), evidence_);
  const auto opened = opening_.original(person("a"), evidence_, id);
  ASSERT_TRUE(opened) << opened.error().message;
  EXPECT_EQ(opened->object(), "evidence:" + to_string(evidence_));
  EXPECT_EQ(opened->index(), 2);
  EXPECT_EQ(state_of(id), dual_control::State::kUsed);
  const auto views = opening_.views("default", evidence_);
  ASSERT_EQ(views->size(), 1U);
  EXPECT_EQ(views->at(0).grade, "original");
  EXPECT_EQ(views->at(0).purpose, Purpose::kReport);
  EXPECT_EQ(code_of(opening_.original(person("a"), evidence_, id)), "request.used");
  EXPECT_EQ(entries(*database_),
            (Lines{"person:a request.ask request report ok",
                   "person:approver request.approve request report ok",
                   "person:a open_original evidence report ok",
                   "person:a open_original evidence report refused"}));
}

TEST_F(OriginalTest, WithoutAnApprovalOfAnotherPersonItStaysShut) {
  const Uuid id = asked(person("a"), evidence_);
  EXPECT_EQ(code_of(opening_.original(person("a"), evidence_, id)), "request.not_approved");
  EXPECT_EQ(code_of(opening_.original(person("a"), evidence_, new_uuid(1))), "request.not_found");
  const Uuid expired = approved(person("a"), evidence_);
  clock_.advance(4 * kHourMs);
  EXPECT_EQ(code_of(opening_.original(person("a"), evidence_, expired)), "request.expired");
  const Uuid other = testing::add_evidence(*database_, "default", "C-1");
  EXPECT_EQ(code_of(opening_.original(person("a"), other, approved(person("a"), evidence_))),
            "request.other_object");
  EXPECT_EQ(code_of(opening_.original(person("b"), evidence_, approved(person("a"), evidence_))),
            "request.other_person");
  EXPECT_EQ(count(*database_, "evidence_view"), 0);
  EXPECT_EQ(count(*database_, "audit WHERE action = 'open_original' AND result = 'refused'"), 5);
}

TEST_F(OriginalTest, ARefusalLeavesTheApprovalUnused) {
  const Uuid id = approved(person("a"), evidence_);
  Requester demoted = person("a");
  demoted.may_open_original = false;
  EXPECT_EQ(code_of(opening_.original(demoted, evidence_, id)), "opening.role");
  Requester unassigned = person("a");
  unassigned.assigned_only = true;
  EXPECT_EQ(code_of(opening_.original(unassigned, evidence_, id)), "opening.not_assigned");
  ASSERT_EQ(view(person("b"), evidence_), "ok");
  ASSERT_EQ(view(person("c"), evidence_), "ok");
  EXPECT_EQ(code_of(opening_.original(person("a"), evidence_, id)), "opening.viewers");
  EXPECT_EQ(state_of(id), dual_control::State::kApproved);
  ASSERT_TRUE(opening_.allow_viewer(person("lead"), evidence_, "one more"));
  EXPECT_EQ(code_of(opening_.original(person("a"), evidence_, id)), "ok");
  EXPECT_EQ(count(*database_, "audit WHERE action = 'open_original' AND result = 'refused'"), 3);
}

TEST_F(OriginalTest, AnApprovalForTheWrongCaseOpensNothing) {
  const Uuid id = approved(person("a"), evidence_, "C-2");
  EXPECT_EQ(code_of(opening_.original(person("a"), evidence_, id)), "opening.wrong_case");
  EXPECT_EQ(state_of(id), dual_control::State::kApproved);
}

TEST_F(OriginalTest, AnObjectOfAnotherTenantOrDestroyedOpensNothing) {
  const Uuid foreign = testing::add_evidence(*database_, "other", "C-1");
  EXPECT_EQ(code_of(opening_.original(person("a"), foreign, approved(person("a"), foreign))),
            "evidence.not_found");
  const Uuid id = approved(person("a"), evidence_);
  testing::run_sql(*database_, "UPDATE evidence SET state = 'destroying'", {});
  EXPECT_EQ(code_of(opening_.original(person("a"), evidence_, id)), "evidence.destroyed");
  EXPECT_EQ(state_of(id), dual_control::State::kApproved);
}

TEST_F(OriginalTest, CountsInTheRateOfItsPerson) {
  Opening opening(*database_, control_, budgets_, clock_, {.viewers_max = 2, .views_per_hour = 1});
  const Uuid id = approved(person("a"), evidence_);
  const Uuid second = approved(person("a"), evidence_);
  EXPECT_EQ(code_of(opening.original(person("a"), evidence_, id)), "ok");
  EXPECT_EQ(code_of(opening.original(person("a"), evidence_, second)), "opening.too_often");
  EXPECT_EQ(code_of(opening.view(person("a"), evidence_, "C-1", Purpose::kReview, Grade::kOutline)),
            "opening.too_often");
}

TEST_F(OriginalTest, OnAOnePersonServerTheEntryIsLoud) {
  dual_control::Rules rules;
  rules.solo = true;
  rules.trustee = "trustee@example.org";
  dual_control::DualControl control(*database_, clock_, rules);
  Opening opening(*database_, control, budgets_, clock_, {});
  const Requester machine = requester("cli:root");
  const auto request = control.ask(machine.actor,
                                   {dual_control::Kind::kOpenOriginal,
                                    "evidence:" + to_string(evidence_),
                                    "C-1",
                                    "legal_request",
                                    "the police asked"});
  ASSERT_TRUE(request) << request.error().message;
  EXPECT_EQ(code_of(opening.original(machine, evidence_, request->id)), "request.not_yet");
  clock_.advance(24 * kHourMs);
  const auto opened = opening.original(machine, evidence_, request->id);
  ASSERT_TRUE(opened) << opened.error().message;
  EXPECT_EQ(count(*database_, "audit WHERE action = 'open_original_solo'"), 1);
  EXPECT_EQ(count(*database_, "outbox WHERE topic = 'trustee.notice'"), 2);
  EXPECT_EQ(opening.views("default", evidence_)->size(), 1U);
}

TEST_F(OriginalTest, OfManyThreadsOneOpens) {
  const auto second = testing::open_database(folder_.path());
  dual_control::DualControl other_control(*second, clock_, {});
  exposure::Budgets other_budgets(*second, clock_, testing::unbounded());
  Opening other(*second, other_control, other_budgets, clock_, {});
  const Uuid id = approved(person("a"), evidence_);
  std::atomic<int> opened = 0;
  testing::all_at_once(16, [&](int i) {
    opened += (i % 2 == 0 ? opening_ : other).original(person("a"), evidence_, id) ? 1 : 0;
  });
  EXPECT_EQ(opened, 1);
  EXPECT_EQ(count(*database_, "evidence_view"), 1);
  EXPECT_EQ(count(*database_, "audit WHERE action = 'open_original' AND result = 'refused'"), 15);
}

}  // namespace
}  // namespace tutela::opening
