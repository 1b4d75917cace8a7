#include <atomic>

#include "casework/reports/reports_fixture.hpp"

namespace tutela::reports {
namespace {

class ReleaseTest : public ReportsTest {
 protected:
  std::string release_code(const Report& of,
                           const Person& by,
                           const std::optional<std::int64_t>& document = {}) {
    return code_of(
        reports_->release(by, of.id, {get(of.id).version, ""}, document.value_or(of.document)));
  }

  void ask_for_two() {
    rules_.second_person = true;
    restart();
  }

  void be_alone() {
    control_rules_.solo = true;
    control_rules_.trustee = "trustee@example.org";
    ask_for_two();
  }
};

TEST_F(ReleaseTest, ALeadOrLegalOfficerReleasesWhatTheyRead) {
  const Report of = draft();
  EXPECT_EQ(release_code(of, reviewer_), "report.role");
  EXPECT_EQ(release_code(of, lead_, 2), "report.changed");
  EXPECT_EQ(code_of(reports_->release(lead_, of.id, {7, ""}, 1)), "report.changed");
  EXPECT_EQ(code_of(reports_->release(lead_, Uuid{}, {1, ""}, 1)), "report.not_found");
  ASSERT_TRUE(reports_->write(lead_.actor, of.id, {1, ""}, "{}", "[]", {}));
  EXPECT_EQ(release_code(of, lead_, 1), "report.changed") << "an older document than the latest";
  const Report released = release(get(of.id), legal_);
  EXPECT_EQ(released.state, State::kReleased);
  EXPECT_EQ(released.released_by, "person:legal");
  EXPECT_FALSE(released.approved_by);
  EXPECT_EQ(released.released_ms, clock_.now_ms());
  EXPECT_EQ(released.next_at_ms, clock_.now_ms());
  EXPECT_EQ(released.due_ms, of.due_ms);
  EXPECT_FALSE(released.automatic);
  EXPECT_EQ(release_code(released, lead_), "report.not_draft");
}

TEST_F(ReleaseTest, APossibleMinorsIsALegalOfficersToRelease) {
  NewDraft what = new_draft();
  what.minor = true;
  const Report of = draft(what);
  EXPECT_EQ(release_code(of, lead_), "report.role");
  EXPECT_EQ(code_of(reports_->release_automatically(of.id, 1)), "report.role");
  EXPECT_EQ(release(of, legal_).state, State::kReleased);
}

TEST_F(ReleaseTest, AnAutomaticOneHasNobodysName) {
  const Report of = draft();
  EXPECT_EQ(code_of(reports_->release_automatically(of.id, 2)), "report.changed");
  EXPECT_EQ(code_of(reports_->release_automatically(Uuid{}, 1)), "report.not_found");
  const Result<Report> released = reports_->release_automatically(of.id, 1);
  ASSERT_TRUE(released) << released.error().message;
  EXPECT_EQ(released->state, State::kReleased);
  EXPECT_TRUE(get(of.id).automatic);
  EXPECT_FALSE(get(of.id).released_by);
  EXPECT_EQ(code_of(reports_->release_automatically(of.id, 1)), "report.not_draft");
  ask_for_two();
  const Report asked = release(draft());
  EXPECT_EQ(code_of(reports_->release_automatically(asked.id, 1)), "report.not_draft")
      << "a person has it in hand";
}

TEST_F(ReleaseTest, WherePolicyAsksForTwoAnotherPersonReleasesIt) {
  ask_for_two();
  const Report asked = release(draft());
  EXPECT_EQ(asked.state, State::kAsked);
  EXPECT_EQ(asked.released_by, "person:lead");
  EXPECT_FALSE(asked.next_at_ms);
  EXPECT_FALSE(try_lease());
  EXPECT_EQ(release_code(asked, lead_), "report.own");
  EXPECT_EQ(release_code(asked, reviewer_), "report.role");
  EXPECT_EQ(release_code(asked, other_, 2), "report.changed");
  const auto requests = control_->list("default", true, 10);
  ASSERT_TRUE(requests);
  ASSERT_EQ(requests->size(), 1U);
  EXPECT_EQ(requests->at(0).ask.object, "report:" + to_string(asked.id));
  EXPECT_EQ(code_of(control_->approve(other_.actor, requests->at(0).id)), "request.by_release");
  const Report released = release(asked, other_);
  EXPECT_EQ(released.state, State::kReleased);
  EXPECT_EQ(released.released_by, "person:lead");
  EXPECT_EQ(released.approved_by, "person:other");
  EXPECT_EQ(control_->find("default", requests->at(0).id)->state, dual_control::State::kUsed);
  EXPECT_EQ(texts("SELECT principal_id || ' ' || action || ' ' || result FROM audit WHERE id > 1 "
                  "ORDER BY id"),
            (std::vector<std::string>{"person:lead request.ask ok",
                                      "person:lead report.ask ok",
                                      "person:other request.approve refused",
                                      "person:other request.approve ok",
                                      "person:other report.release ok",
                                      "person:other release_report ok"}));
}

TEST_F(ReleaseTest, TheSameReleaseAgainIsDoneOnce) {
  ask_for_two();
  const Report of = draft();
  for (int i = 0; i < 2; ++i) {
    const Result<Report> asked = reports_->release(lead_, of.id, {1, "key-1"}, 1);
    ASSERT_TRUE(asked) << asked.error().message;
    EXPECT_EQ(asked->state, State::kAsked);
  }
  EXPECT_EQ(count("dual_request"), 1);
  for (int i = 0; i < 2; ++i) {
    const Result<Report> released = reports_->release(other_, of.id, {2, "key-1"}, 1);
    ASSERT_TRUE(released) << released.error().message;
    EXPECT_EQ(released->version, 3);
  }
  EXPECT_EQ(count("audit WHERE action = 'report.release'"), 1);
}

TEST_F(ReleaseTest, AnEditTakesTheRequestBack) {
  ask_for_two();
  const Report asked = release(draft());
  const Result<Report> written =
      reports_->write(lead_.actor, asked.id, {asked.version, ""}, "{}", "[]", {});
  ASSERT_TRUE(written) << written.error().message;
  EXPECT_EQ(written->state, State::kDraft);
  EXPECT_FALSE(written->released_by);
  EXPECT_TRUE(control_->list("default", true, 10)->empty());
  EXPECT_EQ(release(*written, other_).state, State::kAsked) << "both look at the new one";
  EXPECT_EQ(release(get(asked.id), lead_).state, State::kReleased);
}

TEST_F(ReleaseTest, ARequestThatWasRefusedOrNotAnsweredIsAskedForAnew) {
  ask_for_two();
  const Report asked = release(draft());
  ASSERT_TRUE(control_->refuse(other_.actor, control_->list("default", true, 10)->at(0).id));
  const Report again = release(asked, other_);
  EXPECT_EQ(again.state, State::kAsked);
  EXPECT_EQ(again.released_by, "person:other");
  clock_.advance(73 * kHour);
  EXPECT_EQ(release(again, lead_).state, State::kAsked);
  EXPECT_EQ(release(get(asked.id), other_).state, State::kReleased);
}

TEST_F(ReleaseTest, WhoIsNoPersonAsksNobody) {
  ask_for_two();
  Person token = lead_;
  token.actor.principal_id = "token:t";
  EXPECT_EQ(release_code(draft(), token), "request.not_a_person");
  const Report asked = release(draft());
  EXPECT_EQ(release_code(asked, token), "request.not_a_person");
  EXPECT_EQ(get(asked.id).state, State::kAsked);
}

TEST_F(ReleaseTest, OnAOnePersonServerWaitingStandsIn) {
  be_alone();
  const Report asked = release(draft());
  EXPECT_EQ(asked.state, State::kAsked);
  EXPECT_EQ(release_code(asked, lead_), "report.not_yet");
  clock_.advance(24 * kHour);
  const Report released = release(get(asked.id));
  EXPECT_EQ(released.state, State::kReleased);
  EXPECT_EQ(released.released_by, "person:lead");
  EXPECT_FALSE(released.approved_by);
  EXPECT_EQ(count("audit WHERE action = 'release_report_solo'"), 1);
  EXPECT_EQ(count("outbox WHERE topic = 'trustee.notice'"), 2);
}

TEST_F(ReleaseTest, WhenPolicyAsksForOneOnlyAnAskedOneIsReleasedByOne) {
  ask_for_two();
  const Report asked = release(draft());
  rules_.second_person = false;
  restart();
  EXPECT_EQ(release(asked).state, State::kReleased);
  EXPECT_TRUE(control_->list("default", true, 10)->empty());
}

TEST_F(ReleaseTest, OfTwoWhoReleaseAtOnceOneDoes) {
  ask_for_two();
  const Report asked = release(draft());
  std::atomic<int> released = 0;
  testing::all_at_once(4, [&](int i) {
    const Person person = person_of("p" + std::to_string(i), "lead");
    const Result<Report> done =
        reports_->release(person, asked.id, {asked.version, ""}, asked.document);
    released += done ? 1 : 0;
  });
  EXPECT_EQ(released, 1);
  EXPECT_EQ(count("audit WHERE action = 'release_report' AND result = 'ok'"), 1);
}

TEST_F(ReleaseTest, RetryIsForWhatWaitsForAPerson) {
  const Report of = draft();
  EXPECT_EQ(code_of(reports_->retry(lead_, of.id, {1, ""})), "report.not_waiting");
  release(of);
  EXPECT_EQ(code_of(reports_->retry(lead_, of.id, {2, ""})), "report.not_waiting");
  Leased leased = lease();
  step(leased, Phase::kCredentials);
  ASSERT_TRUE(reports_->put_off(leased, "report.credentials", {}));
  EXPECT_FALSE(try_lease());
  const Report waits = get(of.id);
  EXPECT_EQ(waits.state, State::kWaiting);
  EXPECT_EQ(waits.failure, "report.credentials");
  EXPECT_EQ(code_of(reports_->retry(reviewer_, of.id, {waits.version, ""})), "report.role");
  const Result<Report> again = reports_->retry(legal_, of.id, {waits.version, ""});
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_EQ(again->state, State::kReleased);
  EXPECT_EQ(again->attempts, 0);
  EXPECT_TRUE(again->failure.empty());
  EXPECT_FALSE(again->failing_since_ms);
  Leased next = lease();
  ASSERT_EQ(next.journal.size(), 1U);
  EXPECT_TRUE(next.journal[0].before_retry);
  EXPECT_EQ(file(next, receipt()).state, State::kFinished);
}

}  // namespace
}  // namespace tutela::reports
