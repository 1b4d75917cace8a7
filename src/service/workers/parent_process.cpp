#include "service/workers/parent_process.hpp"

#include <cerrno>
#include <csignal>
#include <string>
#include <vector>

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/arguments.hpp"
#include "engine/sandbox/sandbox.hpp"
#include "service/workers/protocol.hpp"

namespace tutela::workers {

namespace {

constexpr int kReadyTimeoutMs = 30'000;

Error no_start(std::string_view why) {
  return Error{ErrorKind::kUnavailable,
               "workers.no_start",
               "the decode worker did not start: " + std::string(why)};
}

// Nothing of the server's own environment, which may hold secrets.
std::vector<std::string> make_environment() {
  std::vector<std::string> environment = {"LC_ALL=C", "VIPS_CONCURRENCY=1"};
  if (sandbox::kSanitizerBuild) {
    // A finding must end as a crash that the supervisor sees, and crashes as themselves.
    environment.emplace_back("ASAN_OPTIONS=abort_on_error=1:handle_segv=0:detect_leaks=0");
    environment.emplace_back("UBSAN_OPTIONS=abort_on_error=1:print_stacktrace=1");
    environment.emplace_back("TSAN_OPTIONS=abort_on_error=1:handle_segv=0:die_after_fork=0");
  }
  return environment;
}

class SpawnSettings {
 public:
  explicit SpawnSettings(int control) {
    ::posix_spawn_file_actions_init(&actions_);
    ::posix_spawnattr_init(&attributes_);
    ::posix_spawn_file_actions_adddup2(&actions_, control, protocol::kControlFd);
    ::posix_spawn_file_actions_addopen(&actions_, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    ::posix_spawn_file_actions_addopen(&actions_, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
    ::posix_spawn_file_actions_addclosefrom_np(&actions_, protocol::kControlFd + 1);
    sigset_t none;
    sigset_t all;
    ::sigemptyset(&none);
    ::sigfillset(&all);
    ::posix_spawnattr_setsigmask(&attributes_, &none);
    ::posix_spawnattr_setsigdefault(&attributes_, &all);
    // A group of its own: Ctrl-C is for the server, which ends the parent when it is done.
    ::posix_spawnattr_setpgroup(&attributes_, 0);
    ::posix_spawnattr_setflags(
        &attributes_, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
  }

  SpawnSettings(const SpawnSettings&) = delete;
  SpawnSettings& operator=(const SpawnSettings&) = delete;

  ~SpawnSettings() {
    ::posix_spawn_file_actions_destroy(&actions_);
    ::posix_spawnattr_destroy(&attributes_);
  }

  [[nodiscard]] const posix_spawn_file_actions_t* actions() const { return &actions_; }

  [[nodiscard]] const posix_spawnattr_t* attributes() const { return &attributes_; }

 private:
  posix_spawn_file_actions_t actions_{};
  posix_spawnattr_t attributes_{};
};

Status wait_until_ready(int control) {
  pollfd waiting{control, POLLIN, 0};
  int ready = 0;
  do {
    ready = ::poll(&waiting, 1, kReadyTimeoutMs);
  } while (ready < 0 && errno == EINTR);
  if (ready <= 0) {
    return no_start("it was not ready in time");
  }
  const auto received = protocol::receive(control);
  if (!received || !received->has_value() || (*received)->message.kind != protocol::Kind::kReady) {
    return no_start("it ended before it was ready; it says why on standard error");
  }
  return ok();
}

}  // namespace

Result<ParentProcess> ParentProcess::start(const std::filesystem::path& program,
                                           const media::Limits& limits,
                                           const std::vector<std::string>& more_environment) {
  int ends[2] = {-1, -1};
  if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0) {
    return system_error("workers.no_start", "socketpair");
  }
  Fd ours(ends[0]);
  Fd theirs(ends[1]);
  std::vector<std::string> arguments = protocol::to_arguments(limits);
  arguments.insert(arguments.begin(), {program.string(), protocol::kSupervisedFlag});
  std::vector<std::string> environment = make_environment();
  environment.insert(environment.end(), more_environment.begin(), more_environment.end());
  const SpawnSettings settings(theirs.get());
  pid_t pid = 0;
  const int failed = ::posix_spawn(&pid,
                                   program.c_str(),
                                   settings.actions(),
                                   settings.attributes(),
                                   pointers_to(arguments).data(),
                                   pointers_to(environment).data());
  if (failed != 0) {
    return no_start(std::string("the program cannot be run: ") +
                    std::generic_category().message(failed));
  }
  ParentProcess parent(std::move(ours), pid);
  theirs.reset();
  TUTELA_TRY(wait_until_ready(parent.control()));
  return parent;
}

ParentProcess::~ParentProcess() {
  if (pid_ > 0) {
    ::kill(pid_, SIGKILL);
    while (::waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
    }
  }
}

}  // namespace tutela::workers
