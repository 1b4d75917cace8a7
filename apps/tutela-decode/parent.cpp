#include "tutela-decode/parent.hpp"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <optional>

#include <fcntl.h>
#include <poll.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tutela-decode/worker.hpp"

namespace tutela::decode {

namespace {

using workers::protocol::Kind;
using workers::protocol::Message;
using workers::protocol::Received;

/// SIGCHLD as a descriptor. The signals that end a service are ignored: systemd and terminals send
/// them to every process, but it is the server that decides when items in flight are done.
Result<Fd> take_over_signals() {
  for (const int ignored : {SIGINT, SIGTERM, SIGHUP, SIGPIPE}) {
    std::signal(ignored, SIG_IGN);
  }
  sigset_t child;
  ::sigemptyset(&child);
  ::sigaddset(&child, SIGCHLD);
  Fd fd(::signalfd(-1, &child, SFD_CLOEXEC | SFD_NONBLOCK));
  if (::sigprocmask(SIG_BLOCK, &child, nullptr) != 0 || !fd.valid()) {
    return system_error("workers.no_start", "signalfd");
  }
  return fd;
}

/// Where memory runs out, the kernel should end a worker, not the server. Best effort.
void volunteer_for_the_oom_killer() {
  const Fd file(::open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC));
  static_cast<void>(::write(file.get(), "500", 3));
}

/// Decoders' warnings may quote the item: from here on nothing is printed. The server gave
/// /dev/null as standard output, and a report of a sanitizer is worth more than silence.
void fall_silent() {
  if (!sandbox::kSanitizerBuild) {
    ::dup3(STDOUT_FILENO, STDERR_FILENO, 0);
  }
}

/// A worker that does what only the parent may must die of it.
Status prove_lock(const sandbox::Sandbox& sandbox, const media::Limits& limits) {
  const pid_t parent = ::getpid();
  const pid_t child = ::fork();
  if (child == 0) {
    if (sandbox.lock_worker(parent, {limits.memory_bytes_max, limits.cpu_seconds_max})) {
      ::kill(parent, 0);
    }
    ::_exit(1);
  }
  int status = 0;
  if (child < 0 || ::waitpid(child, &status, 0) != child || !WIFSIGNALED(status) ||
      WTERMSIG(status) != SIGSYS) {
    return Error{
        ErrorKind::kUnavailable, "sandbox.unavailable", "the sandbox does not hold on this kernel"};
  }
  return ok();
}

}  // namespace

Result<Parent> Parent::prepare(Fd control, const media::Limits& limits) {
  TUTELA_TRY_ASSIGN(Fd child_signals, take_over_signals());
  volunteer_for_the_oom_killer();
  TUTELA_TRY(media::warm_up());
  TUTELA_TRY_ASSIGN(sandbox::Sandbox sandbox, sandbox::Sandbox::prepare());
  TUTELA_TRY(sandbox.lock_parent());
  TUTELA_TRY(prove_lock(sandbox, limits));
  return Parent(std::move(control), std::move(child_signals), limits, std::move(sandbox));
}

void Parent::serve() {
  fall_silent();
  report({.kind = Kind::kReady});
  bool serving = true;
  while (serving) {
    pollfd waiting[] = {{control_.get(), POLLIN, 0}, {child_signals_.get(), POLLIN, 0}};
    if (::poll(waiting, 2, -1) < 0 && errno != EINTR) {
      break;
    }
    if (waiting[1].revents != 0) {
      signalfd_siginfo drained;
      while (::read(child_signals_.get(), &drained, sizeof drained) > 0) {
      }
      reap_workers(WNOHANG);
    }
    if (waiting[0].revents != 0) {
      serving = take_message();
    }
  }
  for (const Job& job : jobs_) {
    ::kill(job.pid, SIGKILL);
  }
  reap_workers(0);
}

/// False when the server is gone.
bool Parent::take_message() {
  auto received = workers::protocol::receive(control_.get());
  if (!received || !received->has_value()) {
    return false;
  }
  switch ((*received)->message.kind) {
    case Kind::kInspect:
    case Kind::kRender:
      start_worker(*std::move(*received));
      return true;
    case Kind::kKill:
      kill_worker((*received)->message.job);
      return true;
    case Kind::kReady:
    case Kind::kEnded:
    case Kind::kNotForked:
      break;  // only ever said by this side
  }
  return false;
}

void Parent::start_worker(Received work) {
  const pid_t parent = ::getpid();
  const bool complete = work.item.valid() && work.reply.valid();  // not over our own fd limit
  const pid_t child = complete ? ::fork() : -1;
  if (child == 0) {
    work_on(std::move(work), limits_, sandbox_, parent);
  }
  if (child < 0) {
    report({.kind = Kind::kNotForked, .job = work.message.job});
    return;
  }
  jobs_.push_back({work.message.job, child});
}

void Parent::kill_worker(std::uint64_t job) const {
  // Only workers that were not reaped yet are in the list, so the process id is still theirs.
  for (const Job& candidate : jobs_) {
    if (candidate.id == job) {
      ::kill(candidate.pid, SIGKILL);
    }
  }
}

void Parent::reap_workers(int wait_flags) {
  int status = 0;
  pid_t pid = 0;
  while ((pid = ::waitpid(-1, &status, wait_flags)) > 0) {
    const auto job = std::find_if(
        jobs_.begin(), jobs_.end(), [pid](const Job& candidate) { return candidate.pid == pid; });
    if (job != jobs_.end()) {
      report({.kind = Kind::kEnded, .wait_status = status, .job = job->id});
      jobs_.erase(job);
    }
  }
}

void Parent::report(const Message& message) const {
  // A failure means that the server is gone, which the next receive finds out.
  static_cast<void>(workers::protocol::send(control_.get(), message, {}, 0).has_value());
}

}  // namespace tutela::decode
