#include "service/pipeline/pipeline.hpp"

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <map>
#include <mutex>
#include <random>
#include <thread>

#include <gtest/gtest.h>

#include "support/folder.hpp"
#include "support/mutations.hpp"
#include "support/pictures.hpp"
#include "support/pipelines.hpp"

namespace tutela::pipeline {
namespace {

using policy::Action;
using policy::Verdict;
using testing::picture_bmp;
using testing::tester;

class PipelineTest : public ::testing::Test {
 protected:
  void SetUp() override { open(); }

  void open() {
    pipeline_.reset();
    Result<std::unique_ptr<Pipeline>> opened =
        Pipeline::open(testing::pipeline_config(folder_.path()), clock_);
    ASSERT_TRUE(opened) << opened.error().code << ": " << opened.error().message;
    pipeline_ = *std::move(opened);
  }

  Result<Intake> take(ByteView bytes, std::optional<std::string> key = {}) {
    TUTELA_TRY_ASSIGN(Intake intake,
                      pipeline_->receive({tester(), "http", "post", "ext-1", std::move(key)}));
    TUTELA_TRY(intake.append(bytes));
    TUTELA_TRY(intake.finish());
    return intake;
  }

  Result<ledger::Content> scan(ByteView bytes, std::optional<std::string> key = {}) {
    TUTELA_TRY_ASSIGN(Intake intake, take(bytes, std::move(key)));
    return pipeline_->scan(std::move(intake));
  }

  std::size_t spooled() { return pipeline_->spool().list()->size(); }

  testing::TemporaryFolder folder_;
  SystemClock clock_;
  std::unique_ptr<Pipeline> pipeline_;
};

TEST_F(PipelineTest, ACleanPictureIsNoMatchAndItsBytesAreGone) {
  testing::add_active_list(*pipeline_, "demo", std::string(64, '5'));
  const Result<ledger::Content> content = scan(picture_bmp(1));
  ASSERT_TRUE(content) << content.error().code;
  EXPECT_EQ(content->outcome.verdict, Verdict::kNoMatch);
  EXPECT_EQ(content->outcome.decision.action, Action::kPass);
  EXPECT_EQ(content->outcome.inspection->report.type, media::MediaType::kBmp);
  EXPECT_EQ(content->arrival.external_id, "ext-1");
  EXPECT_EQ(spooled(), 0U);
}

TEST_F(PipelineTest, AKnownPictureMatchesIsHeldAndItsBytesLieSealed) {
  const Bytes picture = picture_bmp(2);
  testing::add_active_list(*pipeline_, "demo", testing::pdq_hex(*pipeline_, picture));
  const Result<ledger::Content> content = scan(picture);
  ASSERT_TRUE(content) << content.error().code;
  EXPECT_EQ(content->outcome.verdict, Verdict::kMatch);
  EXPECT_EQ(content->outcome.decision.action, Action::kHold);
  ASSERT_EQ(content->outcome.matches.size(), 1U);
  EXPECT_EQ(content->outcome.matches[0].list_name, "demo");
  EXPECT_EQ(content->outcome.matches[0].distance, 0);
  ASSERT_EQ(spooled(), 1U);
  EXPECT_EQ(*pipeline_->spool().read(content->arrival.id, 1 << 20), picture);
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder_.path())) {
    if (!entry.is_regular_file()) {
      continue;
    }
    const Bytes stored = *read_file(entry.path(), 64 << 20);
    EXPECT_EQ(
        std::search(stored.begin(), stored.end(), picture.begin() + 100, picture.begin() + 164),
        stored.end())
        << "clear bytes in " << entry.path().filename();
  }
}

TEST_F(PipelineTest, WhatCannotBeScannedIsUnscannableHeldAndKept) {
  const Result<ledger::Content> content = scan(as_bytes("just some words"));
  ASSERT_TRUE(content);
  EXPECT_EQ(content->outcome.verdict, Verdict::kUnscannable);
  EXPECT_EQ(content->outcome.reason, "media.unsupported_type");
  EXPECT_EQ(content->outcome.decision.action, Action::kHold);
  EXPECT_EQ(spooled(), 1U);
}

