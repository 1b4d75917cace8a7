#include "casework/preservation/rows.hpp"

#include <algorithm>

#include "casework/preservation/calendar.hpp"
#include "custody/audit/entry.hpp"

namespace tutela::preservation {
namespace {

using store::Row;
using store::Transaction;
using store::Value;

// A hold of the object or of its case: both ways have an index of active holds.
constexpr std::string_view kObjects =
    "SELECT e.id, e.tenant_id, e.case_ref, e.state, e.sealed_ms, e.due_ms, "
    "CASE WHEN EXISTS (SELECT 1 FROM legal_hold h WHERE h.evidence_id = e.id "
    "AND h.released_ms IS NULL) OR EXISTS (SELECT 1 FROM legal_hold h WHERE "
    "h.tenant_id = e.tenant_id AND h.case_ref = e.case_ref AND h.released_ms IS NULL) "
    "THEN 1 ELSE 0 END, CASE WHEN d.shredding_ms IS NULL THEN 0 ELSE 1 END "
    "FROM evidence e LEFT JOIN destruction d ON d.evidence_id = e.id ";

Result<std::vector<Object>> read_objects(Transaction& transaction,
                                         std::string_view where,
                                         const std::vector<Value>& values) {
  std::vector<Object> objects;
  TUTELA_TRY(transaction.query(
      std::string(kObjects) + std::string(where), values, [&](const Row& row) -> Status {
        Object object;
        TUTELA_TRY_ASSIGN(object.id, parse_uuid(row.text(0)));
        object.tenant_id = row.text(1);
        object.case_ref = row.text(2);
        TUTELA_TRY_ASSIGN(object.state, vault::parse_state(row.text(3)));
        object.sealed_ms = row.integer(4);
        object.due_ms = optional_integer(row, 5);
        object.under_hold = row.integer(6) != 0;
        object.shredding = row.integer(7) != 0;
        objects.push_back(std::move(object));
        return ok();
      }));
  return objects;
}

Error changed_meanwhile() {
  return {
      ErrorKind::kInternal, "preservation.state", "an object moved by itself; report this fault"};
}

}  // namespace

std::string object_name(const Uuid& id) {
  return "evidence:" + to_string(id);
}

store::Actor system_actor(const std::string& tenant_id) {
  return {tenant_id, "system", "system"};
}

Status check_person(const store::Actor& actor) {
  const bool person =
      actor.principal_id.starts_with("person:") || actor.principal_id.starts_with("cli:");
  if (!person || !is_line(actor.principal_id)) {
    return Error{ErrorKind::kForbidden,
                 "preservation.not_a_person",
                 "holds, destruction and the clock are decided by people: sign in as one"};
  }
  return ok();
}

Status check_reference(std::string_view reference) {
  if (!is_line(reference)) {
    return Error{ErrorKind::kInvalidInput,
                 "preservation.bad_reference",
                 "give a reference of 1 to 128 printable ASCII characters"};
  }
  return ok();
}

Result<Object> find_object(Transaction& transaction, const std::string& tenant_id, const Uuid& id) {
  TUTELA_TRY_ASSIGN(
      std::vector<Object> found,
      read_objects(
          transaction, "WHERE e.tenant_id = :tenant AND e.id = :id", {tenant_id, to_string(id)}));
  if (found.empty()) {
    return Error{ErrorKind::kNotFound, "evidence.not_found", "no preserved object has this id"};
  }
  return std::move(found.front());
}

Result<std::optional<Object>> find_object(Transaction& transaction, const Uuid& id) {
  TUTELA_TRY_ASSIGN(std::vector<Object> found,
                    read_objects(transaction, "WHERE e.id = :id", {to_string(id)}));
  return found.empty() ? std::nullopt : std::optional(std::move(found.front()));
}

Result<std::vector<Object>> objects_of_case(Transaction& transaction,
                                            const std::string& tenant_id,
                                            std::string_view case_ref) {
  return read_objects(transaction,
                      "WHERE e.tenant_id = :tenant AND e.case_ref = :case_ref "
                      "AND e.state <> 'destroyed' ORDER BY e.id",
                      {tenant_id, std::string(case_ref)});
}

Result<std::vector<Object>> objects_ended(Transaction& transaction,
                                          vault::State state,
                                          UtcMs until_ms,
                                          std::int64_t limit) {
  return read_objects(transaction,
                      "WHERE e.state = :state AND e.due_ms <= :until ORDER BY e.due_ms, e.id "
                      "LIMIT :limit",
                      {std::string(vault::to_string(state)), until_ms, limit});
}

Result<std::vector<Object>> objects_without_clock(Transaction& transaction, std::int64_t limit) {
  return read_objects(transaction, "WHERE e.due_ms IS NULL ORDER BY e.id LIMIT :limit", {limit});
}

Status add_event(Transaction& transaction,
                 const store::Actor& actor,
                 const Object& object,
                 std::string_view what,
                 std::string_view reference,
                 UtcMs at_ms) {
  TUTELA_TRY(transaction.execute(
      "INSERT INTO preservation_event (tenant_id, principal_id, evidence_id, what, state, "
      "reference, due_ms, at_ms) VALUES (:tenant, :principal, :evidence, :what, :state, "
      ":reference, :due, :at)",
      {object.tenant_id,
       actor.principal_id,
       to_string(object.id),
       std::string(what),
       std::string(vault::to_string(object.state)),
       std::string(reference),
       store::to_value(object.due_ms),
       at_ms}));
  return ok();
}

Result<std::int64_t> move_state(Transaction& transaction,
                                const store::Actor& actor,
                                Object& object,
                                vault::State to,
                                std::string_view why,
                                UtcMs at_ms) {
  TUTELA_TRY_ASSIGN(
      const std::int64_t changed,
      transaction.execute("UPDATE evidence SET state = :to WHERE id = :id AND state = :from",
                          {std::string(vault::to_string(to)),
                           to_string(object.id),
                           std::string(vault::to_string(object.state))}));
  if (changed != 1) {
    return changed_meanwhile();
  }
  object.state = to;
  const std::string action = "evidence." + std::string(vault::to_string(to));
  TUTELA_TRY(add_event(transaction, actor, object, action, "", at_ms));
  TUTELA_TRY(audit::add(
      transaction, actor, at_ms, {action, object_name(object.id), std::string(why), "ok"}));
  TUTELA_TRY_ASSIGN(const std::int64_t row, transaction.last_insert_id());
  return row - 1;
}

Status settle(Transaction& transaction,
              const store::Actor& actor,
              Object& object,
              bool lengthened,
              std::string_view why,
              UtcMs at_ms) {
  using vault::State;
  if (object.state == State::kDestroyed ||
      (object.state == State::kDestroying && object.shredding)) {
    return ok();
  }
  State next = object.state;
  if (object.under_hold) {
    next = State::kHeld;
  } else if (object.state == State::kHeld || lengthened) {
    next = State::kKept;
  }
  if (next == object.state) {
    return ok();
  }
  if (object.state == State::kDestroying) {
    TUTELA_TRY(transaction.execute("DELETE FROM destruction WHERE evidence_id = :id",
                                   {to_string(object.id)}));
  }
  TUTELA_TRY(move_state(transaction, actor, object, next, why, at_ms));
  return ok();
}

Result<std::optional<ClockRow>> read_clock(Transaction& transaction) {
  std::optional<ClockRow> clock;
  TUTELA_TRY(transaction.query("SELECT seen_ms, jump_ms FROM preservation_clock WHERE id = 1",
                               {},
                               [&](const Row& row) -> Status {
                                 clock = ClockRow{row.integer(0), optional_integer(row, 1)};
                                 return ok();
                               }));
  return clock;
}

bool has_jumped(const ClockRow& row, UtcMs now_ms, const Rules& rules) noexcept {
  return row.jump_ms.has_value() ||
         now_ms > row.seen_ms + std::int64_t{rules.clock_jump_days_max} * kDayMs;
}

Error clock_jumped() {
  return {ErrorKind::kConflict,
          "clock.jump",
          "the clock has leapt ahead since the last look: nothing becomes due and nothing is "
          "destroyed until it is right again, or a person confirms that it is right"};
}

Status raise_due(Transaction& transaction, Object& object, UtcMs end_ms) {
  if (object.due_ms && *object.due_ms >= end_ms) {
    return ok();
  }
  object.due_ms = end_ms;
  TUTELA_TRY(transaction.execute("UPDATE evidence SET due_ms = :due WHERE id = :id",
                                 {end_ms, to_string(object.id)}));
  return ok();
}

Status check_exists(const Object& object) {
  if (object.state == vault::State::kDestroyed) {
    return Error{ErrorKind::kConflict, "evidence.destroyed", "this object was destroyed"};
  }
  if (object.state == vault::State::kDestroying && object.shredding) {
    return Error{ErrorKind::kConflict,
                 "evidence.destroying",
                 "this object is being destroyed, its key may be gone: too late to keep it"};
  }
  return ok();
}

Result<std::int64_t> add_basis(Transaction& transaction,
                               const store::Actor& actor,
                               Object& object,
                               const Basis& basis,
                               const Rules& rules,
                               UtcMs now_ms) {
  if (!object.due_ms && basis.kind != BasisKind::kPending) {
    TUTELA_TRY(adopt_object(transaction, object, rules, now_ms));
  }
  TUTELA_TRY(transaction.execute(
      "INSERT INTO preservation_basis (tenant_id, principal_id, evidence_id, kind, reference, "
      "start_ms, end_ms, set_ms) VALUES (:tenant, :principal, :evidence, :kind, :reference, "
      ":start, :end, :set)",
      {object.tenant_id,
       actor.principal_id,
       to_string(object.id),
       std::string(to_string(basis.kind)),
       basis.reference,
       basis.start_ms,
       basis.end_ms,
       now_ms}));
  TUTELA_TRY_ASSIGN(const std::int64_t id, transaction.last_insert_id());
  TUTELA_TRY(raise_due(transaction, object, basis.end_ms));
  TUTELA_TRY(add_event(transaction, actor, object, "preservation.keep", basis.reference, now_ms));
  TUTELA_TRY(audit::add(
      transaction,
      actor,
      now_ms,
      {"preservation.keep", object_name(object.id), std::string(to_string(basis.kind)), "ok"}));
  TUTELA_TRY(
      settle(transaction, actor, object, basis.end_ms > now_ms, to_string(basis.kind), now_ms));
  return id;
}

Status adopt_object(Transaction& transaction, Object& object, const Rules& rules, UtcMs now_ms) {
  TUTELA_TRY_ASSIGN(const std::optional<ClockRow> clock, read_clock(transaction));
  // What was sealed under a clock that was wrong counts from the time that is trusted.
  const UtcMs trusted_ms = clock ? clock->seen_ms : now_ms;
  const bool leapt = object.sealed_ms > trusted_ms + kDayMs;
  Basis pending;
  pending.reference = "sealed";
  pending.start_ms = leapt ? trusted_ms : std::max(object.sealed_ms, trusted_ms);
  TUTELA_TRY_ASSIGN(pending.end_ms, end_of(pending.start_ms, {.days = rules.pending_days}));
  TUTELA_TRY(
      add_basis(transaction, system_actor(object.tenant_id), object, pending, rules, now_ms));
  return ok();
}

Result<Hold> read_hold(const Row& row) {
  Hold hold;
  TUTELA_TRY_ASSIGN(hold.id, parse_uuid(row.text(0)));
  if (!row.is_null(1)) {
    TUTELA_TRY_ASSIGN(hold.evidence_id, parse_uuid(row.text(1)));
  }
  hold.case_ref = row.text(2);
  hold.reference = row.text(3);
  hold.owner = row.text(4);
  hold.review_ms = optional_integer(row, 5);
  hold.set_ms = row.integer(6);
  hold.released_ms = optional_integer(row, 7);
  hold.released_by = row.text(8);
  hold.release_reference = row.text(9);
  return hold;
}

}  // namespace tutela::preservation
