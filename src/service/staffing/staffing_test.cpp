#include "service/staffing/staffing.hpp"

#include <memory>

#include "casework/intake/intake_fixture.hpp"

namespace tutela::staffing {
namespace {

using intake::kDay;
using intake::kHour;
using intake::kMinute;
using intake::NewNotice;
using intake::Queue;

const std::string kAnna = "person:01900000-0000-7000-8000-000000000001";

class StaffingOfNotices : public intake::IntakeTest {
 protected:
  Workload now() {
    Workload workload;
    const Status read = world_.database_->read([&](store::Transaction& transaction) -> Status {
      TUTELA_TRY_ASSIGN(
          workload,
          workload_of(transaction, "default", world_.rules_.promises, world_.clock_.now_ms()));
      return ok();
    });
    EXPECT_TRUE(read) << (read ? "" : read.error().message);
    return workload;
  }

  partners::Load load(Queue queue) { return now().loads.at(static_cast<std::size_t>(queue)); }

  Uuid told(intake::Sender sender, const std::string& source = {}) {
    NewNotice notice = intake::a_notice();
    notice.sender = sender;
    notice.source = source;
    return world_.accept(notice).id;
  }

  /// Taken now, answered so many minutes later.
  void answered_after(const Uuid& id, std::int64_t minutes) {
    EXPECT_TRUE(notices_.take(world_.desk_, id, world_.now(id)));
    world_.clock_.advance(minutes * kMinute);
    world_.answer(id);
  }

  void shift(const std::string& person,
             std::int64_t from_hours,
             std::int64_t until_hours,
             std::string_view kind = "shift") {
    const UtcMs at_ms = world_.clock_.now_ms();
    const auto added = partners_.add_span(
        world_.page_, kind, person, at_ms + from_hours * kHour, at_ms + until_hours * kHour);
    EXPECT_TRUE(added) << added.error().message;
  }

  partners::Partners partners_{*world_.database_, world_.clock_};
};

TEST_F(StaffingOfNotices, AnEmptyServerHasSevenQueuesAndKnowsNothing) {
  const Workload workload = now();
  ASSERT_EQ(workload.loads.size(), 7U);
  EXPECT_EQ(workload.loads[0].queue, "imminent");
  EXPECT_EQ(workload.loads[0].promise_ms, 15 * kMinute);
  EXPECT_EQ(workload.loads[6].queue, "flood");
  for (const partners::Load& each : workload.loads) {
    EXPECT_EQ(each.waiting, 0);
    EXPECT_EQ(each.arrivals_per_hour, 0);
    EXPECT_FALSE(each.next_due_ms);
  }
  EXPECT_FALSE(workload.staffing.known);
}

TEST_F(StaffingOfNotices, CountsWhatWaitsWhatComesAndHowLongAnAnswerTakes) {
  for (const std::int64_t minutes : {10, 30, 20, 600, 15}) {
    answered_after(told(intake::Sender::kVictim), minutes);
  }
  EXPECT_DOUBLE_EQ(load(Queue::kVictim).minutes_each, 20) << "the median: one took all night";
  EXPECT_EQ(load(Queue::kVictim).waiting, 0);
  const UtcMs before_ms = world_.clock_.now_ms();
  told(intake::Sender::kVictim);
  world_.clock_.advance(kHour);
  told(intake::Sender::kGuardian);
  const partners::Load victim = load(Queue::kVictim);
  EXPECT_EQ(victim.waiting, 2);
  EXPECT_EQ(victim.next_due_ms, before_ms + 4 * kHour);
  // Seven within the day or two that this server has been there.
  EXPECT_GE(victim.arrivals_per_hour, 7.0 / 48);
  EXPECT_LE(victim.arrivals_per_hour, 7.0 / 24);
  world_.clock_.advance(6 * kDay);
  EXPECT_LE(load(Queue::kVictim).arrivals_per_hour, 7.0 / (6 * 24));
  world_.clock_.advance(9 * kDay);
  EXPECT_EQ(load(Queue::kVictim).arrivals_per_hour, 0);
  world_.clock_.advance(28 * kDay);
  EXPECT_EQ(load(Queue::kVictim).minutes_each, 0) << "too long ago";
}

TEST_F(StaffingOfNotices, FourAnswersAreTooFewAndAnswersAtOnceTakeAMinute) {
  for (int i = 0; i < 4; ++i) {
    answered_after(told(intake::Sender::kAnyone), 0);
  }
  EXPECT_EQ(load(Queue::kPublic).minutes_each, 0);
  answered_after(told(intake::Sender::kAnyone), 0);
  EXPECT_EQ(load(Queue::kPublic).minutes_each, 1);
}

TEST_F(StaffingOfNotices, WhoIsAwayIsOnNoShiftAndPromisesBreak) {
  for (int i = 0; i < 5; ++i) {
    answered_after(told(intake::Sender::kVictim), 10);
  }
  told(intake::Sender::kVictim);
  EXPECT_FALSE(now().staffing.known);
  shift(kAnna, 0, 48);
  EXPECT_TRUE(now().staffing.known);
  EXPECT_TRUE(now().staffing.enough);
  EXPECT_EQ(now().staffing.people_now, 1);
  shift(kAnna, 0, 30, "absence");
  const Workload away = now();
  EXPECT_TRUE(away.staffing.known);
  EXPECT_FALSE(away.staffing.enough);
  EXPECT_EQ(away.staffing.people_now, 0);
  EXPECT_EQ(away.staffing.breaks_queue, "victim");
  EXPECT_EQ(away.staffing.breaks_ms, world_.clock_.now_ms() + 4 * kHour);
}

TEST_F(StaffingOfNotices, AFloodIsALoadAndNeedsNobodysHours) {
  for (int i = 0; i < 5; ++i) {
    answered_after(told(intake::Sender::kAnyone), 10);
  }
  shift(kAnna, 0, 168);
  for (int i = 0; i < 40; ++i) {
    told(intake::Sender::kAnyone, "one-source");
  }
  const Workload workload = now();
  EXPECT_GE(workload.loads.at(6).waiting, 30);
  EXPECT_TRUE(workload.staffing.enough);
  EXPECT_LT(workload.staffing.hours_needed, 40.0 * 10 / 60);
}

TEST_F(StaffingOfNotices, HolidaysStopTheClocksThatTheyStopForSenders) {
  for (int i = 0; i < 5; ++i) {
    answered_after(told(intake::Sender::kAnyone), 10);
  }
  world_.clock_.advance(kDay - world_.clock_.now_ms() % kDay);
  const std::int64_t today = world_.clock_.now_ms() / kDay;
  shift(kAnna, 46, 60);
  told(intake::Sender::kAnyone);
  EXPECT_FALSE(now().staffing.enough) << "due tomorrow, and nobody is there";
  world_.rules_.promises.holidays = {today, today + 1};
  told(intake::Sender::kAnyone);
  EXPECT_EQ(load(Queue::kPublic).due_of(world_.clock_.now_ms()), (today + 3) * kDay);
}

}  // namespace
}  // namespace tutela::staffing
