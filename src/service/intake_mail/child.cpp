#include "service/intake_mail/child.hpp"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <string>
#include <thread>
#include <vector>

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.hpp"
#include "engine/sandbox/sandbox.hpp"

namespace tutela::intake_mail {

namespace {

using Steady = std::chrono::steady_clock;

constexpr int kExitNotLocked = 2;

Error no_reader(std::string_view why) {
  return Error{ErrorKind::kUnavailable,
               "mail.no_reader",
               "tutela-mail, which reads messages, " + std::string(why)};
}

Error not_read() {
  return Error{ErrorKind::kInvalidInput, "mail.not_read", "a message could not be read"};
}

/// The process, ended and reaped whatever happens.
class Process {
 public:
  explicit Process(pid_t pid) : pid_(pid) {}

  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  ~Process() {
    if (pid_ > 0) {
      ::kill(pid_, SIGKILL);
      static_cast<void>(wait());
    }
  }

  int wait() {
    int status = -1;
    while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
    }
    pid_ = 0;
    return status;
  }

  /// It may have closed its answer and stay: ended at the deadline.
  int wait_until(Steady::time_point deadline) {
    int status = -1;
    while (::waitpid(pid_, &status, WNOHANG) == 0) {
      if (Steady::now() > deadline) {
        ::kill(pid_, SIGKILL);
        return wait();
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    pid_ = 0;
    return status;
  }

 private:
  pid_t pid_;
};

/// Nothing of the server's environment, and no other descriptor of it.
Result<pid_t> start(const std::filesystem::path& program, int message, int answer) {
  std::string name = program.string();
  std::string flag = "--supervised";
  std::string locale = "LC_ALL=C";
  std::string asan = "ASAN_OPTIONS=abort_on_error=1:handle_segv=0:detect_leaks=0";
  char* const argv[] = {name.data(), flag.data(), nullptr};
  char* const environment[] = {
      locale.data(), sandbox::kSanitizerBuild ? asan.data() : nullptr, nullptr};
  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawnattr_init(&attributes);
  ::posix_spawn_file_actions_adddup2(&actions, message, STDIN_FILENO);
  ::posix_spawn_file_actions_adddup2(&actions, answer, STDOUT_FILENO);
  ::posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
  ::posix_spawn_file_actions_addclosefrom_np(&actions, STDERR_FILENO + 1);
  sigset_t none;
  sigset_t all;
  ::sigemptyset(&none);
  ::sigfillset(&all);
  ::posix_spawnattr_setsigmask(&attributes, &none);
  ::posix_spawnattr_setsigdefault(&attributes, &all);
  ::posix_spawnattr_setpgroup(&attributes, 0);
  ::posix_spawnattr_setflags(
      &attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
  pid_t pid = 0;
  const int failed = ::posix_spawn(&pid, name.c_str(), &actions, &attributes, argv, environment);
  ::posix_spawn_file_actions_destroy(&actions);
  ::posix_spawnattr_destroy(&attributes);
  if (failed != 0) {
    return no_reader("cannot be run: " + std::generic_category().message(failed));
  }
  return pid;
}

/// Until it closes its end, the bound or the deadline.
Result<Bytes> take_answer(int fd, Steady::time_point deadline) {
  Bytes answer;
  std::vector<std::byte> chunk(256 * 1024);
  while (true) {
    const auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Steady::now()).count();
    pollfd waiting{fd, POLLIN, 0};
    const int ready = left > 0 ? ::poll(&waiting, 1, static_cast<int>(left)) : 0;
    const ssize_t got = ready > 0 ? ::read(fd, chunk.data(), chunk.size()) : -1;
    if (got == 0) {
      return answer;
    }
    if (got < 0 && left > 0 && (ready != 0 && errno == EINTR)) {
      continue;
    }
    const auto size = static_cast<std::size_t>(std::max<ssize_t>(got, 0));
    if (size == 0 || size > mail_message::kEncodedBytesMax - answer.size()) {
      return not_read();
    }
    answer.insert(answer.end(), chunk.begin(), chunk.begin() + static_cast<std::ptrdiff_t>(size));
  }
}

}  // namespace

std::filesystem::path default_reader_program() {
  std::error_code ignored;
  return std::filesystem::read_symlink("/proc/self/exe", ignored).parent_path() / "tutela-mail";
}

Result<mail_message::MailMessage> read_message(const std::filesystem::path& program,
                                               int fd,
                                               int timeout_ms) {
  const auto deadline = Steady::now() + std::chrono::milliseconds(timeout_ms);
  int ends[2] = {-1, -1};
  if (::lseek(fd, 0, SEEK_SET) != 0 || ::pipe2(ends, O_CLOEXEC) != 0) {
    return system_error("mail.no_reader", "make a pipe");
  }
  const Fd ours(ends[0]);
  Fd theirs(ends[1]);
  TUTELA_TRY_ASSIGN(const pid_t pid, start(program, fd, theirs.get()));
  Process process(pid);
  theirs.reset();
  TUTELA_TRY_ASSIGN(const Bytes answer, take_answer(ours.get(), deadline));
  const int status = process.wait_until(deadline);
  if (WIFEXITED(status) && WEXITSTATUS(status) == kExitNotLocked) {
    return no_reader("cannot lock itself in on this kernel");
  }
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
    return not_read();
  }
  Result<mail_message::MailMessage> message = mail_message::decode(answer);
  return message ? std::move(message) : not_read();
}

}  // namespace tutela::intake_mail
