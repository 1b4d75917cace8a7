// kill -9 at every step of a sampling audit: the bytes of a sample are never lost before it is
// done, and never kept for ever afterwards; a match that the scan missed opens one case.
//
// The test runs itself as "--drive FOLDER FILE WHAT" with one fault point armed: "same" scans and
// audits, "different" does so after the store got a signal that what is searched has not.
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

using testing::never;

config::Config config_of(const std::filesystem::path& folder) {
  config::Config config = testing::pipeline_config(folder);
  config.watch.samples_per_1000 = 1000;
  config.watch.samples_per_hour_max = 100'000;
  return config;
}

Status break_the_search(pipeline::Pipeline& pipeline, ByteView picture) {
  const std::string pdq = testing::pdq_hex(pipeline, picture);
  return pipeline.database().write([&](store::Transaction& transaction) -> Status {
    TUTELA_TRY(transaction.execute(
        "INSERT INTO signal (tenant_id, principal_id, list_id, added_version, created_ms, kind, "
        "value) SELECT 'default', 'system', id, 1, 1, 'pdq', :value FROM list",
        {pdq}));
    return ok();
  });
}

int drive(const std::filesystem::path& folder,
          const std::filesystem::path& file,
          std::string_view what) {
  const SystemClock clock;
  auto pipeline = pipeline::Pipeline::open(config_of(folder), clock);
  const Result<Bytes> bytes = read_file(file, 1 << 24);
  if (!pipeline || !bytes || !(*pipeline)->audit_samples(never)) {
    return 3;
  }
  if (what == "different" && !break_the_search(**pipeline, *bytes)) {
    return 4;
  }
  auto intake = (*pipeline)->receive({testing::tester(), "http", "post", "item", {}});
  if (!intake || !intake->append(*bytes) || !intake->finish()) {
    return 5;
  }
  const auto content = (*pipeline)->scan(*std::move(intake));
  if (!content || content->outcome.verdict != policy::Verdict::kNoMatch) {
    return 6;
  }
  return (*pipeline)->audit_samples(never) ? 0 : 7;
}

struct Step {
  const char* fault;
  const char* what;
  bool done = false;  // the audit's result was committed before the process died
};

class SamplesCrashTest : public ::testing::TestWithParam<Step> {};

TEST_P(SamplesCrashTest, TheNextStartEndsTheAuditExactlyOnce) {
  const Step step = GetParam();
  const testing::TemporaryFolder folder;
  const testing::TemporaryFolder files;
  const SystemClock clock;
  ASSERT_TRUE(write_file_atomic(files.path() / "item", testing::picture_bmp(77)));
  {
    auto prepared = pipeline::Pipeline::open(config_of(folder.path()), clock);
    ASSERT_TRUE(prepared) << prepared.error().message;
    testing::add_active_list(**prepared, "demo", std::string(64, '5'));
  }
  const testing::Driven driven =
      testing::run_driver(step.fault, {"--drive", folder.path(), files.path() / "item", step.what});
  ASSERT_TRUE(driven.killed) << "the fault point was not reached, status " << driven.status;

  auto next = pipeline::Pipeline::open(config_of(folder.path()), clock);
  ASSERT_TRUE(next) << next.error().message;
  store::Database& database = (*next)->database();
  const bool different = std::string_view(step.what) == "different";
  const std::int64_t owed = testing::count(database, "sample_audit WHERE state = 'owed'");
  EXPECT_EQ(owed, step.done ? 0 : 1);
  ASSERT_TRUE((*next)->finish_owed(never));  // and cleans up the spool
  EXPECT_EQ((*next)->spool().list()->size(), step.done && !different ? 0U : 1U);
  ASSERT_TRUE((*next)->audit_samples(never));
  EXPECT_EQ(testing::count(database,
                           std::string("sample_audit WHERE done_ms IS NOT NULL AND "
                                       "state = '") +
                               step.what + "'"),
            1);
  EXPECT_EQ((*next)->spool().list()->size(), different ? 1U : 0U);
  EXPECT_EQ(testing::count(database, "content WHERE spooled = 1"), different ? 1 : 0);
  EXPECT_EQ(testing::count(database, "content WHERE verdict = 'match'"), different ? 1 : 0);
  for (const char* table : {"review_case WHERE state = 'open'",
                            "case_item",
                            "audit WHERE action = 'case.open'",
                            "audit WHERE action = 'sample.audit'",
                            "ledger WHERE event = 'sample_audit'",
                            "content_match"}) {
    EXPECT_EQ(testing::count(database, table), different ? 1 : 0) << table;
  }
}

std::string name_of_step(const ::testing::TestParamInfo<Step>& step) {
  return testing::name_of_point(step.param.fault) + "_" + step.param.what;
}

INSTANTIATE_TEST_SUITE_P(EveryStep,
                         SamplesCrashTest,
                         ::testing::Values(Step{"pipeline.after_verdict", "same"},
                                           Step{"samples.after_decode", "same"},
                                           Step{"samples.after_search", "same"},
                                           Step{"samples.in_same", "same"},
                                           Step{"samples.after_same", "same", true},
                                           Step{"samples.after_remove", "same", true},
                                           Step{"pipeline.after_verdict", "different"},
                                           Step{"samples.after_decode", "different"},
                                           Step{"samples.after_search", "different"},
                                           Step{"ledger.in_new_verdict", "different"},
                                           Step{"samples.in_different", "different"},
                                           Step{"cases.after_case", "different"},
                                           Step{"samples.after_different", "different", true}),
                         name_of_step);

}  // namespace
}  // namespace tutela

int main(int argc, char** argv) {
  return tutela::testing::drive_or_test(&tutela::drive, argc, argv);
}
