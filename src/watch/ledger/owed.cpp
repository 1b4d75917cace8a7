// What is owed: the items that are to be made up, and those whose callers did not wait for it.
#include "base/fault.hpp"
#include "watch/ledger/coverage.hpp"
#include "watch/ledger/ledger.hpp"
#include "watch/ledger/rows.hpp"

namespace tutela::ledger {
namespace {

using store::Row;
using store::Transaction;

/// In the hour in which it arrived.
Status count_let_through(Transaction& transaction, const store::Actor& actor, const Uuid& id) {
  TUTELA_TRY(transaction.execute(
      "INSERT INTO coverage_hour (tenant_id, principal_id, hour_ms, door, media_type, verdict, "
      "reason, items, size_bytes, took_ms, took_ms_max, let_through) SELECT tenant_id, 'system', "
      "received_ms - received_ms % 3600000, door, '', 'arrived', '', 0, 0, 0, 0, 1 FROM content "
      "WHERE id = :id AND tenant_id = :tenant ON CONFLICT (tenant_id, hour_ms, door, media_type, "
      "verdict, reason) DO UPDATE SET let_through = coverage_hour.let_through + 1",
      {to_string(id), actor.tenant_id}));
  return ok();
}

}  // namespace

Result<std::vector<OwedItem>> Ledger::owed(const OwedAfter& after, std::int64_t limit) {
  std::vector<OwedItem> items;
  TUTELA_TRY(database_.read([&](Transaction& transaction) {
    return transaction.query(
        "SELECT id, tenant_id, principal_id, door, received_ms, attempts FROM content "
        "WHERE verdict = 'owed' AND instance_id = :own AND (received_ms, id) > (:after_ms, :after) "
        "ORDER BY received_ms, id LIMIT :limit",
        {instance_id_, after.received_ms, to_string(after.id), limit},
        [&](const Row& row) -> Status {
          TUTELA_TRY_ASSIGN(const Uuid id, parse_uuid(row.text(0)));
          items.push_back({id,
                           {row.text(1), row.text(2)},
                           row.text(3),
                           row.integer(4),
                           static_cast<std::uint32_t>(row.integer(5))});
          return ok();
        });
  }));
  return items;
}

Status Ledger::let_through(const store::Actor& actor, const Uuid& id) {
  const UtcMs now_ms = clock_.now_ms();
  return database_.write([&](Transaction& transaction) -> Status {
    bool owed = false;
    bool done = false;
    TUTELA_TRY(transaction.query(
        "SELECT verdict, let_through FROM content WHERE id = :id AND tenant_id = :tenant",
        {to_string(id), actor.tenant_id},
        [&](const Row& row) {
          owed = row.text(0) == "owed";
          done = row.integer(1) != 0;
          return ok();
        }));
    if (!owed) {
      return Error{ErrorKind::kConflict,
                   "ledger.already_decided",
                   "this item has its verdict already, or does not exist"};
    }
    if (done) {
      return ok();
    }
    TUTELA_TRY(
        transaction.execute("UPDATE content SET let_through = 1 WHERE id = :id", {to_string(id)}));
    TUTELA_TRY(count_let_through(transaction, actor, id));
    TUTELA_FAULT_POINT("ledger.in_let_through");
    return add_event(transaction, actor, id, "let_through", "", now_ms);
  });
}

Result<bool> Ledger::was_let_through(const Uuid& id) {
  bool was = false;
  TUTELA_TRY(database_.read([&](Transaction& transaction) {
    return transaction.query(
        "SELECT let_through FROM content WHERE id = :id", {to_string(id)}, [&](const Row& row) {
          was = row.integer(0) != 0;
          return ok();
        });
  }));
  return was;
}

Result<bool> drop_bytes(Transaction& transaction, const Uuid& id, std::int64_t revision) {
  TUTELA_TRY_ASSIGN(const std::int64_t changed,
                    transaction.execute("UPDATE content SET spooled = 0 WHERE id = :id AND "
                                        "revision = :revision AND verdict = 'no_match'",
                                        {to_string(id), revision}));
  return changed == 1;
}

}  // namespace tutela::ledger
