// A process that dies anywhere between a decision, its actions, an appeal and its overturn: whoever
// goes on finds each step whole or not there, and in the end everything was asked for once. The
// test program starts itself again as the process that dies.
#include <cstdlib>

#include <gtest/gtest.h>

#include "casework/cases/decisions_fixture.hpp"
#include "support/disabled_test.hpp"

namespace tutela::cases {
namespace {

Rules rules() {
  Rules rules;
  rules.on_confirmed = {"content.remove", "account.suspend"};
  return rules;
}

/// Goes on from wherever the case is until its decision is overturned.
void work(World& world) {
  const Uuid id = *parse_uuid(world.texts("SELECT id FROM review_case").at(0));
  for (int step = 0; step < 10; ++step) {
    const Case of = world.read(id);
    switch (of.state) {
      case State::kOpen:
        ASSERT_EQ(code_of(world.decide(world.ann_, id, World::confirmed())), "");
        break;
      case State::kSecondLook:
        ASSERT_EQ(code_of(world.decide(world.ben_, id, World::confirmed())), "");
        break;
      case State::kDecided:
        world.pass_window();
        break;
      case State::kClosed:
        if (of.outcome == Outcome::kCleared) {
          return;
        }
        ASSERT_EQ(code_of(world.appeals_->ask_with_token(world.token(), "It is not.")), "");
        break;
      case State::kAppealed: {
        const auto waiting = world.appeals_->list(world.cat_, true, 10);
        ASSERT_TRUE(waiting && waiting->size() == 1);
        ASSERT_EQ(code_of(world.appeals_->decide(
                      world.cat_, waiting->front().id, true, "It shows an adult.")),
                  "");
        break;
      }
      case State::kDisagreement:
        FAIL() << "nobody disagreed";
    }
  }
  FAIL() << "the case does not come to its end";
}

TEST(DecisionsChild, DISABLED_Works) {
  const char* const folder = std::getenv("TUTELA_TEST_FOLDER");
  ASSERT_NE(folder, nullptr);
  World world(folder, rules());
  work(world);
}

void expect_whole_steps(World& world) {
  EXPECT_EQ(world.count("case_action"),
            world.count("outbox WHERE topic IN ('case.action', 'signal.dispute')"));
  EXPECT_EQ(world.count("review_case WHERE state IN ('open', 'second_look', 'decided')") *
                world.count("case_action"),
            0)
      << "an action before its case was closed";
  EXPECT_EQ(world.count("review_case WHERE state IN ('closed', 'appealed') AND NOT EXISTS (SELECT "
                        "1 FROM case_appeal)"),
            0);
  EXPECT_EQ(world.count("case_decision"),
            world.count("case_event WHERE kind = 'decided'") +
                world.count("case_event WHERE kind = 'overturned'"));
  EXPECT_EQ(world.count("audit WHERE action = 'case.decide'"),
            world.count("case_event WHERE kind = 'decided'"));
  EXPECT_EQ(world.texts("SELECT COUNT(*) - MAX(id) FROM audit").at(0), "0");
}

class DecisionsCrash : public ::testing::TestWithParam<const char*> {};

TEST_P(DecisionsCrash, EverythingIsAskedForOnceWhereverTheProcessDied) {
  testing::kill_at_each_passing(
      "DecisionsChild.DISABLED_Works",
      GetParam(),
      [](const std::filesystem::path& folder) {
        World world(folder, rules());
        static_cast<void>(world.add({.account = "user-1"}));
      },
      [](const std::filesystem::path& folder) {
        World world(folder, rules());
        expect_whole_steps(world);
        work(world);
        expect_whole_steps(world);
        const std::vector<std::string> once = {"content.remove",
                                               "account.suspend",
                                               "content.restore",
                                               "account.restore",
                                               "signal.dispute"};
        EXPECT_EQ(world.texts("SELECT kind FROM case_action ORDER BY outbox_id"), once);
        EXPECT_EQ(world.count("case_decision WHERE undone_ms IS NULL"), 3);
        EXPECT_EQ(world.count("case_appeal"), 1);
        EXPECT_EQ(world.count("outbox WHERE topic = 'case.decided'"), 2);
      });
}

INSTANTIATE_TEST_SUITE_P(Points,
                         DecisionsCrash,
                         ::testing::Values("cases.after_decision",
                                           "cases.after_move",
                                           "cases.after_decide",
                                           "cases.after_offer",
                                           "cases.after_message",
                                           "cases.after_action",
                                           "cases.after_closed",
                                           "cases.after_step",
                                           "cases.after_asked",
                                           "cases.after_ask",
                                           "cases.after_overturn",
                                           "cases.after_appeal_decided",
                                           "cases.after_appeal",
                                           "cases.after_event",
                                           "store.before_commit",
                                           "store.after_commit"));

}  // namespace
}  // namespace tutela::cases
