#include "watch/ledger/coverage.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

namespace tutela::ledger {
namespace {

using store::Row;
using store::Transaction;

/// The columns of a cell as one text: a month has tens of thousands of them, and reading them one
/// by one takes longer than finding them. The reason comes last: nothing else can hold the
/// separator.
constexpr std::string_view kCell =
    "hour_ms || '|' || items || '|' || size_bytes || '|' || took_ms || '|' || took_ms_max || '|' "
    "|| "
    "let_through || '|' || last_ms || '|' || door || '|' || media_type || '|' || verdict || '|' || "
    "reason";

Result<CoverageRow> cell_of(std::string_view text) {
  const auto word = [&text] {
    const std::size_t end = std::min(text.find('|'), text.size());
    const std::string_view found = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    return found;
  };
  const auto whole = [&word] {
    std::int64_t value = 0;
    const std::string_view digits = word();
    std::from_chars(digits.data(), digits.data() + digits.size(), value);
    return value;
  };
  CoverageRow cell;
  cell.hour_ms = whole();
  cell.items = whole();
  cell.size_bytes = whole();
  cell.took_ms = whole();
  cell.took_ms_max = whole();
  cell.let_through = whole();
  cell.last_ms = whole();
  cell.door = word();
  cell.media_type = word();
  if (const std::string_view verdict = word(); verdict != "arrived") {
    TUTELA_TRY_ASSIGN(cell.verdict, policy::parse_verdict(verdict));
  }
  cell.reason = text;
  return cell;
}

/// Of one row more than an answer has: an hour of which some would be left out is left out whole.
template <class Row>
Result<HourPage<Row>> whole_hours(std::vector<Row> rows, std::size_t most) {
  HourPage<Row> page{std::move(rows), std::nullopt};
  if (page.rows.size() <= most) {
    return page;
  }
  page.next_ms = page.rows.back().hour_ms;
  std::erase_if(page.rows, [&](const Row& row) { return row.hour_ms == *page.next_ms; });
  if (page.rows.empty()) {
    return Error{ErrorKind::kLimitExceeded,
                 "coverage.hour_too_large",
                 "one hour has more counts than an answer can hold: " + to_rfc3339(*page.next_ms)};
  }
  return page;
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

Result<HourPage<CoverageRow>> Coverage::hours(const std::string& tenant_id,
                                              UtcMs from_ms,
                                              UtcMs until_ms,
                                              std::size_t most) {
  std::vector<CoverageRow> cells;
  TUTELA_TRY(database_.read([&](Transaction& transaction) {
    return transaction.query("SELECT " + std::string(kCell) +
                                 " FROM coverage_hour WHERE tenant_id = :tenant "
                                 "AND hour_ms >= :from AND hour_ms < :until AND items > 0 "
                                 "ORDER BY hour_ms, door, media_type, verdict, reason LIMIT :most",
                             {tenant_id, from_ms, until_ms, static_cast<std::int64_t>(most) + 1},
                             [&](const Row& row) -> Status {
                               TUTELA_TRY_ASSIGN(CoverageRow cell, cell_of(row.text(0)));
                               cells.push_back(std::move(cell));
                               return ok();
                             });
  }));
  return whole_hours(std::move(cells), most);
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

Result<HourPage<MatchCount>> Coverage::matches(const std::string& tenant_id,
                                               UtcMs from_ms,
                                               UtcMs until_ms,
                                               std::size_t most) {
  std::vector<MatchCount> counts;
  TUTELA_TRY(database_.read([&](Transaction& transaction) {
    return transaction.query(
        "SELECT hour_ms, list_id, door, media_type, items FROM match_hour "
        "WHERE tenant_id = :tenant AND hour_ms >= :from AND hour_ms < :until AND items > 0 "
        "ORDER BY hour_ms, list_id, door, media_type LIMIT :most",
        {tenant_id, from_ms, until_ms, static_cast<std::int64_t>(most) + 1},
        [&](const Row& row) -> Status {
          TUTELA_TRY_ASSIGN(const Uuid list, parse_uuid(row.text(1)));
          counts.push_back({row.integer(0), list, row.text(2), row.text(3), row.integer(4)});
          return ok();
        });
  }));
  return whole_hours(std::move(counts), most);
}

Result<std::int64_t> Coverage::judged_before(const std::string& tenant_id,
                                             std::int64_t lists_position) {
  std::int64_t items = 0;
  TUTELA_TRY(database_.read([&](Transaction& transaction) {
    return transaction.query(
        "SELECT SUM(items) FROM judged_at WHERE tenant_id = :tenant AND lists_position < :before",
        {tenant_id, lists_position},
        [&](const Row& row) {
          items = row.integer(0);
          return ok();
        });
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
