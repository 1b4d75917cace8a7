#include "watch/ledger/coverage.hpp"

#include <algorithm>

namespace tutela::ledger {
namespace {

using store::Row;
using store::Transaction;
using store::Value;

constexpr std::int64_t kCellsMax = 100'000;

Result<std::int64_t> number(Transaction& transaction,
                            std::string_view sql,
                            const std::vector<Value>& values) {
  std::int64_t found = 0;
  TUTELA_TRY(transaction.query(sql, values, [&](const Row& row) {
    found = row.integer(0);
    return ok();
  }));
  return found;
}

Result<CoverageRow> cell_of(const Row& row) {
  CoverageRow cell;
  cell.hour_ms = row.integer(0);
  cell.door = row.text(1);
  cell.media_type = row.text(2);
  if (const std::string verdict = row.text(3); verdict != "arrived") {
    TUTELA_TRY_ASSIGN(cell.verdict, policy::parse_verdict(verdict));
  }
  cell.reason = row.text(4);
  cell.items = row.integer(5);
  cell.size_bytes = row.integer(6);
  cell.took_ms = row.integer(7);
  cell.took_ms_max = row.integer(8);
  cell.let_through = row.integer(9);
  cell.last_ms = row.integer(10);
  return cell;
}

/// The last change of the lists, up to a position, that verdicts before it do not rest on, and that
/// no rescan has made up for: of a rescan that has not ended, or not planned yet. 0: none.
Result<std::int64_t> uncovered(Transaction& transaction, std::int64_t position) {
  TUTELA_TRY_ASSIGN(
      const std::int64_t running,
      number(transaction,
             "SELECT MAX(c.id) FROM rescan r JOIN list_change c ON c.list_id = r.list_id "
             "AND c.id > r.after_change AND c.id <= r.through_change "
             "WHERE r.state = 'running' AND r.cause <> 'asked' AND c.id <= :position "
             "AND CASE r.cause WHEN 'list_grew' THEN c.kind IN ('added', 'activated') "
             "ELSE c.kind IN ('removed', 'deactivated') END",
             {position}));
  TUTELA_TRY_ASSIGN(
      const std::int64_t planned,
      number(transaction, "SELECT MAX(through_change) FROM rescan WHERE cause <> 'asked'", {}));
  // Which changes are worth a rescan: Posted::rescans_for() of the pipeline.
  TUTELA_TRY_ASSIGN(const std::int64_t unplanned,
                    number(transaction,
                           "SELECT MAX(c.id) FROM list_change c JOIN list l ON l.id = c.list_id "
                           "WHERE c.id > :planned AND c.id <= :position AND (c.kind = 'removed' "
                           "OR (c.kind IN ('added', 'activated') AND l.state = 'active') "
                           "OR (c.kind = 'deactivated' AND l.state <> 'active'))",
                           {planned, position}));
  return std::max(running, unplanned);
}

}  // namespace

Result<Owed> Coverage::owed(const std::string& tenant_id) {
  Owed owed;
  TUTELA_TRY(database_.read([&](Transaction& transaction) {
    return transaction.query(
        "SELECT door, COUNT(*), MIN(received_ms) FROM content WHERE tenant_id = :tenant "
        "AND verdict = 'owed' AND canary = 0 GROUP BY door ORDER BY door",
        {tenant_id},
        [&](const Row& row) {
          owed.doors.push_back({row.text(0), row.integer(1), row.integer(2)});
          return ok();
        });
  }));
  for (const Owed::Door& door : owed.doors) {
    owed.items += door.items;
    owed.oldest_ms =
        owed.oldest_ms == 0 ? door.oldest_ms : std::min(owed.oldest_ms, door.oldest_ms);
  }
  return owed;
}

Result<std::vector<CoverageRow>> Coverage::hours(const std::string& tenant_id,
                                                 UtcMs from_ms,
                                                 UtcMs until_ms) {
  std::vector<CoverageRow> cells;
  TUTELA_TRY(database_.read([&](Transaction& transaction) {
    return transaction.query(
        "SELECT hour_ms, door, media_type, verdict, reason, items, size_bytes, took_ms, "
        "took_ms_max, let_through, last_ms FROM coverage_hour WHERE tenant_id = :tenant "
        "AND hour_ms >= :from AND hour_ms < :until AND items > 0 "
        "ORDER BY hour_ms, door, media_type, verdict, reason LIMIT :most",
        {tenant_id, from_ms, until_ms, kCellsMax},
        [&](const Row& row) -> Status {
          TUTELA_TRY_ASSIGN(CoverageRow cell, cell_of(row));
          cells.push_back(std::move(cell));
          return ok();
        });
  }));
  return cells;
}

Result<std::vector<DoorTraffic>> Coverage::doors(const std::string& tenant_id, UtcMs from_ms) {
  std::vector<DoorTraffic> doors;
  TUTELA_TRY(database_.read([&](Transaction& transaction) {
    return transaction.query(
        "SELECT door, SUM(items), SUM(let_through), MAX(last_ms) FROM coverage_hour "
        "WHERE tenant_id = :tenant AND hour_ms >= :from AND verdict = 'arrived' "
        "GROUP BY door ORDER BY door",
        {tenant_id, from_ms},
        [&](const Row& row) {
          doors.push_back({row.text(0), row.integer(1), row.integer(2), row.integer(3)});
          return ok();
        });
  }));
  return doors;
}

Result<std::vector<MatchCount>> Coverage::matches(const std::string& tenant_id,
                                                  UtcMs from_ms,
                                                  UtcMs until_ms) {
  std::vector<MatchCount> counts;
  TUTELA_TRY(database_.read([&](Transaction& transaction) {
    return transaction.query(
        "SELECT hour_ms, list_id, door, media_type, items FROM match_hour "
        "WHERE tenant_id = :tenant AND hour_ms >= :from AND hour_ms < :until AND items > 0 "
        "ORDER BY hour_ms, list_id, door, media_type LIMIT :most",
        {tenant_id, from_ms, until_ms, kCellsMax},
        [&](const Row& row) -> Status {
          TUTELA_TRY_ASSIGN(const Uuid list, parse_uuid(row.text(1)));
          counts.push_back({row.integer(0), list, row.text(2), row.text(3), row.integer(4)});
          return ok();
        });
  }));
  return counts;
}

Result<std::int64_t> Coverage::judged_before(const std::string& tenant_id,
                                             std::int64_t lists_position) {
  std::int64_t items = 0;
  TUTELA_TRY(database_.read([&](Transaction& transaction) -> Status {
    TUTELA_TRY_ASSIGN(const std::int64_t before, uncovered(transaction, lists_position));
    TUTELA_TRY_ASSIGN(items,
                      number(transaction,
                             "SELECT SUM(items) FROM judged_at WHERE tenant_id = :tenant "
                             "AND lists_position < :before",
                             {tenant_id, before}));
    return ok();
  }));
  return items;
}

Result<std::optional<UtcMs>> Coverage::last_verdict(const std::string& tenant_id) {
  std::optional<UtcMs> last_ms;
  TUTELA_TRY(database_.read([&](Transaction& transaction) {
    return transaction.query(
        "SELECT at_ms FROM ledger WHERE tenant_id = :tenant AND event = 'verdict' "
        "ORDER BY id DESC LIMIT 1",
        {tenant_id},
        [&](const Row& row) {
          last_ms = row.integer(0);
          return ok();
        });
  }));
  return last_ms;
}

}  // namespace tutela::ledger
