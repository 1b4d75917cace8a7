#include <gtest/gtest.h>

#include "casework/cases/decisions_fixture.hpp"

namespace tutela::cases {
namespace {

using Strings = std::vector<std::string>;

class ReportedTest : public DecisionsTest {
 protected:
  ReportedTest() {
    world_.rules_.on_reported = {"account.suspend"};
    world_.renew();
  }

  void write(const std::function<Status(store::Transaction&)>& work) {
    const Status done = world_.database_->write(work);
    EXPECT_TRUE(done) << (done ? "" : done.error().message);
  }

  void file(const Uuid& id, const std::string& reference = "4564654") {
    write([&](store::Transaction& transaction) {
      return report_filed(
          transaction, system_, world_.rules_, world_.clock_.now_ms(), id, reference);
    });
  }

  std::vector<Uuid> owed() {
    std::vector<Uuid> found;
    EXPECT_TRUE(world_.database_->read([&](store::Transaction& transaction) -> Status {
      TUTELA_TRY_ASSIGN(found, corrections_owed(transaction, "default", 10));
      return ok();
    }));
    return found;
  }

  void overturn() {
    ASSERT_EQ(code_of(world_.appeals_->ask_with_token(world_.token(), "It is not.")), "");
    const auto waiting = world_.appeals_->list(world_.cat_, true, 10);
    ASSERT_TRUE(waiting && waiting->size() == 1);
    ASSERT_EQ(code_of(world_.appeals_->decide(
                  world_.cat_, waiting->front().id, true, "It shows an adult.")),
              "");
  }

  /// Confirmed content of a person who may be a minor: a legal officer is asked.
  Uuid about_a_minor() {
    Verdict verdict = World::confirmed();
    verdict.annotations = {Annotation::kPossibleMinorReported};
    const Uuid id = world_.add({.account = "user-1"});
    EXPECT_EQ(code_of(world_.decide(world_.ann_, id, verdict)), "");
    EXPECT_EQ(code_of(world_.decide(world_.ben_, id, verdict)), "");
    world_.pass_window();
    EXPECT_EQ(world_.read(id).queue, Queue::kLegal);
    return id;
  }

