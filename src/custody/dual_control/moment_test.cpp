#include "custody/dual_control/moment.hpp"

#include "support/evidence_rows.hpp"

namespace tutela::dual_control {
namespace {

constexpr UtcMs kStart = 1'800'000'000'000;
constexpr std::int64_t kHour = 3'600'000;

class MomentTest : public ::testing::Test {
 protected:
  std::int64_t look_now() {
    Moment moment;
    EXPECT_TRUE(database_->write([&](store::Transaction& transaction) -> Status {
      TUTELA_TRY_ASSIGN(moment, look(transaction, clock_));
      return ok();
    }));
    EXPECT_EQ(moment.now_ms, clock_.now_ms());
    return moment.passed_ms;
  }

  std::int64_t glance_now() {
    Moment moment;
    EXPECT_TRUE(database_->read([&](store::Transaction& transaction) -> Status {
      TUTELA_TRY_ASSIGN(moment, glance(transaction, clock_));
      return ok();
    }));
    return moment.passed_ms;
  }

  testing::TemporaryFolder folder_;
  std::unique_ptr<store::Database> database_ = testing::open_database(folder_.path());
  ManualClock clock_{kStart};
};

TEST_F(MomentTest, TimePassesWithTheClockAndStandsWhereItIsSetBack) {
  const std::int64_t start = look_now();
  clock_.advance(kHour);
  EXPECT_EQ(look_now() - start, kHour);
  clock_.advance(-5 * kHour);
  EXPECT_EQ(look_now() - start, kHour);
  clock_.advance(2 * kHour);  // still before the start by the clock
  EXPECT_EQ(look_now() - start, 3 * kHour);
}

TEST_F(MomentTest, AClockThatWasFarAheadOnceCountsOnFromWhereItIsRight) {
  const std::int64_t start = look_now();
  clock_.advance(1000 * kHour);
  EXPECT_EQ(look_now() - start, 1000 * kHour);
  clock_.advance(-1000 * kHour);
  clock_.advance(kHour);
  const std::int64_t again = look_now();
  clock_.advance(kHour);
  EXPECT_EQ(look_now() - again, kHour);
}

TEST_F(MomentTest, AGlanceAgreesWithALookAndRemembersNothing) {
  look_now();
  clock_.advance(kHour);
  const std::int64_t glanced = glance_now();
  clock_.advance(-kHour);
  EXPECT_EQ(glance_now(), glanced - kHour);
  clock_.advance(kHour);
  EXPECT_EQ(look_now(), glanced);
}

TEST_F(MomentTest, OtherProcessesAndStartsGoOnFromTheSameTime) {
  const std::int64_t start = look_now();
  clock_.advance(kHour);
  look_now();
  clock_.advance(-kHour);
  database_.reset();
  database_ = testing::open_database(folder_.path());
  EXPECT_EQ(look_now() - start, kHour);
}

TEST_F(MomentTest, WithoutItsRowNothingIsInTime) {
  testing::run_sql(*database_, "DELETE FROM passed_time", {});
  const Status status = database_->write([&](store::Transaction& transaction) -> Status {
    TUTELA_TRY(look(transaction, clock_));
    return ok();
  });
  EXPECT_EQ(testing::code_of(status), "request.no_time");
}

}  // namespace
}  // namespace tutela::dual_control
