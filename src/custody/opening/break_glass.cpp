// Opening without the second person, and the review of it afterwards.
#include <algorithm>
#include <optional>

#include <boost/json.hpp>

#include "base/fault.hpp"
#include "custody/dual_control/text.hpp"
#include "custody/opening/checks.hpp"
#include "custody/opening/opening.hpp"

namespace tutela::opening {

namespace {

constexpr std::int64_t kOpenReviewsMax = 5;
constexpr std::size_t kListedMax = 200;
constexpr std::size_t kReasonLeast = 10;

Status check_reviews(store::Transaction& transaction, const store::Actor& actor) {
  TUTELA_TRY_ASSIGN(const std::int64_t waiting,
                    count(transaction,
                          "SELECT COUNT(*) FROM break_glass WHERE tenant_id = :tenant_id AND "
                          "principal_id = :who AND reviewed_ms IS NULL",
                          {actor.tenant_id, actor.principal_id}));
  if (waiting >= kOpenReviewsMax) {
    return Error{ErrorKind::kForbidden,
                 "opening.reviews_open",
                 "5 openings without a second person wait for their review; have them reviewed"};
  }
  return ok();
}

Status insert_break_glass(store::Transaction& transaction,
                          const store::Actor& actor,
                          const BreakGlass& opened) {
  TUTELA_TRY(transaction.execute(
      "INSERT INTO break_glass (id, tenant_id, principal_id, evidence_id, case_ref, reason, at_ms) "
      "VALUES (:id, :tenant_id, :principal_id, :evidence_id, :case_ref, :reason, :at_ms)",
      {to_string(opened.id),
       actor.tenant_id,
       opened.principal_id,
       to_string(opened.evidence_id),
       opened.case_ref,
       opened.reason,
       opened.at_ms}));
  const boost::json::object payload = {{"break_glass_id", to_string(opened.id)},
                                       {"evidence_id", to_string(opened.evidence_id)},
                                       {"case_ref", opened.case_ref},
                                       {"principal_id", opened.principal_id},
                                       {"at", to_rfc3339(opened.at_ms)}};
  return store::add_outbox(
      transaction,
      actor,
      opened.at_ms,
      {"alarm.break_glass", to_string(opened.id), 1, boost::json::serialize(payload)});
}

Status close(store::Transaction& transaction,
             const Requester& requester,
             const Uuid& id,
             UtcMs now_ms) {
  const store::Actor& actor = requester.actor;
  if (!requester.may_approve || !dual_control::is_person(actor.principal_id)) {
    return wrong_role();
  }
  std::optional<std::string> opened_by;
  TUTELA_TRY(transaction.query(
      "SELECT principal_id FROM break_glass WHERE id = :id AND tenant_id = :tenant_id",
      {to_string(id), actor.tenant_id},
      [&](const store::Row& row) {
        opened_by = row.text(0);
        return ok();
      }));
  if (!opened_by) {
    return Error{ErrorKind::kNotFound, "break_glass.not_found", "there is no such opening"};
  }
  if (*opened_by == actor.principal_id) {
    return Error{ErrorKind::kForbidden, "opening.own", "another person reviews what you opened"};
  }
  TUTELA_TRY_ASSIGN(
      const std::int64_t changed,
      transaction.execute("UPDATE break_glass SET reviewed_by = :reviewed_by, reviewed_ms = "
                          ":reviewed_ms WHERE id = :id AND reviewed_ms IS NULL",
                          {actor.principal_id, now_ms, to_string(id)}));
  if (changed != 1) {
    return Error{ErrorKind::kConflict, "break_glass.closed", "somebody has reviewed it already"};
  }
  return ok();
}

}  // namespace

Result<audit::Recorded> Opening::break_glass(
    const Requester& requester,
    const Uuid& evidence_id,
    // NOLINTNEXTLINE(bugprone-easily-swappable-parameters): swapped, they are refused.
    std::string_view case_ref,
    std::string_view reason) {
  if (!dual_control::is_reason(reason, kReasonLeast)) {
    return Error{ErrorKind::kInvalidInput,
                 "opening.bad_reason",
                 "say in 10 to 1000 characters who is in danger and why it cannot wait"};
  }
  const store::Actor& actor = requester.actor;
  Seen seen{
      evidence_id, std::string(case_ref), std::string(to_string(Purpose::kSafety)), kOriginal};
  audit::Entry entry{"evidence.break_glass", object_of(evidence_id), seen.purpose, "ok"};
  Result<audit::Recorded> recorded = audit::record(
      database_, actor, clock_.now_ms(), entry, [&](store::Transaction& transaction) -> Status {
        TUTELA_TRY(check_role(requester, requester.may_break_glass));
        TUTELA_TRY(check_case(transaction, requester, evidence_id, case_ref));
        TUTELA_TRY(check_reviews(transaction, actor));
        TUTELA_TRY_ASSIGN(const auto moment, dual_control::look(transaction, clock_));
        TUTELA_TRY(insert_break_glass(transaction,
                                      actor,
                                      {new_uuid(moment.now_ms),
                                       evidence_id,
                                       actor.principal_id,
                                       seen.case_ref,
                                       std::string(reason),
                                       moment.now_ms}));
        TUTELA_TRY_ASSIGN(seen.points,
                          budgets_.charge(transaction, actor, evidence_id, seen.grade, 1, false));
        TUTELA_TRY(insert_view(transaction, actor, moment, seen));
        return ok();
      });
  if (!recorded) {
    return refused(database_, actor, clock_, std::move(entry), std::move(recorded).error());
  }
  TUTELA_FAULT_POINT("opening.after_break_glass");
  return recorded;
}

Status Opening::close_break_glass(const Requester& requester, const Uuid& id) {
  audit::Entry entry{"break_glass.close",
                     "break_glass:" + to_string(id),
                     std::string(to_string(Purpose::kSafety)),
                     "ok"};
  Status status = database_.write([&](store::Transaction& transaction) -> Status {
    const UtcMs now_ms = clock_.now_ms();
    TUTELA_TRY(close(transaction, requester, id, now_ms));
    TUTELA_TRY(audit::add(transaction, requester.actor, now_ms, entry));
    TUTELA_FAULT_POINT("opening.in_close");
    return ok();
  });
  if (!status) {
    return refused(database_, requester.actor, clock_, std::move(entry), std::move(status).error());
  }
  return ok();
}

Result<std::vector<BreakGlass>> Opening::open_break_glasses(const std::string& tenant_id,
                                                            std::size_t limit) {
  std::vector<BreakGlass> open;
  TUTELA_TRY(database_.read([&](store::Transaction& transaction) {
    return transaction.query(
        "SELECT id, evidence_id, principal_id, case_ref, reason, at_ms FROM break_glass WHERE "
        "tenant_id = :tenant_id AND reviewed_ms IS NULL ORDER BY at_ms, id LIMIT :limit_rows",
        {tenant_id, static_cast<std::int64_t>(std::min(limit, kListedMax))},
        [&](const store::Row& row) -> Status {
          TUTELA_TRY_ASSIGN(const Uuid id, parse_uuid(row.text(0)));
          TUTELA_TRY_ASSIGN(const Uuid evidence_id, parse_uuid(row.text(1)));
          open.push_back({id, evidence_id, row.text(2), row.text(3), row.text(4), row.integer(5)});
          return ok();
        });
  }));
  return open;
}

}  // namespace tutela::opening
