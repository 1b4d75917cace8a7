// Processes that die at every step of sealing, destroying, turning and changing keys. The test
// program starts itself again as the process to be killed.
#include <cstdlib>

#include <sys/wait.h>
#include <unistd.h>

#include "base/fault.hpp"
#include "custody/vault/parts.hpp"
#include "custody/vault/vault_fixture.hpp"
#include "support/disabled_test.hpp"

namespace tutela::vault {
namespace {

const Bytes& content_of_child() {
  static const Bytes content = random_bytes_of(150'000, 42);
  return content;
}

std::vector<Evidence> rows_of(World& world) {
  return *world.vault->list("default", "", {}, 100);
}

// What the killed process was to do, by TUTELA_TEST_TASK, in TUTELA_TEST_FOLDER.
TEST(VaultChild, DISABLED_Works) {
  const char* const folder = std::getenv("TUTELA_TEST_FOLDER");
  const char* const task_text = std::getenv("TUTELA_TEST_TASK");
  ASSERT_TRUE(folder != nullptr && task_text != nullptr);
  const std::string task = task_text;
  World world(folder);
  ASSERT_NO_FATAL_FAILURE(world.open());
  if (task == "seal") {
    ASSERT_TRUE(world.seal(content_of_child()));
  } else if (task == "destroy") {
    ASSERT_TRUE(world.vault->destroy(rows_of(world).at(0).id));
  } else if (task == "turn") {
    world.clock.advance(40 * kDayMs);
    ASSERT_TRUE(world.turn());
  } else if (task == "change_key") {
    ASSERT_TRUE(world.vault->change_key(world.actor, make_file_key(key_of(2))));
  } else {
    EXPECT_EQ(task, "open");
  }
}

class VaultCrashTest : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!fault::kCompiledIn) {
      GTEST_SKIP() << "fault points are not compiled in";
    }
  }

  // Kills a process that does `task` at the fault point.
  void kill_at(const std::string& task, const std::string& point) {
    const int status =
        testing::status_of(testing::start_disabled("VaultChild.*",
                                                   {"TUTELA_TEST_FOLDER=" + folder().string(),
                                                    "TUTELA_TEST_TASK=" + task,
                                                    "TUTELA_FAULT=" + point,
                                                    "TMPDIR=/tmp"}));
    ASSERT_TRUE(testing::was_killed(status)) << task << " " << point;
  }

  // A vault with one object to be destroyed, `objects` in all, as it was before each crash.
  void prepare(unsigned objects, State first = State::kKept) {
    std::filesystem::remove_all(folder());
    std::filesystem::create_directories(folder());
    World world(folder());
    world.open();
    for (unsigned i = 0; i < objects; ++i) {
      ASSERT_TRUE(world.seal(random_bytes_of(1000 + i, i)));
    }
    if (objects > 0) {
      world.set_state(rows_of(world)[0].id, first);
    }
  }

  void expect_all_readable(World& world, std::size_t count) {
    const auto rows = rows_of(world);
    EXPECT_EQ(rows.size(), count);
    for (std::size_t i = 0; i < rows.size(); ++i) {
      const Result<Bytes> opened = world.read(rows[i].id);
      ASSERT_TRUE(opened) << opened.error().message;
      EXPECT_EQ(*opened, random_bytes_of(1000 + i, static_cast<unsigned>(i)));
    }
  }

  std::filesystem::path folder() const { return temporary_.path() / "vault"; }

  testing::TemporaryFolder temporary_;
};

TEST_F(VaultCrashTest, ASealIsWholeOrNothingAfterAKillAtEveryStep) {
  for (const std::string point :
       {"vault.seal_recorded", "vault.object_written", "vault.key_written", "vault.sealed"}) {
    prepare(0);
    kill_at("seal", point + "=kill");
    World world(folder());
    world.open();
    const auto rows = rows_of(world);
    EXPECT_EQ(rows.size(), point == "vault.sealed" ? 1U : 0U) << point;
    EXPECT_EQ(files_under(folder() / "blobs").size(), 2 * rows.size()) << point;
    EXPECT_EQ(world.count("vault_sealing"), 0) << point;
    EXPECT_EQ(world.entries("evidence.seal"), static_cast<std::int64_t>(rows.size()));
    for (const Evidence& row : rows) {
      EXPECT_EQ(*world.read(row.id), content_of_child());
    }
  }
}

