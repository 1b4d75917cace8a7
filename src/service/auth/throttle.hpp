// Throttle: attempts by key, free up to a number, then with a delay that doubles.
//
// An attempt counts before it is made, so that many at once gain nothing; success gives it back.
// Memory is bounded: keys whose delay is long over are dropped first. Thread-safe. Of one process:
// a restart forgets.
#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>

#include "base/clock.hpp"
#include "base/mutex.hpp"

namespace tutela::auth {

struct ThrottleRules {
  std::uint32_t free_attempts = 5;
  std::int64_t first_delay_ms = 1'000;
  std::int64_t delay_ms_max = 300'000;
  std::int64_t forget_ms = 900'000;  // after the last attempt
  std::size_t keys_max = 10'000;
};

class Throttle {
 public:
  explicit Throttle(ThrottleRules rules) : rules_(rules) {}

  /// 0, and the attempt counts; or in how many milliseconds the next one may be made.
  [[nodiscard]] std::int64_t attempt(const std::string& key, UtcMs now_ms);
  /// The attempt was right: the key starts anew.
  void succeeded(const std::string& key);
  /// The attempt was right, but others of the same key may not be: it alone no longer counts.
  void give_back(const std::string& key);

  [[nodiscard]] std::size_t size() const;

 private:
  struct Entry {
    std::uint32_t attempts = 0;
    UtcMs last_ms = 0;
    UtcMs next_ms = 0;
  };

  void make_room(UtcMs now_ms) TUTELA_REQUIRES(mutex_);

  ThrottleRules rules_;
  mutable Mutex mutex_;
  std::unordered_map<std::string, Entry> entries_ TUTELA_GUARDED_BY(mutex_);
};

}  // namespace tutela::auth