TEST_F(PipelineTest, DigestsMatchWhateverTheTypeIs) {
  testing::add_active_list(
      *pipeline_, "demo", to_hex(crypto::digests_of(as_bytes("any words")).sha1));
  const Result<ledger::Content> content = scan(as_bytes("any words"));
  ASSERT_TRUE(content);
  EXPECT_EQ(content->outcome.verdict, Verdict::kMatch);
  EXPECT_EQ(content->outcome.matches.at(0).kind, match::SignalKind::kSha1);
  EXPECT_EQ(content->outcome.matches.at(0).strength, policy::Strength::kNear);
}

TEST_F(PipelineTest, EmptyOversizedAndDroppedItemsLeaveNothingBehind) {
  EXPECT_EQ(take({}).error().code, "media.empty");
  {
    Result<Intake> intake = pipeline_->receive({tester(), "http", "", {}, {}});
    ASSERT_TRUE(intake);
    const Bytes chunk(32 << 20);
    ASSERT_TRUE(intake->append(chunk));
    ASSERT_TRUE(intake->append(chunk));
    EXPECT_EQ(intake->append(as_bytes("x")).error().code, "media.too_large");
  }
  EXPECT_EQ(spooled(), 0U);
  EXPECT_EQ(pipeline_->ledger().owed_counts()->owed, 0);
  EXPECT_EQ(
      std::distance(std::filesystem::recursive_directory_iterator(folder_.path() / "spool"), {}),
      0);
}

TEST_F(PipelineTest, ARepeatedIdempotencyKeyGivesTheFirstVerdictWithoutASecondScan) {
  const Result<ledger::Content> first = scan(picture_bmp(3), "key");
  ASSERT_TRUE(first);
  const std::uint64_t items = pipeline_->workers()->health().items;
  const Result<ledger::Content> second = scan(picture_bmp(3), "key");
  ASSERT_TRUE(second);
  EXPECT_EQ(second->arrival.id, first->arrival.id);
  EXPECT_EQ(pipeline_->workers()->health().items, items);
  EXPECT_EQ(scan(picture_bmp(4), "key").error().code, "idempotency.mismatch");
  EXPECT_EQ(spooled(), 0U);
}

TEST_F(PipelineTest, WhatIsOwedIsFinishedOnceAfterwards) {
  Uuid id;
  {
    Result<Intake> intake = take(picture_bmp(5));
    ASSERT_TRUE(intake);
    id = *pipeline_->spool().list()->begin();
  }
  EXPECT_EQ(pipeline_->ledger().get(tester(), id)->outcome.verdict, Verdict::kOwed);
  const auto never = [] {
    return false;
  };
  EXPECT_EQ(*pipeline_->finish_owed(never), 1U);
  EXPECT_EQ(pipeline_->ledger().get(tester(), id)->outcome.verdict, Verdict::kNoMatch);
  EXPECT_EQ(*pipeline_->finish_owed(never), 0U);
  EXPECT_EQ(spooled(), 0U);
}

TEST_F(PipelineTest, AnItemInWorkIsNotTakenByRecovery) {
  Result<Intake> intake = take(picture_bmp(6));
  ASSERT_TRUE(intake);
  EXPECT_EQ(*pipeline_->finish_owed([] { return false; }), 0U);
  EXPECT_EQ(spooled(), 1U) << "its bytes stay";
  EXPECT_TRUE(pipeline_->scan(*std::move(intake)));
}

TEST_F(PipelineTest, LostOrChangedBytesAreUnscannableAndNeverNoMatch) {
  { ASSERT_TRUE(take(picture_bmp(7))); }
  const Uuid id = *pipeline_->spool().list()->begin();
  ASSERT_TRUE(pipeline_->spool().remove(id));
  EXPECT_EQ(*pipeline_->finish_owed([] { return false; }), 1U);
  const Result<ledger::Content> content = pipeline_->ledger().get(tester(), id);
  EXPECT_EQ(content->outcome.verdict, Verdict::kUnscannable);
  EXPECT_EQ(content->outcome.reason, "spool.lost");
}

