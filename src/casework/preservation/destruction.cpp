// From the decision to destroy an object to its certificate. Each step is a unit of work, and can
// be done again: a crash between two of them is finished by the next tick.
#include <algorithm>

#include "base/fault.hpp"
#include "casework/preservation/preservation.hpp"
#include "casework/preservation/rows.hpp"
#include "custody/audit/entry.hpp"

namespace tutela::preservation {
namespace {

using store::Row;
using store::Transaction;

Error under_hold() {
  return {ErrorKind::kConflict,
          "preservation.under_hold",
          "a legal hold stands: nobody destroys this object before it is released"};
}

Error not_due() {
  return {ErrorKind::kConflict,
          "preservation.not_due",
          "the time of keeping has not ended, or no tick has seen yet that it has"};
}

/// Another agency's request to keep the object stands in the way of this one's to destroy it.
Result<bool> other_request_runs(Transaction& transaction,
                                const Uuid& evidence_id,
                                std::string_view reference,
                                UtcMs now_ms) {
  bool runs = false;
  TUTELA_TRY(transaction.query(
      "SELECT 1 FROM preservation_basis WHERE evidence_id = :id AND kind = 'law_enforcement' "
      "AND reference <> :reference AND end_ms > :now LIMIT 1",
      {to_string(evidence_id), std::string(reference), now_ms},
      [&](const Row&) -> Status {
        runs = true;
        return ok();
      }));
  return runs;
}

Result<std::string> reference_of_last_basis(Transaction& transaction, const Uuid& evidence_id) {
  std::string reference;
  TUTELA_TRY(
      transaction.query("SELECT reference FROM preservation_basis WHERE evidence_id = :id "
                        "ORDER BY end_ms DESC, id DESC LIMIT 1",
                        {to_string(evidence_id)},
                        [&](const Row& row) -> Status {
                          reference = row.text(0);
                          return ok();
                        }));
  return reference;
}

Status check_disposal(Transaction& transaction,
                      const Object& object,
                      const Decision& decision,
                      const Rules& rules,
                      UtcMs now_ms) {
  TUTELA_TRY(check_exists(object));
  if (object.state == vault::State::kDestroying) {
    return Error{ErrorKind::kConflict, "evidence.destroying", "it is being destroyed already"};
  }
  if (object.under_hold) {
    return under_hold();
  }
  TUTELA_TRY_ASSIGN(const std::optional<ClockRow> clock, read_clock(transaction));
  if (clock && has_jumped(*clock, now_ms, rules)) {
    return clock_jumped();
  }
  if (decision.ground == Ground::kExpired) {
    const bool ended = object.due_ms && *object.due_ms <= now_ms;
    return ended && object.state == vault::State::kDue ? ok() : Status(not_due());
  }
  TUTELA_TRY_ASSIGN(const bool other,
                    other_request_runs(transaction, object.id, decision.reference, now_ms));
  if (other) {
    return Error{ErrorKind::kConflict,
                 "preservation.other_request",
                 "another request of law enforcement to keep this object still runs"};
  }
  return ok();
}

/// What the certificate will say but for the times; nothing where the object must not go now.
Result<std::optional<Certificate>> mark_shredding(Transaction& transaction,
                                                  const Uuid& evidence_id,
                                                  UtcMs now_ms,
                                                  TickReport& report) {
  TUTELA_TRY_ASSIGN(std::optional<Object> object, find_object(transaction, evidence_id));
  if (!object || object->state != vault::State::kDestroying) {
    return std::optional<Certificate>();
  }
  if (object->under_hold) {
    // Where the key may be gone already nothing is known: the object waits as it is.
    (object->shredding ? report.waiting : report.stopped) += 1;
    TUTELA_TRY(
        settle(transaction, system_actor(object->tenant_id), *object, false, "hold.set", now_ms));
    return std::optional<Certificate>();
  }
  Certificate certificate;
  certificate.object = object->id;
  certificate.tenant_id = object->tenant_id;
  certificate.case_ref = object->case_ref;
  TUTELA_TRY(transaction.query(
      "SELECT ground, reference, asked_by, approved_by, entry_index FROM destruction "
      "WHERE evidence_id = :id",
      {to_string(evidence_id)},
      [&](const Row& row) -> Status {
        TUTELA_TRY_ASSIGN(certificate.ground, parse_ground(row.text(0)));
        certificate.reference = row.text(1);
        certificate.asked_by = row.text(2);
        certificate.approved_by = row.text(3);
        certificate.entry = row.integer(4);
        return ok();
      }));
  if (certificate.ground == Ground::kExpired && (!object->due_ms || *object->due_ms > now_ms)) {
    report.waiting += 1;  // the clock went back
    return std::optional<Certificate>();
  }
  TUTELA_TRY(transaction.execute(
      "UPDATE destruction SET shredding_ms = :at WHERE evidence_id = :id AND shredding_ms IS NULL",
      {now_ms, to_string(evidence_id)}));
  return std::optional(std::move(certificate));
}

}  // namespace

Status begin_destruction(Transaction& transaction,
                         const store::Actor& actor,
                         Object& object,
                         const Decision& decision,
                         const Rules& rules,
                         UtcMs now_ms) {
  TUTELA_TRY(check_disposal(transaction, object, decision, rules, now_ms));
  if (!object.due_ms) {  // or its first basis, coming with the next tick, would stop this
    TUTELA_TRY(adopt_object(transaction, object, rules, now_ms));
  }
  Certificate promise{.object = object.id,
                      .tenant_id = object.tenant_id,
                      .case_ref = object.case_ref,
                      .ground = decision.ground,
                      .reference = decision.reference,
                      .asked_by = decision.approval.asked_by,
                      .approved_by = decision.approval.approved_by};
  if (decision.ground == Ground::kExpired) {
    TUTELA_TRY_ASSIGN(promise.reference, reference_of_last_basis(transaction, object.id));
  }
  TUTELA_TRY(certificate_text(promise));  // what cannot be certified is not destroyed
  TUTELA_TRY(transaction.execute(
      "INSERT INTO destruction (evidence_id, tenant_id, principal_id, ground, reference, asked_by, "
      "approved_by, begun_ms) VALUES (:id, :tenant, :principal, :ground, :reference, :asked, "
      ":approved, :begun)",
      {to_string(object.id),
       object.tenant_id,
       actor.principal_id,
       std::string(to_string(decision.ground)),
       promise.reference,
       promise.asked_by,
       promise.approved_by,
       now_ms}));
  TUTELA_TRY_ASSIGN(const std::int64_t entry,
                    move_state(transaction,
                               actor,
                               object,
                               vault::State::kDestroying,
                               to_string(decision.ground),
                               now_ms));
  TUTELA_TRY(
      transaction.execute("UPDATE destruction SET entry_index = :entry WHERE evidence_id = :id",
                          {entry, to_string(object.id)}));
  return ok();
}

Status Preservation::dispose(const store::Actor& actor,
                             const Uuid& evidence_id,
                             const Disposal& disposal) {
  TUTELA_TRY(check_person(actor));
  if (disposal.ground == Ground::kLawEnforcementRequest) {
    TUTELA_TRY(check_reference(disposal.reference));
  }
  const Status disposed = use_approval_(
      actor,
      disposal.request_id,
      object_name(evidence_id),
      [&](Transaction& transaction, const Approval& approval) -> Status {
        TUTELA_TRY_ASSIGN(Object object, find_object(transaction, actor.tenant_id, evidence_id));
        return begin_destruction(transaction,
                                 actor,
                                 object,
                                 {disposal.ground, disposal.reference, approval},
                                 rules_,
                                 clock_.now_ms());
      });
  if (!disposed) {
    TUTELA_TRY(audit::record(database_,
                             actor,
                             clock_.now_ms(),
                             {"evidence.destroying", object_name(evidence_id), "", "refused"}));
    return disposed.error();
  }
  TUTELA_FAULT_POINT("preservation.after_destroying");
  return ok();
}

Status Preservation::dispose_by_policy(const std::function<bool()>& stop_requested,
                                       TickReport& report) {
  constexpr std::int64_t kBatch = 100;
  const Approval policy{std::string(kPolicy), std::string(kPolicy)};
  for (bool more = rules_.automatic_disposal; more && !stop_requested();) {
    std::int64_t moved = 0;
    TUTELA_TRY(database_.write([&](Transaction& transaction) -> Status {
      const UtcMs now_ms = clock_.now_ms();
      moved = 0;
      TUTELA_TRY_ASSIGN(std::vector<Object> objects,
                        objects_ended(transaction, vault::State::kDue, now_ms, kBatch));
      for (Object& object : objects) {
        TUTELA_TRY(begin_destruction(transaction,
                                     system_actor(object.tenant_id),
                                     object,
                                     {Ground::kExpired, "", policy},
                                     rules_,
                                     now_ms));
        ++moved;
      }
      return ok();
    }));
    TUTELA_FAULT_POINT("preservation.after_policy");
    report.disposed += moved;
    more = moved == kBatch;
  }
  return ok();
}

Status Preservation::finish_all(const std::function<bool()>& stop_requested, TickReport& report) {
  constexpr std::size_t kBatch = 100;
  Status first_error = ok();
  std::string after;
  for (bool more = true; more && !stop_requested();) {
    std::vector<Uuid> ids;
    TUTELA_TRY(database_.read([&](Transaction& transaction) {
      return transaction.query(
          "SELECT evidence_id FROM destruction WHERE destroyed_ms IS NULL AND evidence_id > :after "
          "ORDER BY evidence_id LIMIT :limit",
          {after, static_cast<std::int64_t>(kBatch)},
          [&](const Row& row) -> Status {
            TUTELA_TRY_ASSIGN(const Uuid id, parse_uuid(row.text(0)));
            ids.push_back(id);
            return ok();
          });
    }));
    for (const Uuid& id : ids) {
      if (stop_requested()) {
        break;
      }
      Status finished = finish(id, report);
      if (!finished && first_error) {
        first_error = std::move(finished);
      }
      after = to_string(id);
    }
    more = ids.size() == kBatch;
  }
  return first_error;
}

Status Preservation::finish(const Uuid& evidence_id, TickReport& report) {
  std::optional<Certificate> certificate;
  TickReport counted;
  TUTELA_TRY(database_.write([&](Transaction& transaction) -> Status {
    counted = report;
    TUTELA_TRY_ASSIGN(certificate,
                      mark_shredding(transaction, evidence_id, clock_.now_ms(), counted));
    return ok();
  }));
  report = counted;
  if (!certificate) {
    return ok();
  }
  TUTELA_FAULT_POINT("preservation.after_mark");
  TUTELA_TRY_ASSIGN(const vault::Destroyed destroyed, destroy_(evidence_id));
  TUTELA_FAULT_POINT("preservation.after_destroy");
  certificate->destroyed_ms = clock_.now_ms();
  certificate->final_ms = std::max(destroyed.final_ms, certificate->destroyed_ms);
  TUTELA_TRY_ASSIGN(const std::string note,
                    sign_certificate(*certificate, signer_->name, signer_->key));
  bool done = false;
  TUTELA_TRY(database_.write([&](Transaction& transaction) -> Status {
    done = false;
    TUTELA_TRY_ASSIGN(std::optional<Object> object, find_object(transaction, evidence_id));
    if (!object || object->state != vault::State::kDestroying) {
      return ok();  // another process was faster
    }
    TUTELA_TRY(transaction.execute(
        "UPDATE destruction SET destroyed_ms = :destroyed, final_ms = :final, certificate = :note "
        "WHERE evidence_id = :id",
        {certificate->destroyed_ms, certificate->final_ms, note, to_string(evidence_id)}));
    TUTELA_TRY(move_state(transaction,
                          system_actor(object->tenant_id),
                          *object,
                          vault::State::kDestroyed,
                          to_string(certificate->ground),
                          certificate->destroyed_ms));
    done = true;
    return ok();
  }));
  TUTELA_FAULT_POINT("preservation.after_destroyed");
  report.destroyed += done ? 1 : 0;
  return ok();
}

}  // namespace tutela::preservation
