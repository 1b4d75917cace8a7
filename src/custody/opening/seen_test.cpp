// Step by step through the grades, budgets at the door, and what a report says of it all.
#include <atomic>

#include "support/openings.hpp"

namespace tutela::opening {
namespace {

using testing::code_of;
using testing::count;
using testing::kHourMs;
using testing::person;
using testing::walk_up_to;

constexpr Grade kGrades[] = {
    Grade::kOutline, Grade::kMosaic, Grade::kGreyBlurred, Grade::kGreySmall, Grade::kFull};

class SeenTest : public testing::OpeningTest {
 protected:
  std::string look(const Requester& who, Grade grade, std::int64_t frame = 0) {
    return code_of(opening_.view(who, evidence_, "C-1", Purpose::kReview, grade, frame));
  }

  /// The grades up to this one, given out.
  void show(const Requester& who, Grade grade, std::int64_t frame = 0) {
    walk_up_to(opening_, who, evidence_, grade);
    const auto seen = opening_.view(who, evidence_, "C-1", Purpose::kReview, grade, frame);
    ASSERT_TRUE(seen) << seen.error().message;
    ASSERT_TRUE(opening_.shown(who.actor, seen->number));
  }

  Viewed viewed() { return *opening_.viewed("default", evidence_); }

  void is_of_content(std::int64_t frames, int damaged = 0) {
    const std::string id = to_string(new_uuid(1));
    testing::run_sql(*database_,
                     "INSERT INTO content (id, tenant_id, principal_id, door, source, size_bytes, "
                     "md5, sha1, sha256, received_ms, instance_id, attempts, verdict, spooled, "
                     "frames_total, damaged) VALUES (:id, 'default', 'token:1', 'public', 'api', "
                     "1, '', '', '', 1, '', 0, 'match', 0, :frames, :damaged)",
                     {id, frames, std::int64_t{damaged}});
    testing::run_sql(*database_, "UPDATE evidence SET content_id = :id", {id});
  }
};

TEST_F(SeenTest, EverybodyStartsFromTheLeastAndGoesStepByStep) {
  const Requester who = person("a");
  for (const Grade grade : kGrades) {
    for (const Grade skipped : kGrades) {
      if (skipped > grade) {
        EXPECT_EQ(look(who, skipped), "opening.grade_skipped");
      }
    }
    EXPECT_EQ(*opening_.next_grade(who.actor, evidence_), grade);
    EXPECT_EQ(look(who, grade), "ok");
  }
  EXPECT_EQ(*opening_.next_grade(who.actor, evidence_), Grade::kFull);
  EXPECT_EQ(count(*database_, "evidence_view"), 5);
  EXPECT_EQ(count(*database_, "audit WHERE action = 'evidence.view' AND result = 'refused'"), 10);
}

TEST_F(SeenTest, NoPurposeStartsAnywhereElse) {
  for (const Purpose purpose : {Purpose::kReview,
                                Purpose::kQuality,
                                Purpose::kAppeal,
                                Purpose::kReport,
                                Purpose::kLegalRequest,
                                Purpose::kSafety}) {
    const auto seen = opening_.view(person("a"), evidence_, "C-1", purpose, Grade::kFull);
    ASSERT_EQ(code_of(seen), "opening.grade_skipped");
    EXPECT_NE(seen.error().message.find("outline"), std::string::npos);
  }
}

TEST_F(SeenTest, WhatSomebodySawCountsForEverForThemAndThatObjectAlone) {
  walk_up_to(opening_, person("a"), evidence_, Grade::kFull);
  clock_.advance(10'000 * kHourMs);
  EXPECT_EQ(look(person("a"), Grade::kFull), "ok");
  EXPECT_EQ(look(person("a"), Grade::kOutline), "ok");
  EXPECT_EQ(look(person("b"), Grade::kMosaic), "opening.grade_skipped");
  const Uuid other = testing::add_evidence(*database_, "default", "C-1");
  EXPECT_EQ(code_of(opening_.view(person("a"), other, "C-1", Purpose::kReview, Grade::kMosaic)),
            "opening.grade_skipped");
}

TEST_F(SeenTest, WhoOpenedTheOriginalHasSeenAll) {
  ASSERT_TRUE(opening_.break_glass(person("a"), evidence_, "C-1", "somebody is in danger"));
  EXPECT_EQ(look(person("a"), Grade::kFull), "ok");
}

TEST_F(SeenTest, AFrameIsANumberOrTheSheetWhichCostsTwice) {
  const auto view = [&](std::int64_t frame) {
    return opening_.view(person("a"), evidence_, "C-1", Purpose::kReview, Grade::kOutline, frame);
  };
  EXPECT_EQ(view(0)->points, 1);
  EXPECT_EQ(view(kFramesMax)->points, 1);
  EXPECT_EQ(view(kSheet)->points, 2);
  EXPECT_EQ(code_of(view(-2)), "opening.bad_frame");
  EXPECT_EQ(code_of(view(kFramesMax + 1)), "opening.bad_frame");
  EXPECT_EQ(opening_.views("default", evidence_)->at(2).frame, kSheet);
  EXPECT_EQ(testing::texts(*database_, "SELECT SUM(points) FROM evidence_view").at(0), "4");
}

TEST_F(SeenTest, ABudgetThatIsUsedUpStopsViewsAndOriginalsButNoDanger) {
  exposure::Rules rules;
  rules.points_per_shift = 30;
  exposure::Budgets budgets(*database_, clock_, rules);
  Opening opening(*database_, control_, budgets, clock_, {});
  const Requester who = person("a");
  walk_up_to(opening, who, evidence_, Grade::kFull);  // 15 points
  const auto full = [&](Purpose purpose) {
    return opening.view(who, evidence_, "C-1", purpose, Grade::kFull);
  };
  EXPECT_EQ(code_of(full(Purpose::kReview)), "exposure.done");
  const auto request = control_.ask(who.actor,
                                    {dual_control::Kind::kOpenOriginal,
                                     "evidence:" + to_string(evidence_),
                                     "C-1",
                                     "report",
                                     "the report needs it"});
  ASSERT_TRUE(control_.approve(person("b").actor, request->id));
  EXPECT_EQ(code_of(opening.original(who, evidence_, request->id)), "exposure.done");
  EXPECT_EQ(control_.find("default", request->id)->state, dual_control::State::kApproved);
  EXPECT_EQ(full(Purpose::kSafety)->points, 20);
  EXPECT_TRUE(opening.break_glass(who, evidence_, "C-1", "somebody is in danger"));
  const auto state = budgets.state(who.actor);
  EXPECT_EQ(state->level, exposure::Level::kDone);
  EXPECT_EQ(state->points, 55);
  clock_.advance(6 * kHourMs);
  EXPECT_EQ(code_of(opening.original(who, evidence_, request->id)), "request.expired");
  EXPECT_EQ(code_of(full(Purpose::kReview)), "ok");
  EXPECT_EQ(views_in_log(), count(*database_, "evidence_view"));
  EXPECT_EQ(count(*database_, "audit WHERE result = 'refused'"), 3);
}

TEST_F(SeenTest, NoRacePassesABudget) {
  exposure::Rules rules;
  rules.points_per_shift = 7;
  exposure::Budgets budgets(*database_, clock_, rules);
  const auto second = testing::open_database(folder_.path());
  dual_control::DualControl other_control(*second, clock_, {});
  exposure::Budgets other_budgets(*second, clock_, rules);
  Opening mine(*database_, control_, budgets, clock_, {});
  Opening others(*second, other_control, other_budgets, clock_, {});
  std::atomic<int> seen = 0;
  testing::all_at_once(16, [&](int i) {
    Opening& opening = i % 2 == 0 ? mine : others;
    seen += opening.view(person("a"), evidence_, "C-1", Purpose::kReview, Grade::kOutline) ? 1 : 0;
  });
  EXPECT_EQ(seen, 7);
  EXPECT_EQ(budgets.state(person("a").actor)->points, 7);
}

TEST_F(SeenTest, AReportSaysNoUntilSomethingWasAskedFor) {
  EXPECT_EQ(viewed(), Viewed::kNo);
  EXPECT_EQ(look(person("a"), Grade::kFull), "opening.grade_skipped");
  EXPECT_EQ(viewed(), Viewed::kNo);
  EXPECT_EQ(look(person("a"), Grade::kOutline), "ok");
  EXPECT_EQ(viewed(), Viewed::kPartly) << "whether it was shown or not";
  EXPECT_EQ(code_of(opening_.viewed("other", evidence_)), "evidence.not_found");
}

TEST_F(SeenTest, AReportSaysYesOfAPictureThatOnePersonWasShownInFull) {
  is_of_content(1);
  show(person("a"), Grade::kGreySmall);
  EXPECT_EQ(viewed(), Viewed::kPartly);
  ASSERT_EQ(look(person("a"), Grade::kFull), "ok");
  EXPECT_EQ(viewed(), Viewed::kPartly) << "it was recorded, but never given out";
  show(person("b"), Grade::kFull);
  EXPECT_EQ(viewed(), Viewed::kYes);
}

TEST_F(SeenTest, AReportSaysYesOfAVideoOnlyForEveryFrameByOnePerson) {
  is_of_content(3);
  show(person("a"), Grade::kFull, 0);
  show(person("a"), Grade::kFull, 2);
  show(person("b"), Grade::kFull, 1);
  show(person("a"), Grade::kFull, kSheet);
  show(person("a"), Grade::kFull, 7);  // there is none
  show(person("a"), Grade::kGreySmall, 1);
  EXPECT_EQ(viewed(), Viewed::kPartly);
  show(person("a"), Grade::kFull, 1);
  EXPECT_EQ(viewed(), Viewed::kYes);
}

TEST_F(SeenTest, AReportNeverSaysYesOfWhatNobodyCanSeeWhole) {
  show(person("a"), Grade::kFull);
  EXPECT_EQ(viewed(), Viewed::kPartly) << "a PNG of which nobody knows how many frames it has";
  is_of_content(1, 1);
  EXPECT_EQ(viewed(), Viewed::kPartly) << "a damaged one";
  testing::run_sql(
      *database_, "UPDATE evidence SET content_id = NULL, media_type = 'image/jpeg'", {});
  EXPECT_EQ(viewed(), Viewed::kYes) << "a JPEG has one";
}

TEST_F(SeenTest, AnOriginalThatWasOpenedIsPartly) {
  is_of_content(1);
  ASSERT_TRUE(opening_.break_glass(person("a"), evidence_, "C-1", "somebody is in danger"));
  EXPECT_EQ(viewed(), Viewed::kPartly);
}

TEST_F(SeenTest, NobodySaysOfAnotherThatTheyWereShownSomething) {
  is_of_content(1);
  walk_up_to(opening_, person("a"), evidence_, Grade::kFull);
  const auto seen = opening_.view(person("a"), evidence_, "C-1", Purpose::kReview, Grade::kFull);
  ASSERT_TRUE(opening_.shown(person("b").actor, seen->number));
  EXPECT_EQ(viewed(), Viewed::kPartly);
}

TEST(Viewed, HasTheWordsOfReports) {
  EXPECT_EQ(to_string(Viewed::kNo), "no");
  EXPECT_EQ(to_string(Viewed::kPartly), "partly");
  EXPECT_EQ(to_string(Viewed::kYes), "yes");
}

// Where a content moved to another case, and in samples of the case, its object is shown too.
TEST_F(SeenTest, TheCaseMayBeOneThatShowsTheSameContent) {
  const auto add_case = [&](const std::string& id) {
    testing::run_sql(*database_,
                     "INSERT INTO review_case (id, tenant_id, principal_id, version, queue, state, "
                     "origin, severity, marks, spread, reports, items, needs_view, rank_ms, "
                     "opened_ms, first_look_due_ms, decision_due_ms) VALUES (:id, 'default', "
                     "'system', 1, 'standard', 'open', 'match', 0, '', 1, 0, 1, 1, 0, 0, 0, 0)",
                     {id});
  };
  for (const std::string id : {"C-2", "C-3", "C-4"}) {
    add_case(id);
  }
  is_of_content(1);
  const std::string content = testing::texts(*database_, "SELECT content_id FROM evidence").at(0);
  testing::run_sql(*database_,
                   "INSERT INTO case_item (content_id, tenant_id, principal_id, case_id, origin, "
                   "exact, classification, at_ms) VALUES (:content, 'default', 'system', 'C-2', "
                   "'match', 0, '', 0)",
                   {content});
  testing::run_sql(*database_,
                   "INSERT INTO case_sample (case_id, tenant_id, principal_id, kind, of_case, "
                   "outcome, classification, at_ms) VALUES ('C-3', 'default', 'system', 'known', "
                   "'C-2', 'confirmed', '', :at_ms)",
                   {std::int64_t{0}});
  const auto code_in = [&](std::string_view case_ref) {
    return code_of(
        opening_.view(person("a"), evidence_, case_ref, Purpose::kReview, Grade::kOutline));
  };
  EXPECT_EQ(code_in("C-2"), "ok");
  EXPECT_EQ(code_in("C-3"), "ok");
  EXPECT_EQ(code_in("C-4"), "opening.wrong_case");

  // Who sees only what is assigned knows of the object by each of these cases, and by no other.
  const auto known = [&](const Requester& who) {
    const auto found = opening_.known_case(who, evidence_);
    return found ? *found : std::string(found.error().code);
  };
  Requester contractor = person("c");
  contractor.assigned_only = true;
  const auto look = [&](const std::string& case_ref) {
    return code_of(
        opening_.view(contractor, evidence_, case_ref, Purpose::kReview, Grade::kOutline));
  };
  EXPECT_EQ(known(person("a")), "C-1");
  EXPECT_EQ(known(testing::requester("person:a", "other")), "evidence.not_found");
  for (const std::string id : {"C-4", "C-3", "C-2", "C-1"}) {
    EXPECT_EQ(look(id), "opening.not_assigned");
    testing::run_sql(*database_,
                     "INSERT INTO case_assignment (tenant_id, principal_id, case_ref, assignee, "
                     "at_ms) VALUES ('default', 'person:lead', :case_ref, 'person:c', 1)",
                     {id});
    EXPECT_EQ(look(id), id == "C-4" ? "opening.not_assigned" : "ok");
    EXPECT_EQ(known(contractor) == "evidence.not_found", look(id) != "ok") << id;
  }
  EXPECT_EQ(known(contractor), "C-1") << "the one that it was sealed under comes first";
}

}  // namespace
}  // namespace tutela::opening
