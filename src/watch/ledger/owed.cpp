// What is owed, and bytes that are kept no longer.
#include "watch/ledger/ledger.hpp"

namespace tutela::ledger {

using store::Row;
using store::Transaction;

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

Result<bool> drop_bytes(Transaction& transaction, const Uuid& id, std::int64_t revision) {
  TUTELA_TRY_ASSIGN(const std::int64_t changed,
                    transaction.execute("UPDATE content SET spooled = 0 WHERE id = :id AND "
                                        "revision = :revision AND verdict = 'no_match'",
                                        {to_string(id), revision}));
  return changed == 1;
}

}  // namespace tutela::ledger
