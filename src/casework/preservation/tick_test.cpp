#include <gtest/gtest.h>

#include "casework/preservation/preservation_fixture.hpp"

namespace tutela::preservation {
namespace {

using vault::State;

class TickTest : public PreservationTest {
 protected:
  void set_clock(std::string_view text) { clock_.advance(time_of(text) - clock_.now_ms()); }

  ClockHealth health() {
    const auto status = preservation_->clock_status();
    EXPECT_TRUE(status);
    return status ? status->health : ClockHealth::kJumped;
  }
};

TEST_F(TickTest, AnObjectLivesThroughYearsAndGoesOnTheRightDay) {
  set_clock("2028-02-29T12:00:00Z");
  const Uuid id = add();
  tick();
  ASSERT_TRUE(preservation_->on_case_report_completed(service_, "CASE-1", {clock_.now_ms(), "1"}));
  EXPECT_EQ(status(id).item.due_ms, time_of("2029-03-03T00:00:00Z"));
  ASSERT_TRUE(preservation_->keep(
      legal_, id, {BasisKind::kLawEnforcement, "Az. 4", time_of("2028-02-25"), 3 * 365}));
  EXPECT_EQ(status(id).item.due_ms, time_of("2031-02-26T00:00:00Z"));
  while (clock_.now_ms() < time_of("2031-02-19")) {
    pass_days(7);
    ASSERT_EQ(state(id), State::kKept) << to_rfc3339(clock_.now_ms());
  }
  set_clock("2031-02-25T23:59:59.999Z");
  tick();
  EXPECT_EQ(state(id), State::kKept);
  set_clock("2031-02-26T00:00:00Z");
  EXPECT_EQ(tick().due, 1);
  EXPECT_EQ(state(id), State::kDue);
  ASSERT_TRUE(dispose(id));
  EXPECT_EQ(tick().destroyed, 1);
  EXPECT_EQ(state(id), State::kDestroyed);
  EXPECT_EQ(gone_, std::set<Uuid>{id});
}

TEST_F(TickTest, TheTimeZoneOfTheMachineChangesNothing) {
  const Uuid id = add();
  std::vector<std::optional<UtcMs>> ends;
  for (const char* zone : {"UTC", "Pacific/Kiritimati", "America/New_York", "Europe/Berlin"}) {
    ::setenv("TZ", zone, 1);
    ::tzset();
    ASSERT_TRUE(preservation_->keep(
        lead_, id, {BasisKind::kOperatorHold, zone, time_of("2026-10-25T00:30:00Z"), 155}));
    ends.push_back(status(id).bases[0].end_ms);
  }
  ::unsetenv("TZ");
  ::tzset();
  EXPECT_EQ(ends, std::vector<std::optional<UtcMs>>(4, time_of("2027-03-31T00:00:00Z")));
}

TEST_F(TickTest, AClockThatLeapsMakesNothingDueUntilAPersonConfirmsIt) {
  const Uuid id = add();
  tick();
  set_clock("2031-01-01T00:00:00Z");
  EXPECT_EQ(code_of(preservation_->tick(never)), "clock.jump");
  EXPECT_EQ(code_of(preservation_->tick(never)), "clock.jump");
  EXPECT_EQ(entries("clock.jump"), 1);
  EXPECT_EQ(state(id), State::kKept);
  EXPECT_EQ(health(), ClockHealth::kJumped);
  reopen();
  EXPECT_EQ(health(), ClockHealth::kJumped);
  EXPECT_EQ(preservation_->clock_status()->seen_ms, time_of("2026-11-22T10:00:00Z"));
  EXPECT_EQ(code_of(dispose(id, Ground::kLawEnforcementRequest, "1")), "clock.jump");
  // Confirmed is what was seen, by a person.
  EXPECT_EQ(code_of(preservation_->confirm_clock(service_, clock_.now_ms())),
            "preservation.not_a_person");
  EXPECT_EQ(code_of(preservation_->confirm_clock(lead_, time_of("2026-11-22"))), "clock.changed");
  EXPECT_EQ(code_of(preservation_->tick(never)), "clock.jump");
  ASSERT_TRUE(preservation_->confirm_clock(lead_, clock_.now_ms()));
  EXPECT_EQ(entries("clock.confirm"), 1);
  EXPECT_EQ(health(), ClockHealth::kSane);
  EXPECT_EQ(code_of(preservation_->confirm_clock(lead_, clock_.now_ms())), "clock.sane");
  EXPECT_EQ(tick().due, 1);
  EXPECT_EQ(state(id), State::kDue);
}

TEST_F(TickTest, AClockThatIsRightAgainGoesOnByItself) {
  const Uuid id = add();
  tick();
  set_clock("2099-01-01");
  EXPECT_EQ(code_of(preservation_->tick(never)), "clock.jump");
  // What was sealed meanwhile counts from a time that is trusted.
  const Uuid meanwhile = add();
  set_clock("2026-11-23T10:00:00Z");
  tick();
  EXPECT_EQ(entries("clock.sane"), 1);
  EXPECT_EQ(health(), ClockHealth::kSane);
  EXPECT_EQ(state(id), State::kKept);
  EXPECT_EQ(status(meanwhile).item.due_ms, time_of("2027-02-23T00:00:00Z"));
}

TEST_F(TickTest, TheLeapIsMeasuredInDays) {
  tick();
  clock_.advance(7 * kTestDay);
  tick();
  clock_.advance(7 * kTestDay + 1);
  EXPECT_EQ(code_of(preservation_->tick(never)), "clock.jump");
}

TEST_F(TickTest, AClockThatGoesBackMakesNothingDueEarlierAndUndoesNothing) {
  const Uuid due = add();
  const Uuid gone = add();
  tick();
  pass_days(100);
  ASSERT_EQ(state(due), State::kDue);
  ASSERT_TRUE(dispose(gone));
  tick();
  ASSERT_EQ(state(gone), State::kDestroyed);
  const UtcMs right = clock_.now_ms();
  set_clock("2026-11-25T00:00:00Z");
  tick();
  EXPECT_EQ(health(), ClockHealth::kBehind);
  EXPECT_EQ(state(due), State::kDue);
  EXPECT_EQ(state(gone), State::kDestroyed);
  // By this clock its time has not ended.
  EXPECT_EQ(code_of(dispose(due)), "preservation.not_due");
  // What begins now does not begin in the past.
  const Uuid fresh = add();
  tick();
  EXPECT_EQ(status(fresh).bases[0].start_ms, right);
  ASSERT_TRUE(preservation_->on_case_report_completed(service_, "CASE-1", {clock_.now_ms(), "1"}));
  EXPECT_EQ(status(fresh).bases[0].start_ms, right);
  EXPECT_EQ(status(fresh).item.due_ms, time_of("2028-03-04T00:00:00Z"));
  EXPECT_EQ(state(due), State::kKept);
  // And forward again, as far as it was: no leap.
  clock_.advance(right - clock_.now_ms());
  tick();
  EXPECT_EQ(health(), ClockHealth::kSane);
}

TEST_F(TickTest, ADestructionWaitsWhileTheClockIsBehindItsEnd) {
  const Uuid id = add();
  tick();
  pass_days(100);
  ASSERT_TRUE(dispose(id));
  const UtcMs right = clock_.now_ms();
  set_clock("2026-12-01");
  EXPECT_EQ(tick().destroyed, 0);
  EXPECT_TRUE(gone_.empty());
  clock_.advance(right - clock_.now_ms());
  EXPECT_EQ(tick().destroyed, 1);
}

TEST_F(TickTest, AClockThatStartsIn1970IsNotBelieved) {
  set_clock("1970-01-02");
  const Uuid id = add();
  EXPECT_EQ(code_of(preservation_->tick(never)), "clock.bad");
  EXPECT_EQ(health(), ClockHealth::kBehind);
  EXPECT_EQ(code_of(preservation_->on_case_report_completed(service_, "CASE-1", {kTestDay, "1"})),
            "preservation.bad_time");
  EXPECT_FALSE(status(id).item.due_ms);
  set_clock("2026-11-22T10:00:00Z");
  tick();
  EXPECT_EQ(status(id).item.due_ms, time_of("2027-02-22T00:00:00Z"));
}

TEST_F(TickTest, StopsWhenItIsAskedTo) {
  const Uuid id = add();
  EXPECT_EQ(preservation_->tick([] { return true; })->adopted, 0);
  EXPECT_FALSE(status(id).item.due_ms);
}

TEST_F(TickTest, ManyObjectsMoveInSeveralUnitsOfWork) {
  constexpr std::int64_t kMany = 230;
  for (std::int64_t i = 0; i < kMany; ++i) {
    add();
  }
  EXPECT_EQ(tick().adopted, kMany);
  clock_.advance(6 * kTestDay);
  tick();
  ASSERT_TRUE(preservation_->confirm_clock(lead_, clock_.now_ms()).error().code == "clock.sane");
  for (int week = 0; week < 13; ++week) {
    clock_.advance(7 * kTestDay);
    if (tick().due == kMany) {
      break;
    }
  }
  EXPECT_EQ(preservation_->counts()->due, kMany);
  EXPECT_EQ(entries("evidence.due"), kMany);
}

class AutomaticTest : public PreservationTest {
 protected:
  AutomaticTest() : PreservationTest({.automatic_disposal = true}) {}
};

TEST_F(AutomaticTest, PolicyDestroysWhatIsDueAndNothingUnderAHold) {
  const Uuid id = add();
  const Uuid held = add("CASE-2");
  tick();
  hold({.evidence_id = {}, .case_ref = "CASE-2", .reference = "1", .review_ms = {}});
  pass_days(100);
  EXPECT_EQ(state(id), State::kDestroyed);
  EXPECT_EQ(state(held), State::kHeld);
  EXPECT_EQ(gone_, std::set<Uuid>{id});
  const auto certificate = verify_certificate(
      status(id).certificate,
      {preservation_->signer()->name, preservation_->signer()->key.public_key()});
  ASSERT_TRUE(certificate);
  EXPECT_EQ(certificate->asked_by, kPolicy);
  EXPECT_EQ(certificate->approved_by, kPolicy);
  EXPECT_EQ(certificate->reference, "sealed");
}

}  // namespace
}  // namespace tutela::preservation
