#include "custody/opening/checks.hpp"

#include <optional>

#include "base/fault.hpp"
#include "custody/dual_control/refusal.hpp"
#include "custody/dual_control/text.hpp"

namespace tutela::opening {

namespace {

constexpr std::int64_t kHourMs = 3'600'000;

Error forbidden(std::string_view code, std::string message) {
  return Error{ErrorKind::kForbidden, code, std::move(message)};
}

Status check_assigned(store::Transaction& transaction,
                      const Requester& requester,
                      std::string_view case_ref) {
  if (!requester.assigned_only) {
    return ok();
  }
  TUTELA_TRY_ASSIGN(
      const std::int64_t assigned,
      count(transaction,
            "SELECT COUNT(*) FROM case_assignment WHERE tenant_id = :tenant_id AND case_ref = "
            ":case_ref AND assignee = :assignee",
            {requester.actor.tenant_id, std::string(case_ref), requester.actor.principal_id}));
  if (assigned == 0) {
    return forbidden("opening.not_assigned", "this case is not assigned to you; ask a lead");
  }
  return ok();
}

}  // namespace

std::string object_of(const Uuid& evidence_id) {
  return "evidence:" + to_string(evidence_id);
}

Error wrong_role() {
  return forbidden("opening.role", "your role does not allow this");
}

Status check_role(const Requester& requester, bool has_right) {
  const std::string& who = requester.actor.principal_id;
  if (!has_right || (!dual_control::is_person(who) && !dual_control::is_operator(who))) {
    return wrong_role();
  }
  return ok();
}

namespace {

Error no_object() {
  return Error{ErrorKind::kNotFound, "evidence.not_found", "there is no such object"};
}

/// The case that it was sealed under, and its state.
Result<std::string> case_of_object(store::Transaction& transaction,
                                   const store::Actor& actor,
                                   const Uuid& evidence_id,
                                   std::string& state) {
  std::optional<std::string> case_ref;
  TUTELA_TRY(transaction.query(
      "SELECT case_ref, state FROM evidence WHERE id = :id AND tenant_id = :tenant_id",
      {to_string(evidence_id), actor.tenant_id},
      [&](const store::Row& row) {
        case_ref = row.text(0);
        state = row.text(1);
        return ok();
      }));
  if (!case_ref) {
    return no_object();
  }
  return *std::move(case_ref);
}

Status check_kept(const std::string& state) {
  if (state != "kept" && state != "held" && state != "due") {
    return Error{ErrorKind::kNotFound, "evidence.destroyed", "the object has been destroyed"};
  }
  return ok();
}

/// The first of some cases (a SELECT of case_ref with its values) that shows an object. Objects
/// stay with the case that they were sealed under; the case to which their content moved, and
/// samples of that one, show them too.
Result<std::optional<std::string>> first_showing(store::Transaction& transaction,
                                                 const Uuid& evidence_id,
                                                 std::string_view cases,
                                                 std::vector<store::Value> values) {
  std::optional<std::string> first;
  values.emplace_back(to_string(evidence_id));
  TUTELA_TRY(transaction.query(
      "SELECT a.case_ref FROM (" + std::string(cases) +
          ") a JOIN evidence e ON e.id = :id AND (a.case_ref = e.case_ref OR EXISTS (SELECT 1 FROM "
          "case_item i WHERE i.content_id = e.content_id AND (i.case_id = a.case_ref OR i.case_id "
          "= (SELECT s.of_case FROM case_sample s WHERE s.case_id = a.case_ref)))) ORDER BY CASE "
          "WHEN a.case_ref = e.case_ref THEN 0 ELSE 1 END, a.case_ref LIMIT 1",
      values,
      [&](const store::Row& row) {
        first = row.text(0);
        return ok();
      }));
  return first;
}

}  // namespace

Result<std::string> check_evidence(store::Transaction& transaction,
                                   const Requester& requester,
                                   const Uuid& evidence_id) {
  std::string state;
  TUTELA_TRY_ASSIGN(std::string case_ref,
                    case_of_object(transaction, requester.actor, evidence_id, state));
  TUTELA_TRY(check_assigned(transaction, requester, case_ref));
  TUTELA_TRY(check_kept(state));
  return case_ref;
}

Status check_case(store::Transaction& transaction,
                  const Requester& requester,
                  const Uuid& evidence_id,
                  std::string_view case_ref) {
  // First of all the case that was named, so that nobody learns of what is not assigned to them.
  TUTELA_TRY(check_assigned(transaction, requester, case_ref));
  std::string state;
  TUTELA_TRY_ASSIGN(const std::string found,
                    case_of_object(transaction, requester.actor, evidence_id, state));
  if (found != case_ref) {
    TUTELA_TRY_ASSIGN(const auto shown,
                      first_showing(transaction,
                                    evidence_id,
                                    "SELECT CAST(:case_ref AS TEXT) AS case_ref",
                                    {std::string(case_ref)}));
    if (!shown) {
      TUTELA_TRY(check_assigned(transaction, requester, found));
      return forbidden("opening.wrong_case", "the object belongs to another case");
    }
  }
  return check_kept(state);
}

Result<std::string> known_case(store::Transaction& transaction,
                               const Requester& requester,
                               const Uuid& evidence_id) {
  std::string state;
  TUTELA_TRY_ASSIGN(std::string sealed_under,
                    case_of_object(transaction, requester.actor, evidence_id, state));
  if (!requester.assigned_only) {
    return sealed_under;
  }
  TUTELA_TRY_ASSIGN(std::optional<std::string> assigned,
                    first_showing(transaction,
                                  evidence_id,
                                  "SELECT case_ref FROM case_assignment WHERE tenant_id = "
                                  ":tenant_id AND assignee = :assignee",
                                  {requester.actor.tenant_id, requester.actor.principal_id}));
  if (!assigned) {
    return no_object();
  }
  return *std::move(assigned);
}

// Who has seen the object may see it again. What somebody allowed themself does not count for them.
Status check_viewers(store::Transaction& transaction,
                     const store::Actor& actor,
                     const Uuid& evidence_id,
                     std::uint32_t viewers_max) {
  const std::string id = to_string(evidence_id);
  TUTELA_TRY_ASSIGN(
      const std::int64_t before,
      count(transaction,
            "SELECT COUNT(*) FROM evidence_view WHERE evidence_id = :id AND principal_id = :who",
            {id, actor.principal_id}));
  if (before > 0) {
    return ok();
  }
  TUTELA_TRY_ASSIGN(
      const std::int64_t viewers,
      count(transaction,
            "SELECT COUNT(DISTINCT principal_id) FROM evidence_view WHERE evidence_id = :id",
            {id}));
  TUTELA_TRY_ASSIGN(
      const std::int64_t allowed,
      count(transaction,
            "SELECT COUNT(*) FROM evidence_viewer_allowance WHERE evidence_id = :id AND "
            "principal_id <> :who",
            {id, actor.principal_id}));
  if (viewers >= allowed + std::int64_t{viewers_max}) {
    return forbidden("opening.viewers",
                     "as many people as may have seen this object; a lead can allow one more");
  }
  return ok();
}

Status check_rate(store::Transaction& transaction,
                  const store::Actor& actor,
                  const dual_control::Moment& moment,
                  std::uint32_t views_per_hour) {
  TUTELA_TRY_ASSIGN(
      const std::int64_t views,
      count(transaction,
            "SELECT COUNT(*) FROM evidence_view WHERE tenant_id = :tenant_id AND principal_id = "
            ":who AND at_passed_ms > :since",
            {actor.tenant_id, actor.principal_id, moment.passed_ms - kHourMs}));
  if (views >= std::int64_t{views_per_hour}) {
    return forbidden("opening.too_often", "you have opened as much as you may in an hour; rest");
  }
  return ok();
}

Result<std::int64_t> insert_view(store::Transaction& transaction,
                                 const store::Actor& actor,
                                 const dual_control::Moment& moment,
                                 const Seen& seen) {
  TUTELA_TRY(transaction.execute(
      "INSERT INTO evidence_view (tenant_id, principal_id, evidence_id, case_ref, purpose, grade, "
      "at_ms, at_passed_ms, points, frame) VALUES (:tenant_id, :principal_id, :evidence_id, "
      ":case_ref, :purpose, :grade, :at_ms, :at_passed_ms, :points, :frame)",
      {actor.tenant_id,
       actor.principal_id,
       to_string(seen.evidence_id),
       seen.case_ref,
       seen.purpose,
       std::string(seen.grade),
       moment.now_ms,
       moment.passed_ms,
       seen.points,
       seen.frame}));
  TUTELA_TRY_ASSIGN(const std::int64_t number, transaction.last_insert_id());
  TUTELA_FAULT_POINT("opening.in_view");
  return number;
}

Error refused(store::Database& database,
              const store::Actor& actor,
              const Clock& clock,
              audit::Entry entry,
              Error why) {
  if (!dual_control::is_refusal(why)) {
    return why;
  }
  entry.result = "refused";
  Status noted = database.write([&](store::Transaction& transaction) -> Status {
    TUTELA_TRY(audit::add(transaction, actor, clock.now_ms(), entry));
    TUTELA_FAULT_POINT("opening.in_refusal");
    return ok();
  });
  return noted ? std::move(why) : std::move(noted).error();
}

Result<std::int64_t> count(store::Transaction& transaction,
                           std::string_view sql,
                           const std::vector<store::Value>& values) {
  std::int64_t rows = 0;
  TUTELA_TRY(transaction.query(sql, values, [&](const store::Row& row) {
    rows = row.integer(0);
    return ok();
  }));
  return rows;
}

}  // namespace tutela::opening
