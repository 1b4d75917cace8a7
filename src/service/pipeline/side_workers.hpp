// SideWorkers: decode workers of low priority beside those of live scans, for what can wait. A live
// scan never waits for a place that they hold, and the system gives processors to it first.
//
// Started when they are needed, ended when they were not for a minute. Thread-safe.
#pragma once

#include <chrono>
#include <memory>

#include "base/mutex.hpp"
#include "base/result.hpp"
#include "service/workers/workers.hpp"

namespace tutela::pipeline {

class SideWorkers {
 public:
  /// Those that run, or new ones when none do or the limits are others. Error: "workers.no_start".
  Result<std::shared_ptr<workers::Workers>> get(const workers::WorkersOptions& options);
  /// Ends them if nobody asked for them for a while.
  void end_if_idle();
  [[nodiscard]] bool running() const;

 private:
  using SteadyTime = std::chrono::steady_clock::time_point;

  mutable Mutex mutex_;
  std::shared_ptr<workers::Workers> workers_ TUTELA_GUARDED_BY(mutex_);
  media::Limits limits_ TUTELA_GUARDED_BY(mutex_);
  SteadyTime asked_ TUTELA_GUARDED_BY(mutex_);
};

}  // namespace tutela::pipeline
