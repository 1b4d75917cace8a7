#include "custody/vault/helper.hpp"

#include <thread>
#include <utility>

#include "base/mutex.hpp"

namespace tutela::vault {

struct Helper::State {
  State() = default;
  State(const State&) = delete;
  State& operator=(const State&) = delete;

  ~State() {
    if (thread.joinable()) {
      {
        const MutexLock lock(mutex);
        ending = true;
      }
      changed.notify_all();
      thread.join();
    }
  }

  void run() {
    mutex.lock();
    while (busy || !ending) {
      if (!busy) {
        changed.wait(mutex);
        continue;
      }
      mutex.unlock();
      Status done = job();
      mutex.lock();
      status = std::move(done);
      busy = false;
      changed.notify_all();
    }
    mutex.unlock();
  }

  std::function<Status()> job;  // of the thread while `busy`, else of the caller
  std::thread thread;
  Mutex mutex;
  Condition changed;
  Status status TUTELA_GUARDED_BY(mutex) = ok();
  bool busy TUTELA_GUARDED_BY(mutex) = false;
  bool ending TUTELA_GUARDED_BY(mutex) = false;
};

Helper::Helper() : state_(std::make_unique<State>()) {}

Helper::Helper(Helper&&) noexcept = default;
Helper& Helper::operator=(Helper&&) noexcept = default;
Helper::~Helper() = default;

void Helper::start(std::function<Status()> job) {
  state_->job = std::move(job);
  if (!state_->thread.joinable()) {
    State* const state = state_.get();
    state_->thread = std::thread([state] { state->run(); });
  }
  {
    const MutexLock lock(state_->mutex);
    state_->busy = true;
  }
  state_->changed.notify_all();
}

Status Helper::wait() {
  const MutexLock lock(state_->mutex);
  while (state_->busy) {
    state_->changed.wait(state_->mutex);
  }
  return std::exchange(state_->status, ok());
}

}  // namespace tutela::vault
