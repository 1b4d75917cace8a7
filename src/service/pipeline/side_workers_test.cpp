#include "service/pipeline/side_workers.hpp"

#include <algorithm>
#include <csignal>
#include <string>
#include <thread>

#include <gtest/gtest.h>
#include <sys/resource.h>

#include "base/file.hpp"
#include "support/pipelines.hpp"

namespace tutela::pipeline {
namespace {

workers::WorkersOptions options() {
  return {.program = testing::pipeline_config({}).workers.program,
          .processes_max = 1,
          .limits = {},
          .environment = {"TUTELA_PDQ_KERNEL=scalar"}};
}

int niceness(const workers::Workers& workers) {
  return ::getpriority(PRIO_PROCESS, static_cast<id_t>(workers.health().parent_pid));
}

bool is_scalar(const workers::Workers& workers) {
  const Result<Bytes> environment =
      read_file("/proc/" + std::to_string(workers.health().parent_pid) + "/environ", 1 << 16);
  EXPECT_TRUE(environment) << "cannot be looked at";
  return environment &&
         as_text(*environment).find("TUTELA_PDQ_KERNEL=scalar") != std::string_view::npos;
}

TEST(SideWorkersTest, GiveWayToAllOthersAndHaveTheirOwnEnvironmentAlsoAfterADeath) {
  const int own = ::getpriority(PRIO_PROCESS, 0);
  SideWorkers side;
  EXPECT_FALSE(side.running());
  const auto workers = side.get(options());
  ASSERT_TRUE(workers) << workers.error().message;
  EXPECT_EQ(niceness(**workers), std::max(own, 10));
  EXPECT_TRUE(is_scalar(**workers));
  const std::int64_t first = (*workers)->health().parent_pid;
  ASSERT_EQ(::kill(static_cast<pid_t>(first), SIGKILL), 0);
  for (int i = 0; i < 2000; ++i) {
    const workers::Workers::Health health = (*workers)->health();
    if (health.up && health.parent_pid != first) {
      break;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  EXPECT_NE((*workers)->health().parent_pid, first);
  EXPECT_EQ(niceness(**workers), std::max(own, 10));
  EXPECT_TRUE(is_scalar(**workers));
  EXPECT_EQ(::getpriority(PRIO_PROCESS, 0), own) << "of this thread";
}

TEST(SideWorkersTest, AreTheSameUntilTheLimitsChange) {
  SideWorkers side;
  const auto first = side.get(options());
  ASSERT_TRUE(first);
  EXPECT_EQ(*side.get(options()), *first);
  workers::WorkersOptions others = options();
  others.limits.pixels_max = 100;
  const auto second = side.get(others);
  ASSERT_TRUE(second);
  EXPECT_NE(*second, *first);
  side.end_if_idle();
  EXPECT_TRUE(side.running()) << "asked for a moment ago";
}

}  // namespace
}  // namespace tutela::pipeline
