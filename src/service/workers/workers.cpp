#include "service/workers/workers.hpp"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <map>
#include <optional>
#include <thread>
#include <utility>

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/fault.hpp"
#include "base/mutex.hpp"
#include "service/workers/ending.hpp"
#include "service/workers/parent_process.hpp"
#include "service/workers/protocol.hpp"

namespace tutela::workers {

namespace {

using SteadyClock = std::chrono::steady_clock;
using TimePoint = SteadyClock::time_point;
using std::chrono::milliseconds;
using std::chrono::seconds;

// How long a parent may take to confirm that it killed a worker, before it counts as stuck.
constexpr milliseconds kKillGrace = seconds(2);
// How long a parent may be down before items wait for it no more: they hold the places of others.
constexpr milliseconds kRestartPatience = seconds(5);
// A parent that lived this long is replaced at once; the others with growing pauses.
constexpr milliseconds kLongLife = seconds(10);
constexpr milliseconds kRestartPauseMin{50};
constexpr milliseconds kRestartPauseMax = seconds(5);

Error down() {
  return Error{ErrorKind::kUnavailable,
               "workers.down",
               "the decode workers are down; the item is not decided, try again"};
}

int poll_timeout_ms(TimePoint deadline) {
  const auto left = std::chrono::ceil<milliseconds>(deadline - SteadyClock::now());
  return static_cast<int>(std::clamp(left, milliseconds(0), milliseconds(60'000)).count());
}

std::size_t reply_bytes_max(const protocol::Message& work) {
  return work.kind == protocol::Kind::kRender ? redact::reply_bytes_max(work.view)
                                              : inspect::kReplyBytesMax;
}

/// Reads until the worker closes its end, the bound or the deadline.
void read_reply(int fd, std::size_t bytes_max, TimePoint deadline, Ending& ending) {
  std::byte chunk[64 * 1024];
  while (true) {
    pollfd waiting{fd, POLLIN, 0};
    const int ready = ::poll(&waiting, 1, poll_timeout_ms(deadline));
    if (ready == 0 && SteadyClock::now() < deadline) {
      continue;
    }
    if (ready == 0) {
      ending.timed_out = true;
      return;
    }
    const ssize_t got = ready < 0 ? -1 : ::read(fd, chunk, sizeof chunk);
    if (got < 0 && errno == EINTR) {
      continue;
    }
    if (got <= 0) {
      return;
    }
    if (ending.reply.size() + static_cast<std::size_t>(got) > bytes_max) {
      ending.reply_too_large = true;
      return;
    }
    ending.reply.insert(ending.reply.end(), chunk, chunk + got);
  }
}

/// Armed, fingerprints come out as from a SIMD kernel that computes wrongly.
Result<inspect::Inspection> broken_if_armed(Result<inspect::Inspection> inspection,
                                            const WorkersOptions& options) {
  const bool scalar = std::ranges::find(options.environment, "TUTELA_PDQ_KERNEL=scalar") !=
                      options.environment.end();
  if (inspection && !scalar && TUTELA_FAULT_ARMED("workers.kernel")) {
    for (inspect::FrameFingerprint& frame : inspection->frames) {
      for (fingerprint::Pdq256& hash : frame.pdq.hashes) {
        std::ranges::reverse(hash.words);
      }
    }
  }
  return inspection;
}

}  // namespace

struct Workers::State {
  explicit State(WorkersOptions from_caller) : options(std::move(from_caller)) {
    health.processes_max = options.processes_max;
  }

  // What callers of inspect() and render() do. `work` says what, without the job's number.
  Result<Ending> run(const ItemBytes& item, const protocol::Message& work);
  void take_place();
  void give_place_back();
  Result<std::optional<Ending>> try_once(const ItemBytes& item, const protocol::Message& work);
  Result<std::uint64_t> hand_over(const ItemBytes& item, protocol::Message work, int reply);
  std::optional<int> wait_for_end(std::uint64_t job, TimePoint deadline, Ending& ending);
  void kill_worker(std::uint64_t job) TUTELA_REQUIRES(mutex);
  void kill_parent() TUTELA_REQUIRES(mutex);
  template <class Answer>
  Answer count(Answer answer);

  // What the supervisor's thread does.
  void supervise(ParentProcess parent);
  bool put_up(const ParentProcess& parent);
  void put_down();
  void read_reports(int control);
  bool pause(milliseconds length);

  struct Job {
    bool ended = false;
    bool lost = false;  // the parent died, or could not fork: not the item's fault
    int wait_status = 0;
  };

  const WorkersOptions options;
  mutable Mutex mutex;
  Condition changed;  // anything below
  bool stopping TUTELA_GUARDED_BY(mutex) = false;
  int control TUTELA_GUARDED_BY(mutex) = -1;  // of the parent that is up, else -1
  TimePoint down_since TUTELA_GUARDED_BY(mutex);
  std::uint64_t next_job TUTELA_GUARDED_BY(mutex) = 1;
  std::map<std::uint64_t, Job> jobs TUTELA_GUARDED_BY(mutex);
  Health health TUTELA_GUARDED_BY(mutex);
  std::thread supervisor;
};

Result<Ending> Workers::State::run(const ItemBytes& item, const protocol::Message& work) {
  TUTELA_TRY(item.seal());
  take_place();
  Result<std::optional<Ending>> ending = try_once(item, work);
  if (ending && !ending->has_value()) {
    ending = try_once(item, work);  // lost with its parent, which is no fault of the item
  }
  give_place_back();
  if (!ending) {
    return std::move(ending).error();
  }
  if (!ending->has_value()) {
    return down();
  }
  return **std::move(ending);
}

template <class Answer>
Answer Workers::State::count(Answer answer) {
  const MutexLock lock(mutex);
  ++health.items;
  if (!answer && answer.error().code.starts_with("worker.")) {
    ++health.crashes;
  }
  return answer;
}

void Workers::State::take_place() {
  const MutexLock lock(mutex);
  while (health.busy >= options.processes_max) {
    changed.wait(mutex);
  }
  ++health.busy;
}

void Workers::State::give_place_back() {
  const MutexLock lock(mutex);
  --health.busy;
  changed.notify_all();
}

/// Empty when the worker was lost with its parent.
Result<std::optional<Ending>> Workers::State::try_once(const ItemBytes& item,
                                                       const protocol::Message& work) {
  int ends[2] = {-1, -1};
  if (::pipe2(ends, O_CLOEXEC) != 0) {
    return system_error("workers.down", "pipe");
  }
  Fd reply(ends[0]);
  Fd theirs(ends[1]);
  TUTELA_TRY_ASSIGN(const std::uint64_t job, hand_over(item, work, theirs.get()));
  theirs.reset();
  const TimePoint deadline = SteadyClock::now() + milliseconds(options.limits.time_ms_max);
  Ending ending;
  read_reply(reply.get(), reply_bytes_max(work), deadline, ending);
  reply.reset();
  const std::optional<int> wait_status = wait_for_end(job, deadline, ending);
  if (!wait_status) {
    return std::optional<Ending>();
  }
  ending.wait_status = *wait_status;
  return std::optional<Ending>(std::move(ending));
}

Result<std::uint64_t> Workers::State::hand_over(const ItemBytes& item,
                                                protocol::Message work,
                                                int reply) {
  const MutexLock lock(mutex);
  while (control < 0) {
    const TimePoint patience = down_since + kRestartPatience;
    if (stopping || changed.wait_until(mutex, patience) == std::cv_status::timeout) {
      return down();
    }
  }
  const std::uint64_t job = next_job++;
  jobs.emplace(job, Job{});
  work.job = job;
  work.size_bytes = item.size();
  if (!protocol::send(control, work, {.item = item.fd(), .reply = reply}, MSG_DONTWAIT)) {
    kill_parent();  // it is dead or does not read: the supervisor will mark the job as lost
  }
  return job;
}

/// The wait status, or nothing when the worker was lost. Kills what has no right to run on.
std::optional<int> Workers::State::wait_for_end(std::uint64_t job,
                                                TimePoint deadline,
                                                Ending& ending) {
  const MutexLock lock(mutex);
  Job& entry = jobs[job];
  const auto wait = [&](TimePoint until) TUTELA_REQUIRES(mutex) {
    while (!entry.ended && changed.wait_until(mutex, until) != std::cv_status::timeout) {
    }
    return entry.ended;
  };
  if (ending.reply_too_large) {
    kill_worker(job);
  } else if (ending.timed_out || !wait(deadline)) {
    ending.timed_out = true;
    kill_worker(job);
  }
  if (!wait(SteadyClock::now() + kKillGrace)) {
    kill_parent();
    wait(SteadyClock::now() + kKillGrace);
  }
  const bool known = entry.ended && !entry.lost;
  const int wait_status = entry.wait_status;
  jobs.erase(job);
  return known ? std::optional<int>(wait_status) : std::nullopt;
}

void Workers::State::kill_worker(std::uint64_t job) {
  // Asks the parent, because only it can be sure that the process id still means the worker.
  const protocol::Message request{.kind = protocol::Kind::kKill, .job = job};
  if (control >= 0 && !protocol::send(control, request, {}, MSG_DONTWAIT)) {
    kill_parent();
  }
}

void Workers::State::kill_parent() {
  if (control >= 0) {
    ::kill(static_cast<pid_t>(health.parent_pid), SIGKILL);
  }
}

void Workers::State::supervise(ParentProcess first) {
  std::optional<ParentProcess> parent(std::move(first));
  milliseconds pause_length = kRestartPauseMin;
  while (true) {
    const TimePoint born = SteadyClock::now();
    if (parent) {
      read_reports(parent->control());
      put_down();
      parent.reset();
    }
    if (SteadyClock::now() - born >= kLongLife) {
      pause_length = kRestartPauseMin;
    }
    if (!pause(pause_length)) {
      return;
    }
    pause_length = std::min(pause_length * 2, kRestartPauseMax);
    auto started = ParentProcess::start(options.program, options.limits, options.environment);
    if (started) {
      parent.emplace(*std::move(started));
      if (!put_up(*parent)) {
        return;
      }
    }
  }
}

/// False when there is nothing to be up for any more.
bool Workers::State::put_up(const ParentProcess& parent) {
  const MutexLock lock(mutex);
  if (stopping) {
    return false;
  }
  control = parent.control();
  health.up = true;
  health.parent_pid = parent.pid();
  changed.notify_all();
  return true;
}

void Workers::State::put_down() {
  const MutexLock lock(mutex);
  control = -1;
  down_since = SteadyClock::now();
  health.up = false;
  health.parent_pid = 0;
  health.restarts += stopping ? 0U : 1U;
  for (auto& [id, job] : jobs) {
    job.lost = job.lost || !job.ended;
    job.ended = true;
  }
  changed.notify_all();
}

void Workers::State::read_reports(int from) {
  while (true) {
    const auto received = protocol::receive(from);
    if (!received || !received->has_value()) {
      return;
    }
    const protocol::Message& report = (*received)->message;
    const MutexLock lock(mutex);
    const auto job = jobs.find(report.job);
    if (job != jobs.end()) {
      job->second.ended = true;
      job->second.lost = report.kind == protocol::Kind::kNotForked;
      job->second.wait_status = report.wait_status;
      changed.notify_all();
    }
  }
}

/// False when it is time to stop.
bool Workers::State::pause(milliseconds length) {
  const TimePoint until = SteadyClock::now() + length;
  const MutexLock lock(mutex);
  while (!stopping && changed.wait_until(mutex, until) != std::cv_status::timeout) {
  }
  return !stopping;
}

std::filesystem::path default_worker_program() {
  std::error_code failed;
  return std::filesystem::read_symlink("/proc/self/exe", failed).parent_path() / "tutela-decode";
}

Workers::Workers(std::unique_ptr<State> state) : state_(std::move(state)) {}

Result<std::unique_ptr<Workers>> Workers::start(WorkersOptions options) {
  if (options.processes_max == 0) {
    options.processes_max = std::max(1U, std::thread::hardware_concurrency());
  }
  if (options.program.empty()) {
    options.program = default_worker_program();
  }
  TUTELA_TRY_ASSIGN(ParentProcess parent,
                    ParentProcess::start(options.program, options.limits, options.environment));
  auto state = std::make_unique<State>(std::move(options));
  State* const shared = state.get();
  shared->put_up(parent);
  shared->supervisor = std::thread(
      [shared](ParentProcess first) { shared->supervise(std::move(first)); }, std::move(parent));
  return std::unique_ptr<Workers>(new Workers(std::move(state)));
}

Workers::~Workers() {
  {
    const MutexLock lock(state_->mutex);
    state_->stopping = true;
    state_->changed.notify_all();
    if (state_->control >= 0) {
      ::shutdown(state_->control, SHUT_WR);  // the parent ends its workers, then itself
    }
    const TimePoint until = SteadyClock::now() + kKillGrace;
    while (state_->control >= 0 &&
           state_->changed.wait_until(state_->mutex, until) != std::cv_status::timeout) {
    }
    state_->kill_parent();
  }
  state_->supervisor.join();
}

Result<inspect::Inspection> Workers::inspect(const ItemBytes& item) {
  TUTELA_TRY_ASSIGN(const Ending ending, state_->run(item, {.kind = protocol::Kind::kInspect}));
  return state_->count(broken_if_armed(judge(ending), state_->options));
}

Result<Rendered> Workers::render(const ItemBytes& item, const RenderRequest& request) {
  TUTELA_TRY(redact::check_request(request.view));
  TUTELA_TRY_ASSIGN(const Ending ending,
                    state_->run(item, {.kind = protocol::Kind::kRender, .view = request.view}));
  TUTELA_TRY_ASSIGN(const redact::View view, state_->count(judge_view(ending, request.view)));
  TUTELA_TRY_ASSIGN(redact::Finished finished, redact::finish(view, request.view, request.mark));
  return Rendered{.png = std::move(finished.png),
                  .width = finished.width,
                  .height = finished.height,
                  .frames_total = view.frames_total,
                  .damaged = view.damaged};
}

Workers::Health Workers::health() const {
  const MutexLock lock(state_->mutex);
  return state_->health;
}

bool is_item_error(const Error& error) noexcept {
  return error.code.starts_with("media.") || error.code.starts_with("worker.");
}

}  // namespace tutela::workers
