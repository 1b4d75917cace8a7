// How owed items are worked off: order, pace, doors that do not scan, and what fails.
#include "service/pipeline/backlog.hpp"

#include <atomic>

#include <gtest/gtest.h>

#include "casework/cases/cases.hpp"
#include "service/pipeline/pipeline.hpp"
#include "support/folder.hpp"
#include "support/pictures.hpp"
#include "support/pipelines.hpp"

namespace tutela::pipeline {
namespace {

using policy::Verdict;
using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::never;
using testing::picture_bmp;
using testing::tester;

class BacklogTest : public ::testing::Test {
 protected:
  void SetUp() override {
    config_ = testing::pipeline_config(folder_.path());
    open();
  }

  void open() {
    pipeline_.reset();
    auto opened = Pipeline::open(config_, clock_);
    ASSERT_TRUE(opened) << opened.error().message;
    pipeline_ = *std::move(opened);
  }

  /// Owed: its door did not get its verdict.
  Uuid add_owed(std::uint32_t seed, const std::string& door = "http") {
    Result<Intake> intake = pipeline_->receive({tester(), door, "post", {}, {}});
    EXPECT_TRUE(intake && intake->append(picture_bmp(seed, 64, 64)));
    const Result<Uuid> id = intake->finish();
    EXPECT_TRUE(id);
    return *id;
  }

  ledger::Content content(const Uuid& id) { return *pipeline_->ledger().get(tester(), id); }

