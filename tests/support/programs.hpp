// Runs other programs: the independent peers that tests check our output with.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.hpp"
#include "support/folder.hpp"

namespace tutela::testing {

struct Ran {
  int status = -1;     // of its exit; -1 when it was killed
  std::string output;  // both streams, unless `stdout_to` took one
};

struct RunWhere {
  std::filesystem::path folder = "/";  // its working folder
  std::filesystem::path stdin_from = "/dev/null";
  std::filesystem::path stdout_to = {};  // else it is in Ran::output
};

inline Ran run_program(std::vector<std::string> arguments, const RunWhere& where = {}) {
  const TemporaryFolder folder;
  const std::filesystem::path log = folder.path() / "output";
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  const int flags = O_WRONLY | O_CREAT | O_APPEND;
  posix_spawn_file_actions_addopen(&actions, 0, where.stdin_from.c_str(), O_RDONLY, 0);
  const std::filesystem::path& out = where.stdout_to.empty() ? log : where.stdout_to;
  posix_spawn_file_actions_addopen(&actions, 1, out.c_str(), flags, 0600);
  posix_spawn_file_actions_addopen(&actions, 2, log.c_str(), flags, 0600);
  posix_spawn_file_actions_addchdir_np(&actions, where.folder.c_str());
  std::vector<char*> argv;
  for (std::string& argument : arguments) {
    argv.push_back(argument.data());
  }
  argv.push_back(nullptr);
  pid_t pid = -1;
  Ran ran;
  const int failed = ::posix_spawnp(&pid, argv.front(), &actions, nullptr, argv.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  if (failed != 0) {
    return ran;
  }
  int status = 0;
  EXPECT_EQ(::waitpid(pid, &status, 0), pid);
  ran.status = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  if (const Result<Bytes> text = read_file(log, 16U << 20)) {
    ran.output = std::string(as_text(*text));
  }
  return ran;
}

inline bool installed(const std::string& program) {
  return std::filesystem::exists("/usr/bin/" + program);
}

}  // namespace tutela::testing
