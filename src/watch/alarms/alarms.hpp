// Alarms: the states that conditions put the system into, with hysteresis: an alarm is raised when
// its condition has held for a while, and cleared when it has been gone for longer, so that what
// flickers is one alarm. A value that time is given to; not thread-safe.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "watch/alarms/observations.hpp"

namespace tutela::alarms {

struct Alarm {
  Condition condition;
  UtcMs since_ms = 0;       // raised
  std::uint32_t times = 1;  // raised again within a day

  friend bool operator==(const Alarm&, const Alarm&) = default;
};

enum class What : std::uint8_t { kRaised, kChanged, kCleared };
[[nodiscard]] std::string_view to_string(What what) noexcept;  // "raised" "changed" "cleared"

/// What others are told.
struct Change {
  What what = What::kRaised;
  Alarm alarm;  // as it is now; of a cleared one: as it was
  UtcMs at_ms = 0;
  Level level = Level::kOk;  // of the whole, after it
};

class Board {
 public:
  /// After a look: `conditions` are all that hold now. kChanged: the level of an alarm changed.
  std::vector<Change> update(const std::vector<Condition>& conditions,
                             std::int64_t steady_ms,
                             UtcMs now_ms);
  /// The worst first, then by code and object.
  [[nodiscard]] std::vector<Alarm> alarms() const;
  [[nodiscard]] Level level() const noexcept;

 private:
  struct Entry {
    Alarm alarm;
    bool raised = false;
    std::int64_t held_since = 0;  // steady
    std::int64_t gone_since = -1;
  };

  std::map<std::pair<std::string, std::string>, Entry> entries_;
};

}  // namespace tutela::alarms