TEST_F(VaultCrashTest, ADestructionIsFinishedAfterAKillAtEveryStep) {
  for (const std::string point :
       {"vault.shred_recorded", "vault.shred_key_removed", "vault.shred_object_removed"}) {
    prepare(1, State::kDestroying);
    kill_at("destroy", point + "=kill");
    World world(folder());
    world.open();
    const Uuid id = rows_of(world).at(0).id;
    EXPECT_FALSE(world.read(id));
    const std::int64_t promised = world.count("vault_epoch WHERE promised_ms IS NOT NULL");
    EXPECT_EQ(promised, 1) << "the promise comes before anything is removed";
    ASSERT_TRUE(world.vault->destroy(id));
    EXPECT_TRUE(files_under(folder() / "blobs").empty());
    EXPECT_EQ(world.entries("evidence.shred"), 1);
  }
}

TEST_F(VaultCrashTest, ATurnThatNobodyFinishesByHandStillShreds) {
  prepare(1, State::kDestroying);
  kill_at("destroy", "vault.shred_recorded=kill");
  World world(folder());
  world.open();
  world.clock.advance(40 * kDayMs);
  ASSERT_TRUE(world.turn());
  EXPECT_TRUE(files_under(folder() / "blobs").empty());
}

TEST_F(VaultCrashTest, ATurnGoesOnAfterAKillAtEveryStep) {
  for (const std::string point : {"vault.epoch_written=kill",
                                  "vault.epoch_written=kill@2",
                                  "vault.epoch_created=kill",
                                  "vault.epoch_recorded=kill",
                                  "vault.rewrapped=kill",
                                  "vault.rewrapped=kill@3",
                                  "vault.all_rewrapped=kill",
                                  "vault.tombstone_written=kill",
                                  "vault.tombstone_written=kill@2",
                                  "vault.epoch_overwritten=kill",
                                  "vault.epoch_unlinked=kill",
                                  "vault.epoch_unlinked=kill@2",
                                  "vault.after_epoch_destroyed=kill"}) {
    prepare(4);
    kill_at("turn", point);
    World world(folder());
    world.open();
    expect_all_readable(world, 4);
    world.clock.advance(40 * kDayMs);
    ASSERT_TRUE(world.turn()) << point;
    expect_all_readable(world, 4);
    EXPECT_EQ(world.count("vault_epoch WHERE destroyed_ms IS NULL"), 1) << point;
    EXPECT_FALSE(std::filesystem::exists(world.epoch_path(1))) << point;
    EXPECT_FALSE(std::filesystem::exists(world.epoch_path(1, "copy"))) << point;
    EXPECT_EQ(world.count("vault_epoch WHERE epoch = 1 AND destroyed_ms IS NOT NULL"), 1);
  }
}

TEST_F(VaultCrashTest, AChangeOfKeysLeavesTheOldKeyOrTheNew) {
  // Two folders: the first two files hold both wraps, the next two the new one alone.
  for (const int passing : {1, 2, 3, 4}) {
    prepare(3);
    kill_at("change_key", "vault.epoch_written=kill@" + std::to_string(passing));
    World world(folder());
    if (passing == 1) {
      world.open(1);
    } else {
      EXPECT_EQ(world.try_open(1).has_value(), passing == 2);
      EXPECT_EQ(world.try_open(2).has_value(), passing != 2) << "one key opens it, not both";
      world.open(passing == 2 ? 1 : 2);
    }
    expect_all_readable(world, 3);
  }
  prepare(3);
  kill_at("change_key", "vault.epoch_written=kill@2");
  World world(folder());
  world.open(2);
  expect_all_readable(world, 3);
}

TEST_F(VaultCrashTest, TheFirstStartCanBeRepeated) {
  for (const std::string point :
       {"vault.epoch_written=kill", "vault.epoch_created=kill", "vault.epoch_recorded=kill"}) {
    std::filesystem::remove_all(folder());
    std::filesystem::create_directories(folder());
    kill_at("open", point);
    World world(folder());
    world.open();
    EXPECT_EQ(world.count("vault_epoch"), 1) << point;
    const Result<Evidence> sealed = world.seal(content_of_child());
    ASSERT_TRUE(sealed);
    EXPECT_EQ(*world.read(sealed->id), content_of_child());
  }
}

TEST_F(VaultCrashTest, TwoProcessesOnOneSetOfKeyFoldersAreRefused) {
  prepare(1);
  World world(folder());
  world.open();
  EXPECT_EQ(world.try_open().error().code, "vault.in_use");
  pid_t pid = ::fork();
  if (pid == 0) {
    // Only what is safe after fork() in a program with one thread.
    const auto second = world.try_open();
    ::_exit(!second && second.error().code == "vault.in_use" ? 0 : 1);
  }
  int status = -1;
  ASSERT_EQ(::waitpid(pid, &status, 0), pid);
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0);
  world.vault.reset();
  EXPECT_TRUE(world.try_open());
}

}  // namespace
}  // namespace tutela::vault
