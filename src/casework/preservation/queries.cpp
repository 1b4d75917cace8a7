#include <algorithm>

#include "casework/preservation/preservation.hpp"
#include "casework/preservation/rows.hpp"

namespace tutela::preservation {
namespace {

using store::Row;
using store::Transaction;

constexpr std::int64_t kRowsMax = 1000;

Status read_bases(Transaction& transaction, ObjectStatus& status) {
  return transaction.query(
      "SELECT id, kind, reference, principal_id, start_ms, end_ms, set_ms FROM preservation_basis "
      "WHERE evidence_id = :id ORDER BY end_ms DESC, id DESC LIMIT :limit",
      {to_string(status.item.id), kRowsMax},
      [&](const Row& row) -> Status {
        Basis basis;
        basis.id = row.integer(0);
        basis.reference = row.text(2);
        basis.set_by = row.text(3);
        TUTELA_TRY_ASSIGN(basis.kind, parse_basis_kind(row.text(1)));
        basis.start_ms = row.integer(4);
        basis.end_ms = row.integer(5);
        basis.set_ms = row.integer(6);
        status.bases.push_back(std::move(basis));
        return ok();
      });
}

Status read_holds(Transaction& transaction, const std::string& tenant_id, ObjectStatus& status) {
  return transaction.query(
      "SELECT " + std::string(kHoldColumns) +
          " FROM legal_hold WHERE evidence_id = :id OR (tenant_id = :tenant AND case_ref = :ref) "
          "ORDER BY set_ms DESC, id DESC LIMIT :limit",
      {to_string(status.item.id), tenant_id, status.item.case_ref, kRowsMax},
      [&](const Row& row) -> Status {
        TUTELA_TRY_ASSIGN(Hold hold, read_hold(row));
        status.holds.push_back(std::move(hold));
        return ok();
      });
}

Status read_events(Transaction& transaction, ObjectStatus& status) {
  return transaction.query(
      "SELECT what, principal_id, state, reference, due_ms, at_ms FROM preservation_event "
      "WHERE evidence_id = :id ORDER BY id DESC LIMIT :limit",
      {to_string(status.item.id), kRowsMax},
      [&](const Row& row) -> Status {
        Event event;
        event.what = row.text(0);
        event.by = row.text(1);
        event.reference = row.text(3);
        TUTELA_TRY_ASSIGN(event.state, vault::parse_state(row.text(2)));
        event.due_ms = optional_integer(row, 4);
        event.at_ms = row.integer(5);
        status.events.push_back(std::move(event));
        return ok();
      });
}

Status count_state(const Row& row, Counts& counts) {
  TUTELA_TRY_ASSIGN(const vault::State state, vault::parse_state(row.text(0)));
  switch (state) {
    case vault::State::kKept:
      counts.kept = row.integer(1);
      break;
    case vault::State::kHeld:
      counts.held = row.integer(1);
      break;
    case vault::State::kDue:
      counts.due = row.integer(1);
      break;
    case vault::State::kDestroying:
      counts.destroying = row.integer(1);
      break;
    case vault::State::kDestroyed:
      counts.destroyed = row.integer(1);
      break;
  }
  return ok();
}

}  // namespace

Result<ObjectStatus> Preservation::status(const std::string& tenant_id, const Uuid& evidence_id) {
  ObjectStatus status;
  TUTELA_TRY(database_.read([&](Transaction& transaction) -> Status {
    TUTELA_TRY_ASSIGN(const Object object, find_object(transaction, tenant_id, evidence_id));
    status.item = {object.id, object.case_ref, object.state, object.due_ms};
    TUTELA_TRY(read_bases(transaction, status));
    TUTELA_TRY(read_holds(transaction, tenant_id, status));
    TUTELA_TRY(read_events(transaction, status));
    return transaction.query("SELECT certificate FROM destruction WHERE evidence_id = :id",
                             {to_string(evidence_id)},
                             [&](const Row& row) -> Status {
                               status.certificate = row.text(0);
                               return ok();
                             });
  }));
  return status;
}

Result<std::vector<Item>> Preservation::list(const std::string& tenant_id,
                                             vault::State state,
                                             const std::optional<Cursor>& after,
                                             std::size_t limit) {
  const UtcMs after_ms = after ? after->due_ms : 0;
  const std::string after_id = after ? to_string(after->id) : "";
  std::vector<Item> items;
  TUTELA_TRY(database_.read([&](Transaction& transaction) {
    return transaction.query(
        "SELECT id, case_ref, due_ms FROM evidence WHERE tenant_id = :tenant AND state = :state "
        "AND (due_ms > :after OR (due_ms = :same AND id > :id)) ORDER BY due_ms, id LIMIT :limit",
        {tenant_id,
         std::string(vault::to_string(state)),
         after_ms,
         after_ms,
         after_id,
         std::min(static_cast<std::int64_t>(limit), kRowsMax)},
        [&](const Row& row) -> Status {
          TUTELA_TRY_ASSIGN(const Uuid id, parse_uuid(row.text(0)));
          items.push_back({id, row.text(1), state, row.integer(2)});
          return ok();
        });
  }));
  return items;
}

Result<Counts> Preservation::counts() {
  Counts counts;
  TUTELA_TRY(database_.read([&](Transaction& transaction) -> Status {
    TUTELA_TRY(transaction.query("SELECT state, COUNT(*) FROM evidence GROUP BY state",
                                 {},
                                 [&](const Row& row) { return count_state(row, counts); }));
    return transaction.query(
        "SELECT COUNT(*), COALESCE(SUM(CASE WHEN review_ms < :now THEN 1 ELSE 0 END), 0) "
        "FROM legal_hold WHERE released_ms IS NULL",
        {clock_.now_ms()},
        [&](const Row& row) -> Status {
          counts.holds = row.integer(0);
          counts.holds_overdue = row.integer(1);
          return ok();
        });
  }));
  return counts;
}

}  // namespace tutela::preservation