  const store::Actor system_{"default", "system", "system"};
};

TEST_F(ReportedTest, AFiledReportEndsTheClockAndAsksForWhatWaitedForIt) {
  world_.rules_.on_confirmed = {"content.remove"};
  world_.renew();
  const Uuid id = world_.closed({.account = "user-1"});
  EXPECT_EQ(world_.kinds(id), Strings{"content.remove"});
  file(id);
  EXPECT_EQ(world_.read(id).reported_ms, world_.clock_.now_ms());
  EXPECT_EQ(world_.kinds(id), (Strings{"content.remove", "account.suspend"}));
  const std::string payload = world_.payloads("case.action").back();
  EXPECT_NE(payload.find("\"account\":\"user-1\""), std::string::npos);
  EXPECT_NE(payload.find("appeal_token"), std::string::npos) << "who is suspended can appeal";
  EXPECT_EQ(world_.texts("SELECT detail FROM case_event WHERE kind = 'reported'"),
            Strings{"{\"reference\":\"4564654\"}"});
  EXPECT_EQ(world_.count("audit WHERE action = 'case.report'"), 1);
}

TEST_F(ReportedTest, NothingIsAskedForTwiceHoweverManyReportsThereAre) {
  world_.rules_.on_confirmed = {"content.remove"};
  world_.renew();
  const Uuid id = world_.closed({.account = "user-1"});
  file(id);
  const UtcMs first = world_.clock_.now_ms();
  world_.clock_.advance(1000);
  file(id, "another-1");
  EXPECT_EQ(world_.read(id).reported_ms, first);
  EXPECT_EQ(world_.kinds(id), (Strings{"content.remove", "account.suspend"}));
  EXPECT_EQ(world_.count("case_event WHERE kind = 'reported'"), 2);
}

TEST_F(ReportedTest, WhatWasAskedForWhenItWasConfirmedIsNotAskedForAgain) {
  world_.rules_.on_confirmed = {"content.remove", "account.suspend"};
  world_.renew();
  const Uuid id = world_.closed({.account = "user-1"});
  file(id);
  EXPECT_EQ(world_.kinds(id), (Strings{"content.remove", "account.suspend"}));
}

TEST_F(ReportedTest, AReportMadeElsewhereAsksForTheSame) {
  world_.rules_.on_confirmed = {"content.remove"};
  world_.renew();
  const Uuid id = world_.closed({.account = "user-1"});
  ASSERT_EQ(code_of(world_.cases_->attest_report(
                world_.lead_, id, {world_.read(id).version, ""}, "NCMEC 1")),
            "");
  EXPECT_EQ(world_.kinds(id), (Strings{"content.remove", "account.suspend"}));
}

TEST_F(ReportedTest, AboutAPersonALegalOfficerDecidesFirst) {
  for (const bool confirmed : {true, false}) {
    const Uuid id = about_a_minor();
    file(id);
    EXPECT_EQ(world_.kinds(id), Strings{"content.remove"}) << "nobody has decided yet";
    const Verdict verdict = confirmed ? World::confirmed(Classification::kNone) : World::cleared();
    ASSERT_EQ(code_of(world_.decide(world_.legal_, id, verdict)), "");
    world_.pass_window();
    const Strings expected =
        confirmed ? Strings{"content.remove", "account.suspend"} : Strings{"content.remove"};
    EXPECT_EQ(world_.kinds(id), expected);
  }
}

TEST_F(ReportedTest, AgainstALegalOfficersWordNobodyIsSuspended) {
  for (const bool confirmed : {true, false}) {
    world_.rules_.on_confirmed = {"content.remove"};
    world_.renew();
    const Uuid id = about_a_minor();
    const Verdict verdict = confirmed ? World::confirmed(Classification::kNone) : World::cleared();
    ASSERT_EQ(code_of(world_.decide(world_.legal_, id, verdict)), "");
    world_.pass_window();
    file(id);
    EXPECT_EQ(world_.kinds(id).size(), confirmed ? 2U : 1U);
  }
}

TEST_F(ReportedTest, ACaseClearedWhileItsReportWasOnItsWayOwesACorrection) {
  const Uuid id = world_.closed({.account = "user-1"});
  overturn();
  EXPECT_TRUE(owed().empty()) << "no authority has anything";
  file(id);
  EXPECT_EQ(world_.kinds(id).back(), "report.correct");
  ASSERT_EQ(owed(), std::vector<Uuid>{id});
  file(id, "another-1");
  EXPECT_EQ(owed().size(), 1U) << "one correction tells all";
  EXPECT_EQ(world_.count("case_action WHERE kind = 'account.suspend'"), 0);
  write([&](store::Transaction& transaction) {
    return correction_filed(transaction, system_, world_.clock_.now_ms(), id);
  });
  EXPECT_TRUE(owed().empty());
  EXPECT_EQ(world_.texts("SELECT state FROM case_action WHERE kind = 'report.correct'"),
            Strings{"done"});
  EXPECT_EQ(world_.count("outbox WHERE topic = 'report.correct'"), 0);
  EXPECT_EQ(world_.count("case_event WHERE kind = 'action_done'"), 1);
}

TEST_F(ReportedTest, AnOverturnOfWhatWasReportedOwesACorrectionOnce) {
  const Uuid id = world_.closed({.account = "user-1"});
  file(id);
  overturn();
  EXPECT_EQ(owed(), std::vector<Uuid>{id});
  EXPECT_EQ(world_.count("case_action WHERE kind = 'report.correct'"), 1);
  EXPECT_EQ(world_.count("case_action WHERE kind = 'account.restore'"), 1);
}

TEST_F(ReportedTest, TheServiceIsAskedForFactsOnceAReport) {
  const Uuid id = world_.closed({.account = "user-1"});
  const Uuid report = new_uuid(1);
  for (const Uuid& each : {report, report, new_uuid(2)}) {
    write([&](store::Transaction& transaction) {
      return ask_for_facts(transaction, system_, world_.clock_.now_ms(), id, "user-1", each);
    });
  }
  const Strings asked = world_.payloads("report.facts_wanted");
  ASSERT_EQ(asked.size(), 2U);
  EXPECT_EQ(asked[0],
            "{\"case_id\":\"" + to_string(id) + "\",\"account\":\"user-1\",\"report_id\":\"" +
                to_string(report) + "\"}");
}

TEST_F(ReportedTest, WhatCountsNowhereLeavesAnEventAlone) {
  const Uuid id = world_.closed({.account = "user-1"});
  const Case before = world_.read(id);
  write([&](store::Transaction& transaction) {
    return report_noted(transaction, system_, world_.clock_.now_ms(), id, "report", "simulated");
  });
  const Case after = world_.read(id);
  EXPECT_EQ(after.version, before.version);
  EXPECT_FALSE(after.reported_ms);
  EXPECT_TRUE(after.report_due_ms) << "the clock goes on";
  EXPECT_EQ(world_.kinds(id), Strings{"content.remove"});
  EXPECT_EQ(world_.texts("SELECT detail FROM case_event WHERE kind = 'report_noted'"),
            Strings{"{\"kind\":\"report\",\"environment\":\"simulated\"}"});
}

}  // namespace
}  // namespace tutela::cases
