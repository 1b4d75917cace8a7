// What stands in the indexes and is gone from the ledger: nothing fails of it, and nothing else is
// missed.
#include <gtest/gtest.h>

#include "support/folder.hpp"
#include "support/pictures.hpp"
#include "support/pipelines.hpp"
#include "watch/ledger/coverage.hpp"

namespace tutela::pipeline {
namespace {

using policy::Verdict;
using testing::never;
using testing::picture_bmp;
using testing::tester;

class CompactionTest : public ::testing::Test {
 protected:
  void SetUp() override { open(); }

  void open() {
    pipeline_.reset();
    auto opened = Pipeline::open(testing::pipeline_config(folder_.path()), clock_);
    ASSERT_TRUE(opened) << opened.error().message;
    pipeline_ = *std::move(opened);
  }

  Uuid scanned(std::uint32_t picture) {
    auto intake = pipeline_->receive({tester(), "http", "post", {}, {}});
    EXPECT_TRUE(intake && intake->append(picture_bmp(picture)) && intake->finish());
    const auto content = pipeline_->scan(*std::move(intake));
    EXPECT_TRUE(content);
    return content ? content->arrival.id : Uuid();
  }

  CatchUp catch_up() {
    const auto done = pipeline_->catch_up(never);
    EXPECT_TRUE(done) << (done ? "" : done.error().message);
    return done ? *done : CatchUp{};
  }

  /// As if the items were ten days old and kept for one; the last one stays.
  std::int64_t compact_now() {
    const auto done = ledger::compact(
        pipeline_->database(), {1, 60, 92}, clock_.now_ms() + 10 * ledger::kDayMs, never);
    EXPECT_TRUE(done) << (done ? "" : done.error().message);
    return done ? done->items : 0;
  }

  bool is_there(const Uuid& id) { return pipeline_->ledger().get(tester(), id).has_value(); }

  Verdict verdict(const Uuid& id) { return pipeline_->ledger().get(tester(), id)->outcome.verdict; }

  std::int64_t group_size(const Uuid& id) {
    const auto group = pipeline_->group_of(tester(), id, 10);
    EXPECT_TRUE(group) << (group ? "" : group.error().message);
    return group ? group->size : 0;
  }

  void import(const Uuid& list, std::uint32_t picture) {
    lists::ImportReport report;
    const std::string signals = testing::pdq_hex(*pipeline_, picture_bmp(picture)) + "\nsha256," +
                                to_hex(crypto::sha256_of(picture_bmp(picture))) + "\n";
    EXPECT_TRUE(pipeline_->lists().import_signals(tester(), list, signals, {}, report));
  }

  testing::TemporaryFolder folder_;
  SystemClock clock_;
  std::unique_ptr<Pipeline> pipeline_;
};

TEST_F(CompactionTest, ARescanGoesPastWhatIsGoneAndFindsTheRest) {
  const Uuid list = testing::add_active_list(*pipeline_, "demo", std::string(64, '5'));
  catch_up();
  const Uuid gone = scanned(1);
  catch_up();
  const Uuid stays = scanned(2);
  catch_up();
  ASSERT_EQ(compact_now(), 1);
  EXPECT_FALSE(is_there(gone));
  import(list, 1);
  import(list, 2);
  catch_up();
  EXPECT_EQ(verdict(stays), Verdict::kMatch);
  for (const Rescan& rescan : *pipeline_->rescans().latest(tester(), 10)) {
    EXPECT_EQ(rescan.state, RescanState::kDone);
  }
  open();
  const auto asked = pipeline_->ask_rescan(tester(), list, 0);
  ASSERT_TRUE(asked);
  catch_up();
  EXPECT_EQ(pipeline_->rescans().get(tester(), *asked)->state, RescanState::kDone);
  EXPECT_TRUE(pipeline_->dry_run_on_index(tester(), list, 10));
}

TEST_F(CompactionTest, WhatIsGoneBeforeItWasFollowedIsPassedOver) {
  testing::add_active_list(*pipeline_, "demo", std::string(64, '5'));
  catch_up();
  scanned(1);
  scanned(2);
  ASSERT_EQ(compact_now(), 1);
  EXPECT_EQ(catch_up().followed, 1U);
  scanned(3);
  EXPECT_EQ(catch_up().followed, 1U) << "positions go on";
}

TEST_F(CompactionTest, AHashWhoseContentIsGoneHidesNoNewGroup) {
  scanned(1);
  catch_up();
  scanned(2);
  catch_up();
  ASSERT_EQ(compact_now(), 1);
  const Uuid again = scanned(1);
  catch_up();
  EXPECT_EQ(group_size(again), 1);
  const Uuid twice = scanned(1);
  catch_up();
  EXPECT_EQ(group_size(twice), 2);
  open();
  scanned(1);
  catch_up();
  EXPECT_EQ(group_size(again), 3);
}

}  // namespace
}  // namespace tutela::pipeline
