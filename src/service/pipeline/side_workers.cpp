#include "service/pipeline/side_workers.hpp"

#include <optional>
#include <thread>
#include <utility>

#include "base/thread.hpp"

namespace tutela::pipeline {
namespace {

constexpr std::chrono::seconds kIdle{60};

/// A process has the priority of the thread that starts it, and so have those that it forks; the
/// supervisor, which starts it again, is a child of that thread, too.
Result<std::unique_ptr<workers::Workers>> start_low(const workers::WorkersOptions& options) {
  std::optional<Result<std::unique_ptr<workers::Workers>>> started;
  std::thread starter([&] {
    lower_priority_of_this_thread();
    started.emplace(workers::Workers::start(options));
  });
  starter.join();
  return *std::move(started);
}

}  // namespace

Result<std::shared_ptr<workers::Workers>> SideWorkers::get(const workers::WorkersOptions& options) {
  std::shared_ptr<workers::Workers> before;  // ended after the lock is given back
  const MutexLock lock(mutex_);
  asked_ = std::chrono::steady_clock::now();
  if (workers_ && limits_ == options.limits) {
    return workers_;
  }
  TUTELA_TRY_ASSIGN(std::shared_ptr<workers::Workers> started, start_low(options));
  before = std::exchange(workers_, std::move(started));
  limits_ = options.limits;
  return workers_;
}

void SideWorkers::end_if_idle() {
  std::shared_ptr<workers::Workers> idle;
  const MutexLock lock(mutex_);
  if (std::chrono::steady_clock::now() - asked_ >= kIdle) {
    idle.swap(workers_);
  }
}

bool SideWorkers::running() const {
  const MutexLock lock(mutex_);
  return workers_ != nullptr;
}

}  // namespace tutela::pipeline
