// Alarms: the states that conditions put the system into, with hysteresis: an alarm is raised when
// its condition has held for a while, and cleared when it has been gone for longer, so that what
// flickers is one alarm (codes.hpp has the times). A level goes up at once and down as slowly as an
// alarm is cleared. A value that time is given to; not thread-safe.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
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
  Level level = Level::kOk;  // of detection, after the look
};

class Board {
 public:
  /// Before the first look: what was raised when a process before ended, and was told of then. What
  /// does not hold any more is cleared after its time, like any.
  void restore(const std::vector<Alarm>& raised);
  /// After a look: `conditions` are all that hold now. kChanged: the level of an alarm changed.
  /// `steady_ms` is of a clock that nobody sets; `now_ms` is shown, nothing more.
  std::vector<Change> update(const std::vector<Condition>& conditions,
                             std::int64_t steady_ms,
                             UtcMs now_ms);
  /// Those that concern detection first, of them the worst; then in the order of the table, by
  /// object.
  [[nodiscard]] std::vector<Alarm> alarms() const;
  /// Of detection: the worst of the alarms that concern it.
  [[nodiscard]] Level level() const noexcept;

 private:
  using Key = std::pair<std::string, std::string>;  // code, object

  /// Times by the steady clock, of looks.
  struct Entry {
    Alarm alarm;
    bool raised = false;
    std::optional<std::int64_t> held_since;   // not raised yet: the first look that saw it
    std::optional<std::int64_t> gone_since;   // the first look of these that did not see it
    std::optional<std::int64_t> lower_since;  // likewise, less bad than the alarm
    std::optional<std::int64_t> cleared_at;
  };

  std::optional<What> hold(Entry& entry, const Condition& condition, UtcMs now_ms) const;
  std::optional<What> miss(Entry& entry, std::string_view code) const;

  std::map<Key, Entry> entries_;
  std::int64_t steady_ms_ = 0;
};

}  // namespace tutela::alarms
