// Runs disabled tests of this program in a process of their own, which may die at a fault point.
#pragma once

#include <csignal>
#include <filesystem>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <spawn.h>
#include <sys/wait.h>

#include "base/fault.hpp"
#include "support/folder.hpp"

namespace tutela::testing {

/// The process starts with `variables` alone, and with PATH. `under` is a program that runs it,
/// with its arguments: "strace", "-f".
inline pid_t start_disabled(const std::string& tests,
                            std::vector<std::string> variables,
                            std::vector<std::string> under = {}) {
  under.insert(under.end(),
               {std::filesystem::read_symlink("/proc/self/exe").string(),
                "--gtest_also_run_disabled_tests",
                "--gtest_filter=" + tests,
                "--gtest_brief=1"});
  // Leak detection does not work under strace, and has nothing to say of what was killed.
  variables.insert(variables.begin(), {"ASAN_OPTIONS=detect_leaks=0", "PATH=/usr/bin:/bin"});
  const auto pointers = [](std::vector<std::string>& texts) {
    std::vector<char*> all;
    for (std::string& text : texts) {
      all.push_back(text.data());
    }
    all.push_back(nullptr);
    return all;
  };
  pid_t child = -1;
  EXPECT_EQ(::posix_spawnp(&child,
                           under.front().c_str(),
                           nullptr,
                           nullptr,
                           pointers(under).data(),
                           pointers(variables).data()),
            0);
  return child;
}

/// The wait status at its end.
inline int status_of(pid_t child) {
  int status = -1;
  EXPECT_EQ(::waitpid(child, &status, 0), child);
  return status;
}

inline bool was_killed(int status) {
  return WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
}

/// The test finds `folder` in TUTELA_TEST_FOLDER, and `fault` ("point=kill") in TUTELA_FAULT.
/// Whether it was killed; anything else than that or a good end is a failure.
inline bool is_killed(const std::string& test,
                      const std::filesystem::path& folder,
                      const std::string& fault) {
  const int status = status_of(
      start_disabled(test, {"TUTELA_TEST_FOLDER=" + folder.string(), "TUTELA_FAULT=" + fault}));
  EXPECT_TRUE(was_killed(status) || (WIFEXITED(status) && WEXITSTATUS(status) == 0));
  return was_killed(status);
}

/// For n = 1, 2, ...: `prepare` makes a folder ready, `test` works in it until it is killed at the
/// n-th passing of `point`, and `check` looks at what is left; until nothing is killed any more.
inline void kill_at_each_passing(const std::string& test,
                                 const std::string& point,
                                 const std::function<void(const std::filesystem::path&)>& prepare,
                                 const std::function<void(const std::filesystem::path&)>& check) {
  constexpr int kPassingsMax = 60;
  if (!fault::kCompiledIn) {
    GTEST_SKIP() << "fault points are not compiled in";
  }
  int passing = 1;
  for (; passing < kPassingsMax && !::testing::Test::HasFailure(); ++passing) {
    const std::string fault = point + "=kill@" + std::to_string(passing);
    SCOPED_TRACE(fault);
    const TemporaryFolder folder;
    prepare(folder.path());
    if (!is_killed(test, folder.path(), fault)) {
      break;
    }
    check(folder.path());
  }
  EXPECT_GT(passing, 1) << "nothing came by this point";
  EXPECT_LT(passing, kPassingsMax);
}

}  // namespace tutela::testing
