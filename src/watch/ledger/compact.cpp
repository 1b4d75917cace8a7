// Compaction: what goes, one unit of work after the other; each leaves everything consistent.
#include <utility>

#include "base/fault.hpp"
#include "watch/ledger/counts.hpp"
#include "watch/ledger/coverage.hpp"

namespace tutela::ledger {
namespace {

using store::Row;
using store::Transaction;
using store::Value;

/// Items of one unit of work: others wait for it.
constexpr std::int64_t kItemsAtOnce = 100;
constexpr std::int64_t kMessagesAtOnce = 500;
constexpr std::int64_t kMinuteMs = 60'000;

/// Where ids of this time begin: they sort by it (UUIDv7).
std::string first_id_of(UtcMs time_ms) {
  Uuid id;
  for (std::size_t i = 0; i < 6; ++i) {
    id.bytes[i] = static_cast<std::byte>(time_ms >> (40 - 8 * static_cast<int>(i)));
  }
  return to_string(id);
}

Status collect(Transaction& transaction,
               std::string_view sql,
               const std::vector<Value>& values,
               std::vector<std::string>& words) {
  return transaction.query(sql, values, [&](const Row& row) {
    words.push_back(row.text(0));
    return ok();
  });
}

/// What nothing rests on. The item of the ledger's last event stays: numbers of events are places
/// that others have come to, and the last one's would be given again.
constexpr std::string_view kMayGo =
    "SELECT tenant_id FROM content c WHERE c.id = :id AND c.canary = :canary "
    "AND c.received_ms < :until AND c.spooled = 0 AND c.verdict <> 'owed' "
    "AND (c.canary = 1 OR (c.verdict <> 'match' "
    "AND NOT EXISTS (SELECT 1 FROM content_match x WHERE x.content_id = c.id) "
    "AND NOT EXISTS (SELECT 1 FROM rescan r WHERE r.state = 'running' "
    "AND r.since_ms <= c.received_ms))) "
    "AND NOT EXISTS (SELECT 1 FROM case_item x WHERE x.content_id = c.id) "
    "AND NOT EXISTS (SELECT 1 FROM case_decision_item x WHERE x.content_id = c.id) "
    "AND NOT EXISTS (SELECT 1 FROM evidence x WHERE x.content_id = c.id) "
    "AND NOT EXISTS (SELECT 1 FROM report_file x WHERE x.content_id = c.id) "
    "AND NOT EXISTS (SELECT 1 FROM report_attestation x WHERE x.content_id = c.id) "
    "AND NOT EXISTS (SELECT 1 FROM rescan_finding x WHERE x.content_id = c.id) "
    "AND NOT EXISTS (SELECT 1 FROM sample_audit x WHERE x.content_id = c.id "
    "AND x.state IN ('owed', 'different')) "
    "AND (SELECT MAX(id) FROM ledger) > "
    "(SELECT COALESCE(MAX(x.id), 0) FROM ledger x WHERE x.content_id = c.id)";

constexpr std::string_view kRows[] = {
    "DELETE FROM outbox WHERE topic IN ('content.decided', 'canary.decided') AND key = :id",
    "DELETE FROM sample_audit WHERE content_id = :id",
    "DELETE FROM content_group WHERE content_id = :id",
    "DELETE FROM content_match WHERE content_id = :id",
    "DELETE FROM content_frame WHERE content_id = :id",
    "DELETE FROM content_uploader WHERE content_id = :id",
    "DELETE FROM idempotency WHERE content_id = :id",
    "DELETE FROM ledger WHERE content_id = :id",
};

Status remove_item(Transaction& transaction, const std::string& tenant_id, const std::string& id) {
  TUTELA_TRY_ASSIGN(const Uuid parsed, parse_uuid(id));
  TUTELA_TRY_ASSIGN(const Item item, read_item(transaction, tenant_id, parsed));
  for (const std::string_view sql : kRows) {
    TUTELA_TRY(transaction.execute(sql, {id}));
  }
  TUTELA_FAULT_POINT("ledger.in_compaction");
  TUTELA_TRY(transaction.execute("DELETE FROM content WHERE id = :id", {id}));
  return item.canary ? ok() : forget_position(transaction, item);
}

/// Items that may go, page by page.
struct Sweep {
  store::Database& database;
  const std::function<bool()>& stop_requested;
  bool canaries = false;
  UtcMs until_ms = 0;
  std::int64_t removed = 0;

