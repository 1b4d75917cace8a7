// kill -9 at every step between receipt and verdict: no item that was answered for is lost, none
// gets two verdicts, and the spool ends with exactly the bytes that are to be kept.
//
// The test runs itself as "--drive FOLDER FILE" with one fault point armed; that process dies at
// the point, and the next start is this process.
#include <cstdio>

#include <gtest/gtest.h>
#include <unistd.h>

#include "support/driven.hpp"
#include "support/evidence_rows.hpp"
#include "support/folder.hpp"
#include "support/pictures.hpp"
#include "support/pipelines.hpp"

namespace tutela {
namespace {

constexpr const char* kAnswered = "answered\n";

int drive(const std::filesystem::path& folder, const std::filesystem::path& file) {
  const SystemClock clock;
  auto pipeline = pipeline::Pipeline::open(testing::pipeline_config(folder), clock);
  if (!pipeline) {
    std::fprintf(stderr, "%s\n", pipeline.error().message.c_str());
    return 3;
  }
  const Result<Bytes> bytes = read_file(file, 1 << 24);
  auto intake = (*pipeline)->receive({testing::tester(), "http", "post", "item", {}});
  if (!bytes || !intake || !intake->append(*bytes) || !intake->finish()) {
    return 4;
  }
  static_cast<void>(!::write(STDOUT_FILENO, kAnswered, 9));  // a door answers from here on
  return (*pipeline)->scan(*std::move(intake)) ? 0 : 5;
}

struct Step {
  const char* fault;
  bool owed;             // the owed row was committed before the process died
  bool in_case = false;  // reached by matches alone
};

class CrashTest : public ::testing::TestWithParam<std::tuple<Step, bool>> {};

TEST_P(CrashTest, TheNextStartFinishesTheItemExactlyOnce) {
  const auto [step, matches] = GetParam();
  const testing::TemporaryFolder folder;
  const testing::TemporaryFolder files;
  const SystemClock clock;
  const Bytes picture = testing::picture_bmp(77);
  ASSERT_TRUE(write_file_atomic(files.path() / "item", picture));
  {
    auto prepared = pipeline::Pipeline::open(testing::pipeline_config(folder.path()), clock);
    ASSERT_TRUE(prepared) << prepared.error().message;
    testing::add_active_list(
        **prepared, "demo", matches ? testing::pdq_hex(**prepared, picture) : std::string(64, '5'));
  }
  const testing::Driven driven =
      testing::run_driver(step.fault, {"--drive", folder.path(), files.path() / "item"});
  ASSERT_TRUE(driven.killed || (step.in_case && !matches)) << "the fault point was not reached";
  EXPECT_TRUE(step.owed || !driven.wrote) << "answered for before it was owed";

  auto next = pipeline::Pipeline::open(testing::pipeline_config(folder.path()), clock);
  ASSERT_TRUE(next) << next.error().message;
  ASSERT_TRUE((*next)->finish_owed([] { return false; }));
  store::Database& database = (*next)->database();
  EXPECT_EQ(testing::count(database, "content"), step.owed ? 1 : 0);
  EXPECT_EQ(testing::count(database, "content WHERE verdict = 'owed'"), 0);
  for (const char* table : {"ledger WHERE event = 'verdict'",
                            "outbox",
                            "audit WHERE action = 'content.verdict'",
                            "content_frame"}) {
    EXPECT_EQ(testing::count(database, table), step.owed ? 1 : 0) << table;
  }
  EXPECT_EQ(testing::count(database, "content WHERE verdict = 'match'"),
            step.owed && matches ? 1 : 0);
  EXPECT_EQ((*next)->spool().list()->size(), step.owed && matches ? 1U : 0U);
  // Never a match without its case, and never two.
  for (const char* table : {"review_case WHERE state = 'open'",
                            "case_item",
                            "case_event WHERE kind = 'opened'",
                            "audit WHERE action = 'case.open'"}) {
    EXPECT_EQ(testing::count(database, table), step.owed && matches ? 1 : 0) << table;
  }
}

std::string name_of_step(const ::testing::TestParamInfo<std::tuple<Step, bool>>& step) {
  return testing::name_of_point(std::get<0>(step.param).fault) +
         (std::get<1>(step.param) ? "_match" : "_no_match");
}

INSTANTIATE_TEST_SUITE_P(EveryStep,
                         CrashTest,
                         ::testing::Combine(::testing::Values(Step{"pipeline.after_receive", false},
                                                              Step{"spool.before_sync", false},
                                                              Step{"spool.after_sync", false},
                                                              Step{"spool.after_rename", false},
                                                              Step{"pipeline.after_spool", false},
                                                              Step{"pipeline.after_owed", true},
                                                              Step{"pipeline.after_decode", true},
                                                              Step{"pipeline.after_match", true},
                                                              Step{"ledger.in_verdict", true},
                                                              Step{"cases.after_case", true, true},
                                                              Step{"cases.after_item", true, true},
                                                              Step{"pipeline.in_case", true, true},
                                                              Step{"pipeline.after_verdict", true},
                                                              Step{"pipeline.after_remove", true}),
                                            ::testing::Bool()),
                         name_of_step);

}  // namespace
}  // namespace tutela

int main(int argc, char** argv) {
  return tutela::testing::drive_or_test(&tutela::drive, argc, argv);
}
