#include "custody/opening/opening.hpp"

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
using OpeningTest = testing::OpeningTest;

TEST_F(OpeningTest, AViewIsAnEntryAndARow) {
  const auto seen =
      opening_.view(person("a"), evidence_, "C-1", Purpose::kAppeal, Grade::kOutline, 7);
  ASSERT_TRUE(seen) << seen.error().message;
  EXPECT_EQ(seen->entry.object(), "evidence:" + to_string(evidence_));
  EXPECT_EQ(seen->entry.index(), 0);
  EXPECT_EQ(seen->points, 1);
  EXPECT_EQ(entries(*database_), Lines{"person:a evidence.view evidence appeal ok"});
  const auto views = opening_.views("default", evidence_);
  ASSERT_TRUE(views);
  ASSERT_EQ(views->size(), 1U);
  EXPECT_EQ(views->at(0).principal_id, "person:a");
  EXPECT_EQ(views->at(0).purpose, Purpose::kAppeal);
  EXPECT_EQ(views->at(0).number, seen->number);
  EXPECT_EQ(views->at(0).grade, "outline");
  EXPECT_EQ(views->at(0).frame, 7);
  EXPECT_EQ(views->at(0).at_ms, clock_.now_ms());
  EXPECT_TRUE(opening_.views("other", evidence_)->empty());
}

TEST_F(OpeningTest, WithoutTheRightNobodyViews) {
  Requester reader = person("a");
  reader.may_view = false;
  EXPECT_EQ(view(reader, evidence_), "opening.role");
  for (const std::string principal : {"token:1", "system", "worker:1", "", "person:"}) {
    EXPECT_EQ(view(requester(principal), evidence_), "opening.role") << principal;
  }
  EXPECT_EQ(view(requester("cli:root"), evidence_), "ok");
  EXPECT_EQ(count(*database_, "evidence_view"), 1);
  EXPECT_EQ(count(*database_, "audit WHERE result = 'refused' AND purpose = 'review'"), 6);
}

TEST_F(OpeningTest, TheCaseMustBeThatOfTheObject) {
  const auto wrong = opening_.view(person("a"), evidence_, "C-2", Purpose::kQuality, Grade::kFull);
  EXPECT_EQ(code_of(wrong), "opening.wrong_case");
  EXPECT_EQ(code_of(opening_.view(person("a"), evidence_, "", Purpose::kReview, Grade::kFull)),
            "opening.wrong_case");
  EXPECT_EQ(entries(*database_),
            (Lines{"person:a evidence.view evidence quality refused",
                   "person:a evidence.view evidence review refused"}));
  EXPECT_EQ(count(*database_, "evidence_view"), 0);
}

TEST_F(OpeningTest, WhoSeesOnlyWhatIsAssignedSeesNothingElse) {
  Requester contractor = person("c");
  contractor.assigned_only = true;
  const auto assign = [&](const std::string& tenant,
                          const std::string& ref,
                          const std::string& who) {
    testing::run_sql(*database_,
                     "INSERT INTO case_assignment (tenant_id, principal_id, case_ref, assignee, "
                     "at_ms) VALUES (:tenant_id, 'person:lead', :case_ref, :assignee, 1)",
                     {tenant, ref, who});
  };
  EXPECT_EQ(view(contractor, evidence_), "opening.not_assigned");
  assign("default", "C-1", "person:d");
  assign("default", "C-2", "person:c");
  assign("other", "C-1", "person:c");
  EXPECT_EQ(view(contractor, evidence_), "opening.not_assigned");
  EXPECT_EQ(code_of(opening_.view(contractor, evidence_, "C-2", Purpose::kReview, Grade::kOutline)),
            "opening.not_assigned");
  EXPECT_EQ(code_of(opening_.break_glass(contractor, evidence_, "C-1", "somebody is in danger")),
            "opening.not_assigned");
  EXPECT_EQ(code_of(opening_.allow_viewer(contractor, evidence_, "one more")),
            "opening.not_assigned");
  assign("default", "C-1", "person:c");
  EXPECT_EQ(view(contractor, evidence_), "ok");
}

TEST_F(OpeningTest, AnotherTenantsObjectsAndUnknownOnesAreNotFound) {
  EXPECT_EQ(view(requester("person:a", "other"), evidence_), "evidence.not_found");
  EXPECT_EQ(view(person("a"), new_uuid(1)), "evidence.not_found");
  EXPECT_EQ(code_of(opening_.allow_viewer(requester("person:a", "other"), evidence_, "r")),
            "evidence.not_found");
  EXPECT_EQ(count(*database_, "audit WHERE result = 'refused'"), 3);
}

