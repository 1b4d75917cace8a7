#include "casework/cases/decisions.hpp"

#include <thread>

#include "casework/cases/decisions_fixture.hpp"

namespace tutela::cases {
namespace {

using Strings = std::vector<std::string>;

TEST_F(DecisionsTest, ANearMatchIsConfirmedByTwoAndTheSecondReadsNothingOfTheFirst) {
  const Uuid id = world_.add();
  Verdict first = World::confirmed();
  first.note = "what the first one thought";
  ASSERT_EQ(code_of(world_.decide(world_.ann_, id, first)), "");
  EXPECT_EQ(world_.read(id).state, State::kSecondLook);
  EXPECT_FALSE(world_.read(id).outcome);
  EXPECT_EQ(world_.read(id).classification, Classification::kNone);
  for (const Person& person : {world_.ben_, world_.lead_, world_.legal_}) {
    const auto whole = world_.cases_->whole(person, id);
    ASSERT_TRUE(whole);
    EXPECT_TRUE(whole->decisions.empty());
    for (const Event& event : whole->events) {
      EXPECT_EQ(event.detail.find("confirmed"), std::string::npos) << event.kind;
    }
  }
  ASSERT_EQ(world_.cases_->whole(world_.ann_, id)->decisions.size(), 1U);
  EXPECT_EQ(code_of(world_.cases_->lock(world_.ann_, id, false)), "case.own");
  ASSERT_EQ(code_of(world_.decide(world_.ben_, id, World::confirmed())), "");
  EXPECT_EQ(world_.read(id).state, State::kDecided);
  EXPECT_EQ(world_.read(id).outcome, Outcome::kConfirmed);
  EXPECT_EQ(world_.cases_->whole(world_.cat_, id)->decisions.size(), 2U);
}

TEST_F(DecisionsTest, TwoWhoDifferAreResolvedByALeadWhoWasNeither) {
  const Uuid id = world_.add();
  ASSERT_TRUE(world_.decide(world_.ann_, id, World::confirmed()));
  ASSERT_TRUE(world_.decide(world_.ben_, id, World::confirmed(Classification::kB2)));
  EXPECT_EQ(world_.read(id).state, State::kDisagreement);
  EXPECT_EQ(code_of(world_.cases_->lock(world_.cat_, id, false)), "case.role");
  EXPECT_EQ(world_.cases_->whole(world_.lead_, id)->decisions.size(), 2U);
  EXPECT_EQ(world_.cases_->whole(world_.ann_, id)->decisions.size(), 1U);
  ASSERT_EQ(code_of(world_.decide(world_.lead_, id, World::cleared())), "");
  const Case decided = world_.read(id);
  EXPECT_EQ(decided.state, State::kDecided);
  EXPECT_EQ(decided.outcome, Outcome::kCleared);
  EXPECT_FALSE(decided.report_due_ms);
  EXPECT_EQ(world_.cases_->whole(world_.lead_, id)->decisions.back().round, 2);
}

TEST_F(DecisionsTest, ALeadWhoGaveOneOfTheTwoDoesNotResolve) {
  const Uuid id = world_.add();
  ASSERT_TRUE(world_.decide(world_.lead_, id, World::confirmed()));
  ASSERT_TRUE(world_.decide(world_.ben_, id, World::cleared()));
  world_.sql("UPDATE review_case SET lock_by = 'person:lead', lock_until_ms = :until",
             {world_.clock_.now_ms() + 1000});
  EXPECT_EQ(code_of(world_.decisions_->decide(
                world_.lead_, id, {world_.read(id).version, ""}, World::cleared())),
            "case.own");
}

TEST_F(DecisionsTest, RefusesWhoHasNoLockWhoSawNothingAndWhatIsNoVerdict) {
  const Uuid id = world_.add();
  const auto decide = [&](const Verdict& verdict) {
    return code_of(
        world_.decisions_->decide(world_.ann_, id, {world_.read(id).version, ""}, verdict));
  };
  EXPECT_EQ(decide(World::confirmed()), "case.not_locked");
  ASSERT_TRUE(world_.cases_->lock(world_.ann_, id, false));
  EXPECT_EQ(decide(World::confirmed()), "case.not_seen");
  EXPECT_EQ(decide(World::confirmed(Classification::kNone)), "case.bad_verdict");
  Verdict bad = World::cleared();
  bad.classification = Classification::kA1;
  EXPECT_EQ(decide(bad), "case.bad_verdict");
  bad = World::cleared();
  bad.note = std::string(4001, 'x');
  EXPECT_EQ(decide(bad), "case.bad_verdict");
  bad.note = std::string(1, '\0');
  EXPECT_EQ(decide(bad), "case.bad_verdict");
  bad = World::cleared();
  bad.items.push_back({new_uuid(1), Classification::kNone, {}});
  EXPECT_EQ(decide(bad), "case.bad_verdict");
  bad = World::cleared();
  bad.annotations = {Annotation::kViral, Annotation::kViral};
  EXPECT_EQ(decide(bad), "case.bad_verdict");
  EXPECT_EQ(code_of(world_.decisions_->decide(world_.ann_, id, {99, ""}, World::cleared())),
            "case.changed");
  world_.clock_.advance(world_.rules_.lock_ms);
  EXPECT_EQ(decide(World::cleared()), "case.not_locked") << "the lock's time is over";
  Person contractor = world_.cat_;
  contractor.assigned_only = true;
  EXPECT_EQ(code_of(world_.decisions_->decide(contractor, id, {1, ""}, World::cleared())),
            "case.not_found");
  EXPECT_EQ(world_.count("case_decision"), 0);
}

TEST_F(DecisionsTest, ADecidedOrAppealedCaseIsNotDecidedAgain) {
  const Uuid id = world_.closed();
  const auto decide = [&] {
    return code_of(world_.decisions_->decide(
        world_.cat_, id, {world_.read(id).version, ""}, World::cleared()));
  };
  EXPECT_EQ(decide(), "case.decided");
  ASSERT_TRUE(world_.appeals_->ask_with_token(world_.token(), "It is a drawing."));
  EXPECT_EQ(world_.read(id).state, State::kAppealed);
  EXPECT_EQ(decide(), "case.decided");
}

TEST_F(DecisionsTest, NothingIsDoneBeforeTheWindowIsOverAndThenOnce) {
  world_.rules_.on_confirmed = {"content.remove", "account.suspend"};
  world_.renew();
  const Uuid id = world_.add({.account = "user-1"});
  ASSERT_EQ(world_.add({.account = "user-1"}), id) << "the same account joins";
  ASSERT_TRUE(world_.decide(world_.ann_, id, World::confirmed()));
  ASSERT_TRUE(world_.decide(world_.ben_, id, World::confirmed()));
  EXPECT_EQ(world_.read(id).report_due_ms, world_.clock_.now_ms() + world_.rules_.report_ms);
  world_.clock_.advance(world_.rules_.undo_ms - 1);
  world_.tick();
  EXPECT_EQ(world_.count("outbox") + world_.count("case_action"), 0);
  world_.clock_.advance(1);
  world_.tick();
  world_.tick();
  EXPECT_EQ(world_.read(id).state, State::kClosed);
  EXPECT_EQ(world_.kinds(id), (Strings{"content.remove", "content.remove", "account.suspend"}));
  EXPECT_EQ(world_.count("outbox WHERE topic = 'case.decided'"), 1);
  EXPECT_EQ(world_.count("case_appeal WHERE state = 'offered'"), 1);
  for (const std::string& payload : world_.payloads("case.action")) {
    EXPECT_NE(payload.find("appeal_token"), std::string::npos);
    EXPECT_NE(payload.find("statement_of_reasons"), std::string::npos);
    EXPECT_EQ(payload.find("list"), std::string::npos);
    EXPECT_EQ(payload.find("A1"), std::string::npos);
  }
  EXPECT_EQ(code_of(world_.decisions_->undo(world_.ann_, id, {world_.read(id).version, ""})),
            "case.too_late");
}

TEST_F(DecisionsTest, UndoLeavesNothingAndIsForWhoeverDecidedOrALead) {
  const Uuid id = world_.add();
  ASSERT_TRUE(world_.decide(world_.ann_, id, World::confirmed()));
  ASSERT_TRUE(world_.decide(world_.ben_, id, World::confirmed()));
  const auto undo = [&](const Person& person) {
    return world_.decisions_->undo(person, id, {world_.read(id).version, ""});
  };
  EXPECT_EQ(code_of(undo(world_.ann_)), "case.role") << "the last decision is another's";
  const auto undone = undo(world_.ben_);
  ASSERT_TRUE(undone);
  EXPECT_EQ(undone->state, State::kSecondLook);
  EXPECT_FALSE(undone->outcome || undone->decided_ms || undone->report_due_ms ||
               undone->undo_until_ms);
  EXPECT_TRUE(world_.cases_->whole(world_.cat_, id)->decisions.empty());
  world_.pass_window();
  EXPECT_EQ(world_.count("outbox") + world_.count("case_action") + world_.count("case_appeal"), 0);
  ASSERT_EQ(code_of(world_.decide(world_.ben_, id, World::confirmed())), "") << "again";
  ASSERT_TRUE(undo(world_.lead_));
  EXPECT_EQ(code_of(undo(world_.lead_)), "case.too_late");
}

TEST_F(DecisionsTest, TheSameKeyGivesTheFirstAnswerAndAnotherCommandAConflict) {
  const Uuid id = world_.add();
  const auto locked = world_.cases_->lock(world_.ann_, id, false);
  ASSERT_TRUE(locked);
  const Command command{locked->version, "key-1"};
  ASSERT_TRUE(world_.decisions_->decide(world_.ann_, id, command, World::cleared()));
  EXPECT_TRUE(world_.decisions_->decide(world_.ann_, id, command, World::cleared()));
  EXPECT_EQ(world_.count("case_decision"), 1);
  EXPECT_EQ(code_of(world_.decisions_->decide(world_.ann_, id, command, World::confirmed())),
            "idempotency.mismatch");
}

TEST_F(DecisionsTest, OneOfTwoThreadsThatDecideAtOnceWins) {
  for (int turn = 0; turn < 20; ++turn) {
    const Uuid id = world_.add();
    const auto locked = world_.cases_->lock(world_.ann_, id, false);
    ASSERT_TRUE(locked);
    std::string codes[2];
    std::vector<std::thread> threads;
    for (std::string& code : codes) {
      threads.emplace_back([&] {
        code = code_of(
            world_.decisions_->decide(world_.ann_, id, {locked->version, ""}, World::cleared()));
      });
    }
    for (std::thread& thread : threads) {
      thread.join();
    }
    EXPECT_NE(codes[0].empty(), codes[1].empty());
    const std::string lost = codes[0] + codes[1];
    EXPECT_TRUE(lost == "case.changed" || lost == "case.decided") << lost;
  }
  EXPECT_EQ(world_.count("case_decision"), 20);
}

TEST_F(DecisionsTest, WhatListsVouchForIsDecidedInBulkAndNothingElse) {
  world_.rules_.sample_percent = 0;
  world_.renew();
  const Uuid exact = world_.add({.exact = true});
  const Uuid near = world_.add();
  const Uuid locked = world_.add({.exact = true});
  ASSERT_TRUE(world_.cases_->lock(world_.ben_, locked, false));
  const std::int64_t version = world_.read(locked).version;
  const auto results = world_.decisions_->decide_many(
      world_.ann_,
      {{exact, {1, ""}}, {near, {1, ""}}, {locked, {version, ""}}, {new_uuid(1), {1, ""}}},
      World::confirmed(Classification::kNone));
  ASSERT_TRUE(results);
  Strings errors;
  for (const BulkResult& result : *results) {
    errors.push_back(result.error);
  }
  EXPECT_EQ(errors, (Strings{"", "case.needs_view", "case.locked", "case.not_found"}));
  EXPECT_EQ(world_.read(exact).state, State::kDecided);
  EXPECT_EQ(world_.read(exact).classification, Classification::kA1) << "the list's";
  EXPECT_EQ(code_of(world_.decisions_->decide_many(
                world_.ann_, std::vector<std::pair<Uuid, Command>>(501), World::cleared())),
            "case.too_many");
}

TEST_F(DecisionsTest, ANearDuplicateGroupIsDecidedOnce) {
  world_.rules_.double_review = DoubleReview::kNone;
  world_.renew();
  const Uuid one = world_.add();
  const Uuid near = world_.add();
  const Uuid far = world_.add();
  ASSERT_TRUE(world_.database_->write([&](store::Transaction& transaction) -> Status {
    TUTELA_TRY(insert_link(
        transaction, world_.lead_.actor, one, near, LinkKind::kNearDuplicate, kTestStart));
    return ok();
  }));
  EXPECT_EQ(code_of(world_.decisions_->decide_group(world_.ann_, one, {{near, {1, ""}}})),
            "case.changed")
      << "nothing was decided yet";
  ASSERT_EQ(world_.decisions_->plan(world_.ann_, one, World::confirmed())->near_duplicates,
            std::vector<Uuid>{near});
  ASSERT_TRUE(world_.decide(world_.ann_, one, World::confirmed()));
  const auto results =
      world_.decisions_->decide_group(world_.ann_, one, {{near, {1, ""}}, {far, {1, ""}}});
  ASSERT_TRUE(results);
  EXPECT_EQ(results->at(0).error, "");
  EXPECT_EQ(results->at(1).error, "case.not_near");
  EXPECT_EQ(world_.read(near).state, State::kDecided);
  EXPECT_EQ(world_.cases_->whole(world_.ann_, near)->decisions.at(0).basis, Basis::kGroup);
}

TEST_F(DecisionsTest, ListsDecideAloneOnlyWhereTheyMay) {
  const Uuid alone = world_.add({.exact = true, .automation = true});
  const Uuid asked = world_.add({.exact = true});
  const Uuid near = world_.add({.automation = true});
  world_.tick();
  EXPECT_EQ(world_.read(alone).state, State::kOpen) << "automation is off by default";
  world_.rules_.automatic = true;
  world_.rules_.sample_percent = 100;
  world_.renew();
  world_.tick();
  EXPECT_EQ(world_.read(alone).state, State::kDecided);
  EXPECT_EQ(world_.read(asked).state, State::kOpen);
  EXPECT_EQ(world_.read(near).state, State::kOpen);
  EXPECT_EQ(world_.cases_->whole(world_.lead_, alone)->decisions.at(0).basis, Basis::kAutomatic);
  EXPECT_EQ(code_of(world_.decisions_->undo(world_.ann_, alone, {2, ""})), "case.role");
  ASSERT_TRUE(world_.decisions_->undo(world_.lead_, alone, {2, ""}));
  world_.pass_window();
  EXPECT_EQ(world_.read(alone).state, State::kOpen) << "what a person undid is for a person";

  const Uuid again = world_.add({.exact = true, .automation = true});
  world_.tick();
  world_.pass_window();
  EXPECT_EQ(world_.read(again).state, State::kClosed);
  EXPECT_NE(world_.payloads("case.action").back().find("decided: by automated means"),
            std::string::npos);
  EXPECT_EQ(
      world_.count("case_sample WHERE kind = 'second' AND of_case = '" + to_string(again) + "'"),
      1);
}

TEST_F(DecisionsTest, AListThatIsTrustedNoMoreDecidesNothing) {
  world_.rules_.automatic = true;
  world_.renew();
  const Uuid list = world_.add_list("known_csam", true);
  const Uuid id = world_.add({.exact = true, .automation = true, .account = "", .list = list});
  world_.sql("UPDATE list SET state = 'inactive' WHERE id = :id", {to_string(list)});
  world_.tick();
  EXPECT_EQ(world_.read(id).state, State::kOpen);
}

TEST_F(DecisionsTest, APossibleMinorIsForALegalOfficer) {
  world_.rules_.on_confirmed = {"content.remove", "account.suspend"};
  world_.renew();
  Verdict verdict = World::confirmed();
  verdict.annotations = {Annotation::kPossibleMinorReported};
  const Uuid id = world_.add({.account = "user-1"});
  const auto plan = world_.decisions_->plan(world_.ann_, id, verdict);
  ASSERT_TRUE(plan);
  EXPECT_TRUE(plan->legal);
  EXPECT_TRUE(plan->second_look);
  EXPECT_FALSE(plan->report_due_ms);
  ASSERT_TRUE(world_.decide(world_.ann_, id, verdict));
  ASSERT_TRUE(world_.decide(world_.ben_, id, World::confirmed())) << "the first one's mark stays";
  EXPECT_FALSE(world_.read(id).report_due_ms);
  world_.pass_window();
  EXPECT_EQ(world_.read(id).queue, Queue::kLegal);
  EXPECT_EQ(world_.read(id).state, State::kOpen);
  EXPECT_EQ(world_.kinds(id), Strings{"content.remove"});
  EXPECT_EQ(code_of(world_.cases_->lock(world_.lead_, id, false)), "case.role");
  EXPECT_EQ(world_.cases_->whole(world_.legal_, id)->decisions.size(), 2U);
  ASSERT_EQ(code_of(world_.decide(world_.legal_, id, World::confirmed(Classification::kNone))), "");
  EXPECT_EQ(world_.read(id).report_due_ms, world_.clock_.now_ms() + world_.rules_.report_ms);
  EXPECT_EQ(world_.read(id).classification, Classification::kA1);
  world_.pass_window();
  EXPECT_EQ(world_.read(id).state, State::kClosed);
  EXPECT_EQ(world_.kinds(id), (Strings{"content.remove", "account.suspend"}));
}

TEST_F(DecisionsTest, WhatSurvivorsReportedNeverStrikesAnAccountByItself) {
  world_.rules_.on_confirmed = {"content.remove", "account.suspend"};
  world_.renew();
  const Uuid id = world_.closed({.purpose = "self_reported", .account = "user-1"});
  EXPECT_EQ(world_.read(id).queue, Queue::kLegal);
  EXPECT_EQ(world_.kinds(id), Strings{"content.remove"});
  ASSERT_EQ(code_of(world_.decide(world_.legal_, id, World::cleared())), "");
  world_.pass_window();
  const Case done = world_.read(id);
  EXPECT_EQ(done.state, State::kClosed);
  EXPECT_EQ(done.outcome, Outcome::kConfirmed) << "of the content";
  EXPECT_FALSE(done.report_due_ms);
  EXPECT_EQ(world_.kinds(id), Strings{"content.remove"});
}

TEST_F(DecisionsTest, AClearedCaseReleasesAndOffersNoAppeal) {
  const Uuid id = world_.add();
  EXPECT_FALSE(world_.decisions_->plan(world_.ann_, id, World::cleared())->second_look);
  ASSERT_TRUE(world_.decide(world_.ann_, id, World::cleared()));
  world_.pass_window();
  EXPECT_EQ(world_.kinds(id), Strings{"content.release"});
  EXPECT_EQ(world_.count("case_appeal"), 0);
}

TEST_F(DecisionsTest, NothingIsDoneBeforeTheReceiverSaysSo) {
  const Uuid id = world_.closed();
  const std::int64_t message = std::stoll(world_.texts("SELECT outbox_id FROM case_action").at(0));
  const auto settle = [&](bool done, std::string_view failure) {
    EXPECT_TRUE(world_.database_->write([&](store::Transaction& transaction) {
      return settle_action(transaction, world_.clock_.now_ms(), message, done, failure);
    }));
  };
  const auto action = [&] {
    return world_.decisions_->actions(world_.lead_, std::nullopt, id, 10)->at(0);
  };
  EXPECT_EQ(action().state, ActionState::kWaiting);
  settle(false, "webhook.refused");
  EXPECT_EQ(action().state, ActionState::kFailed);
  EXPECT_EQ(action().failure, "webhook.refused");
  EXPECT_EQ(world_.decisions_->actions(world_.lead_, ActionState::kFailed, {}, 10)->size(), 1U);
  const auto reopen = [&](const std::string& tenant, std::int64_t number) {
    EXPECT_TRUE(world_.database_->write([&](store::Transaction& transaction) {
      return reopen_action(transaction, tenant, number);
    }));
  };
  reopen("elsewhere", message);
  reopen("default", message + 1);
  EXPECT_EQ(action().state, ActionState::kFailed);
  reopen("default", message);
  EXPECT_EQ(action().state, ActionState::kWaiting);
  EXPECT_EQ(action().failure, "");
  settle(true, "");
  reopen("default", message);
  EXPECT_EQ(action().state, ActionState::kDone);
  EXPECT_EQ(action().done_ms, world_.clock_.now_ms());
  settle(false, "late");
  EXPECT_EQ(action().state, ActionState::kDone) << "what is done stays done";
  EXPECT_EQ(world_.count("audit WHERE action = 'action.done'"), 1);
}

TEST_F(DecisionsTest, WhoIsAloneDecidesAlone) {
  world_.rules_.solo = true;
  world_.rules_.double_review = DoubleReview::kAll;
  world_.renew();
  const Uuid id = world_.add();
  ASSERT_TRUE(world_.decide(world_.ann_, id, World::confirmed()));
  EXPECT_EQ(world_.read(id).state, State::kDecided);
}

TEST_F(DecisionsTest, ALockWhoseTimeIsOverEndsWithAnEvent) {
  const Uuid id = world_.add();
  ASSERT_TRUE(world_.cases_->lock(world_.ann_, id, false));
  world_.tick();
  EXPECT_TRUE(world_.read(id).lock_by);
  world_.clock_.advance(world_.rules_.lock_ms);
  world_.tick();
  EXPECT_FALSE(world_.read(id).lock_by);
  EXPECT_EQ(world_.count("case_event WHERE kind = 'lock_expired'"), 1);
}

TEST_F(DecisionsTest, OneDamagedCaseDoesNotKeepOthersFromTheirActions) {
  const Uuid damaged = world_.add();
  const Uuid id = world_.add();
  for (const Uuid& each : {damaged, id}) {
    ASSERT_TRUE(world_.decide(world_.ann_, each, World::cleared()));
  }
  world_.sql("UPDATE case_decision SET undone_ms = 1 WHERE case_id = :id", {to_string(damaged)});
  world_.clock_.advance(world_.rules_.undo_ms);
  EXPECT_EQ(code_of(world_.decisions_->tick(never)), "store.corrupt");
  EXPECT_EQ(world_.read(id).state, State::kClosed);
  EXPECT_EQ(world_.read(damaged).state, State::kDecided);
}

}  // namespace
}  // namespace tutela::cases
