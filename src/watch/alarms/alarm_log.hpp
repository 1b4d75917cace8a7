// Alarm log: what was raised, changed and cleared, kept in the store for whoever looks later. The
// store may be what is wrong: what cannot be written waits in memory, bounded, for the next call.
// Thread-safe. Calls take as long as the store takes: tell people first.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "base/mutex.hpp"
#include "base/result.hpp"
#include "custody/store/store.hpp"
#include "watch/alarms/alarms.hpp"

namespace tutela::alarms {

/// A Change as it is kept.
struct AlarmEvent {
  std::int64_t id = 0;
  std::string instance_id;  // of the process that saw it
  What what = What::kRaised;
  Condition condition;
  UtcMs at_ms = 0;
};

struct AlarmPage {
  std::vector<AlarmEvent> items;     // the newest first
  std::optional<std::int64_t> next;  // `after` of the next page; absent: there is none
};

class AlarmLog {
 public:
  static constexpr std::size_t kWaitingMax = 1000;
  static constexpr std::int64_t kRowsMax = 100'000;

  /// Borrows `database`.
  AlarmLog(store::Database& database, store::Actor actor, std::string instance_id);

  /// Writes these and what waits, or keeps them: at most kWaitingMax, the newest. At most about
  /// kRowsMax rows stay in the store. Without changes it writes what waits, if something does.
  Status add(const std::vector<Change>& changes);

  /// At most `limit` (1 to 200) that are older than the event `after`.
  Result<AlarmPage> page(std::optional<std::int64_t> after, std::size_t limit);

 private:
  store::Database& database_;
  const store::Actor actor_;
  const std::string instance_id_;
  Mutex mutex_;
  std::deque<Change> waiting_ TUTELA_GUARDED_BY(mutex_);
};

}  // namespace tutela::alarms
