// A process that dies anywhere while a report becomes the case's: nothing of it is there, or all.
#include <cstdlib>

#include <gtest/gtest.h>

#include "casework/cases/decisions_fixture.hpp"
#include "support/disabled_test.hpp"

namespace tutela::cases {
namespace {

Rules rules() {
  Rules rules;
  rules.on_confirmed = {"content.remove"};
  rules.on_reported = {"account.suspend"};
  return rules;
}

/// Files, as whoever works from the rows does: only where it is not filed yet.
void work(World& world) {
  const store::Actor system{"default", "system", "system"};
  const Uuid id = *parse_uuid(world.texts("SELECT id FROM review_case").at(0));
  ASSERT_TRUE(world.database_->write([&](store::Transaction& transaction) -> Status {
    bool filed = false;
    TUTELA_TRY(transaction.query(
        "SELECT 1 FROM review_case WHERE reported_ms IS NOT NULL", {}, [&](const store::Row&) {
          filed = true;
          return ok();
        }));
    return filed ? ok()
                 : report_filed(transaction, system, world.rules_, world.clock_.now_ms(), id, "1");
  }));
}

TEST(ReportedChild, DISABLED_Works) {
  const char* const folder = std::getenv("TUTELA_TEST_FOLDER");
  ASSERT_NE(folder, nullptr);
  World world(folder, rules());
  work(world);
}

class ReportedCrash : public ::testing::TestWithParam<const char*> {};

TEST_P(ReportedCrash, TheReportIsTheCasesOnceWhereverTheProcessDied) {
  testing::kill_at_each_passing(
      "ReportedChild.DISABLED_Works",
      GetParam(),
      [](const std::filesystem::path& folder) {
        World world(folder, rules());
        static_cast<void>(world.closed({.account = "user-1"}));
      },
      [](const std::filesystem::path& folder) {
        World world(folder, rules());
        EXPECT_EQ(world.count("review_case WHERE reported_ms IS NOT NULL"),
                  world.count("case_event WHERE kind = 'reported'"));
        work(world);
        EXPECT_EQ(world.count("case_event WHERE kind = 'reported'"), 1);
        EXPECT_EQ(world.count("case_action WHERE kind = 'account.suspend'"), 1);
        EXPECT_EQ(world.count("case_action"), world.count("outbox WHERE topic = 'case.action'"));
        EXPECT_EQ(world.count("case_appeal"), 2);
        EXPECT_EQ(world.texts("SELECT COUNT(*) - MAX(id) FROM audit").at(0), "0");
      });
}

INSTANTIATE_TEST_SUITE_P(Points,
                         ReportedCrash,
                         ::testing::Values("cases.after_reported",
                                           "cases.after_offer",
                                           "cases.after_message",
                                           "cases.after_action",
                                           "store.before_commit",
                                           "store.after_commit"));

}  // namespace
}  // namespace tutela::cases
