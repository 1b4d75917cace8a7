// Pace: at most so many calls a minute, however many threads call: a bucket of tokens that holds a
// tenth of a minute's. Thread-safe. Measures with the steady clock.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>

#include "base/mutex.hpp"
#include "base/result.hpp"

namespace tutela::authorities {

class Pace {
 public:
  using Time = std::chrono::steady_clock::time_point;

  explicit Pace(std::int64_t calls_per_minute);

  /// Takes one token at `now`, or says how long until there is one.
  std::chrono::milliseconds take(Time now);

  /// Waits for a token; `on_wait` is called about every second, and its error ends the waiting.
  Status wait(const std::function<Status()>& on_wait);

 private:
  const double per_ms_;
  const double most_;
  Mutex mutex_;
  double tokens_ TUTELA_GUARDED_BY(mutex_);
  Time filled_ TUTELA_GUARDED_BY(mutex_) = {};
};

}  // namespace tutela::authorities
