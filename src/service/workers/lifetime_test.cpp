// Who ends when: workers, their parent and the server, killed, stuck or finished.
#include <algorithm>
#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <filesystem>
#include <future>
#include <string>
#include <thread>
#include <vector>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include "service/workers/test_support.hpp"
#include "service/workers/workers.hpp"
#include "support/folder.hpp"

namespace tutela::workers {
namespace {

TEST(Workers, AWorkerKilledFromOutsideCostsOnlyItsItem) {
  SKIP_WITHOUT_FAULT_HOOKS();
  const auto workers = start();
  const std::int64_t parent = workers->health().parent_pid;
  auto answer = std::async(std::launch::async, [&] { return act_out(*workers, "loop"); });
  ASSERT_TRUE(eventually([&] { return children_of(parent).size() == 1; }));
  ASSERT_EQ(::kill(children_of(parent).front().pid, SIGKILL), 0);
  EXPECT_EQ(answer.get(), "worker.crashed");
  EXPECT_EQ(scan(*workers, make_picture()), "answered");
  EXPECT_EQ(workers->health().parent_pid, parent);
}

TEST(Workers, ItemsOfAKilledParentAreTriedOnceMore) {
  SKIP_WITHOUT_FAULT_HOOKS();
  const auto workers = start({.time_ms_max = 6000});
  const std::int64_t first = workers->health().parent_pid;
  auto answer = std::async(std::launch::async, [&] { return act_out(*workers, "loop"); });
  ASSERT_TRUE(eventually([&] { return children_of(first).size() == 1; }));
  const pid_t worker = children_of(first).front().pid;
  ASSERT_EQ(::kill(static_cast<pid_t>(first), SIGKILL), 0);
  EXPECT_EQ(scan(*workers, make_picture()), "answered") << "by the next parent";
  EXPECT_EQ(answer.get(), "worker.timeout") << "of the second try";
  EXPECT_TRUE(eventually([&] { return is_gone(worker); }));
  const auto health = workers->health();
  EXPECT_TRUE(health.up);
  EXPECT_EQ(health.restarts, 1U);
  EXPECT_NE(health.parent_pid, first);
}

TEST(Workers, AnItemThatLostTwoParentsStaysOwed) {
  SKIP_WITHOUT_FAULT_HOOKS();
  const auto workers = start();
  auto answer = std::async(std::launch::async, [&] { return act_out(*workers, "loop"); });
  for (int i = 0; i < 2; ++i) {
    ASSERT_TRUE(eventually([&] {
      const std::int64_t parent = workers->health().parent_pid;
      return parent != 0 && children_of(parent).size() == 1;
    }));
    const std::int64_t parent = workers->health().parent_pid;
    ASSERT_EQ(::kill(static_cast<pid_t>(parent), SIGKILL), 0);
    ASSERT_TRUE(eventually([&] { return workers->health().parent_pid != parent; }));
  }
  EXPECT_EQ(answer.get(), "workers.down");
  EXPECT_EQ(scan(*workers, make_picture()), "answered");
  EXPECT_EQ(workers->health().restarts, 2U);
}

TEST(Workers, AParentThatDoesNotAnswerIsReplaced) {
  const auto workers = start({.time_ms_max = 3000});
  const std::int64_t stuck = workers->health().parent_pid;
  ASSERT_EQ(::kill(static_cast<pid_t>(stuck), SIGSTOP), 0);
  EXPECT_EQ(scan(*workers, make_picture()), "answered");
  EXPECT_TRUE(is_gone(stuck));
  EXPECT_EQ(workers->health().restarts, 1U);
}

TEST(Workers, NobodyWaitsForAProgramThatDoesNotStartAnyMore) {
  const testing::TemporaryFolder folder;
  const std::filesystem::path program = folder.path() / "tutela-decode";
  std::filesystem::create_symlink(kProgram, program);
  auto workers = Workers::start({.program = program, .processes_max = 1, .limits = {}});
  ASSERT_TRUE(workers.has_value());
  std::filesystem::remove(program);
  ASSERT_EQ(::kill(static_cast<pid_t>((*workers)->health().parent_pid), SIGKILL), 0);
  const auto begin = steady_clock::now();
  for (int i = 0; i < 20; ++i) {
    EXPECT_EQ(scan(**workers, make_picture()), "workers.down");
  }
  // The first waits five seconds for a new parent; if all of them did it would be a hundred.
  EXPECT_LT(steady_clock::now() - begin, std::chrono::seconds(50));
  std::filesystem::create_symlink(kProgram, program);
  // A try to start it comes every five seconds at the latest.
  ASSERT_TRUE(eventually([&] { return (*workers)->health().up; }));
  EXPECT_EQ(scan(**workers, make_picture()), "answered");
}

TEST(Workers, NeverRunMoreThanAsManyAsAllowed) {
  SKIP_WITHOUT_FAULT_HOOKS();
  const auto workers = start({.time_ms_max = 1000}, 2);
  std::vector<std::thread> callers;
  for (int i = 0; i < 6; ++i) {
    callers.emplace_back([&] { EXPECT_EQ(act_out(*workers, "loop"), "worker.timeout"); });
  }
  std::size_t most = 0;
  while (workers->health().items < 6) {
    most = std::max(most, children_of(workers->health().parent_pid).size());
    EXPECT_LE(workers->health().busy, 2U);
    std::this_thread::sleep_for(milliseconds(5));
  }
  for (std::thread& caller : callers) {
    caller.join();
  }
  EXPECT_EQ(most, 2U);
  EXPECT_EQ(workers->health().busy, 0U);
}

TEST(Workers, AnswerManyCallersAtOnceEachWithItsOwnItem) {
  const auto workers = start();
  std::atomic<int> right{0};
  std::vector<std::thread> callers;
  for (unsigned caller = 0; caller < 4; ++caller) {
    callers.emplace_back([&, caller] {
      const std::string picture = make_picture(caller);
      const auto expected = inspect::inspect(as_bytes(picture), {});
      for (int i = 0; i < 100; ++i) {
        const auto answer = workers->inspect(item_of(picture));
        right += answer && expected && answer->frames == expected->frames ? 1 : 0;
      }
    });
  }
  for (std::thread& caller : callers) {
    caller.join();
  }
  EXPECT_EQ(right, 400);
  EXPECT_EQ(workers->health().items, 400U);
}

TEST(Workers, LeakNoDescriptorAndLeaveNoZombie) {
  const auto workers = start();
  ASSERT_EQ(scan(*workers, make_picture()), "answered");
  const std::size_t before = count_open_descriptors();
  for (unsigned i = 0; i < 500; ++i) {
    ASSERT_EQ(scan(*workers, make_picture(i)), "answered");
  }
  EXPECT_EQ(count_open_descriptors(), before);
  EXPECT_TRUE(children_of(workers->health().parent_pid).empty());
  for (const Process& child : children_of(::getpid())) {
    EXPECT_NE(child.state, 'Z');
  }
}

TEST(Workers, EndEveryProcessWhenDestroyed) {
  const std::size_t before = count_open_descriptors();
  auto workers = start();
  const std::int64_t parent = workers->health().parent_pid;
  workers.reset();
  EXPECT_TRUE(is_gone(parent));
  EXPECT_TRUE(children_of(::getpid()).empty());
  EXPECT_EQ(count_open_descriptors(), before);
}

TEST(Workers, EndEvenAParentThatIsStuckWhenDestroyed) {
  auto workers = start();
  const std::int64_t parent = workers->health().parent_pid;
  ASSERT_EQ(::kill(static_cast<pid_t>(parent), SIGSTOP), 0);
  workers.reset();
  EXPECT_TRUE(is_gone(parent));
}

TEST(Workers, NoProcessOutlivesAServerThatIsKilled) {
  SKIP_WITHOUT_FAULT_HOOKS();
  int ends[2] = {-1, -1};
  ASSERT_EQ(::pipe2(ends, O_CLOEXEC), 0);
  const Fd read_end(ends[0]);
  const Fd write_end(ends[1]);
  const pid_t server = ::fork();
  if (server == 0) {
    const auto workers = start();
    const std::int64_t parent = workers->health().parent_pid;
    std::thread([&] { act_out(*workers, "loop"); }).detach();
    eventually([&] { return children_of(parent).size() == 1; });
    const std::int64_t told[] = {parent, children_of(parent).front().pid};
    static_cast<void>(::write(write_end.get(), told, sizeof told) == sizeof told);
    ::pause();
  }
  std::int64_t told[2] = {};
  ASSERT_EQ(::read(read_end.get(), told, sizeof told), static_cast<ssize_t>(sizeof told));
  ASSERT_EQ(::kill(server, SIGKILL), 0);
  ASSERT_EQ(::waitpid(server, nullptr, 0), server);
  EXPECT_TRUE(eventually([&] { return is_gone(told[0]) && is_gone(told[1]); }));
}

TEST(Workers, SayWhenTheProgramCannotBeStarted) {
  for (const char* const program : {"/nonexistent/tutela-decode", "/bin/true"}) {
    const auto workers = Workers::start({.program = program, .limits = {}});
    ASSERT_FALSE(workers.has_value());
    EXPECT_EQ(workers.error().code, "workers.no_start");
  }
  EXPECT_TRUE(children_of(::getpid()).empty());
}

}  // namespace
}  // namespace tutela::workers
