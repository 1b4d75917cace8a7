// Clock: wall time as UTC milliseconds, always injected, so that tests own it.
//
// Durations are measured with std::chrono::steady_clock, never with this clock.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace tutela {

/// Milliseconds since 1970-01-01T00:00:00Z.
using UtcMs = std::int64_t;

/// Thread-safe.
class Clock {
 public:
  virtual ~Clock() = default;
  [[nodiscard]] virtual UtcMs now_ms() const = 0;
};

class SystemClock final : public Clock {
 public:
  [[nodiscard]] UtcMs now_ms() const override;
};

/// A clock that tests set and move by hand.
class ManualClock final : public Clock {
 public:
  explicit ManualClock(UtcMs start_ms) : now_(start_ms) {}

  [[nodiscard]] UtcMs now_ms() const override { return now_.load(); }

  void advance(std::int64_t by_ms) { now_.fetch_add(by_ms); }

 private:
  std::atomic<UtcMs> now_;
};

/// RFC 3339 with milliseconds and zone: "2026-11-22T03:52:33.120Z".
[[nodiscard]] std::string to_rfc3339(UtcMs time_ms);
/// Reads RFC 3339 with any zone, or a day alone ("2026-11-22": its begin in UTC). Years 1970 to
/// 9999. Error: kInvalidInput "time.bad".
Result<UtcMs> parse_time(std::string_view text);

}  // namespace tutela
