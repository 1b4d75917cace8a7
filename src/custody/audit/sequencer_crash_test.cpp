// Processes that die while they sign, at every step and at any time: the next one goes on with a
// whole log, and never signs another history than the one that a copy elsewhere knows.
#include <chrono>
#include <csignal>
#include <random>
#include <thread>

#include <fcntl.h>
#include <unistd.h>

#include "base/fault.hpp"
#include "custody/audit/audit_fixture.hpp"
#include "custody/audit/recover.hpp"
#include "support/disabled_test.hpp"

namespace tutela::audit {
namespace {

class SequencerCrashTest : public AuditTest {
 protected:
  void SetUp() override {
    AuditTest::SetUp();
    options_.checkpoint_copy = folder_.path() / "copy";
  }

  /// Runs one of the tests below named Child in a process of its own.
  pid_t start(const std::string& child, const std::string& fault) {
    return testing::start_disabled(
        "SequencerChild.DISABLED_" + child,
        {"TUTELA_TEST_FOLDER=" + folder_.path().string(), "TUTELA_FAULT=" + fault});
  }

  static bool was_killed(pid_t pid) { return testing::was_killed(testing::status_of(pid)); }
};

/// What a child works on: the folder that its parent names.
class SequencerChild : public ::testing::Test {
 protected:
  void SetUp() override {
    const char* const folder = std::getenv("TUTELA_TEST_FOLDER");
    ASSERT_NE(folder, nullptr);
    options_ = LogOptions::in(folder);
    options_.origin = "example.org/audit";
    options_.checkpoint_copy = std::filesystem::path(folder) / "copy";
    auto opened = store::Database::open({.path = std::filesystem::path(folder) / "tutela.db"});
    ASSERT_TRUE(opened);
    database_ = *std::move(opened);
  }

  LogOptions options_;
  std::unique_ptr<store::Database> database_;
};

TEST_F(SequencerChild, DISABLED_Signs) {
  auto sequencer = Sequencer::open(options_, *database_);
  ASSERT_TRUE(sequencer) << sequencer.error().message;
  EXPECT_TRUE((*sequencer)->follow({}));
}

TEST_F(SequencerChild, DISABLED_Recovers) {
  EXPECT_TRUE(recover(options_, *database_, {"default", "cli:root", "operator"}, 7, "test"));
}

TEST_F(SequencerChild, DISABLED_WritesAndSignsUntilKilled) {
  auto sequencer = Sequencer::open(options_, *database_);
  ASSERT_TRUE(sequencer) << sequencer.error().message;
  std::vector<std::thread> writers;
  for (int i = 0; i < 4; ++i) {
    writers.emplace_back([&] {
      while (true) {
        const Status written = database_->write([](store::Transaction& transaction) -> Status {
          for (int n = 0; n < 20; ++n) {
            TUTELA_TRY(add(transaction, {"default", "person:1"}, 1, {"a.b", "c:1", "", "ok"}));
          }
          return ok();
        });
        static_cast<void>(written);
      }
    });
  }
  while (true) {
    ASSERT_TRUE((*sequencer)->follow({}));
  }
}

TEST_F(SequencerCrashTest, LeavesAWholeLogAfterAKillAtEveryStep) {
  if (!fault::kCompiledIn) {
    GTEST_SKIP() << "fault points are not compiled in";
  }
  std::uint64_t size = 0;
  std::uint64_t signed_size = 0;
  for (const std::string point : {"audit.after_key",
                                  "audit.after_first_checkpoint",
                                  "audit.after_vkey",
                                  "audit.after_tiles",
                                  "audit.after_checkpoint",
                                  "audit.after_copy",
                                  "audit.after_tiles",
                                  "audit.after_checkpoint"}) {
    add_entries(300);
    size += 300;
    database_.reset();
    ASSERT_TRUE(was_killed(start("Signs", point + "=kill"))) << point;
    open_database();
    if (point == "audit.after_copy") {
      EXPECT_EQ(log().checkpoint().head.size, size);
      signed_size = size;
    }
    if (point == "audit.after_tiles" || point == "audit.after_checkpoint") {
      EXPECT_EQ(verdict(), "") << point << message_;
      EXPECT_EQ(log().checkpoint().head.size, point == "audit.after_tiles" ? signed_size : size);
      signed_size = sign();
      EXPECT_EQ(signed_size, size) << point;
    }
  }
  EXPECT_EQ(sign(), size);
  EXPECT_EQ(verdict(), "") << message_;
}

TEST_F(SequencerCrashTest, MakesTilesAgainAfterAKillWhileItDid) {
  if (!fault::kCompiledIn) {
    GTEST_SKIP() << "fault points are not compiled in";
  }
  add_entries(20'000);
  sign();
  std::filesystem::remove_all(options_.folder / "tile");
  database_.reset();
  ASSERT_TRUE(was_killed(start("Signs", "audit.after_rebuild=kill")));
  open_database();
  EXPECT_EQ(sign(), 20'000U);
  EXPECT_EQ(verdict(), "") << message_;
  EXPECT_FALSE(std::filesystem::exists(options_.folder / "rebuild"));
}

TEST_F(SequencerCrashTest, RecoversAfterAKillAtEveryStepOfRecovering) {
  if (!fault::kCompiledIn) {
    GTEST_SKIP() << "fault points are not compiled in";
  }
  add_entries(600);
  sign();
  std::uint64_t entries = 600;
  for (const std::string point : {"audit.recover_after_entry",
                                  "audit.recover_before_exchange",
                                  "audit.recover_after_exchange"}) {
    change("UPDATE audit SET purpose = purpose || 'x' WHERE id = " + std::to_string(entries));
    ASSERT_NE(refusal(), "");
    database_.reset();
    ASSERT_TRUE(was_killed(start("Recovers", point + "=kill"))) << point;
    open_database();
    EXPECT_NE(refusal(), "") << "nothing goes on before the recovery has ended: " << point;
    ASSERT_TRUE(recover(
        options_, *database_, {"default", "cli:root"}, 8 + static_cast<UtcMs>(entries), "test"));
    entries = sign();
    EXPECT_EQ(verdict(), "") << message_;
  }
  EXPECT_GE(entries, 606U);
}

TEST_F(SequencerCrashTest, LeavesAWholeLogAfterAKillAtAnyTime) {
  const unsigned seed = std::random_device()();
  std::mt19937 random(seed);
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::uint64_t before = 0;
  // More often where the machine is so slow that none came to its first signature.
  for (int round = 0; round < 6 || (before == 0 && round < 60); ++round) {
    database_.reset();
    const pid_t pid = start("WritesAndSignsUntilKilled", "");
    std::this_thread::sleep_for(std::chrono::milliseconds(150 + random() % 400) *
                                (round < 6 ? 1 : round));
    ::kill(pid, SIGKILL);
    ASSERT_TRUE(was_killed(pid));
    open_database();
    const auto copy = read_file(options_.checkpoint_copy, kNoteBytesMax);
    const std::uint64_t size = sign();
    EXPECT_GE(size, before);
    EXPECT_EQ(size, *count_entries(*database_));
    EXPECT_EQ(verdict(), "") << message_;
    EXPECT_TRUE(!copy || log().check_against(as_text(*copy)));
    before = size;
  }
  EXPECT_GT(before, 0U);
}

}  // namespace
}  // namespace tutela::audit
