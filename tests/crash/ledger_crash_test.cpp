// kill -9 inside a verdict, another verdict and a compaction: the counts are those of the rows all
// the same, nothing hangs loose, and what was left is done by the next.
//
// The test runs itself as "--drive FOLDER WORK" with one fault point armed.
#include <algorithm>
#include <cstdio>
#include <string>

#include <gtest/gtest.h>

#include "base/fault.hpp"
#include "support/driven.hpp"
#include "support/folder.hpp"
#include "watch/ledger/coverage.hpp"
#include "watch/ledger/ledger.hpp"
#include "watch/ledger/test_rows.hpp"

namespace tutela {
namespace {

using policy::Verdict;

constexpr std::int64_t kPassedMs = 200 * ledger::kDayMs;
constexpr int kOldItems = 120;  // more than one unit of work removes
const store::Actor kDoor{"default", "token:door", "service"};

Result<std::unique_ptr<store::Database>> open(const std::filesystem::path& folder) {
  return store::Database::open({.path = folder / "tutela.db"});
}

ledger::Outcome outcome_of(Verdict verdict) {
  ledger::Outcome outcome;
  outcome.verdict = verdict;
  outcome.inspection = inspect::Inspection{};
  outcome.inspection->frames.emplace_back();
  return outcome;
}

Result<Uuid> arrive(ledger::Ledger& ledger, const Clock& clock) {
  ledger::Arrival made;
  made.id = new_uuid(clock.now_ms());
  made.door = "http";
  made.idempotency_key = to_string(made.id);
  made.received_ms = clock.now_ms();
  TUTELA_TRY(ledger.add_owed(kDoor, made));
  return made.id;
}

/// Old items, an owed one, and one that has its verdict, in two hours of a day.
void prepare(store::Database& database) {
  ManualClock clock(testing::time_after_all_ids());
  ledger::Ledger ledger(database, clock, "instance");
  for (int i = 0; i < kOldItems; ++i) {
    const auto id = arrive(ledger, clock);
    ASSERT_TRUE(id && ledger.decide(kDoor, *id, outcome_of(Verdict::kNoMatch)));
    clock.advance(i == kOldItems / 2 ? ledger::kHourMs : 0);
  }
  ASSERT_TRUE(arrive(ledger, clock));
  clock.advance(kPassedMs);
  const auto id = arrive(ledger, clock);
  ASSERT_TRUE(id && ledger.decide(kDoor, *id, outcome_of(Verdict::kNoMatch)));
}

Result<std::string> first(store::Database& database, const std::string& sql) {
  std::string found;
  TUTELA_TRY(database.read([&](store::Transaction& transaction) {
    return transaction.query(sql, {}, [&](const store::Row& row) {
      found += row.text(0) + " ";
      return ok();
    });
  }));
  return found;
}

Status work(store::Database& database, const std::string& what) {
  TUTELA_TRY_ASSIGN(const std::string last,
                    first(database, "SELECT MAX(received_ms) FROM content"));
  const ManualClock clock(std::stoll(last));
  if (what == "compact") {
    TUTELA_TRY(ledger::compact(database, {90, 60, 92}, clock.now_ms(), [] { return false; }));
    return ok();
  }
  ledger::Ledger ledger(database, clock, "instance");
  TUTELA_TRY_ASSIGN(
      std::string id,
      first(database,
            what == "decide" ? "SELECT id FROM content WHERE verdict = 'owed'"
                             : "SELECT MAX(id) FROM content WHERE verdict <> 'owed'"));
  id.resize(id.size() - 1);
  TUTELA_TRY_ASSIGN(const Uuid item, parse_uuid(id));
  if (what == "decide") {
    return ledger.decide(kDoor, item, outcome_of(Verdict::kNoMatch));
  }
  TUTELA_TRY_ASSIGN(const ledger::Content before, ledger.get(kDoor, item));
  return ledger.redecide(before, outcome_of(Verdict::kUnscannable), "list_grew");
}

int drive(const std::filesystem::path& folder, const std::string& what) {
  auto database = open(folder);
  if (!database) {
    std::fprintf(stderr, "%s\n", database.error().message.c_str());
    return 3;
  }
  const Status done = work(**database, what);
  if (!done) {
    std::fprintf(stderr, "%s\n", done.error().message.c_str());
    return 4;
  }
  return 0;
}

struct Step {
  const char* what;
  const char* point;
};

class LedgerCrashTest : public ::testing::TestWithParam<Step> {
 protected:
  void SetUp() override {
    if (!fault::kCompiledIn) {
      GTEST_SKIP() << "fault points are not compiled in";
    }
    database_ = *open(folder_.path());
    prepare(*database_);
  }