TEST_F(OpeningTest, WhatIsBeingDestroyedOpensForNobody) {
  for (const std::string state : {"kept", "held", "due", "destroying", "destroyed", "nonsense"}) {
    const Uuid id = testing::add_evidence(*database_, "default", "C-1", state);
    const bool there = state == "kept" || state == "held" || state == "due";
    const std::string expected = there ? "ok" : "evidence.destroyed";
    EXPECT_EQ(view(person("a"), id), expected) << state;
    EXPECT_EQ(code_of(opening_.break_glass(person("a"), id, "C-1", "danger to life")), expected);
    EXPECT_EQ(code_of(opening_.allow_viewer(person("a"), id, "r")), expected);
  }
}

TEST_F(OpeningTest, TheCapCountsPeopleAndNotViews) {
  EXPECT_EQ(view(person("a"), evidence_), "ok");
  EXPECT_EQ(view(person("a"), evidence_), "ok");
  EXPECT_EQ(view(person("b"), evidence_), "ok");
  EXPECT_EQ(view(person("c"), evidence_), "opening.viewers");
  EXPECT_EQ(view(person("a"), evidence_), "ok");
  clock_.advance(10'000 * kHourMs);  // over the life of the object
  EXPECT_EQ(view(person("c"), evidence_), "opening.viewers");
  const Uuid other = testing::add_evidence(*database_, "default", "C-1");
  EXPECT_EQ(view(person("c"), other), "ok");
  EXPECT_EQ(count(*database_, "evidence_view"), 5);
  EXPECT_EQ(views_in_log(), 5);
}

TEST_F(OpeningTest, ALeadAllowsOneMoreViewerButNotThemself) {
  ASSERT_EQ(view(person("a"), evidence_), "ok");
  ASSERT_EQ(view(person("b"), evidence_), "ok");
  ASSERT_TRUE(opening_.allow_viewer(person("lead"), evidence_, "the appeal needs a third person"));
  EXPECT_EQ(view(person("lead"), evidence_), "opening.viewers");
  EXPECT_EQ(view(person("c"), evidence_), "ok");
  EXPECT_EQ(view(person("d"), evidence_), "opening.viewers");
  ASSERT_TRUE(opening_.allow_viewer(person("lead"), evidence_, "another"));
  ASSERT_TRUE(opening_.allow_viewer(person("other"), evidence_, "for the lead"));
  EXPECT_EQ(view(person("lead"), evidence_), "opening.viewers");  // 3 have seen it, 3 count
  ASSERT_TRUE(opening_.allow_viewer(person("other"), evidence_, "for the lead"));
  EXPECT_EQ(view(person("lead"), evidence_), "ok");
  EXPECT_EQ(count(*database_, "audit WHERE action = 'evidence.allow_viewer' AND result = 'ok'"), 4);
  EXPECT_EQ(count(*database_, "evidence_viewer_allowance WHERE reason LIKE '%third person%'"), 1);
  EXPECT_EQ(count(*database_, "audit WHERE action || purpose || result LIKE '%third%'"), 0);
}

TEST_F(OpeningTest, AllowingNeedsTheRightAReasonAndAnEnd) {
  Requester reviewer = person("a");
  reviewer.may_approve = false;
  EXPECT_EQ(code_of(opening_.allow_viewer(reviewer, evidence_, "r")), "opening.role");
  EXPECT_EQ(code_of(opening_.allow_viewer(requester("token:t"), evidence_, "r")), "opening.role");
  for (const std::string& bad : {std::string(), std::string("  "), std::string(1001, 'x')}) {
    EXPECT_EQ(code_of(opening_.allow_viewer(person("a"), evidence_, bad)), "opening.bad_reason");
  }
  for (int i = 0; i < 20; ++i) {
    EXPECT_TRUE(opening_.allow_viewer(person("a"), evidence_, std::string(1000, 'x')));
  }
  EXPECT_EQ(code_of(opening_.allow_viewer(person("b"), evidence_, "r")),
            "opening.too_many_allowed");
}

TEST_F(OpeningTest, APersonOpensSoMuchAnHourAndNoMore) {
  Opening opening(*database_, control_, budgets_, clock_, {.viewers_max = 2, .views_per_hour = 3});
  const Uuid other = testing::add_evidence(*database_, "default", "C-1");
  const auto look = [&](const Requester& who, const Uuid& id) {
    return code_of(opening.view(who, id, "C-1", Purpose::kReview, Grade::kOutline));
  };
  EXPECT_EQ(look(person("a"), evidence_), "ok");
  clock_.advance(1);
  EXPECT_EQ(look(person("a"), other), "ok");
  EXPECT_EQ(look(person("a"), evidence_), "ok");
  EXPECT_EQ(look(person("a"), evidence_), "opening.too_often");
  EXPECT_EQ(look(person("b"), evidence_), "ok");
  clock_.advance(kHourMs - 2);
  EXPECT_EQ(look(person("a"), evidence_), "opening.too_often");
  clock_.advance(1);  // an hour after the first
  EXPECT_EQ(look(person("a"), evidence_), "ok");
  EXPECT_EQ(look(person("a"), evidence_), "opening.too_often");
}

TEST_F(OpeningTest, AClockThatJumpsGivesNoMoreViewsAndLocksNobodyOut) {
  Opening opening(*database_, control_, budgets_, clock_, {.viewers_max = 2, .views_per_hour = 1});
  const auto look = [&] {
    return code_of(opening.view(person("a"), evidence_, "C-1", Purpose::kReview, Grade::kOutline));
  };
  clock_.advance(100'000 * kHourMs);  // a clock that was wrong for a while
  EXPECT_EQ(look(), "ok");
  clock_.advance(-100'000 * kHourMs);
  EXPECT_EQ(look(), "opening.too_often");
  ASSERT_TRUE(control_.expire_due(0));  // as it does about once a minute
  clock_.advance(kHourMs - 1);
  EXPECT_EQ(look(), "opening.too_often");
  clock_.advance(1);
  EXPECT_EQ(look(), "ok");
}

TEST_F(OpeningTest, ViewsAreListedOldestFirstInBoundedSteps) {
  Opening opening(
      *database_, control_, budgets_, clock_, {.viewers_max = 9, .views_per_hour = 2000});
  for (int i = 0; i < 7; ++i) {
    ASSERT_TRUE(opening.view(
        person(std::to_string(i)), evidence_, "C-1", Purpose::kReview, Grade::kOutline));
  }
  const auto first = opening.views("default", evidence_, 0, 4);
  ASSERT_EQ(first->size(), 4U);
  EXPECT_EQ(first->at(0).principal_id, "person:0");
  const auto rest = opening.views("default", evidence_, first->back().number, 1'000'000);
  ASSERT_EQ(rest->size(), 3U);
  EXPECT_EQ(rest->at(2).principal_id, "person:6");
}

TEST_F(OpeningTest, NoRacePassesTheCapOrTheRate) {
  const auto second = testing::open_database(folder_.path());
  dual_control::DualControl other_control(*second, clock_, {});
  exposure::Budgets other_budgets(*second, clock_, testing::unbounded());
  for (int round = 0; round < 5; ++round) {
    const Uuid id = testing::add_evidence(*database_, "default", "C-1");
    const std::string greedy = "greedy" + std::to_string(round);
    Opening mine(*database_, control_, budgets_, clock_, {.viewers_max = 2, .views_per_hour = 5});
    Opening others(
        *second, other_control, other_budgets, clock_, {.viewers_max = 2, .views_per_hour = 5});
    const Uuid of_greedy = testing::add_evidence(*database_, "default", "C-1");
    std::atomic<int> seen = 0;
    std::atomic<int> of_one = 0;
    testing::all_at_once(16, [&](int i) {
      Opening& opening = i % 2 == 0 ? mine : others;
      const Requester who = person(std::to_string(round) + "-" + std::to_string(i));
      seen += opening.view(who, id, "C-1", Purpose::kReview, Grade::kOutline) ? 1 : 0;
      of_one +=
          opening.view(person(greedy), of_greedy, "C-1", Purpose::kReview, Grade::kOutline) ? 1 : 0;
    });
    EXPECT_EQ(seen, 2);
    EXPECT_EQ(of_one, 5);
    EXPECT_EQ(opening_.views("default", id)->size(), 2U);
  }
  EXPECT_EQ(views_in_log(), count(*database_, "evidence_view"));
  EXPECT_EQ(count(*database_, "audit WHERE action = 'evidence.view'"), 5 * 32);
}

}  // namespace
}  // namespace tutela::opening
