// Outbox: messages for others, on their way: at least once, in order per key, retried, and when
// nothing helps kept as dead until a person replays them.
//
// store::add_outbox() writes a message in the unit of work of what it tells. Whoever delivers takes
// a lease; a process that dies leaves it to the next when the lease ends. A delivered message is
// removed; its id is never used again. Thread-safe, also between processes.
//
// Rows: `next_at_ms` is when a message is due, or while it is leased when the lease ends; NULL when
// it is dead or was found to stand behind an older one of its topic and key. So what stands behind
// is looked at once, not again and again while the older one is retried.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "custody/store/store.hpp"

namespace tutela::outbox {

struct Message {
  std::int64_t id = 0;
  std::string tenant_id;
  std::string principal_id;
  std::string topic;
  std::string key;
  std::int64_t payload_version = 1;
  std::string payload;  // JSON
  std::int64_t attempts = 0;
  std::string state;    // "waiting" "dead"
  std::string failure;  // of the last attempt, a code
  UtcMs created_ms = 0;
  UtcMs next_at_ms = 0;  // the end of the lease, which proves it; 0 for a dead one
};

/// After the n-th failed attempt (from 1): 5 s, 5 min, 30 min, 2 h, 5 h, 10 h, 14 h, 20 h, 24 h,
/// with a tenth of jitter taken from `random`. Nothing after attempts_max.
[[nodiscard]] std::optional<std::int64_t> delay_after(std::int64_t attempts,
                                                      std::int64_t attempts_max,
                                                      std::uint64_t random) noexcept;

/// As store::add_outbox(), due after `delay_ms`.
Status add_later(store::Transaction& transaction,
                 const store::Actor& actor,
                 UtcMs at_ms,
                 std::int64_t delay_ms,
                 const store::OutboxMessage& message);

class Outbox {
 public:
  Outbox(store::Database& database, const Clock& clock);

  /// The next of these topics that is due, leased for `lease_ms` (at least 1); never one whose key
  /// has an older message waiting or dead. Absent: none.
  Result<std::optional<Message>> lease(const std::vector<std::string>& topics,
                                       std::int64_t lease_ms);
  /// `with` is written in the same unit of work.
  using With = std::function<Status(store::Transaction&)>;
  /// Takes what lease() gave. Error: kConflict "outbox.lost_lease" when the lease ended and
  /// somebody else took the message, or settled it: nothing is written.
  Status sent(const Message& message, const With& with = {});
  /// Those that wait behind it, the oldest first.
  Result<std::vector<Message>> behind(const Message& message, std::int64_t limit);
  /// As sent(), of it and of those behind it up to the id `through`, which were delivered with it.
  Status sent_through(const Message& message, std::int64_t through, const With& with = {});
  /// Due again after `delay_ms`, dead without one. Error: "outbox.lost_lease".
  Status failed(const Message& message,
                std::string_view failure,
                std::optional<std::int64_t> delay_ms,
                const With& with = {});

  /// Dead ones, the oldest first; at most 1000.
  Result<std::vector<Message>> dead(const std::string& tenant_id, std::int64_t limit);
  /// Back to waiting, due now, with all its attempts again; entry "outbox.replay". Errors:
  /// kNotFound "outbox.not_found"; kConflict "outbox.not_dead".
  Status replay(const store::Actor& actor, std::int64_t id, const With& with = {});

  struct Counts {
    std::int64_t waiting = 0;
    std::int64_t dead = 0;
    std::optional<UtcMs> oldest_ms;  // when the oldest of both was written
  };

  Result<Counts> counts(const std::string& tenant_id, const std::vector<std::string>& topics);

 private:
  store::Database& database_;
  const Clock& clock_;
};

}  // namespace tutela::outbox
