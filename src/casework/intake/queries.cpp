// Reading: one notice with everything, and the figures.
#include <algorithm>
#include <map>

#include "casework/intake/rows.hpp"

namespace tutela::intake {

using store::Row;
using store::Transaction;

namespace {

constexpr std::int64_t kEventsMax = 200;
constexpr std::int64_t kSameMax = 1000;  // then it is "many"
constexpr std::int64_t kFloodsMax = 1000;
constexpr std::int64_t kDayMs = 86'400'000;

Result<std::vector<Event>> read_events(Transaction& transaction, const Uuid& id) {
  std::vector<Event> events;
  TUTELA_TRY(transaction.query(
      "SELECT id, kind, principal_id, detail, at_ms FROM notice_event WHERE notice_id = :id ORDER "
      "BY id DESC LIMIT :limit",
      {to_string(id), kEventsMax},
      [&](const Row& row) -> Status {
        events.push_back({row.integer(0), row.text(1), row.text(2), row.text(3), row.integer(4)});
        return ok();
      }));
  std::ranges::reverse(events);
  return events;
}

Result<std::int64_t> count_same(Transaction& transaction, const Uuid& id) {
  std::int64_t count = 0;
  TUTELA_TRY(transaction.query(
      "SELECT COUNT(*) FROM (SELECT DISTINCT o.notice_id FROM notice_subject s JOIN notice_subject "
      "o ON o.tenant_id = s.tenant_id AND o.kind = s.kind AND o.value = s.value WHERE s.notice_id "
      "= :id AND o.notice_id <> s.notice_id LIMIT :limit) AS same",
      {to_string(id), kSameMax},
      [&](const Row& row) -> Status {
        count = row.integer(0);
        return ok();
      }));
  return count;
}

}  // namespace

Result<Whole> Notices::whole(const std::string& tenant_id, const Uuid& id) {
  Whole whole;
  TUTELA_TRY(database_.read([&](Transaction& transaction) -> Status {
    TUTELA_TRY_ASSIGN(Stored stored, read_notice(transaction, tenant_id, id));
    whole.of = std::move(stored.of);
    TUTELA_TRY_ASSIGN(whole.body, read_body(transaction, id));
    TUTELA_TRY_ASSIGN(whole.files, read_files(transaction, id));
    TUTELA_TRY_ASSIGN(whole.messages, read_messages(transaction, id));
    TUTELA_TRY_ASSIGN(whole.events, read_events(transaction, id));
    TUTELA_TRY_ASSIGN(whole.same_subject, count_same(transaction, id));
    return ok();
  }));
  return whole;
}

Result<std::vector<QueueCount>> Notices::counts(const std::string& tenant_id) {
  std::vector<QueueCount> counts;
  for (const Queue queue : kQueues) {
    counts.emplace_back().queue = queue;
  }
  const UtcMs now_ms = clock_.now_ms();
  TUTELA_TRY(database_.read([&](Transaction& transaction) {
    return transaction.query(
        "SELECT queue, COUNT(*), COUNT(taken_ms), SUM(CASE WHEN escalate_ms <= :soon THEN 1 ELSE 0 "
        "END), SUM(CASE WHEN due_ms < :now THEN 1 ELSE 0 END), MIN(received_ms), MIN(due_ms) FROM "
        "notice WHERE tenant_id = :tenant AND waiting = 1 GROUP BY queue",
        {now_ms, now_ms, tenant_id},
        [&](const Row& row) -> Status {
          TUTELA_TRY_ASSIGN(const Queue queue, parse_queue(row.text(0)));
          counts[static_cast<std::size_t>(queue)] = {queue,
                                                     row.integer(1),
                                                     row.integer(2),
                                                     row.integer(3),
                                                     row.integer(4),
                                                     row.integer(5),
                                                     row.integer(6)};
          return ok();
        });
  }));
  return counts;
}

Result<std::vector<Flood>> Notices::floods(const std::string& tenant_id, std::int64_t limit) {
  // Those without a key were moved there by hand. Left out here, not by the statement, so that it
  // reads the index of what waits alone.
  const std::int64_t most = std::clamp<std::int64_t>(limit, 1, kFloodsMax);
  std::vector<Flood> floods;
  TUTELA_TRY(database_.read([&](Transaction& transaction) {
    return transaction.query(
        "SELECT flood_key, COUNT(*), SUM(imminent), MIN(received_ms), MAX(received_ms) FROM notice "
        "WHERE tenant_id = :tenant AND queue = :queue AND waiting = 1 GROUP BY flood_key ORDER BY "
        "3 "
        "DESC, 2 DESC, 1 LIMIT :limit",
        {tenant_id, std::string(to_string(Queue::kFlood)), most + 1},
        [&](const Row& row) -> Status {
          if (!row.is_null(0)) {
            floods.push_back(
                {row.text(0), row.integer(1), row.integer(2), row.integer(3), row.integer(4)});
          }
          return ok();
        });
  }));
  floods.resize(std::min(floods.size(), static_cast<std::size_t>(most)));
  return floods;
}

Result<std::vector<Kept>> Notices::kept(const std::string& tenant_id, std::int64_t days) {
  const UtcMs now_ms = clock_.now_ms();
  const UtcMs since_ms =
      now_ms - now_ms % kDayMs - (std::clamp<std::int64_t>(days, 1, 36'500) - 1) * kDayMs;
  std::map<Queue, Kept> by_queue;
  TUTELA_TRY(database_.read([&](Transaction& transaction) -> Status {
    TUTELA_TRY(transaction.query(
        "SELECT queue, SUM(received), SUM(kept), SUM(broken), SUM(withdrawn), SUM(took_ms) FROM "
        "notice_promise_day WHERE tenant_id = :tenant AND day_ms >= :since GROUP BY queue",
        {tenant_id, since_ms},
        [&](const Row& row) -> Status {
          TUTELA_TRY_ASSIGN(const Queue queue, parse_queue(row.text(0)));
          const std::int64_t answered = row.integer(2) + row.integer(3);
          by_queue[queue] = {queue,
                             row.integer(1),
                             row.integer(2),
                             row.integer(3),
                             row.integer(4),
                             answered == 0 ? 0 : row.integer(5) / answered};
          return ok();
        }));
    // Queue by queue, so that anybody who asks costs what is overdue and not what waits.
    for (const Queue queue : kQueues) {
      TUTELA_TRY(transaction.query(
          "SELECT COUNT(*) FROM notice WHERE tenant_id = :tenant AND queue = :queue AND waiting = "
          "1 AND due_ms < :now",
          {tenant_id, std::string(to_string(queue)), now_ms},
          [&](const Row& row) -> Status {
            by_queue[queue].queue = queue;
            by_queue[queue].broken += row.integer(0);
            return ok();
          }));
    }
    return ok();
  }));
  std::vector<Kept> kept;
  for (const auto& [queue, each] : by_queue) {
    if (each.received + each.kept + each.broken + each.withdrawn > 0) {
      kept.push_back(each);
    }
  }
  return kept;
}

}  // namespace tutela::intake
