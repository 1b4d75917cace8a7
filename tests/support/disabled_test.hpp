// Runs one disabled test of this program in a process of its own, which may die at a fault point.
#pragma once

#include <csignal>
#include <filesystem>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <spawn.h>
#include <sys/wait.h>

namespace tutela::testing {

/// The test finds `folder` in TUTELA_TEST_FOLDER, and `fault` ("point=kill") in TUTELA_FAULT.
/// Whether it was killed; anything else than that or a good end is a failure.
inline bool is_killed(const std::string& test,
                      const std::filesystem::path& folder,
                      const std::string& fault) {
  std::vector<std::string> arguments = {std::filesystem::read_symlink("/proc/self/exe").string(),
                                        "--gtest_also_run_disabled_tests",
                                        "--gtest_filter=" + test,
                                        "--gtest_brief=1"};
  std::vector<std::string> variables = {
      "TUTELA_TEST_FOLDER=" + folder.string(), "TUTELA_FAULT=" + fault, "PATH=/usr/bin:/bin"};
  const auto pointers = [](std::vector<std::string>& texts) {
    std::vector<char*> all;
    for (std::string& text : texts) {
      all.push_back(text.data());
    }
    all.push_back(nullptr);
    return all;
  };
  pid_t child = -1;
  int status = -1;
  EXPECT_EQ(::posix_spawn(&child,
                          arguments[0].c_str(),
                          nullptr,
                          nullptr,
                          pointers(arguments).data(),
                          pointers(variables).data()),
            0);
  EXPECT_EQ(::waitpid(child, &status, 0), child);
  const bool died = WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
  EXPECT_TRUE(died || (WIFEXITED(status) && WEXITSTATUS(status) == 0));
  return died;
}

}  // namespace tutela::testing
