#include "engine/match/signal_set.hpp"

#include <cerrno>
#include <utility>

#include <fcntl.h>
#include <sys/file.h>

#include "base/file.hpp"
#include "base/mutex.hpp"
#include "engine/match/segment_open.hpp"
#include "engine/match/signal_set_state.hpp"

namespace tutela::match {
namespace {

/// The only process, and thread, that writes the file.
class MergeLock {
 public:
  /// Not held where another one writes, unless it is waited for.
  static Result<MergeLock> take(const std::filesystem::path& file, bool wait) {
    MergeLock lock;
    const std::filesystem::path path = file.string() + ".lock";
    lock.fd_ = Fd(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
    if (!lock.fd_.valid()) {
      return system_error("file.write_failed", "open lock of index");
    }
    while (::flock(lock.fd_.get(), LOCK_EX | (wait ? 0 : LOCK_NB)) != 0) {
      if (errno == EWOULDBLOCK) {
        lock.fd_.reset();
        return lock;
      }
      if (errno != EINTR) {
        return system_error("file.write_failed", "lock index");
      }
    }
    return lock;
  }

  [[nodiscard]] bool held() const noexcept { return fd_.valid(); }

 private:
  Fd fd_;
};

}  // namespace

SignalSet::SignalSet(std::unique_ptr<State> state) : state_(std::move(state)) {}

SignalSet::~SignalSet() = default;

Result<std::unique_ptr<SignalSet>> SignalSet::open(SignalSetOptions options) {
  auto state = std::make_unique<State>(std::move(options));
  const Result<FileIdentity> file = file_identity(state->options.file);
  auto segment = Segment::open(state->options.file, state->options.run_steps);
  {
    const MutexLock lock(state->mutex);
    if (segment) {
      state->adopt(*std::move(segment), {});
    } else if (segment.error().kind == ErrorKind::kCorrupted) {
      state->refused = std::string(segment.error().code) + ": " + segment.error().message;
      state->looked_at = file ? *file : FileIdentity{};
    } else if (segment.error().kind != ErrorKind::kNotFound) {
      return segment.error();
    }
    state->publish();
  }
  return std::unique_ptr<SignalSet>(new SignalSet(std::move(state)));
}

std::string SignalSet::refused() const {
  const MutexLock lock(state_->mutex);
  return state_->refused;
}

std::int64_t SignalSet::through(const Uuid& list) const {
  const MutexLock lock(state_->mutex);
  const auto found = state_->through.find(list);
  return found == state_->through.end() ? 0 : found->second;
}

std::int64_t SignalSet::removed_through() const {
  const MutexLock lock(state_->mutex);
  return state_->removed_through;
}

std::shared_ptr<const Generation> SignalSet::apply(const SignalUpdate& update) {
  const MutexLock lock(state_->mutex);
  state_->applied = true;
  state_->lists = update.lists;
  state_->take_removals(update);
  state_->take_signals(update);
  state_->publish();
  return state_->current.get();
}

bool SignalSet::has(const SignalUpdate& update) const {
  const MutexLock lock(state_->mutex);
  for (std::size_t list = 0; list < update.lists.size(); ++list) {
    const auto found = state_->through.find(update.lists[list].id);
    if (found == state_->through.end() || found->second < update.lists_through[list]) {
      return false;
    }
  }
  return true;
}

std::shared_ptr<const Generation> SignalSet::generation() const {
  return state_->current.get();
}

bool SignalSet::merge_due() const {
  state_->free_retired();
  const Result<FileIdentity> now = file_identity(state_->options.file);
  const MutexLock lock(state_->mutex);
  return (state_->applied && state_->is_due()) || (now && *now != state_->looked_at);
}

Status SignalSet::merge() {
  TUTELA_TRY_ASSIGN(const MergeLock lock, MergeLock::take(state_->options.file, false));
  if (!lock.held()) {
    return ok();
  }
  TUTELA_TRY_ASSIGN(const bool adopted, state_->adopt_newer_file());
  if (adopted && !merge_due()) {
    return ok();
  }
  return state_->write_and_adopt();
}

void SignalSet::settle() {
  state_->settle();
}

Status SignalSet::rewrite(const std::function<Status(SegmentBuilder& builder)>& collect) const {
  TUTELA_TRY_ASSIGN(const MergeLock lock, MergeLock::take(state_->options.file, true));
  const Result<FileIdentity> now = file_identity(state_->options.file);
  {
    const MutexLock guard(state_->mutex);
    if (now && *now != state_->looked_at) {
      return ok();
    }
  }
  SegmentBuilder builder;
  TUTELA_TRY(collect(builder));
  return std::move(builder).write(state_->options.file, state_->build_options());
}

SignalSet::Stats SignalSet::stats() const {
  const MutexLock lock(state_->mutex);
  Stats stats;
  if (state_->base) {
    stats.segment_signals = signals_in(*state_->base);
    stats.segment_bytes = state_->base->size_bytes();
    stats.segment_written_ms = state_->base->state().file.modified_ns / 1'000'000;
  }
  stats.delta_signals = state_->delta.size();
  stats.delta_bytes = state_->delta.size_bytes();
  stats.removed = state_->removed->size();
  return stats;
}

}  // namespace tutela::match