TEST_F(PipelineTest, BytesThatSomebodyExchangedInTheSpoolAreNotScannedInPlaceOfOthers) {
  { ASSERT_TRUE(take(picture_bmp(71))); }
  { ASSERT_TRUE(take(picture_bmp(72))); }
  const std::vector<Uuid> ids = *pipeline_->spool().list();
  const std::filesystem::path spool = folder_.path() / "spool";
  std::filesystem::rename(spool / to_string(ids[0]), spool / "aside");
  std::filesystem::rename(spool / to_string(ids[1]), spool / to_string(ids[0]));
  std::filesystem::rename(spool / "aside", spool / to_string(ids[1]));
  EXPECT_EQ(*pipeline_->finish_owed([] { return false; }), 2U);
  for (const Uuid& id : ids) {
    EXPECT_EQ(pipeline_->ledger().get(tester(), id)->outcome.reason, "spool.lost");
  }
}

TEST_F(PipelineTest, NewLimitsHoldForTheItemsThatArriveAfterwards) {
  const Bytes picture = picture_bmp(73);
  config::Config next = testing::pipeline_config(folder_.path());
  next.limits.pixels_max = 100;
  ASSERT_TRUE(pipeline_->reload(next));
  EXPECT_EQ(scan(picture)->outcome.reason, "media.too_many_pixels");
  next.limits.size_bytes_max = 1000;
  ASSERT_TRUE(pipeline_->reload(next));
  EXPECT_EQ(take(picture).error().code, "media.too_large");
  ASSERT_TRUE(pipeline_->reload(testing::pipeline_config(folder_.path())));
  EXPECT_EQ(scan(picture)->outcome.verdict, Verdict::kNoMatch);
}

TEST_F(PipelineTest, AnItemThatFailsTooOftenBecomesUnscannable) {
  { ASSERT_TRUE(take(picture_bmp(8))); }
  const Uuid id = *pipeline_->spool().list()->begin();
  ASSERT_TRUE(pipeline_->ledger().begin_attempt(id));
  ASSERT_TRUE(pipeline_->ledger().begin_attempt(id));
  EXPECT_EQ(*pipeline_->finish_owed([] { return false; }), 1U);
  EXPECT_EQ(pipeline_->ledger().get(tester(), id)->outcome.reason, "attempts_exhausted");
}

TEST_F(PipelineTest, AListThatAnotherProcessGrowsIsSeenAfterARefresh) {
  const Bytes picture = picture_bmp(9);
  EXPECT_EQ(scan(picture)->outcome.verdict, Verdict::kNoMatch);
  Result<std::unique_ptr<Pipeline>> other =
      Pipeline::open(testing::pipeline_config(folder_.path()), clock_);
  ASSERT_TRUE(other);
  testing::add_active_list(**other, "demo", testing::pdq_hex(**other, picture));
  ASSERT_TRUE(pipeline_->refresh_generation());
  EXPECT_EQ(scan(picture)->outcome.verdict, Verdict::kMatch);
}

TEST_F(PipelineTest, IsReadyOnlyWithAnActiveList) {
  EXPECT_FALSE(pipeline_->readiness().ready());
  testing::add_active_list(*pipeline_, "demo", std::string(64, 'a'));
  const Readiness readiness = pipeline_->readiness();
  EXPECT_TRUE(readiness.ready());
  EXPECT_EQ(readiness.active_lists, 1U);
  EXPECT_EQ(readiness.signals, 1U);
}

