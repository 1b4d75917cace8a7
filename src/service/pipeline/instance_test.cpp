#include "service/pipeline/instance.hpp"

#include <csignal>
#include <thread>

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/uuid.hpp"
#include "support/folder.hpp"

namespace tutela::pipeline {
namespace {

std::string fresh_id() {
  return to_string(new_uuid(SystemClock().now_ms()));
}

TEST(Instance, IsAliveItselfAndOthersAreNot) {
  const testing::TemporaryFolder folder;
  const Result<Instance> own = Instance::create(folder.path(), fresh_id());
  ASSERT_TRUE(own);
  EXPECT_TRUE(own->is_alive(own->id()));
  EXPECT_FALSE(own->is_alive(fresh_id()));
  EXPECT_FALSE(own->others_alive());
}

TEST(Instance, AnIdThatIsNotOursIsTakenForAlive) {
  const testing::TemporaryFolder folder;
  const Result<Instance> own = Instance::create(folder.path(), fresh_id());
  ASSERT_TRUE(own);
  EXPECT_TRUE(own->is_alive("../../etc/passwd"));
}

TEST(Instance, AKilledProcessIsNoticedAtOnceAndItsMarkRemoved) {
  const testing::TemporaryFolder folder;
  const std::string id = fresh_id();
  int ready[2];
  ASSERT_EQ(::pipe(ready), 0);
  const pid_t child = ::fork();
  if (child == 0) {
    const Result<Instance> theirs = Instance::create(folder.path(), id);
    const char done = theirs ? 'y' : 'n';
    static_cast<void>(!::write(ready[1], &done, 1));
    while (true) {
      ::pause();
    }
  }
  char done = 0;
  ASSERT_EQ(::read(ready[0], &done, 1), 1);
  ASSERT_EQ(done, 'y');
  const Result<Instance> own = Instance::create(folder.path(), fresh_id());
  ASSERT_TRUE(own);
  EXPECT_TRUE(own->is_alive(id));
  EXPECT_TRUE(own->others_alive());
  ::kill(child, SIGKILL);
  ::waitpid(child, nullptr, 0);
  EXPECT_FALSE(own->is_alive(id));
  EXPECT_FALSE(std::filesystem::exists(folder.path() / id));
  EXPECT_FALSE(own->others_alive());
  ::close(ready[0]);
  ::close(ready[1]);
}

TEST(Instance, CreationSurvivesOthersThatSweepAtTheSameTime) {
  const testing::TemporaryFolder folder;
  const Result<Instance> sweeper = Instance::create(folder.path(), fresh_id());
  ASSERT_TRUE(sweeper);
  std::atomic<bool> stop{false};
  std::thread sweeping([&] {
    while (!stop) {
      static_cast<void>(sweeper->others_alive());
    }
  });
  for (int i = 0; i < 500; ++i) {
    const Result<Instance> made = Instance::create(folder.path(), fresh_id());
    EXPECT_TRUE(made);
    EXPECT_TRUE(made && sweeper->is_alive(made->id()));
  }
  stop = true;
  sweeping.join();
}

}  // namespace
}  // namespace tutela::pipeline
