#include <algorithm>

#include "casework/preservation/preservation.hpp"
#include "casework/preservation/rows.hpp"
#include "custody/audit/entry.hpp"

namespace tutela::preservation {
namespace {

using store::Row;
using store::Transaction;

bool is_case_ref(std::string_view text) {
  return !text.empty() && text.size() <= 64 &&
         text.find_first_not_of(
             "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
             "0123456789._-") == std::string_view::npos;
}

std::string name_of(const Hold& hold) {
  return hold.evidence_id ? object_name(*hold.evidence_id) : "case:" + hold.case_ref;
}

Result<std::vector<Object>> objects_of(Transaction& transaction,
                                       const std::string& tenant_id,
                                       const Hold& hold) {
  if (!hold.evidence_id) {
    return objects_of_case(transaction, tenant_id, hold.case_ref);
  }
  std::vector<Object> objects;
  TUTELA_TRY_ASSIGN(Object object, find_object(transaction, tenant_id, *hold.evidence_id));
  objects.push_back(std::move(object));
  return objects;
}

Status insert_hold(Transaction& transaction, const store::Actor& actor, const Hold& hold) {
  std::optional<std::string> evidence_id;
  std::optional<std::string> case_ref;
  if (hold.evidence_id) {
    evidence_id = to_string(*hold.evidence_id);
  } else {
    case_ref = hold.case_ref;
  }
  TUTELA_TRY(transaction.execute(
      "INSERT INTO legal_hold (id, tenant_id, principal_id, evidence_id, case_ref, reference, "
      "review_ms, set_ms) VALUES (:id, :tenant, :principal, :evidence, :case_ref, :reference, "
      ":review, :set)",
      {to_string(hold.id),
       actor.tenant_id,
       actor.principal_id,
       store::to_value(evidence_id),
       store::to_value(case_ref),
       hold.reference,
       store::to_value(hold.review_ms),
       hold.set_ms}));
  return ok();
}

Result<Hold> find_hold(Transaction& transaction, const std::string& tenant_id, const Uuid& id) {
  std::optional<Hold> found;
  TUTELA_TRY(transaction.query("SELECT " + std::string(kHoldColumns) +
                                   " FROM legal_hold WHERE tenant_id = :tenant AND id = :id",
                               {tenant_id, to_string(id)},
                               [&](const Row& row) -> Status {
                                 TUTELA_TRY_ASSIGN(found, read_hold(row));
                                 return ok();
                               }));
  if (!found) {
    return Error{ErrorKind::kNotFound, "hold.not_found", "no legal hold has this id"};
  }
  return *std::move(found);
}

}  // namespace

Result<Hold> Preservation::set_hold(const store::Actor& actor, const NewHold& wanted) {
  TUTELA_TRY(check_person(actor));
  TUTELA_TRY(check_reference(wanted.reference));
  if (wanted.evidence_id.has_value() != wanted.case_ref.empty() ||
      (!wanted.evidence_id && !is_case_ref(wanted.case_ref))) {
    return Error{ErrorKind::kInvalidInput,
                 "hold.bad",
                 "a legal hold is of one object or of one case (1 to 64 of A-Z a-z 0-9 . _ -)"};
  }
  Hold hold;
  hold.evidence_id = wanted.evidence_id;
  hold.case_ref = wanted.case_ref;
  hold.reference = wanted.reference;
  hold.owner = actor.principal_id;
  hold.review_ms = wanted.review_ms;
  TUTELA_TRY(database_.write([&](Transaction& transaction) -> Status {
    if (hold.evidence_id) {
      TUTELA_TRY(find_object(transaction, actor.tenant_id, *hold.evidence_id));
    }
    hold.set_ms = clock_.now_ms();
    hold.id = new_uuid(hold.set_ms);
    hold.too_late = 0;
    TUTELA_TRY(insert_hold(transaction, actor, hold));
    TUTELA_TRY(audit::add(transaction, actor, hold.set_ms, {"hold.set", name_of(hold), "", "ok"}));
    TUTELA_TRY_ASSIGN(std::vector<Object> objects, objects_of(transaction, actor.tenant_id, hold));
    for (Object& object : objects) {
      if (object.state == vault::State::kDestroyed) {
        return check_exists(object);
      }
      hold.too_late += object.shredding ? 1 : 0;
      TUTELA_TRY(add_event(transaction, actor, object, "hold.set", hold.reference, hold.set_ms));
      TUTELA_TRY(settle(transaction, actor, object, false, "hold.set", hold.set_ms));
    }
    return ok();
  }));
  return hold;
}

Status Preservation::release_hold(const store::Actor& actor,
                                  const Uuid& hold_id,
                                  std::string_view reference) {
  TUTELA_TRY(check_person(actor));
  TUTELA_TRY(check_reference(reference));
  return database_.write([&](Transaction& transaction) -> Status {
    const UtcMs now_ms = clock_.now_ms();
    TUTELA_TRY_ASSIGN(const Hold hold, find_hold(transaction, actor.tenant_id, hold_id));
    if (hold.released_ms) {
      return Error{ErrorKind::kConflict, "hold.released", "this hold was released before"};
    }
    TUTELA_TRY(transaction.execute(
        "UPDATE legal_hold SET released_ms = :at, released_by = :by, release_reference = "
        ":reference WHERE id = :id",
        {now_ms, actor.principal_id, std::string(reference), to_string(hold_id)}));
    TUTELA_TRY(audit::add(transaction, actor, now_ms, {"hold.release", name_of(hold), "", "ok"}));
    TUTELA_TRY_ASSIGN(std::vector<Object> objects, objects_of(transaction, actor.tenant_id, hold));
    for (Object& object : objects) {
      TUTELA_TRY(add_event(transaction, actor, object, "hold.release", reference, now_ms));
      TUTELA_TRY(settle(transaction, actor, object, false, "hold.release", now_ms));
    }
    return ok();
  });
}

Result<std::vector<Hold>> Preservation::holds(const std::string& tenant_id, std::size_t limit) {
  std::vector<Hold> found;
  TUTELA_TRY(database_.read([&](Transaction& transaction) {
    return transaction.query(
        "SELECT " + std::string(kHoldColumns) +
            " FROM legal_hold WHERE tenant_id = :tenant AND released_ms IS NULL "
            "ORDER BY CASE WHEN review_ms IS NULL THEN 1 ELSE 0 END, review_ms, id LIMIT :limit",
        {tenant_id, static_cast<std::int64_t>(std::min<std::size_t>(limit, 1000))},
        [&](const Row& row) -> Status {
          TUTELA_TRY_ASSIGN(Hold hold, read_hold(row));
          found.push_back(std::move(hold));
          return ok();
        });
  }));
  return found;
}

}  // namespace tutela::preservation