TEST_F(PipelineTest, ScansGoOnFromManyThreadsWhileWorkersAreKilled) {
  testing::add_active_list(*pipeline_, "demo", std::string(64, '5'));
  std::atomic<int> no_match{0};
  std::atomic<int> owed{0};
  std::vector<std::thread> threads;
  for (std::uint32_t t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      for (std::uint32_t i = 0; i < 25; ++i) {
        const Result<ledger::Content> content = scan(picture_bmp(1'000 + t * 100 + i));
        if (!content) {
          EXPECT_EQ(content.error().kind, ErrorKind::kUnavailable) << content.error().code;
          ++owed;
        } else {
          EXPECT_EQ(content->outcome.verdict, Verdict::kNoMatch) << content->outcome.reason;
          ++no_match;
        }
      }
    });
  }
  std::thread killer([&] {
    for (int kills = 0; kills < 3; ++kills) {
      std::this_thread::sleep_for(std::chrono::milliseconds(100));
      if (const auto pid = static_cast<pid_t>(pipeline_->workers()->health().parent_pid); pid > 1) {
        ::kill(pid, SIGKILL);
      }
    }
  });
  for (std::thread& thread : threads) {
    thread.join();
  }
  killer.join();
  EXPECT_GT(no_match, 0);
  // What was left owed gets its verdict once the workers are back.
  std::size_t finished = 0;
  for (int tries = 0; tries < 1200 && finished < static_cast<std::size_t>(owed); ++tries) {
    const Result<std::size_t> more = pipeline_->finish_owed([] { return false; });
    finished += more ? *more : 0;
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
  EXPECT_EQ(finished, static_cast<std::size_t>(owed));
  EXPECT_EQ(pipeline_->ledger().owed_counts()->owed, 0);
}

TEST_F(PipelineTest, EveryMutatedFileGetsAVerdictAndTheProcessGoesOn) {
  testing::add_active_list(*pipeline_, "demo", testing::pdq_hex(*pipeline_, picture_bmp(9)));
  const std::vector<Bytes> files = testing::media_testdata();
  ASSERT_FALSE(files.empty());
  const std::uint32_t seed = std::random_device{}();
  std::atomic<int> next{0};
  std::mutex mutex;  // tidy:allow(mutex): a test's own tally
  std::map<std::string, int> verdicts;
  const auto scan_some = [&](std::uint32_t thread) {
    std::mt19937 random(seed + thread);
    while (next++ < testing::mutations(400)) {
      const Bytes bytes = testing::mutated(files, random);
      if (bytes.empty()) {
        continue;
      }
      const Result<ledger::Content> content = scan(bytes);
      const std::lock_guard lock(mutex);
      verdicts[content ? std::string(policy::to_string(content->outcome.verdict))
                       : std::string(content.error().code)]++;
    }
  };
  std::vector<std::thread> threads;
  for (std::uint32_t i = 0; i < 4; ++i) {
    threads.emplace_back(scan_some, i);
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  for (const auto& [verdict, count] : verdicts) {
    std::printf("seed %u: %d %s\n", seed, count, verdict.c_str());
    EXPECT_TRUE(verdict == "no_match" || verdict == "unscannable") << verdict;
  }
  EXPECT_GT(verdicts["unscannable"], 0);
  EXPECT_EQ(pipeline_->workers()->health().restarts, 0U) << "the workers' parent lived through it";
  EXPECT_EQ(pipeline_->ledger().owed_counts()->owed, 0);
}

TEST_F(PipelineTest, ADryRunCountsWithoutDecidingOrKeepingAnything) {
  const Bytes picture = picture_bmp(10);
  ASSERT_TRUE(scan(picture));
  ASSERT_TRUE(scan(picture_bmp(11)));
  lists::NewList spec;
  spec.name = "new";
  spec.source = "own";
  spec.classification = "test";
  spec.purpose = lists::Purpose::kTest;
  const Result<lists::List> list = pipeline_->lists().create(tester(), spec);
  ASSERT_TRUE(list);
  lists::ImportReport report;
  ASSERT_TRUE(pipeline_->lists().import_signals(
      tester(), list->id, testing::pdq_hex(*pipeline_, picture), {}, report));
  const Result<lists::DryRun> on_index = pipeline_->dry_run_on_index(tester(), list->id, 100);
  ASSERT_TRUE(on_index) << on_index.error().code;
  EXPECT_EQ(on_index->sample_size, 2);
  EXPECT_EQ(on_index->matched, 1);

  const testing::TemporaryFolder sample;
  ASSERT_TRUE(write_file_atomic(sample.path() / "a.bmp", picture));
  ASSERT_TRUE(write_file_atomic(sample.path() / "b.bmp", picture_bmp(12)));
  ASSERT_TRUE(write_file_atomic(sample.path() / "c.txt", as_bytes("words")));
  int seen = 0;
  const Result<lists::DryRun> on_files =
      pipeline_->dry_run(tester(),
                         list->id,
                         {sample.path() / "a.bmp",
                          sample.path() / "b.bmp",
                          sample.path() / "c.txt",
                          sample.path() / "missing"},
                         [&](const Pipeline::DryRunItem&) { ++seen; });
  ASSERT_TRUE(on_files) << on_files.error().code;
  EXPECT_EQ(seen, 4);
  EXPECT_EQ(on_files->sample_size, 4);
  EXPECT_EQ(on_files->matched, 1);
  EXPECT_EQ(on_files->unscannable, 2);
  EXPECT_EQ(spooled(), 0U);
}

}  // namespace
}  // namespace tutela::pipeline
