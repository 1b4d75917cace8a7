// kill -9 at every step between a verdict and what a grown or withdrawn list makes of it: no
// content is missed, none gets a new verdict twice.
//
// The test runs itself as "--drive FOLDER" with one fault point armed.
#include <cstdio>

#include <gtest/gtest.h>

#include "support/driven.hpp"
#include "support/folder.hpp"
#include "support/pictures.hpp"
#include "support/pipelines.hpp"

namespace tutela {
namespace {

using testing::never;

/// The content index is made without what is gone as soon as something is.
config::Config forgetting(const std::filesystem::path& folder) {
  config::Config config = testing::pipeline_config(folder);
  config.index.forget_after_ms = 0;
  return config;
}

Result<Uuid> scan(pipeline::Pipeline& pipeline, ByteView bytes) {
  TUTELA_TRY_ASSIGN(auto intake, pipeline.receive({testing::tester(), "http", "post", {}, {}}));
  TUTELA_TRY(intake.append(bytes));
  TUTELA_TRY_ASSIGN(const Uuid id, intake.finish());
  TUTELA_TRY(pipeline.scan(std::move(intake)));
  return id;
}

constexpr int kWentOn = 5;

int drive(const std::filesystem::path& folder) {
  const SystemClock clock;
  auto pipeline = pipeline::Pipeline::open(forgetting(folder), clock);
  if (!pipeline) {
    std::fprintf(stderr, "%s\n", pipeline.error().message.c_str());
    return 3;
  }
  if (!(*pipeline)->catch_up(never)) {
    return 4;
  }
  if ((*pipeline)->compact(never)) {
    return 0;
  }
  // A failure, and no kill: the process lives and follows what comes.
  return scan(**pipeline, testing::picture_bmp(3)) && (*pipeline)->catch_up(never) ? kWentOn : 4;
}

class PostedCrashTest : public ::testing::TestWithParam<const char*> {};

TEST_P(PostedCrashTest, TheNextStartFindsEverythingOnce) {
  const testing::TemporaryFolder folder;
  const SystemClock clock;
  const Bytes known = testing::picture_bmp(1);
  const Bytes withdrawn = testing::picture_bmp(2);
  {
    auto prepared = pipeline::Pipeline::open(testing::pipeline_config(folder.path()), clock);
    ASSERT_TRUE(prepared) << prepared.error().message;
    const std::string wrong = testing::pdq_hex(**prepared, withdrawn);
    const Uuid list = testing::add_active_list(**prepared, "demo", wrong);
    ASSERT_TRUE(scan(**prepared, known));
    ASSERT_TRUE(scan(**prepared, withdrawn));
    if (std::string_view(GetParam()).starts_with("rescan.")) {
      // Into the content index before the list changes, so that rescans find them. Else it is the
      // following of verdicts that were reached with an older list.
      ASSERT_TRUE((*prepared)->catch_up(never));
    }
    lists::ImportReport report;
    ASSERT_TRUE((*prepared)->lists().import_signals(
        testing::tester(), list, testing::pdq_hex(**prepared, known), {}, report));
    ASSERT_TRUE((*prepared)->lists().remove_signals(testing::tester(), list, {wrong}));
  }
  const testing::Driven driven = testing::run_driver(GetParam(), {"--drive", folder.path()});
  ASSERT_TRUE(driven.killed) << "the fault point was not reached";

  auto next = pipeline::Pipeline::open(testing::pipeline_config(folder.path()), clock);
  ASSERT_TRUE(next) << next.error().message;
  ASSERT_TRUE((*next)->catch_up(never));
  ASSERT_TRUE((*next)->finish_owed(never));
  EXPECT_EQ(testing::text_of(**next, "SELECT verdict FROM content ORDER BY id"), "match no_match ");
  EXPECT_EQ(
      testing::text_of(**next, "SELECT event FROM ledger WHERE event LIKE 'list%' ORDER BY event"),
      "list_grew list_withdrawn ");
  EXPECT_EQ(testing::text_of(**next, "SELECT COUNT(*) FROM outbox"), "4 ");
  EXPECT_EQ(testing::text_of(**next, "SELECT COUNT(*) FROM rescan WHERE state = 'running'"), "0 ");
  EXPECT_EQ(testing::text_of(**next, "SELECT COUNT(*) FROM content_group"), "2 ");
  EXPECT_EQ(
      testing::text_of(**next,
                       "SELECT r.state FROM case_item i JOIN review_case r ON r.id = i.case_id "
                       "ORDER BY i.content_id"),
      "open closed ");
  EXPECT_EQ(testing::text_of(**next, "SELECT kind FROM case_event ORDER BY kind"),
            "closed opened opened withdrawn ");
  EXPECT_EQ((*next)->index_stats().contents->contents, 2U);
  EXPECT_EQ((*next)->spool().list()->size(), 0U);
}

class ForgetCrashTest : public ::testing::TestWithParam<const char*> {
 protected:
  /// Two contents in the content index, the first of them gone from the ledger.
  void SetUp() override {
    auto prepared = pipeline::Pipeline::open(testing::pipeline_config(folder.path()), clock);
    ASSERT_TRUE(prepared) << prepared.error().message;
    list = testing::add_active_list(**prepared, "demo", std::string(64, '5'));
    ASSERT_TRUE(scan(**prepared, testing::picture_bmp(1)));
    ASSERT_TRUE(scan(**prepared, testing::picture_bmp(2)));
    ASSERT_TRUE((*prepared)->catch_up(never));
    const auto gone = ledger::compact(
        (*prepared)->database(), {1, 60, 92}, clock.now_ms() + 10 * ledger::kDayMs, never);
    ASSERT_TRUE(gone);
    ASSERT_EQ(gone->items, 1);
    ASSERT_EQ((*prepared)->index_stats().contents->contents, 2U);
  }