  testing::TemporaryFolder folder_;
  SystemClock clock_;
  config::Config config_;
  std::unique_ptr<Pipeline> pipeline_;
};

TEST_F(BacklogTest, IsWorkedOffInOrderOfArrivalAndSaysHowFarItIs) {
  config_.workers.processes_max = 1;
  open();
  std::vector<Uuid> ids;
  for (std::uint32_t i = 0; i < 30; ++i) {
    ids.push_back(add_owed(i));
  }
  const Backlog before = pipeline_->backlog();
  EXPECT_EQ(before.owed, 30);
  EXPECT_EQ(before.oldest_ms, content(ids.front()).arrival.received_ms);
  EXPECT_EQ(before.done, 0);
  EXPECT_FALSE(before.finished_ms) << "nothing is known of its pace";
  std::atomic<int> asked{0};
  EXPECT_LT(*pipeline_->finish_owed([&] { return ++asked > 40; }), 30U);
  const Backlog amid = pipeline_->backlog();
  EXPECT_GT(amid.done, 0);
  EXPECT_EQ(amid.owed, 30 - amid.done);
  EXPECT_GT(amid.per_second, 0);
  ASSERT_TRUE(amid.finished_ms);
  EXPECT_GT(*amid.finished_ms, clock_.now_ms());
  // Two at once: the first so many are done, but for the last two of them.
  for (std::int64_t i = 0; i < amid.done - 2; ++i) {
    EXPECT_EQ(content(ids[static_cast<std::size_t>(i)]).outcome.verdict, Verdict::kNoMatch) << i;
  }
  ASSERT_TRUE(pipeline_->finish_owed(never));
  const Backlog after = pipeline_->backlog();
  EXPECT_EQ(after.owed, 0);
  EXPECT_EQ(after.oldest_ms, 0);
  EXPECT_EQ(after.done, 30);
  EXPECT_FALSE(after.finished_ms);
  add_owed(100);
  ASSERT_TRUE(pipeline_->finish_owed(never));
  EXPECT_EQ(pipeline_->backlog().done, 1) << "another backlog";
  EXPECT_EQ(pipeline_->backlog().made_up, 31) << "of all that there were: never goes back";
}

TEST_F(BacklogTest, LeavesWhatCameThroughADoorThatDoesNotScan) {
  config_.doors.http.scan = false;
  ASSERT_TRUE(pipeline_->reload(config_));
  const Uuid closed = add_owed(1);
  const Uuid open = add_owed(2, "cli");
  EXPECT_EQ(*pipeline_->finish_owed(never), 1U);
  EXPECT_EQ(content(closed).outcome.verdict, Verdict::kOwed);
  EXPECT_EQ(content(closed).attempts, 1U) << "no attempt is lost by waiting";
  EXPECT_EQ(content(open).outcome.verdict, Verdict::kNoMatch);
  EXPECT_EQ(pipeline_->backlog().owed, 1);
  config_.doors.http.scan = true;
  ASSERT_TRUE(pipeline_->reload(config_));
  EXPECT_EQ(*pipeline_->finish_owed(never), 1U);
  EXPECT_EQ(content(closed).outcome.verdict, Verdict::kNoMatch);
}

TEST_F(BacklogTest, AMatchThatIsMadeUpOpensItsCaseAsEver) {
  const Uuid id = add_owed(3);
  ASSERT_TRUE(pipeline_->ledger().let_through(tester(), id));
  testing::add_active_list(
      *pipeline_, "demo", testing::pdq_hex(*pipeline_, picture_bmp(3, 64, 64)));
  EXPECT_EQ(*pipeline_->finish_owed(never), 1U);
  EXPECT_EQ(content(id).outcome.verdict, Verdict::kMatch);
  EXPECT_TRUE(content(id).let_through);
  bool has_case = false;
  ASSERT_TRUE(pipeline_->database().read([&](store::Transaction& transaction) -> Status {
    TUTELA_TRY_ASSIGN(const auto its, cases::case_of(transaction, "default", id));
    has_case = its.has_value();
    return ok();
  }));
  EXPECT_TRUE(has_case);
}

TEST_F(BacklogTest, OneItemThatFailsKeepsNoOtherWaiting) {
  const Uuid bad = add_owed(4);
  std::vector<Uuid> others;
  for (std::uint32_t i = 0; i < 10; ++i) {
    others.push_back(add_owed(10 + i));
  }
  const std::filesystem::path file = folder_.path() / "spool" / to_string(bad);
  std::filesystem::rename(file, folder_.path() / "aside");
  std::filesystem::create_directory(file);  // cannot be read, and is not gone
  EXPECT_FALSE(pipeline_->finish_owed(never));
  EXPECT_EQ(content(bad).outcome.verdict, Verdict::kOwed);
  for (const Uuid& id : others) {
    EXPECT_EQ(content(id).outcome.verdict, Verdict::kNoMatch);
  }
  std::filesystem::remove(file);
  std::filesystem::rename(folder_.path() / "aside", file);
  EXPECT_EQ(*pipeline_->finish_owed(never), 1U);
  EXPECT_EQ(content(bad).outcome.verdict, Verdict::kNoMatch);
}

TEST_F(BacklogTest, AnErrorOfOursEndsTheRoundAndNothingIsDecided) {
  const std::filesystem::path program = folder_.path() / "decoder";
  std::filesystem::create_symlink(config_.workers.program, program);
  config_.workers.program = program;
  open();
  const Uuid id = add_owed(5);
  std::filesystem::remove(program);
  EXPECT_EQ(pipeline_->finish_owed(never).error().code, "workers.no_start");
  EXPECT_EQ(content(id).outcome.verdict, Verdict::kOwed);
  EXPECT_EQ(content(id).attempts, 1U);
  std::filesystem::create_symlink(testing::pipeline_config({}).workers.program, program);
  EXPECT_EQ(*pipeline_->finish_owed(never), 1U);
}

TEST_F(BacklogTest, KeepsToItsPace) {
  config_.doors.catch_up_per_second = 20;
  ASSERT_TRUE(pipeline_->reload(config_));
  for (std::uint32_t i = 0; i < 11; ++i) {
    add_owed(30 + i);
  }
  const auto begun = std::chrono::steady_clock::now();
  EXPECT_EQ(*pipeline_->finish_owed(never), 11U);
  EXPECT_GE(std::chrono::steady_clock::now() - begun, milliseconds(500));
}

TEST(PaceTest, AWaitEndsWhenItIsTold) {
  Pace pace;
  EXPECT_TRUE(pace.wait(1, never));
  // Told in its midst, it ends before its second is over: in one of many tries even where this
  // thread does not run for a while.
  bool at_once = false;
  for (int tries = 0; tries < 60 && !at_once; ++tries) {
    std::atomic<int> asked{0};
    const auto begun = std::chrono::steady_clock::now();
    EXPECT_FALSE(pace.wait(1, [&] { return ++asked > 2; }));
    at_once = std::chrono::steady_clock::now() - begun < milliseconds(900);
  }
  EXPECT_TRUE(at_once);
  EXPECT_TRUE(pace.wait(0, never));
  EXPECT_FALSE(pace.wait(0, [] { return true; }));
}

TEST(ProgressTest, TheRateIsThatOfTheLastMinute) {
  const Progress::SteadyTime begin{seconds(1'000'000)};
  Progress progress;
  EXPECT_EQ(progress.at(begin).done, 0);
  for (int i = 0; i < 100; ++i) {
    progress.count(begin + milliseconds(100 * i));  // 10 a second for 10 seconds
  }
  EXPECT_NEAR(progress.at(begin + seconds(10)).per_second, 10, 0.01);
  EXPECT_NEAR(progress.at(begin + seconds(30)).per_second, 100.0 / 30, 0.01);
  EXPECT_NEAR(progress.at(begin + seconds(65)).per_second, 40.0 / 60, 0.5);
  EXPECT_EQ(progress.at(begin + seconds(100)).per_second, 0);
  EXPECT_EQ(progress.at(begin + seconds(100)).done, 100);
  progress.end();
  EXPECT_EQ(progress.at(begin + seconds(101)).done, 100) << "until another begins";
  progress.count(begin + seconds(200));
  EXPECT_EQ(progress.at(begin + seconds(200)).done, 1);
  EXPECT_NEAR(progress.at(begin + seconds(200)).per_second, 1, 0.01);
}

}  // namespace
}  // namespace tutela::pipeline
