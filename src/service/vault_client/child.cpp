#include "service/vault_client/child.hpp"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <utility>

#include <spawn.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/arguments.hpp"

namespace tutela::vault_client {

namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr milliseconds kLook{20};
constexpr milliseconds kPauseFirst{200};
constexpr milliseconds kPauseMax{10'000};
constexpr milliseconds kLivedWell{60'000};

/// Asks it to end, and makes it end.
void end(pid_t pid, milliseconds grace) {
  ::kill(pid, SIGTERM);
  const auto patience = steady_clock::now() + grace;
  while (steady_clock::now() < patience) {
    if (::waitpid(pid, nullptr, WNOHANG) != 0) {
      return;
    }
    std::this_thread::sleep_for(kLook);
  }
  ::kill(pid, SIGKILL);
  while (::waitpid(pid, nullptr, 0) < 0 && errno == EINTR) {
  }
}

}  // namespace

Child::Child(Options options) : options_(std::move(options)), thread_([this] { watch(); }) {}

Child::~Child() {
  {
    const MutexLock lock(mutex_);
    stop_ = true;
    changed_.notify_all();
  }
  thread_.join();
}

bool Child::start() {
  std::vector<std::string> arguments = {options_.program.string()};
  arguments.insert(arguments.end(), options_.arguments.begin(), options_.arguments.end());
  std::vector<char*> argument_pointers = pointers_to(arguments);
  std::vector<char*> environment = pointers_to(options_.environment);
  // Not all libraries open their sockets so that a new program does not get them.
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_addclosefrom_np(&actions, STDERR_FILENO + 1);
  pid_t pid = 0;
  const int failed = ::posix_spawn(&pid,
                                   options_.program.c_str(),
                                   &actions,
                                   nullptr,
                                   argument_pointers.data(),
                                   environment.data());
  ::posix_spawn_file_actions_destroy(&actions);
  if (failed != 0) {
    options_.tell("the vault process could not be started");
    return false;
  }
  pid_.store(pid);
  return true;
}

void Child::watch() {
  milliseconds pause = kPauseFirst;
  steady_clock::time_point started;
  steady_clock::time_point next = steady_clock::now();
  while (true) {
    {
      const MutexLock lock(mutex_);
      if (stop_) {
        break;
      }
      changed_.wait_for(mutex_, kLook);
    }
    const pid_t pid = pid_.load();
    if (pid != 0 && ::waitpid(pid, nullptr, WNOHANG) != 0) {
      pid_.store(0);
      restarts_.fetch_add(1);
      pause =
          steady_clock::now() - started > kLivedWell ? kPauseFirst : std::min(pause * 2, kPauseMax);
      next = steady_clock::now() + pause;
      options_.tell("the vault process ended");
    } else if (pid == 0 && steady_clock::now() >= next) {
      started = steady_clock::now();
      if (!start()) {
        next = started + pause;
      }
    }
  }
  if (const pid_t pid = pid_.exchange(0); pid != 0) {
    end(pid, options_.grace);
  }
}

void die_with_parent(pid_t parent) {
  ::prctl(PR_SET_PDEATHSIG, SIGTERM);
  if (::getppid() != parent) {
    ::raise(SIGTERM);  // it was gone already
  }
}

}  // namespace tutela::vault_client