  const testing::TemporaryFolder folder;
  const SystemClock clock;
  Uuid list;
};

TEST_P(ForgetCrashTest, WhatIsGoneIsForgottenAndWhatIsThereIsFound) {
  const testing::Driven driven = testing::run_driver(GetParam(), {"--drive", folder.path()});
  ASSERT_TRUE(driven.killed) << "the fault point was not reached";

  auto next = pipeline::Pipeline::open(forgetting(folder.path()), clock);
  ASSERT_TRUE(next) << next.error().message;
  ASSERT_TRUE((*next)->catch_up(never));
  EXPECT_FALSE(std::filesystem::exists(folder.path() / "index" / "content.next"));
  ASSERT_TRUE((*next)->compact(never));
  lists::ImportReport report;
  ASSERT_TRUE((*next)->lists().import_signals(
      testing::tester(), list, testing::pdq_hex(**next, testing::picture_bmp(2)), {}, report));
  const auto caught = (*next)->catch_up(never);
  ASSERT_TRUE(caught) << caught.error().message;
  EXPECT_FALSE(caught->rebuilding);
  EXPECT_EQ((*next)->index_stats().contents->contents, 1U);
  EXPECT_FALSE(std::filesystem::exists(folder.path() / "index" / "content.next"));
  EXPECT_EQ(testing::text_of(**next, "SELECT verdict FROM content"), "match ");
  EXPECT_EQ(
      testing::text_of(**next, "SELECT SUM(items) FROM coverage_hour WHERE verdict = 'arrived'"),
      "2 ");
}

TEST_F(ForgetCrashTest, WhereTheExchangeIsMadeAndAnErrorFollowsTheNewIndexIsUsed) {
  const testing::Driven driven =
      testing::run_driver("posted.after_exchange", {"--drive", folder.path()}, "error");
  ASSERT_EQ(driven.status, kWentOn);
  auto next = pipeline::Pipeline::open(testing::pipeline_config(folder.path()), clock);
  ASSERT_TRUE(next) << next.error().message;
  const auto caught = (*next)->catch_up(never);
  ASSERT_TRUE(caught) << caught.error().message;
  EXPECT_EQ(caught->followed, 0U) << "what was followed after the error is in the index";
  EXPECT_EQ((*next)->index_stats().contents->contents, 2U);
}

std::string name_of(const ::testing::TestParamInfo<const char*>& point) {
  return testing::name_of_point(point.param);
}

INSTANTIATE_TEST_SUITE_P(EveryStep,
                         PostedCrashTest,
                         ::testing::Values("posted.before_groups",
                                           "posted.before_links",
                                           "posted.before_append",
                                           "ledger.in_new_verdict",
                                           "pipeline.in_case",
                                           "posted.after_new_verdict",
                                           "rescan.after_plan",
                                           "rescan.after_search",
                                           "rescan.after_verdicts",
                                           "rescan.before_finish"),
                         name_of);

INSTANTIATE_TEST_SUITE_P(EveryStep,
                         ForgetCrashTest,
                         ::testing::Values("content_index.in_copy",
                                           "posted.after_copy",
                                           "posted.before_exchange",
                                           "posted.after_exchange"),
                         name_of);

}  // namespace
}  // namespace tutela

int main(int argc, char** argv) {
  return tutela::testing::drive_or_test(&tutela::drive, argc, argv);
}
