#include "watch/ledger/counts.hpp"

#include <algorithm>

namespace tutela::ledger {
namespace {

using store::Row;
using store::Transaction;
using store::Value;

constexpr std::string_view kArrived = "arrived";

UtcMs hour_of(UtcMs time_ms) {
  return time_ms - time_ms % kHourMs;
}

UtcMs day_of(UtcMs time_ms) {
  return time_ms - time_ms % kDayMs;
}

struct Cell {
  std::string media_type;
  std::string_view verdict;
  std::string reason;
  std::int64_t took_ms = 0;
  std::int64_t let_through = 0;
};

Cell cell_of(const Item& item) {
  return {item.media_type, item.verdict, item.reason, item.took_ms, 0};
}

Status add_to_cell(Transaction& transaction, const Item& item, const Cell& cell) {
  TUTELA_TRY(transaction.execute(
      "INSERT INTO coverage_hour (tenant_id, principal_id, hour_ms, door, media_type, verdict, "
      "reason, items, size_bytes, took_ms, took_ms_max, let_through, last_ms) VALUES (:tenant, "
      "'system', :hour, :door, :type, :verdict, :reason, 1, :size, :took, :took_max, :let_through, "
      ":received)" +
          std::string(kAddToCells),
      {item.tenant_id,
       hour_of(item.received_ms),
       item.door,
       cell.media_type,
       std::string(cell.verdict),
       cell.reason,
       item.size_bytes,
       cell.took_ms,
       cell.took_ms,
       cell.let_through,
       item.received_ms}));
  return ok();
}

/// Of the cells that an item may stand in: that of its hour, or where the hours of its day became
/// one, that of the day. `sql` says what changes; nothing does where neither is there, because a
/// count must not keep a verdict from being written.
Status update_hour_or_day(Transaction& transaction,
                          std::string_view sql,
                          UtcMs received_ms,
                          const std::vector<Value>& values) {
  for (const UtcMs at_ms : {hour_of(received_ms), day_of(received_ms)}) {
    std::vector<Value> all = values;
    all.emplace_back(at_ms);
    TUTELA_TRY_ASSIGN(const std::int64_t changed, transaction.execute(sql, all));
    if (changed > 0) {
      return ok();
    }
  }
  return ok();
}

Status take_from_cell(Transaction& transaction, const Item& item, const Cell& cell) {
  TUTELA_TRY(update_hour_or_day(
      transaction,
      "UPDATE coverage_hour SET items = items - 1, size_bytes = size_bytes - :size, "
      "took_ms = CASE WHEN took_ms > :took THEN took_ms - :took_again ELSE 0 END "
      "WHERE items > 0 AND tenant_id = :tenant AND door = :door AND media_type = :type "
      "AND verdict = :verdict AND reason = :reason AND hour_ms = :hour",
      item.received_ms,
      {item.size_bytes,
       cell.took_ms,
       cell.took_ms,
       item.tenant_id,
       item.door,
       cell.media_type,
       std::string(cell.verdict),
       cell.reason}));
  return ok();
}

Status count_matches(Transaction& transaction, const Item& item) {
  for (const std::string& list : item.lists) {
    TUTELA_TRY(transaction.execute(
        "INSERT INTO match_hour (tenant_id, principal_id, hour_ms, list_id, door, media_type, "
        "items) VALUES (:tenant, 'system', :hour, :list, :door, :type, 1)" +
            std::string(kAddToMatches),
        {item.tenant_id, hour_of(item.received_ms), list, item.door, item.media_type}));
  }
  return ok();
}

}  // namespace

Result<Item> read_item(Transaction& transaction, const std::string& tenant_id, const Uuid& id) {
  Item item;
  item.tenant_id = tenant_id;
  bool found = false;
  TUTELA_TRY(transaction.query(
      "SELECT door, media_type, verdict, reason, received_ms, size_bytes, lists_position, canary, "
      "let_through FROM content WHERE id = :id AND tenant_id = :tenant",
      {to_string(id), tenant_id},
      [&](const Row& row) {
        found = true;
        item.door = row.text(0);
        item.media_type = row.text(1);
        item.verdict = row.text(2);
        item.reason = row.text(3);
        item.received_ms = row.integer(4);
        item.size_bytes = row.integer(5);
        item.lists_position = row.integer(6);
        item.canary = row.integer(7) != 0;
        item.let_through = row.integer(8) != 0;
        return ok();
      }));
  if (!found) {
    return Error{ErrorKind::kNotFound, "content.not_found", "no content has this id"};
  }
  if (item.verdict == policy::to_string(policy::Verdict::kOwed)) {
    return item;
  }
  TUTELA_TRY(transaction.query(
      "SELECT DISTINCT list_id FROM content_match WHERE content_id = :id ORDER BY list_id",
      {to_string(id)},
      [&](const Row& row) {
        item.lists.push_back(row.text(0));
        return ok();
      }));
  TUTELA_TRY(transaction.query(
      "SELECT MIN(at_ms) FROM ledger WHERE content_id = :id AND event = 'verdict'",
      {to_string(id)},
      [&](const Row& row) {
        // The wall clock may have been set back meanwhile.
        item.took_ms = std::max<std::int64_t>(0, row.integer(0) - item.received_ms);
        return ok();
      }));
  return item;
}

Status count_arrival(Transaction& transaction, const Item& item) {
  return add_to_cell(transaction, item, {"", kArrived, "", 0, item.let_through ? 1 : 0});
}

Status count_let_through(Transaction& transaction, const Item& item) {
  return update_hour_or_day(
      transaction,
      "UPDATE coverage_hour SET let_through = let_through + 1 WHERE tenant_id = :tenant "
      "AND door = :door AND media_type = '' AND verdict = 'arrived' AND reason = '' "
      "AND hour_ms = :hour",
      item.received_ms,
      {item.tenant_id, item.door});
}

Status count_verdict(Transaction& transaction, const Item& item) {
  TUTELA_TRY(add_to_cell(transaction, item, cell_of(item)));
  TUTELA_TRY(count_matches(transaction, item));
  TUTELA_TRY(transaction.execute(
      "INSERT INTO judged_at (tenant_id, principal_id, lists_position, items) "
      "VALUES (:tenant, 'system', :position, 1) ON CONFLICT (tenant_id, lists_position) "
      "DO UPDATE SET items = judged_at.items + 1",
      {item.tenant_id, item.lists_position}));
  return ok();
}

Status uncount_verdict(Transaction& transaction, const Item& item) {
  TUTELA_TRY(take_from_cell(transaction, item, cell_of(item)));
  for (const std::string& list : item.lists) {
    TUTELA_TRY(update_hour_or_day(
        transaction,
        "UPDATE match_hour SET items = items - 1 WHERE items > 0 AND tenant_id = :tenant "
        "AND list_id = :list AND door = :door AND media_type = :type AND hour_ms = :hour",
        item.received_ms,
        {item.tenant_id, list, item.door, item.media_type}));
  }
  return forget_position(transaction, item);
}

Status forget_position(Transaction& transaction, const Item& item) {
  TUTELA_TRY(
      transaction.execute("UPDATE judged_at SET items = items - 1 WHERE items > 0 "
                          "AND tenant_id = :tenant AND lists_position = :position",
                          {item.tenant_id, item.lists_position}));
  return ok();
}

}  // namespace tutela::ledger
