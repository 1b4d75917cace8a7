#include "casework/cases/appeals.hpp"

#include <algorithm>

#include "casework/cases/decisions_fixture.hpp"
#include "casework/cases/token.hpp"

namespace tutela::cases {
namespace {

using Strings = std::vector<std::string>;
constexpr std::string_view kReason = "The picture shows an adult.";

class AppealsTest : public DecisionsTest {
 protected:
  AppealsTest() {
    world_.rules_.on_confirmed = {"content.remove", "account.suspend"};
    world_.renew();
  }

  Uuid ask() {
    EXPECT_EQ(code_of(world_.appeals_->ask_with_token(world_.token(), "It is not.")), "");
    const auto waiting = world_.appeals_->list(world_.cat_, true, 10);
    EXPECT_TRUE(waiting && !waiting->empty());
    return waiting && !waiting->empty() ? waiting->back().id : Uuid{};
  }
};

TEST_F(AppealsTest, AnOverturnIsUndoneEverywhere) {
  const Uuid id = world_.closed({.account = "user-1"});
  world_.sql("UPDATE review_case SET reported_ms = 1");
  const auto sample = world_.decisions_->make_sample(world_.lead_, id);
  ASSERT_TRUE(sample);
  const Uuid appeal = ask();
  EXPECT_EQ(world_.read(id).state, State::kAppealed);
  const auto decided = world_.appeals_->decide(world_.cat_, appeal, true, kReason);
  ASSERT_EQ(code_of(decided), "");
  EXPECT_EQ(decided->state, AppealState::kOverturned);
  const Case cleared = world_.read(id);
  EXPECT_EQ(cleared.state, State::kClosed);
  EXPECT_EQ(cleared.outcome, Outcome::kCleared);
  EXPECT_EQ(cleared.classification, Classification::kNone);
  EXPECT_FALSE(cleared.report_due_ms);
  EXPECT_EQ(world_.kinds(id),
            (Strings{"content.remove",
                     "account.suspend",
                     "content.restore",
                     "account.restore",
                     "signal.dispute",
                     "report.correct"}));
  EXPECT_EQ(world_.texts("SELECT DISTINCT key FROM outbox"), Strings{"case:" + to_string(id)})
      << "one key keeps what undoes after what it undoes";
  for (const std::string& payload : world_.payloads("case.action")) {
    EXPECT_EQ(payload.find("signal"), std::string::npos);
  }
  EXPECT_NE(world_.payloads("signal.dispute").at(0).find("list_id"), std::string::npos);
  EXPECT_EQ(world_.payloads("appeal.decided").size(), 1U);
  EXPECT_NE(world_.payloads("case.decided").back().find("cleared"), std::string::npos);
  EXPECT_EQ(world_.texts("SELECT outcome FROM case_sample"), Strings{"cleared"});
  const auto whole = world_.cases_->whole(world_.lead_, id);
  EXPECT_EQ(whole->decisions.back().round, 2);
  EXPECT_EQ(whole->decisions.back().verdict.outcome, Outcome::kCleared);
  EXPECT_EQ(world_.decisions_->days(world_.lead_, kTestStart)->at(0).overturned, 1);
  EXPECT_EQ(world_.count("audit WHERE action = 'appeal.decide' AND result = 'overturned'"), 1);
  EXPECT_EQ(code_of(world_.appeals_->decide(world_.cat_, appeal, false, kReason)), "appeal.closed");
}

TEST_F(AppealsTest, AnUpheldAppealChangesNothingElse) {
  const Uuid id = world_.closed({.account = "user-1"});
  const Case before = world_.read(id);
  const Uuid appeal = ask();
  ASSERT_EQ(code_of(world_.appeals_->decide(world_.cat_, appeal, false, kReason)), "");
  const Case after = world_.read(id);
  EXPECT_EQ(after.state, State::kClosed);
  EXPECT_EQ(after.outcome, before.outcome);
  EXPECT_EQ(after.report_due_ms, before.report_due_ms);
  EXPECT_EQ(world_.kinds(id), (Strings{"content.remove", "account.suspend"}));
  EXPECT_EQ(world_.appeals_->look(world_.token())->state, AppealState::kUpheld);
}

TEST_F(AppealsTest, WhoDecidedTheCaseDoesNotDecideItsAppeal) {
  const Uuid id = world_.add();
  ASSERT_TRUE(world_.decide(world_.ann_, id, World::confirmed()));
  ASSERT_TRUE(world_.decide(world_.ben_, id, World::cleared()));
  ASSERT_TRUE(world_.decide(world_.lead_, id, World::confirmed()));
  world_.pass_window();
  const Uuid appeal = ask();
  for (const Person& own : {world_.ann_, world_.ben_, world_.lead_}) {
    EXPECT_EQ(code_of(world_.appeals_->decide(own, appeal, true, kReason)), "appeal.own");
  }
  Person contractor = world_.cat_;
  contractor.assigned_only = true;
  EXPECT_EQ(code_of(world_.appeals_->decide(contractor, appeal, true, kReason)), "case.not_found");
  EXPECT_EQ(code_of(world_.appeals_->find(contractor, appeal)), "appeal.not_found");
  EXPECT_TRUE(world_.appeals_->list(contractor, true, 10)->empty());
  for (const std::string& bad : {std::string("too short"), std::string(4001, 'x')}) {
    EXPECT_EQ(code_of(world_.appeals_->decide(world_.cat_, appeal, true, bad)),
              "appeal.bad_reason");
  }
  EXPECT_EQ(code_of(world_.appeals_->find(world_.cat_, appeal)), "");
  EXPECT_EQ(code_of(world_.appeals_->decide(world_.cat_, new_uuid(1), true, kReason)),
            "appeal.not_found");
}

TEST_F(AppealsTest, ATokenTellsItsHolderStateAndDatesAndNobodyElseAnything) {
  world_.closed();
  const std::string token = world_.token();
  ASSERT_TRUE(is_appeal_token(token)) << token;
  EXPECT_EQ(world_.count("case_appeal WHERE token_hash LIKE '%tutelaa%'"), 0);
  EXPECT_EQ(world_.texts("SELECT token_hash FROM case_appeal"), Strings{hash_of_token(token)});
  const auto look = world_.appeals_->look(token);
  ASSERT_TRUE(look);
  EXPECT_EQ(look->state, AppealState::kOffered);
  for (const std::string& bad : {std::string(),
                                 std::string("tutelaa_"),
                                 new_appeal_token(),
                                 token + "x",
                                 std::string(200, 'a')}) {
    EXPECT_EQ(code_of(world_.appeals_->look(bad)), "appeal.not_found");
    EXPECT_EQ(code_of(world_.appeals_->ask_with_token(bad, "text")), "appeal.not_found");
  }
  for (const std::string& bad : {std::string(), std::string(" \n"), std::string(4001, 'x')}) {
    EXPECT_EQ(code_of(world_.appeals_->ask_with_token(token, bad)), "appeal.bad_statement");
  }
  const auto asked = world_.appeals_->ask_with_token(token, "It is not.");
  ASSERT_TRUE(asked);
  EXPECT_EQ(asked->id, Uuid{});
  EXPECT_EQ(asked->case_id, Uuid{});
  EXPECT_EQ(asked->due_ms, world_.clock_.now_ms() + world_.rules_.appeal_ms);
  EXPECT_EQ(code_of(world_.appeals_->ask_with_token(token, "Again.")), "appeal.closed");
}

TEST_F(AppealsTest, AnOfferEnds) {
  world_.closed();
  world_.clock_.advance(world_.rules_.appeal_open_ms);
  EXPECT_EQ(world_.appeals_->look(world_.token())->state, AppealState::kExpired);
  EXPECT_EQ(code_of(world_.appeals_->ask_with_token(world_.token(), "Late.")), "appeal.closed");
}

TEST_F(AppealsTest, TheServiceAsksForAContentOfItsOwn) {
  const Uuid id = world_.closed();
  const store::Actor service{"default", "token:1", "service"};
  const store::Actor stranger{"other", "token:2", "service"};
  EXPECT_EQ(code_of(world_.appeals_->ask_for_content(stranger, world_.content_, "text")),
            "appeal.not_found");
  EXPECT_EQ(code_of(world_.appeals_->ask_for_content(service, new_uuid(1), "text")),
            "appeal.not_found");
  ASSERT_EQ(code_of(world_.appeals_->ask_for_content(service, world_.content_, "text")), "");
  EXPECT_EQ(world_.read(id).state, State::kAppealed);
  EXPECT_EQ(code_of(world_.appeals_->ask_for_content(service, world_.content_, "text")),
            "appeal.closed");
}

TEST_F(AppealsTest, TellingIsDelayedWhereItCouldEndangerSomebody) {
  const Uuid id = world_.add();
  const auto marked = world_.cases_->mark(
      world_.ann_, id, {world_.read(id).version, ""}, {Mark::kPossibleNewVictim});
  ASSERT_EQ(code_of(marked), "");
  ASSERT_TRUE(world_.decide(world_.ann_, id, World::confirmed()));
  ASSERT_TRUE(world_.decide(world_.ben_, id, World::confirmed()));
  world_.pass_window();
  EXPECT_EQ(world_.token(), "");
  EXPECT_EQ(world_.payloads("case.action").at(0).find("statement"), std::string::npos);
  world_.clock_.advance(kTellDelayMs - 1);
  world_.tick();
  EXPECT_EQ(world_.token(), "");
  world_.clock_.advance(1);
  world_.tick();
  world_.tick();
  EXPECT_EQ(world_.kinds(id), (Strings{"content.remove", "content.statement"}));
  EXPECT_EQ(world_.appeals_->look(world_.token())->state, AppealState::kOffered);
  world_.clock_.advance(world_.rules_.appeal_open_ms - 1);
  const Uuid appeal = ask();
  ASSERT_TRUE(world_.appeals_->decide(world_.cat_, appeal, true, kReason));
  EXPECT_EQ(world_.kinds(id),
            (Strings{"content.remove", "content.statement", "content.restore", "signal.dispute"}));
}

TEST_F(AppealsTest, AnAppealDoesNotWaitForTheLegalOfficer) {
  const Uuid upheld = world_.closed({.purpose = "self_reported", .account = "user-1"});
  ASSERT_EQ(world_.read(upheld).queue, Queue::kLegal);
  ASSERT_TRUE(world_.appeals_->decide(world_.cat_, ask(), false, kReason));
  EXPECT_EQ(world_.read(upheld).state, State::kOpen) << "the person is still to be decided";
  ASSERT_EQ(code_of(world_.decide(world_.legal_, upheld, World::confirmed())), "");
  world_.pass_window();
  EXPECT_EQ(world_.kinds(upheld), (Strings{"content.remove", "account.suspend"}));
  // About the account there is an appeal of its own, for yet another person.
  const Uuid second = ask();
  EXPECT_EQ(code_of(world_.appeals_->decide(world_.cat_, second, true, kReason)), "appeal.own");
  ASSERT_TRUE(world_.appeals_->decide(world_.lead_, second, true, kReason));
  EXPECT_EQ(world_.kinds(upheld),
            (Strings{"content.remove",
                     "account.suspend",
                     "content.restore",
                     "account.restore",
                     "signal.dispute"}));

  const Uuid overturned = world_.closed({.purpose = "self_reported", .account = "user-2"});
  ASSERT_TRUE(world_.appeals_->decide(world_.cat_, ask(), true, kReason));
  EXPECT_EQ(world_.read(overturned).state, State::kClosed);
  EXPECT_EQ(world_.read(overturned).outcome, Outcome::kCleared);
  EXPECT_EQ(world_.kinds(overturned),
            (Strings{"content.remove", "content.restore", "signal.dispute"}));
}

TEST_F(AppealsTest, AnAppealDuringTheUndoWindowIsHeardAfterIt) {
  const Uuid id = world_.closed({.purpose = "self_reported", .account = "user-1"});
  ASSERT_EQ(code_of(world_.decide(world_.legal_, id, World::confirmed())), "");
  const Uuid appeal = ask();
  EXPECT_EQ(world_.read(id).state, State::kDecided);
  world_.pass_window();
  EXPECT_EQ(world_.read(id).state, State::kAppealed);
  ASSERT_TRUE(world_.appeals_->decide(world_.cat_, appeal, false, kReason));
  EXPECT_EQ(world_.read(id).state, State::kClosed);
}

TEST(StatementOfReasons, SaysWhatArticle17AsksForAndNoListOrSignal) {
  Case of;
  of.queue = Queue::kSelfReported;
  of.classification = Classification::kA1;
  of.account = "user-1";
  const std::string text = statement_of_reasons(of, kTestStart);
  for (const char* const part : {"removed",
                                 "law",
                                 "automated means that compare",
                                 "by a person",
                                 "appeal, free of charge, until 2026-11-",
                                 "out of court"}) {
    EXPECT_NE(text.find(part), std::string::npos) << part << "\n" << text;
  }
  for (const char* const leak : {"list", "signal", "hash", "A1", "user-1", "self"}) {
    EXPECT_EQ(text.find(leak), std::string::npos) << leak;
  }
  of.origin = Origin::kUserReport;
  const std::string other =
      statement_of_reasons(of, kTestStart, {{"content.remove", "account.suspend"}, true});
  EXPECT_NE(other.find("somebody notified"), std::string::npos);
  EXPECT_NE(other.find("decided: by automated means"), std::string::npos);
  EXPECT_NE(other.find("account that it came from was restricted"), std::string::npos);
}

TEST(AppealToken, HoldsTwoHundredFiftySixBitsAndIsNeverTheSame) {
  const std::string one = new_appeal_token();
  EXPECT_EQ(one.size(), 51U);
  EXPECT_TRUE(is_appeal_token(one));
  EXPECT_NE(one, new_appeal_token());
  EXPECT_FALSE(is_appeal_token("tutelaa_" + std::string(43, '+')));
}

}  // namespace
}  // namespace tutela::cases
