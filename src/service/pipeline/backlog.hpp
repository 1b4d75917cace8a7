// Backlog: how owed items are worked off: at what pace, and how far that has come. Internal to the
// pipeline. Thread-safe.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <functional>

#include "base/mutex.hpp"

namespace tutela::pipeline {

/// Counts what is done of a backlog, and of all of them. One begins with the first item after a
/// time without any.
class Progress {
 public:
  using SteadyTime = std::chrono::steady_clock::time_point;

  struct Now {
    std::int64_t done = 0;
    double per_second = 0;  // over the last minute, or since it began
    std::int64_t all = 0;   // of every backlog: only grows
  };

  void count(SteadyTime now);
  /// Nothing is left.
  void end();
  [[nodiscard]] Now at(SteadyTime now) const;

 private:
  static constexpr std::int64_t kSeconds = 60;

  struct Second {
    std::int64_t number = -1;  // of the steady clock
    std::int64_t done = 0;
  };

  mutable Mutex mutex_;
  bool going_ TUTELA_GUARDED_BY(mutex_) = false;
  SteadyTime began_ TUTELA_GUARDED_BY(mutex_);
  std::int64_t done_ TUTELA_GUARDED_BY(mutex_) = 0;
  std::int64_t all_ TUTELA_GUARDED_BY(mutex_) = 0;
  std::array<Second, kSeconds> seconds_ TUTELA_GUARDED_BY(mutex_){};
};

/// Lets at most so many begin a second.
class Pace {
 public:
  /// Waits for its turn; 0: at once. False when `stop_requested`.
  [[nodiscard]] bool wait(std::uint32_t per_second, const std::function<bool()>& stop_requested);

 private:
  Mutex mutex_;
  std::chrono::steady_clock::time_point next_ TUTELA_GUARDED_BY(mutex_);
};

}  // namespace tutela::pipeline
