// What stands in the indexes and is gone from the ledger: nothing fails of it, and nothing else is
// missed.
#include <algorithm>

#include <gtest/gtest.h>

#include "base/file.hpp"
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
    config::Config config = testing::pipeline_config(folder_.path());
    config.index.forget_after_ms = forget_after_ms_;
    auto opened = Pipeline::open(config, clock_);
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

  /// Whether a file of the content index, or of one that is made, has these bytes.
  bool on_disk(ByteView bytes) {
    for (const auto& entry :
         std::filesystem::recursive_directory_iterator(folder_.path() / "index")) {
      const bool of_contents = entry.path().native().find("content") != std::string::npos;
      if (of_contents && entry.is_regular_file()) {
        const auto whole = read_file(entry.path(), 100U << 20);
        EXPECT_TRUE(whole);
        if (!std::ranges::search(*whole, bytes).empty()) {
          return true;
        }
      }
    }
    return false;
  }

  testing::TemporaryFolder folder_;
  SystemClock clock_;
  std::int64_t forget_after_ms_ = 0;
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

TEST_F(CompactionTest, FingerprintsOfWhatIsGoneGoTooAndNothingElseIsMissed) {
  const Uuid list = testing::add_active_list(*pipeline_, "demo", std::string(64, '5'));
  const Uuid gone = scanned(1);
  catch_up();
  const Uuid stays = scanned(2);
  catch_up();
  ASSERT_EQ(compact_now(), 1);
  EXPECT_TRUE(on_disk(gone.bytes));
  const std::string counts = "SELECT SUM(items) FROM coverage_hour WHERE verdict = 'no_match'";
  const std::string counted = testing::text_of(*pipeline_, counts);
  ASSERT_TRUE(pipeline_->compact(never));
  EXPECT_FALSE(on_disk(gone.bytes));
  EXPECT_TRUE(on_disk(stays.bytes));
  EXPECT_EQ(testing::text_of(*pipeline_, counts), counted);
  const Uuid later = scanned(3);
  catch_up();
  EXPECT_EQ(pipeline_->index_stats().contents->contents, 2U);
  import(list, 2);
  import(list, 3);
  catch_up();
  EXPECT_EQ(verdict(stays), Verdict::kMatch);
  EXPECT_EQ(verdict(later), Verdict::kMatch);
  for (const Rescan& rescan : *pipeline_->rescans().latest(tester(), 10)) {
    EXPECT_EQ(rescan.state, RescanState::kDone);
  }
  open();
  scanned(4);
  catch_up();
  EXPECT_EQ(pipeline_->index_stats().contents->contents, 3U);
}

TEST_F(CompactionTest, TheContentIndexIsNotMadeAgainWithoutNeedOrTwiceADay) {
  scanned(1);
  scanned(2);
  catch_up();
  ASSERT_TRUE(pipeline_->compact(never));
  EXPECT_TRUE(pipeline_->index_stats().contents) << "nothing is gone";
  ASSERT_EQ(compact_now(), 1);
  forget_after_ms_ = 86'400'000;
  open();
  catch_up();
  ASSERT_TRUE(pipeline_->compact(never));
  EXPECT_EQ(pipeline_->index_stats().contents->contents, 2U) << "it was made today";
  forget_after_ms_ = 0;
  open();
  catch_up();
  ASSERT_TRUE(pipeline_->compact([] { return true; }));
  EXPECT_EQ(pipeline_->index_stats().contents->contents, 2U) << "stopped before its end";
  EXPECT_FALSE(std::filesystem::exists(folder_.path() / "index" / "content.next"));
  ASSERT_TRUE(pipeline_->ask_rescan(
      tester(), testing::add_active_list(*pipeline_, "demo", std::string(64, '5')), 0));
  ASSERT_TRUE(pipeline_->compact(never));
  EXPECT_EQ(pipeline_->index_stats().contents->contents, 2U) << "a rescan would begin again";
  catch_up();
  ASSERT_TRUE(pipeline_->compact(never));
  catch_up();
  EXPECT_EQ(pipeline_->index_stats().contents->contents, 1U);
}

TEST_F(CompactionTest, WhatAnotherProcessGroupedMeanwhileIsGroupedWith) {
  scanned(1);
  scanned(2);
  catch_up();
  ASSERT_EQ(compact_now(), 1);
  ASSERT_TRUE(pipeline_->compact(never));
  // The content index is free until this process opens the new one.
  auto other = Pipeline::open(testing::pipeline_config(folder_.path()), clock_);
  ASSERT_TRUE(other) << other.error().message;
  const Uuid first = scanned(3);
  const auto theirs = (*other)->catch_up(never);
  ASSERT_TRUE(theirs) << theirs.error().message;
  EXPECT_FALSE(theirs->elsewhere);
  EXPECT_EQ(theirs->followed, 1U);
  EXPECT_TRUE(catch_up().elsewhere);
  other->reset();
  scanned(3);
  EXPECT_FALSE(catch_up().elsewhere);
  EXPECT_EQ(group_size(first), 2);
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
