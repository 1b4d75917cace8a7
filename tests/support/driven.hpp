// Runs this test program again as a process that dies at a fault point.
#pragma once

#include <algorithm>
#include <csignal>
#include <string>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

namespace tutela::testing {

struct Driven {
  bool killed = false;
  bool wrote = false;  // anything to its standard output
  int status = -1;     // of its exit, when it was not killed
};

/// "PROGRAM arguments..." with TUTELA_FAULT="fault=action".
inline Driven run_driver(const std::string& fault,
                         std::vector<std::string> arguments,
                         const std::string& action = "kill") {
  int out[2];
  EXPECT_EQ(::pipe2(out, O_CLOEXEC), 0);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, out[1], STDOUT_FILENO);
  std::string program = "/proc/self/exe";
  std::vector<char*> argv = {program.data()};
  for (std::string& argument : arguments) {
    argv.push_back(argument.data());
  }
  argv.push_back(nullptr);
  std::string variable = "TUTELA_FAULT=" + fault + "=" + action;
  char* environment[] = {variable.data(), nullptr};
  pid_t pid = 0;
  EXPECT_EQ(::posix_spawn(&pid, program.c_str(), &actions, nullptr, argv.data(), environment), 0);
  posix_spawn_file_actions_destroy(&actions);
  ::close(out[1]);
  Driven driven;
  char byte = 0;
  while (::read(out[0], &byte, 1) == 1) {
    driven.wrote = true;
  }
  ::close(out[0]);
  int status = 0;
  ::waitpid(pid, &status, 0);
  driven.killed = WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
  driven.status = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  return driven;
}

/// main(): the tests, or what "--drive TEXT..." asks for: `drive` of so many texts.
template <class... Texts>
int drive_or_test(int (*drive)(Texts...), int argc, char** argv) {
  const std::vector<std::string> texts(argv + 1, argv + argc);
  if (texts.size() == 1 + sizeof...(Texts) && texts[0] == "--drive") {
    return [&]<std::size_t... kAt>(std::index_sequence<kAt...>) {
      return drive(texts[1 + kAt]...);
    }(std::index_sequence_for<Texts...>());
  }
  ::testing::InitGoogleTest(&argc, argv);
  return RUN_ALL_TESTS();
}

/// The name of a fault point as a part of a test's name.
inline std::string name_of_point(std::string point) {
  std::ranges::replace(point, '.', '_');
  return point;
}

}  // namespace tutela::testing
