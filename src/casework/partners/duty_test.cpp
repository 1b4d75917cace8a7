#include "casework/partners/partners_fixture.hpp"

namespace tutela::partners {
namespace {

std::string code_of(const Status& status) {
  return status ? "" : std::string(status.error().code);
}

std::string code_of(const Result<Span>& span) {
  return span ? "" : std::string(span.error().code);
}

class DutyTest : public PartnersTest {
 protected:
  void set(const std::string& queue,
           const std::string& person,
           const std::optional<std::string>& deputy) {
    const Status done = partners_->set_duty(actor_, queue, person, deputy);
    ASSERT_TRUE(done) << done.error().message;
  }

  Uuid away(const std::string& person, UtcMs from_ms, UtcMs until_ms) {
    const auto span = partners_->add_span(actor_, "absence", person, from_ms, until_ms);
    EXPECT_TRUE(span) << span.error().message;
    return span ? span->id : Uuid{};
  }

  UtcMs now() { return clock_.now_ms(); }
};

TEST_F(DutyTest, ADeputyIsToldAndThePersonWhereThereIsNone) {
  EXPECT_EQ(escalated_to("victim"), "");
  EXPECT_TRUE(unmanned("victim"));
  set("victim", kAnna, std::nullopt);
  EXPECT_EQ(escalated_to("victim"), kAnna);
  EXPECT_FALSE(unmanned("victim"));
  set("victim", kAnna, kBen);
  EXPECT_EQ(escalated_to("victim"), kBen);
  EXPECT_EQ(escalated_to("public"), "");
  set("victim", kCleo, kAnna);
  EXPECT_EQ(escalated_to("victim"), kAnna);
  EXPECT_EQ(number("SELECT COUNT(*) FROM duty"), 1);
  EXPECT_EQ(entries("duty.set"), 3);
}

TEST_F(DutyTest, AnAbsentDeputyIsNotToldWhileAway) {
  set("imminent", kAnna, kBen);
  const Uuid id = away(kBen, now() + kHour, now() + 2 * kHour);
  EXPECT_EQ(escalated_to("imminent"), kBen);
  clock_.advance(kHour);
  EXPECT_EQ(escalated_to("imminent"), kAnna);
  EXPECT_FALSE(unmanned("imminent"));
  EXPECT_TRUE(partners_->duties("default")->front().deputy_absent);
  EXPECT_FALSE(partners_->duties("default")->front().person_absent);
  clock_.advance(kHour - 1);
  EXPECT_EQ(escalated_to("imminent"), kAnna);
  clock_.advance(1);
  EXPECT_EQ(escalated_to("imminent"), kBen) << "an absence ends before its last moment";
  EXPECT_TRUE(partners_->spans("default", "absence")->empty());
  EXPECT_TRUE(partners_->remove_span(actor_, "absence", id)) << "what is over may be removed";
}

TEST_F(DutyTest, SomebodyIsNamedAlsoWhereAllAreAwayAndTheQueueIsUnmanned) {
  set("law", kAnna, kBen);
  away(kAnna, now(), now() + kDay);
  EXPECT_FALSE(unmanned("law"));
  EXPECT_EQ(escalated_to("law"), kBen);
  const Uuid id = away(kBen, now(), now() + kDay);
  EXPECT_TRUE(unmanned("law"));
  EXPECT_EQ(escalated_to("law"), kAnna);
  ASSERT_TRUE(partners_->remove_span(actor_, "absence", id));
  EXPECT_FALSE(unmanned("law"));
  set("law", kAnna, std::nullopt);
  EXPECT_TRUE(unmanned("law"));
}

TEST_F(DutyTest, ThePersonOnDutyIsWarnedWhileTheDeputyIsToldAndOnlyWhereTheyAreThere) {
  set("victim", kAnna, kBen);
  EXPECT_EQ(escalation("victim").to, kBen);
  EXPECT_TRUE(escalation("victim").to_deputy);
  EXPECT_EQ(escalation("victim").warned, kAnna);
  const Uuid id = away(kAnna, now(), now() + kDay);
  EXPECT_EQ(escalation("victim").to, kBen);
  EXPECT_EQ(escalation("victim").warned, "");
  ASSERT_TRUE(partners_->remove_span(actor_, "absence", id));
  away(kBen, now(), now() + kDay);
  EXPECT_EQ(escalation("victim").to, kAnna);
  EXPECT_FALSE(escalation("victim").to_deputy);
  EXPECT_EQ(escalation("victim").warned, "");
  set("law", kAnna, std::nullopt);
  EXPECT_EQ(escalation("law").to, kAnna);
  EXPECT_FALSE(escalation("law").to_deputy);
}

TEST_F(DutyTest, WhoIsOnNoShiftIsToldOnlyWhereTheOtherOneIsNotThereEither) {
  set("victim", kAnna, kBen);
  const auto shift = [&](const std::string& person, UtcMs from_ms, UtcMs until_ms) {
    ASSERT_TRUE(partners_->add_span(actor_, "shift", person, from_ms, until_ms));
  };
  shift(kBen, now() + kHour, now() + 2 * kHour);
  EXPECT_EQ(escalated_to("victim"), kAnna) << "the deputy begins later";
  shift(kAnna, now() + kHour, now() + 3 * kHour);
  EXPECT_EQ(escalated_to("victim"), kBen) << "at night the deputy is told all the same";
  EXPECT_EQ(escalation("victim").warned, kAnna);
  clock_.advance(kHour);
  EXPECT_EQ(escalated_to("victim"), kBen) << "both are on shift";
  shift(kBen, now() + kDay, now() + kDay + kHour);
  clock_.advance(kHour);
  EXPECT_EQ(escalated_to("victim"), kAnna) << "theirs is over, another is planned";
  away(kAnna, now(), now() + kDay);
  EXPECT_EQ(escalated_to("victim"), kBen);
}

TEST_F(DutyTest, AbsencesThatOverlapEndWithTheLastOfThem) {
  set("flood", kAnna, kBen);
  away(kBen, now(), now() + 3 * kHour);
  const Uuid inner = away(kBen, now() + kHour, now() + 2 * kHour);
  clock_.advance(kHour);
  ASSERT_TRUE(partners_->remove_span(actor_, "absence", inner));
  EXPECT_EQ(escalated_to("flood"), kAnna);
  clock_.advance(2 * kHour);
  EXPECT_EQ(escalated_to("flood"), kBen);
}

TEST_F(DutyTest, WhoHasLeftTheServerIsAway) {
  execute(
      "INSERT INTO person (id, tenant_id, principal_id, name, role, state, last_step, created_ms) "
      "VALUES (:id, 'default', 'system', 'Ben', 'lead', 'active', 0, 0)",
      {kBen.substr(7)});
  set("public", kAnna, kBen);
  EXPECT_EQ(escalated_to("public"), kBen);
  execute("UPDATE person SET state = 'disabled' WHERE id = :id", {kBen.substr(7)});
  EXPECT_EQ(escalated_to("public"), kAnna);
  EXPECT_TRUE(partners_->duties("default")->front().deputy_absent);
}

TEST_F(DutyTest, RefusesQueuesAndPeopleThatAreNone) {
  EXPECT_EQ(code_of(partners_->set_duty(actor_, "other", kAnna, {})), "duty.bad_queue");
  EXPECT_EQ(code_of(partners_->set_duty(actor_, "", kAnna, {})), "duty.bad_queue");
  EXPECT_EQ(code_of(partners_->set_duty(actor_, "victim", kAnna, kAnna)), "duty.same_person");
  for (const std::string& nobody : {std::string(),
                                    std::string("Anna"),
                                    std::string("token:x"),
                                    std::string("person:"),
                                    kAnna + "0",
                                    kAnna + std::string(1, '\0')}) {
    EXPECT_EQ(code_of(partners_->set_duty(actor_, "victim", nobody, {})), "duty.bad_person");
    EXPECT_EQ(code_of(partners_->set_duty(actor_, "victim", kAnna, nobody)), "duty.bad_person");
    EXPECT_EQ(code_of(partners_->add_span(actor_, "shift", nobody, now(), now() + 1)),
              "duty.bad_person");
  }
  EXPECT_TRUE(partners_->duties("default")->empty());
}

TEST_F(DutyTest, SpansAreWholeAndNeitherOverNorEndless) {
  const auto code = [&](std::string_view kind, UtcMs from_ms, UtcMs until_ms) {
    return code_of(partners_->add_span(actor_, kind, kAnna, from_ms, until_ms));
  };
  EXPECT_EQ(code("holiday", now(), now() + 1), "duty.bad_span");
  EXPECT_EQ(code("shift; DROP TABLE duty", now(), now() + 1), "duty.bad_span");
  EXPECT_EQ(code("shift", now(), now()), "duty.bad_span");
  EXPECT_EQ(code("shift", now() + 2, now() + 1), "duty.bad_span");
  EXPECT_EQ(code("shift", now() - 2, now()), "duty.bad_span");
  EXPECT_EQ(code("shift", -1, now() + 1), "duty.bad_span");
  EXPECT_EQ(code("shift", now(), now() + 400 * kDay + 1), "duty.bad_span");
  EXPECT_EQ(code("shift", now() + 400 * kDay + 1, now() + 400 * kDay + 2), "duty.bad_span");
  EXPECT_EQ(code("shift", INT64_MIN, INT64_MAX), "duty.bad_span");
  EXPECT_EQ(code("shift", INT64_MAX - 1, INT64_MAX), "duty.bad_span");
  EXPECT_EQ(code("shift", now() - kHour, now() + 1), "");
  EXPECT_EQ(code("absence", now(), now() + 400 * kDay), "");
  EXPECT_EQ(code_of(partners_->remove_span(actor_, "shift", Uuid{})), "duty.unknown");
  EXPECT_EQ(partners_->spans("default", "nothing").error().code, "duty.bad_span");
}

TEST_F(DutyTest, SpansAreOfTheirKindAndTenantAndInOrder) {
  const Uuid later = partners_->add_span(actor_, "shift", kBen, now() + 5, now() + 9)->id;
  const Uuid sooner = partners_->add_span(actor_, "shift", kAnna, now() + 1, now() + 9)->id;
  away(kAnna, now(), now() + 1);
  const auto shifts = partners_->spans("default", "shift");
  ASSERT_EQ(shifts->size(), 2U);
  EXPECT_EQ((*shifts)[0].id, sooner);
  EXPECT_EQ((*shifts)[0].person, kAnna);
  EXPECT_EQ((*shifts)[1].id, later);
  EXPECT_TRUE(partners_->spans("other", "shift")->empty());
  const store::Actor elsewhere{"other", kAnna, "lead"};
  EXPECT_EQ(code_of(partners_->remove_span(elsewhere, "shift", sooner)), "duty.unknown");
  EXPECT_EQ(code_of(partners_->remove_span(actor_, "absence", sooner)), "duty.unknown");
  EXPECT_TRUE(partners_->remove_span(actor_, "shift", sooner));
  EXPECT_EQ(entries("duty.shift_add"), 2);
  EXPECT_EQ(entries("duty.absence_add"), 1);
  EXPECT_EQ(entries("duty.shift_remove"), 1);
}

}  // namespace
}  // namespace tutela::partners
