#include "custody/outbox/outbox.hpp"

#include <algorithm>
#include <array>

#include "base/fault.hpp"
#include "custody/audit/entry.hpp"
#include "custody/outbox/queries.hpp"

namespace tutela::outbox {

namespace {

using store::Row;
using store::Transaction;

constexpr int kLooksMax = 256;  // at messages in one unit of work, so that others get their turn
constexpr std::int64_t kDeadMax = 1000;

constexpr std::string_view kColumns =
    "SELECT id, tenant_id, principal_id, topic, key, payload_version, payload, attempts, state, "
    "failure, created_ms, next_at_ms FROM outbox ";

Message to_message(const Row& row) {
  return {row.integer(0),
          row.text(1),
          row.text(2),
          row.text(3),
          row.text(4),
          row.integer(5),
          row.text(6),
          row.integer(7),
          row.text(8),
          row.text(9),
          row.integer(10),
          row.integer(11)};
}

struct Due {
  std::int64_t id = 0;
  std::string topic;
  std::string key;
  UtcMs next_at_ms = 0;
};

/// The one of all topics that has been due for longest, if any.
Result<std::optional<Due>> find_due(Transaction& transaction,
                                    const std::vector<std::string>& topics,
                                    UtcMs now_ms) {
  std::optional<Due> found;
  for (const std::string& topic : topics) {
    TUTELA_TRY(transaction.query(kDue, {topic, now_ms}, [&](const Row& row) {
      const Due due{row.integer(0), topic, row.text(1), row.integer(2)};
      if (!found || due.next_at_ms < found->next_at_ms ||
          (due.next_at_ms == found->next_at_ms && due.id < found->id)) {
        found = due;
      }
      return ok();
    }));
  }
  return found;
}

Result<bool> stands_behind(Transaction& transaction, const Due& due) {
  bool behind = false;
  TUTELA_TRY(transaction.query(kOlder, {due.topic, due.key, due.id}, [&](const Row&) {
    behind = true;
    return ok();
  }));
  return behind;
}

Result<Message> take(Transaction& transaction, std::int64_t id, UtcMs until_ms) {
  TUTELA_TRY(transaction.execute("UPDATE outbox SET next_at_ms = :until_ms WHERE id = :id",
                                 {until_ms, id}));
  Message message;
  TUTELA_TRY(transaction.query(std::string(kColumns) + "WHERE id = :id", {id}, [&](const Row& row) {
    message = to_message(row);
    return ok();
  }));
  return message;
}

Status with_it(Transaction& transaction, const Outbox::With& with) {
  return with ? with(transaction) : ok();
}

Error lost_lease() {
  return {ErrorKind::kConflict,
          "outbox.lost_lease",
          "the lease of the message ended before its delivery was recorded: it is somebody else's "
          "now and may be delivered twice"};
}

}  // namespace

std::optional<std::int64_t> delay_after(std::int64_t attempts,
                                        std::int64_t attempts_max,
                                        std::uint64_t random) noexcept {
  constexpr std::int64_t kMinute = 60'000;
  constexpr std::int64_t kHour = 60 * kMinute;
  constexpr std::array<std::int64_t, 9> kDelays = {5'000,
                                                   5 * kMinute,
                                                   30 * kMinute,
                                                   2 * kHour,
                                                   5 * kHour,
                                                   10 * kHour,
                                                   14 * kHour,
                                                   20 * kHour,
                                                   24 * kHour};
  if (attempts >= attempts_max) {
    return std::nullopt;
  }
  const auto last = static_cast<std::int64_t>(kDelays.size());
  const std::int64_t delay =
      kDelays[static_cast<std::size_t>(std::clamp(attempts, std::int64_t{1}, last) - 1)];
  const auto jitter_max = static_cast<std::uint64_t>(delay / 10);
  return delay + static_cast<std::int64_t>(random % (jitter_max + 1));
}

Status add_later(Transaction& transaction,
                 const store::Actor& actor,
                 UtcMs at_ms,
                 std::int64_t delay_ms,
                 const store::OutboxMessage& message) {
  TUTELA_TRY(store::add_outbox(transaction, actor, at_ms, message));
  // Ids only grow: it is the last of its key.
  TUTELA_TRY(transaction.execute(
      "UPDATE outbox SET next_at_ms = :next_at_ms WHERE id = (SELECT MAX(id) FROM outbox WHERE "
      "topic = :topic AND key = :key)",
      {at_ms + delay_ms, message.topic, message.key}));
  return ok();
}

Outbox::Outbox(store::Database& database, const Clock& clock)
    : database_(database), clock_(clock) {}

Result<std::optional<Message>> Outbox::lease(const std::vector<std::string>& topics,
                                             std::int64_t lease_ms) {
  for (;;) {
    const UtcMs now_ms = clock_.now_ms();
    bool any_due = false;  // most looks find nothing, and reading holds up nobody
    TUTELA_TRY(database_.read([&](Transaction& transaction) -> Status {
      TUTELA_TRY_ASSIGN(const std::optional<Due> due, find_due(transaction, topics, now_ms));
      any_due = due.has_value();
      return ok();
    }));
    if (!any_due) {
      return std::optional<Message>();
    }
    std::optional<Message> message;
    TUTELA_TRY(database_.write([&](Transaction& transaction) -> Status {
      message.reset();
      for (int looks = 0; looks < kLooksMax; ++looks) {
        TUTELA_TRY_ASSIGN(const std::optional<Due> due, find_due(transaction, topics, now_ms));
        if (!due) {
          break;
        }
        TUTELA_TRY_ASSIGN(const bool behind, stands_behind(transaction, *due));
        if (!behind) {
          const UtcMs until_ms = now_ms + std::max(lease_ms, std::int64_t{1});
          TUTELA_TRY_ASSIGN(message, take(transaction, due->id, until_ms));
          break;
        }
        TUTELA_TRY(
            transaction.execute("UPDATE outbox SET next_at_ms = NULL WHERE id = :id", {due->id}));
      }
      return ok();
    }));
    if (message) {
      TUTELA_FAULT_POINT("outbox.after_lease");
      return message;
    }
  }
}

Result<std::vector<Message>> Outbox::behind(const Message& message, std::int64_t limit) {
  std::vector<Message> found;
  TUTELA_TRY(database_.read([&](Transaction& transaction) {
    return transaction.query(std::string(kColumns) + std::string(kBehind),
                             {message.topic, message.key, message.id, limit},
                             [&](const Row& row) {
                               found.push_back(to_message(row));
                               return ok();
                             });
  }));
  return found;
}

Status Outbox::sent(const Message& message, const With& with) {
  return sent_through(message, message.id, with);
}

Status Outbox::sent_through(const Message& message, std::int64_t through, const With& with) {
  TUTELA_TRY(database_.write([&](Transaction& transaction) -> Status {
    TUTELA_TRY_ASSIGN(const std::int64_t removed,
                      transaction.execute("DELETE FROM outbox WHERE id = :id AND state = 'waiting' "
                                          "AND next_at_ms = :next_at_ms",
                                          {message.id, message.next_at_ms}));
    if (removed == 0) {
      return lost_lease();
    }
    if (through > message.id) {
      TUTELA_TRY(transaction.execute(kTold, {message.topic, message.key, message.id, through}));
    }
    TUTELA_FAULT_POINT("outbox.after_removal");
    TUTELA_TRY(transaction.execute(kNext, {clock_.now_ms(), message.topic, message.key}));
    return with_it(transaction, with);
  }));
  TUTELA_FAULT_POINT("outbox.after_sent");
  return ok();
}

Status Outbox::failed(const Message& message,
                      std::string_view failure,
                      std::optional<std::int64_t> delay_ms,
                      const With& with) {
  const std::string state = delay_ms ? "waiting" : "dead";
  std::optional<std::int64_t> next_at_ms;
  if (delay_ms) {
    next_at_ms = clock_.now_ms() + std::max(*delay_ms, std::int64_t{1});
  }
  TUTELA_TRY(database_.write([&](Transaction& transaction) -> Status {
    TUTELA_TRY_ASSIGN(
        const std::int64_t changed,
        transaction.execute(
            "UPDATE outbox SET state = :state, attempts = attempts + 1, failure = :failure, "
            "next_at_ms = :next_at_ms WHERE id = :id AND state = 'waiting' AND next_at_ms = "
            ":leased_ms",
            {state,
             std::string(failure),
             store::to_value(next_at_ms),
             message.id,
             message.next_at_ms}));
    if (changed == 0) {
      return lost_lease();
    }
    return with_it(transaction, with);
  }));
  TUTELA_FAULT_POINT("outbox.after_failed");
  return ok();
}

Result<std::vector<Message>> Outbox::dead(const std::string& tenant_id, std::int64_t limit) {
  std::vector<Message> found;
  TUTELA_TRY(database_.read([&](Transaction& transaction) {
    return transaction.query(std::string(kColumns) + std::string(kDead),
                             {tenant_id, std::clamp(limit, std::int64_t{0}, kDeadMax)},
                             [&](const Row& row) {
                               found.push_back(to_message(row));
                               return ok();
                             });
  }));
  return found;
}

Status Outbox::replay(const store::Actor& actor, std::int64_t id, const With& with) {
  const UtcMs now_ms = clock_.now_ms();
  TUTELA_TRY(database_.write([&](Transaction& transaction) -> Status {
    std::optional<std::string> state;
    TUTELA_TRY(
        transaction.query("SELECT state FROM outbox WHERE id = :id AND tenant_id = :tenant_id",
                          {id, actor.tenant_id},
                          [&](const Row& row) {
                            state = row.text(0);
                            return ok();
                          }));
    if (!state) {
      return Error{ErrorKind::kNotFound,
                   "outbox.not_found",
                   "there is no such message: it was delivered, or never was"};
    }
    if (*state != "dead") {
      return Error{ErrorKind::kConflict,
                   "outbox.not_dead",
                   "the message is on its way already: only a dead one is replayed"};
    }
    TUTELA_TRY(
        transaction.execute("UPDATE outbox SET state = 'waiting', attempts = 0, next_at_ms "
                            "= :now_ms WHERE id = :id",
                            {now_ms, id}));
    TUTELA_TRY(audit::add(transaction,
                          actor,
                          now_ms,
                          {"outbox.replay", "outbox:" + std::to_string(id), "delivery", "ok"}));
    return with_it(transaction, with);
  }));
  TUTELA_FAULT_POINT("outbox.after_replay");
  return ok();
}

Result<Outbox::Counts> Outbox::counts(const std::string& tenant_id,
                                      const std::vector<std::string>& topics) {
  Counts counts;
  std::optional<std::int64_t> oldest;
  const auto add = [&](std::int64_t& to) {
    return [&](const Row& row) {
      to += row.integer(0);
      if (!row.is_null(1)) {
        oldest = std::min(oldest.value_or(row.integer(1)), row.integer(1));
      }
      return ok();
    };
  };
  TUTELA_TRY(database_.read([&](Transaction& transaction) -> Status {
    for (const std::string& topic : topics) {
      TUTELA_TRY(transaction.query(kCount, {topic, "waiting", tenant_id}, add(counts.waiting)));
      TUTELA_TRY(transaction.query(kCount, {topic, "dead", tenant_id}, add(counts.dead)));
    }
    if (!oldest) {
      return ok();
    }
    return transaction.query(
        "SELECT created_ms FROM outbox WHERE id = :id", {*oldest}, [&](const Row& row) {
          counts.oldest_ms = row.integer(0);
          return ok();
        });
  }));
  return counts;
}

}  // namespace tutela::outbox