  /// `sql` gives ids in their order: parameters `values`, then after, until and how many.
  Status run(std::string_view sql, const std::vector<Value>& values);
  Status remove(const std::vector<std::string>& ids);
};

Status Sweep::run(std::string_view sql, const std::vector<Value>& values) {
  std::string after;
  while (!stop_requested()) {
    std::vector<Value> all = values;
    all.insert(all.end(), {after, first_id_of(until_ms), kItemsAtOnce});
    std::vector<std::string> ids;
    TUTELA_TRY(database.read(
        [&](Transaction& transaction) { return collect(transaction, sql, all, ids); }));
    if (ids.empty()) {
      break;
    }
    TUTELA_TRY(remove(ids));
    after = ids.back();
  }
  return ok();
}

Status Sweep::remove(const std::vector<std::string>& ids) {
  std::int64_t gone = 0;
  TUTELA_TRY(database.write([&](Transaction& transaction) -> Status {
    gone = 0;
    for (const std::string& id : ids) {
      std::vector<std::string> tenants;
      TUTELA_TRY(collect(transaction, kMayGo, {id, std::int64_t{canaries}, until_ms}, tenants));
      if (!tenants.empty()) {
        TUTELA_TRY(remove_item(transaction, tenants.front(), id));
        ++gone;
      }
    }
    return ok();
  }));
  TUTELA_FAULT_POINT("ledger.after_compaction");
  removed += gone;
  return ok();
}

Result<std::int64_t> remove_canaries(store::Database& database,
                                     UtcMs until_ms,
                                     const std::function<bool()>& stop_requested) {
  Sweep sweep{database, stop_requested, true, until_ms};
  TUTELA_TRY(
      sweep.run("SELECT id FROM content WHERE canary = 1 AND verdict <> 'owed' AND spooled = 0 "
                "AND id > :after AND id < :until ORDER BY id LIMIT :most",
                {}));
  // Messages that nobody took; the watch tells of that.
  for (std::int64_t gone = kMessagesAtOnce; gone == kMessagesAtOnce && !stop_requested();) {
    TUTELA_TRY(database.write([&](Transaction& transaction) -> Status {
      TUTELA_TRY_ASSIGN(
          gone,
          transaction.execute("DELETE FROM outbox WHERE id IN (SELECT id FROM outbox WHERE "
                              "topic = 'canary.decided' AND created_ms < :until LIMIT :most)",
                              {until_ms, kMessagesAtOnce}));
      return ok();
    }));
  }
  return sweep.removed;
}

Result<std::vector<std::string>> tenants_of(store::Database& database, std::string_view sql) {
  std::vector<std::string> tenants;
  TUTELA_TRY(database.read(
      [&](Transaction& transaction) { return collect(transaction, sql, {}, tenants); }));
  return tenants;
}

Result<std::int64_t> remove_items(store::Database& database,
                                  UtcMs until_ms,
                                  const std::function<bool()>& stop_requested) {
  Sweep sweep{database, stop_requested, false, until_ms};
  TUTELA_TRY_ASSIGN(const auto tenants,
                    tenants_of(database, "SELECT DISTINCT tenant_id FROM judged_at"));
  for (const std::string& tenant : tenants) {
    for (const auto verdict : {policy::Verdict::kNoMatch, policy::Verdict::kUnscannable}) {
      TUTELA_TRY(
          sweep.run("SELECT id FROM content WHERE tenant_id = :tenant AND verdict = :verdict "
                    "AND spooled = 0 AND canary = 0 AND id > :after AND id < :until "
                    "ORDER BY id LIMIT :most",
                    {tenant, std::string(policy::to_string(verdict))}));
    }
  }
  return sweep.removed;
}

/// How the hours of a day become one in a table: the first that has not, the sum, which is
/// added to what the day has, and what goes then.
struct HourTable {
  std::string_view next;
  std::string_view sum;
  std::string_view add;
  std::string_view remove;
};

constexpr HourTable kHourTables[] = {
    {"SELECT MIN(hour_ms) FROM coverage_hour WHERE tenant_id = :tenant AND hour_ms < :until "
     "AND hour_ms % 86400000 <> 0",
     "INSERT INTO coverage_hour (tenant_id, principal_id, hour_ms, door, media_type, verdict, "
     "reason, items, size_bytes, took_ms, took_ms_max, let_through, last_ms) "
     "SELECT tenant_id, 'system', hour_ms - hour_ms % 86400000, door, media_type, verdict, reason, "
     "SUM(items), SUM(size_bytes), SUM(took_ms), MAX(took_ms_max), SUM(let_through), MAX(last_ms) "
     "FROM coverage_hour WHERE tenant_id = :tenant AND hour_ms > :day AND hour_ms < :next_day "
     "GROUP BY tenant_id, hour_ms - hour_ms % 86400000, door, media_type, verdict, reason "
     "HAVING SUM(items) > 0",
     kAddToCells,
     "DELETE FROM coverage_hour WHERE tenant_id = :tenant AND hour_ms > :day "
     "AND hour_ms < :next_day"},
    {"SELECT MIN(hour_ms) FROM match_hour WHERE tenant_id = :tenant AND hour_ms < :until "
     "AND hour_ms % 86400000 <> 0",
     "INSERT INTO match_hour (tenant_id, principal_id, hour_ms, list_id, door, media_type, items) "
     "SELECT tenant_id, 'system', hour_ms - hour_ms % 86400000, list_id, door, media_type, "
     "SUM(items) FROM match_hour WHERE tenant_id = :tenant AND hour_ms > :day "
     "AND hour_ms < :next_day "
     "GROUP BY tenant_id, hour_ms - hour_ms % 86400000, list_id, door, media_type "
     "HAVING SUM(items) > 0",
     kAddToMatches,
     "DELETE FROM match_hour WHERE tenant_id = :tenant AND hour_ms > :day "
     "AND hour_ms < :next_day"},
};

/// The rows that went.
Result<std::int64_t> merge_hours(store::Database& database,
                                 const HourTable& table,
                                 const std::string& tenant_id,
                                 UtcMs until_ms,
                                 const std::function<bool()>& stop_requested) {
  std::int64_t removed = 0;
  while (!stop_requested()) {
    UtcMs hour_ms = 0;
    TUTELA_TRY(database.read([&](Transaction& transaction) {
      return transaction.query(table.next, {tenant_id, until_ms}, [&](const Row& row) {
        hour_ms = row.integer(0);
        return ok();
      });
    }));
    if (hour_ms == 0) {
      break;
    }
    const UtcMs day_ms = hour_ms - hour_ms % kDayMs;
    std::int64_t gone = 0;
    TUTELA_TRY(database.write([&](Transaction& transaction) -> Status {
      TUTELA_TRY(transaction.execute(std::string(table.sum) + std::string(table.add),
                                     {tenant_id, day_ms, day_ms + kDayMs}));
      TUTELA_FAULT_POINT("ledger.in_hours");
      TUTELA_TRY_ASSIGN(gone,
                        transaction.execute(table.remove, {tenant_id, day_ms, day_ms + kDayMs}));
      return ok();
    }));
    TUTELA_FAULT_POINT("ledger.after_hours");
    removed += gone;
  }
  return removed;
}

}  // namespace

Result<Compacted> compact(store::Database& database,
                          const Retention& retention,
                          UtcMs now_ms,
                          const std::function<bool()>& stop_requested) {
  Compacted done;
  TUTELA_TRY_ASSIGN(
      done.canaries,
      remove_canaries(database, now_ms - retention.canary_minutes * kMinuteMs, stop_requested));
  if (retention.keep_days > 0) {
    TUTELA_TRY_ASSIGN(
        done.items, remove_items(database, now_ms - retention.keep_days * kDayMs, stop_requested));
  }
  const UtcMs hours_until_ms = now_ms - now_ms % kDayMs - retention.hours_keep_days * kDayMs;
  TUTELA_TRY_ASSIGN(const auto tenants,
                    tenants_of(database, "SELECT DISTINCT tenant_id FROM coverage_hour"));
  for (const std::string& tenant : tenants) {
    for (const HourTable& table : kHourTables) {
      TUTELA_TRY_ASSIGN(const std::int64_t hours,
                        merge_hours(database, table, tenant, hours_until_ms, stop_requested));
      done.hours += hours;
    }
  }
  return done;
}

}  // namespace tutela::ledger