  std::string text(const std::string& sql) {
    const auto found = first(*database_, sql);
    EXPECT_TRUE(found) << sql;
    return found ? *found : std::string();
  }

  void expect_whole() {
    EXPECT_EQ(text("SELECT \"table\" FROM pragma_foreign_key_check"), "");
    EXPECT_EQ(text("SELECT COUNT(*) FROM content_frame WHERE content_id NOT IN "
                   "(SELECT id FROM content)"),
              "0 ");
    EXPECT_EQ(text("SELECT COUNT(*) FROM content WHERE verdict <> 'owed' AND id NOT IN "
                   "(SELECT content_id FROM content_frame)"),
              "0 ");
    const std::int64_t all = kOldItems + 2;
    EXPECT_EQ(text("SELECT SUM(items) FROM coverage_hour WHERE verdict = 'arrived'"),
              std::to_string(all) + " ");
    const std::int64_t owed =
        std::stoll(text("SELECT COUNT(*) FROM content WHERE verdict = "
                        "'owed'"));
    EXPECT_EQ(text("SELECT SUM(items) FROM coverage_hour WHERE verdict <> 'arrived'"),
              std::to_string(all - owed) + " ");
    EXPECT_EQ(text("SELECT SUM(items) FROM judged_at"),
              text("SELECT COUNT(*) FROM content WHERE verdict <> 'owed'"));
    EXPECT_EQ(text("SELECT COUNT(*) FROM content WHERE verdict = 'unscannable'"),
              text("SELECT COALESCE(SUM(items), 0) FROM coverage_hour "
                   "WHERE verdict = 'unscannable'"));
  }

  testing::TemporaryFolder folder_;
  std::unique_ptr<store::Database> database_;
};

TEST_P(LedgerCrashTest, LeavesCountsThatAreThoseOfTheRowsAndTheNextGoesOn) {
  const Step step = GetParam();
  database_.reset();
  const testing::Driven driven =
      testing::run_driver(step.point, {"--drive", folder_.path(), step.what});
  ASSERT_TRUE(driven.killed) << "the fault point was not reached";
  database_ = *open(folder_.path());
  expect_whole();
  const Status again = work(*database_, step.what);
  ASSERT_TRUE(again) << again.error().message;
  expect_whole();
  if (std::string_view(step.what) == "compact") {
    EXPECT_EQ(text("SELECT COUNT(*) FROM content"), "2 ");
    EXPECT_EQ(text("SELECT COUNT(*) FROM coverage_hour WHERE hour_ms % 86400000 <> 0 AND hour_ms < "
                   "(SELECT MAX(hour_ms) FROM coverage_hour) - 93 * 86400000"),
              "0 ");
  }
}

std::string name_of(const ::testing::TestParamInfo<Step>& step) {
  return std::string(step.param.what) + "_" + testing::name_of_point(step.param.point);
}

INSTANTIATE_TEST_SUITE_P(EveryStep,
                         LedgerCrashTest,
                         ::testing::Values(Step{"decide", "ledger.in_verdict"},
                                           Step{"decide", "ledger.after_counts"},
                                           Step{"redecide", "ledger.in_new_verdict"},
                                           Step{"compact", "ledger.in_compaction"},
                                           Step{"compact", "ledger.after_compaction"},
                                           Step{"compact", "ledger.in_hours"},
                                           Step{"compact", "ledger.after_hours"}),
                         name_of);

}  // namespace
}  // namespace tutela

int main(int argc, char** argv) {
  return tutela::testing::drive_or_test(&tutela::drive, argc, argv);
}
